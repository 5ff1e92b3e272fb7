"""The earlier models that a rule compares with, and the guards of their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from mlgate.candidate.derivation import PREDICTIONS, section_of
from mlgate.candidate.roles import is_answer
from mlgate.checks.champions import Champion
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.performance.identical import Identical, unchanged
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard, asked_by
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.digest import DigestFact
from mlgate.evidence.questions.need import Facts, Need, TableNeed, Term, columns_of
from mlgate.evidence.rows import Column
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.indicators import classes_of, of_one_class
from mlgate.metrics.labels import quoted
from mlgate.metrics.metric import Kind, Pair, Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question, same_kind
from mlgate.metrics.registry import choose
from mlgate.reading.fields import Choice, OneOrMany, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, NotAsked
from mlgate.values.words import counted, have

FIRST_RUN = "What the rule does if the candidate presents no champion: `allow` skips it, visibly; `block` blocks."

IDENTICAL = (
    "What the rule does if a champion gives the same answers as the candidate on every row: `block` (default) is an "
    "error; `allow` judges a difference of exactly 0, for a candidate that is unchanged."
)


NO_LABEL, NO_OTHER_LABEL = "missing", "missing of the champion"
WITH_CLASSES = ("binary", "multiclass")
"""Tasks whose labels are a few words."""


@dataclass(frozen=True, kw_only=True)
class AgainstChampion:
    """The keys of every rule that compares with earlier models."""

    compares_models: ClassVar[bool] = True

    against: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The champion or champions by name; may be left out if there is only one."
    )
    first_run: str | None = param(Choice("allow", "block"), default=None, doc=FIRST_RUN)
    identical: str = param(Choice("allow", "block"), default="block", doc=IDENTICAL, tighter=("allow", "block"))

    @property
    def opponent(self) -> str:
        """The model that the rule compares with, in words."""
        return self.against[0] if len(self.against) == 1 else "champion"

    def first_run_advice(self) -> Iterator[str]:
        """Advice on a rule that can be skipped by leaving the champion out."""
        if self.first_run == "allow":
            yield ("says `first_run: allow`, so leaving the champion out skips it; write `block` after the first merge")

    def champions(self, subject: Subject) -> tuple[Champion, ...]:
        """The champions to compare with. Raises NotAsked or EvidenceError if there are none, or not these."""
        subject.rows()
        if not subject.champions:
            raise self._none()
        known = ", ".join(subject.champions)
        unknown = [name for name in self.against if name not in subject.champions]
        if unknown:
            raise EvidenceError(f"the candidate presents no champion `{unknown[0]}` (it has: {known})")
        if not self.against and len(subject.champions) > 1:
            raise EvidenceError(
                f"the candidate presents several champions ({known}); name one or more of them by `against:`"
            )
        return tuple(subject.champions[name] for name in self.against or subject.champions)

    def judged(
        self, trusted: Trusted, compared: Iterable[Need], facts: Facts, answers: Iterable[Answer]
    ) -> Iterator[Answer]:
        """The answers about a champion; a difference of exactly 0 if an identical one is allowed."""
        same = self.identical == "allow" and trusted.itself(compared).holds(facts)
        yield from (unchanged(answer) if same else answer for answer in answers)

    def _none(self) -> Exception:
        if self.first_run == "allow":
            return NotAsked("the candidate presents no champion, and the rule says `first_run: allow`")
        if self.first_run == "block":
            return EvidenceError(
                "the candidate presents no champion, and the rule says `first_run: block`: add `champion:` to the "
                "candidate"
            )
        return EvidenceError(
            "the candidate presents no champion: add `champion:` to it. If there is no earlier model yet, write "
            "`first_run: allow` in the rule"
        )


def beside(subject: Subject, champion: Champion) -> Subject:
    """The subject with the champion's answers joined to its predictions."""
    tables = {**subject.tables, PREDICTIONS: subject.rows(champion.table)}
    if QUERIES in tables:
        tables[QUERIES] = subject.rows(champion.queries)
    return replace(subject, tables=tables)


def pair_of(
    rule: MetricRule, subject: Subject, champion: Champion, columns: GroupColumns, alphas: tuple[float, ...]
) -> Pair:
    """The same question about both models, on the same rows."""
    new = rule.question(beside(subject, champion), columns, alphas)
    roles = {role: column for role, column in new.roles.items() if not is_answer(role)} | dict(champion.roles)
    shared = frozenset(role for role in new.roles if not is_answer(role))
    return Pair(new, replace(new, roles=roles, scores=champion.scores, keys=section_of(champion.name), shared=shared))


@dataclass(frozen=True)
class Trusted:
    """What must be true of both models' rows before they are compared."""

    rule: MetricRule
    subject: Subject
    champion: Champion
    pair: Pair
    """About all rows, without `by`."""
    level: float
    identical: bool = False
    """Whether the champion may give the candidate's own answers."""

    def needs(self, compared: tuple[Need, ...]) -> Iterator[Need]:
        """The guards, and the needs that they depend on. `compared` are the needs of the comparison itself."""
        yield from self.rule.guards(beside(self.subject, self.champion))
        yield from self.subject.guards(self.champion.table)
        yield from self._not_itself(compared)
        if self.champion.label is not None:
            yield self._same_labels(self.champion.label)
        skill = tuple(self._skill(asked_by(compared)))
        for kind, question in skill:
            needs = tuple(kind.needs(question))
            asked = asked_by(needs)
            yield from needs
            yield Guard(
                asked, partial(self._refuse_no_skill, kind, question, asked, self.level / len(skill)), (question.keys,)
            )

    def itself(self, compared: Iterable[Need]) -> Identical:
        """The question whether the champion is the candidate, in what the comparison reads."""
        new, old = self.pair.new, self.pair.old
        rows = self.subject.rows(self.champion.table)
        counting = [f"{size} > 0" for size in (new.count, new.weight) if size]
        where = " and ".join(filter(None, (self.rule.selection(rows), *counting)))
        return Identical(self.subject, self.champion, read(compared), where, tuple(_decided(new, old)))

    def _not_itself(self, compared: Iterable[Need]) -> Iterator[Need]:
        """The guards that the champion is not the candidate; its answers where it may be."""
        same = self.itself(compared)
        if self.identical:
            yield from same.needs()
            return
        if self.champion.files:
            yield Guard(self.champion.files, self._refuse_same_file, (f"{section_of(self.champion.name)}.path",))
        if asked := same.needs():
            yield Guard(asked, same.refuse, (section_of(self.champion.name),))

    def _same_labels(self, label: str) -> Guard:
        """The guard that both models were evaluated with the same labels."""
        rows = self.subject.rows(self.champion.table)
        own, key = self.subject.roles.get("label"), f"{section_of(self.champion.name)}.label"
        if own is None:
            raise EvidenceError(
                f"{_called(self.champion)} names a label and the candidate does not; name both or neither", key
            )
        one = rows.column(own, "label", "predictions.label")
        other = rows.column(label, "label of the champion", key)
        if self.subject.task in ("regression", "forecasting", "ranking"):
            texts = one.number, other.number
        else:
            same_kind(one, other, "label", f"{_called(self.champion)}'s label")
            texts = one.text, other.text
        cases = [f"when {texts[0]} is null then '{NO_LABEL}'", f"when {texts[1]} is null then '{NO_OTHER_LABEL}'"]
        same = f"case {' '.join(cases)} when {texts[0]} = {texts[1]} then 'same' else 'differs' end"
        terms = (Term("labels", same), *(Term("words", text) for text in texts if self.subject.task in WITH_CLASSES))
        asked = tuple(Counts(rows.table, "", self.pair.new.count, (term,)) for term in terms)
        return Guard(asked, partial(self._refuse_other_labels, one, other), (key,))

    def _refuse_same_file(self, own: DigestFact, other: DigestFact) -> None:
        if own.sha256 == other.sha256:
            raise EvidenceError(
                f"{_called(self.champion)} has the same file as the candidate, byte for byte, so the candidate would "
                "be compared with itself; present the earlier model's file"
            )

    def _refuse_other_labels(self, own: Column, label: Column, fact: CountsFact, *words: CountsFact) -> None:
        found = {cell.values[0]: cell.n for cell in fact.cells}
        every, differing = sum(found.values()), found.get("differs", 0)
        for missing, column, whose in ((NO_LABEL, own, ""), (NO_OTHER_LABEL, label, f" of {_called(self.champion)}")):
            if rows := found.get(missing):
                said = f"{have(rows, 'row', every)} no label (column `{column.name}`{whose}); every row requires one"
                raise EvidenceError(said, column.key)
        if not differing:
            return
        mine, theirs = ({str(cell.values[0]) for cell in of.cells} for of in words) if words else (set(), set())
        if words and not mine & theirs:
            raise EvidenceError(
                f"the labels of {_called(self.champion)} are {quoted(theirs)}, and the candidate's are {quoted(mine)}; "
                "write the same words in both files"
            )
        inverted = ", and check that none are inverted" if differing == every else ""
        raise EvidenceError(
            f"the labels of {_called(self.champion)} and of the candidate differ in {differing:,} of "
            f"{counted(every, 'row')}; evaluate both on the same labels{inverted}"
        )

    def _skill(self, compared: tuple[Need, ...]) -> Iterator[tuple[Kind, Question]]:
        """For classes: the question whether the champion is better than guessing, in what the comparison reads."""
        if self.subject.task == "multilabel":
            yield from self._skill_by_class()
        if self.subject.task not in ("binary", "multiclass"):
            return
        columns = read(compared)
        asked = self.pair.old.options.threshold
        question = replace(self.pair.old, where="", by=(), options=Options(threshold=asked))
        if asked is not None or self.champion.roles.get("prediction") in columns:
            yield choose("informedness", self.subject.task, Options()).kind, question
        elif self.champion.roles.get("score") in columns:
            yield choose("roc_auc", "binary", Options()).kind, question

    def _skill_by_class(self) -> Iterator[tuple[Kind, Question]]:
        """The same question for each compared class: is predicting it better than guessing?"""
        old = self.pair.old
        for name in classes_of(old):
            options = Options(threshold=old.options.threshold, class_=name)
            of_class = of_one_class(replace(old, where="", by=(), options=options))
            yield choose("informedness", "binary", Options()).kind, of_class

    def _refuse_no_skill(
        self, kind: Kind, question: Question, asked: tuple[Need, ...], level: float, *found: Any
    ) -> None:
        decided = not hasattr(kind, "slope")  # informedness, and not ROC AUC
        facts = Facts(dict(zip(asked, found, strict=True)))
        for stats in kind.groups(question, facts).values():
            try:
                upper = kind.estimate(question, stats).upper(level)
            except Undefined:
                continue
            if upper is not None and upper < (0 if decided else 0.5):
                measure = "informedness" if decided else "ROC AUC"
                measure += f" of class `{question.positive_class}`" if self.subject.task == "multilabel" else ""
                raise EvidenceError(
                    f"{_called(self.champion)} is worse than guessing ({measure} at most {upper:.3g}), so every model "
                    "would beat it; check whether its classes or scores are inverted"
                )


def read(needs: Iterable[Need]) -> frozenset[str]:
    """The columns that some needs read."""
    return frozenset(column for need in asked_by(needs) if isinstance(need, TableNeed) for column in columns_of(need))


def _decided(new: Question, old: Question) -> Iterator[tuple[str, str]]:
    """The SQL of both models' decisions where the rule decides by a threshold: one per class of several labels."""
    if not new.decided:
        return
    if new.task != "multilabel":
        yield new.prediction_term.sql, old.prediction_term.sql
        return
    for name in classes_of(new):
        one, other = (of_one_class(replace(of, options=replace(of.options, class_=name))) for of in (new, old))
        yield one.prediction_term.sql, other.prediction_term.sql


def _called(champion: Champion) -> str:
    return "the champion" if champion.name == "champion" else f"champion {champion.name}"
