"""Metrics of predicted texts: answers, transcripts, translations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mlgate.evidence.dialect import quote
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.need import Need
from mlgate.evidence.questions.profile import Profile, ProfileFact
from mlgate.evidence.rows import Column
from mlgate.evidence.tables.texts import FUNCTIONS, computed
from mlgate.metrics.binary import RARE
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.kinds.smooth import ratio_of_sums
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.question import NO_ROWS, UNIT, Question
from mlgate.values.errors import EvidenceError
from mlgate.values.words import have

HIGHER, LOWER = Better.HIGHER, Better.LOWER
TASK = ("text",)
POSITIVE = (0.0, float("inf"))
NORMALISED = ("normalise",)
SIDES = ("label", "prediction")
RATES = RARE + "without such rows up to 6.1 % on the grid; there is no bound where no row has an error"
SHARES = "at most 5 % on the grid, also where every answer is right"


def _of(function: str) -> Callable[[Question], str]:
    """SQL for a computed number of the label, or of label and prediction, by the name of its function."""

    def expression(question: Question) -> str:
        columns = (_text(question, side).name for side in SIDES[: FUNCTIONS[function].takes])
        return quote(computed(function, columns, question.options.normalise))

    return expression


def _equal(question: Question) -> str:
    return f"{_of('exact_match')(question)} = 1"


def _text(question: Question, side: str) -> Column:
    column = question.role(side)
    if column.kind != "text":
        raise EvidenceError(f"{side} `{column.name}` is {column.kind}; text is required", column.key)
    return column


def _there(question: Question) -> tuple[Need, ...]:
    """The guards that the table has rows, and that each has both texts."""
    return tuple(_has_text(question, side) for side in SIDES)


def _has_text(question: Question, side: str) -> Guard:
    column = _text(question, side)
    present = f"case when {column.raw} is not null then 1 end"
    need = Profile(question.rows.table, question.where, question.count, column.raw, present)
    return Guard(need, partial(_refuse_without, side, column))


def _refuse_without(side: str, column: Column, fact: ProfileFact) -> None:
    if not fact.rows:
        raise EvidenceError(NO_ROWS)
    if fact.nulls:
        raise EvidenceError(
            f"{have(fact.nulls, 'row', fact.rows)} no {side} (column `{column.name}`); every row requires one, and "
            'an empty text counts as one (in CSV: "")',
            column.key,
        )


def _rate(errors: str, units: str) -> Any:
    return ratio_of_sums(_of(errors), _of(units), _there)


METRICS: tuple[Metric, ...] = (
    Metric("exact_match", TASK, HitShare(_equal, _there), HIGHER, UNIT, "brute force",
           "Share of rows whose prediction equals the label as text.", NORMALISED),
    Metric("token_f1", TASK, Mean(_of("token_f1"), _there, heavy=False, ends=UNIT), HIGHER, UNIT, "brute force",
           "Mean over rows of the F1 of the predicted words against the label's, counted with repetition (Rajpurkar et "
           "al. 2016). It is 1 where neither has a word, and 0 where only one has.", NORMALISED, (),
           Interval.APPROXIMATE, SHARES),
    Metric("word_error_rate", TASK, _rate("word_errors", "words"), LOWER, POSITIVE, "brute force",
           "Words inserted, deleted and substituted in all rows, divided by the words of all labels.", NORMALISED, (),
           Interval.NOT_GUARANTEED, RATES),
    Metric("character_error_rate", TASK, _rate("character_errors", "characters"), LOWER, POSITIVE, "brute force",
           "Characters inserted, deleted and substituted in all rows, divided by the characters of all labels.",
           NORMALISED, (), Interval.NOT_GUARANTEED, RATES),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "exact_match": "em, exact_match_score",
    "token_f1": "squad_f1",
    "word_error_rate": "wer",
    "character_error_rate": "cer, char_error_rate",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""
