"""For each class of a multilabel task, whether a row has it and whether it is predicted: 1 or 0, as SQL.

The answer is in a column per class (0 or 1, false or true), or in one text column that names all classes of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from mlgate.evidence.dialect import literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.profile import Profile, ProfileFact
from mlgate.evidence.rows import Column
from mlgate.metrics.question import NO_ROWS, Question
from mlgate.values.errors import EvidenceError
from mlgate.values.words import flaws

LabelOrPrediction = Literal["label", "prediction"]
SIDES: tuple[LabelOrPrediction, LabelOrPrediction] = ("label", "prediction")
COLUMNS = {"label": "labels", "prediction": "decisions"}
"""The keys of the candidate file that name a column per class."""
YES, NO = ("1", "true"), ("0", "false")


@dataclass(frozen=True)
class Indicator:
    """One column with the answer for one class, or for all; `value` is NULL where the answer is not clear."""

    column: Column
    value: str
    must: str
    """What every row is required to have, in words."""


def has(question: Question, side: LabelOrPrediction, name: str) -> str:
    """SQL for 1 or 0, whether a row has a class or it is predicted for the row; NULL where that is not clear."""
    if side == "prediction" and question.decided:
        cut = f"cast({literal(repr(float(question.options.threshold or 0)))} as double)"
        return f"case when {_score(question, name).number} >= {cut} then 1 else 0 end"
    if side in question.roles:
        text = question.role(side).text
        return f"case when {text} is null then null when {_named(question, text, name)} then 1 else 0 end"
    return _mark(question.role(f"{COLUMNS[side]}.{name}"))


def classes_of(question: Question) -> tuple[str, ...]:
    """All classes, or only the rule's `class`. Raises EvidenceError where they are not declared."""
    if not question.classes:
        raise EvidenceError("the candidate declares no classes: add `classes: [...]`", "classes")
    chosen = question.options.class_
    if chosen is None:
        return question.classes
    if chosen not in question.classes:
        raise EvidenceError(f"`{chosen}` is not among the declared classes {', '.join(question.classes)}")
    return (chosen,)


def clear(question: Question) -> tuple[Guard, ...]:
    """The guards that the table has rows, and that each says clearly which classes it has and which are predicted."""
    return tuple(Guard(_profile(question, source), partial(_refuse_unclear, source)) for source in _sources(question))


def _refuse_unclear(source: Indicator, fact: ProfileFact) -> None:
    if not fact.rows:
        raise EvidenceError(NO_ROWS)
    other = fact.unreadable + fact.nans + fact.infinities
    if said := flaws(fact.rows, (fact.nulls, "missing", "missing"), (other, "something else", "something else")):
        raise EvidenceError(f"column `{source.column.name}`: {said}; {source.must}", source.column.key)


def of_one_class(question: Question) -> Question:
    """The binary question about the rule's `class`: that class against all others."""
    (name,) = classes_of(question)
    absent = f"not {name}"
    named = {
        side: f"case when {has(question, side, name)} = 1 then {literal(name)} else {literal(absent)} end"
        for side in SIDES
    }
    return replace(
        question,
        task="binary",
        positive_class=name,
        classes=(absent, name),
        expressions=tuple(named.items()),
        options=replace(question.options, class_=None, threshold=None),
    )


def _sources(question: Question) -> Iterable[Indicator]:
    for side in SIDES:
        if side == "prediction" and question.decided:
            for name in classes_of(question):
                score = _score(question, name)
                yield Indicator(score, score.number, "every row requires a finite number")
        elif side in question.roles:
            yield _text_source(question, question.role(side))
        else:
            for name in classes_of(question):
                column = question.role(f"{COLUMNS[side]}.{name}")
                yield Indicator(column, _mark(column), "every row needs 1 or true, 0 or false")


def _profile(question: Question, source: Indicator) -> Profile:
    return Profile(question.rows.table, question.where, question.count, source.column.raw, source.value)


def _score(question: Question, name: str) -> Column:
    columns = dict(question.score_columns())
    if name not in columns:
        raise EvidenceError(
            f"the candidate names no score column of `{name}`: add it to `scores` of `predictions`",
            question.key("scores"),
        )
    return columns[name]


def _mark(column: Column) -> str:
    def among(texts: tuple[str, ...]) -> str:
        more = tuple(f"{text}.0" for text in texts if text.isdigit()) if column.kind == "float" else ()
        return f"{column.text} in ({', '.join(map(literal, (*texts, *more)))})"

    return f"case when {among(YES)} then 1 when {among(NO)} then 0 end"


def _text_source(question: Question, column: Column) -> Indicator:
    """One text column for all classes. A text is clear if its length is that of its classes and separators together."""
    between = len(question.separator)
    lengths = (
        f"case when {_named(question, column.text, name)} then {len(name) + between} else 0 end"
        for name in question.classes
    )
    whole = f"({' + '.join(lengths)}) - {between} = length({column.text})"
    value = f"case when {column.text} = '' or {whole} then 1 end"
    must = (
        f"every row requires declared classes, each once, separated by `{question.separator}` alone, or an empty text "
        '(in CSV: "") for no class'
    )
    return Indicator(column, value, must)


def _named(question: Question, text: str, name: str) -> str:
    """SQL for whether a text names a class. Raises EvidenceError where the candidate declares no separator."""
    if not question.separator:
        raise EvidenceError(
            "the candidate does not say what separates classes: add `separator:` to `predictions`", "predictions"
        )
    closed = f"({literal(question.separator)} || {text} || {literal(question.separator)})"
    between = literal(f"{question.separator}{name}{question.separator}")
    return f"replace({closed}, {between}, '') <> {closed}"
