"""performance.flips: how many decisions change against an earlier model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.champions import Champion
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.performance.against import AgainstChampion, Trusted, pair_of
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.metrics.confusion import confusion_needs
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.metric import Kind, Pair
from mlgate.reading.fields import By, Choice, MapOf, Number, OneOrMany, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer
from mlgate.values.verdict import Proof

TASKS = ("binary", "multiclass")


@dataclass(frozen=True, kw_only=True)
class PerformanceFlips(AgainstChampion, Check):
    """The share of rows whose decision differs from an earlier model's, or was right before and is wrong now.

    ## What it does
    Counts the rows whose decision changed (`of: changed`), or those that the champion got right and the candidate gets
    wrong (`of: negative`). Their share of all rows must meet `at_most`.

    ## Why it matters
    Two models of equal accuracy may err on different rows. A user who relied on a right decision only sees that it is
    now wrong, and downstream systems were tuned to the old errors.

    ## Example
    ```yaml
    - id: what-worked-still-works
      check: performance.flips
      of: negative
      at_most: 0.02
      first_run: allow
    ```

    ## Notes
    The denominator is all rows of the slice, so the share of negative flips is the accuracy that they cost. With
    `class`, a decision is that class or any other. With `threshold`, the scores of both models decide. A champion given
    by its `verdict` has no rows to compare, so it is an error.

    ## References
    Yan et al. 2021 (positive-congruent training); Clopper & Pearson 1934.
    """

    id: ClassVar[str] = "performance.flips"
    also_called: ClassVar[tuple[str, ...]] = ("churn", "prediction_churn", "negative_flips", "negative_flip_rate")
    bounded: ClassVar[bool] = True

    of: str = param(Choice("changed", "negative"), doc="`changed` decisions, or `negative`: right before, wrong now.")
    by: tuple[GroupColumns, ...] = param(By(), default=(), doc="Slice by columns; a list inside intersects them.")
    where: tuple[tuple[str, tuple[str, ...]], ...] = param(
        MapOf(OneOrMany(Text())), default=(), doc="Only rows whose columns have these values."
    )
    class_: str | None = param(Text(), default=None, key="class", doc="Multiclass: this class against the rest.")
    threshold: Fraction | None = param(Number(), default=None, doc="Decide positive if the score is at least this.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        said = "changed decisions" if self.of == "changed" else "negative flips"
        said += f" of class {self.class_}" if self.class_ is not None else ""
        said += f" at threshold {float(self.threshold):g}" if self.threshold is not None else ""
        return f"{said} against {self.opponent}"

    def advice(self, _proof: Proof) -> Iterator[str]:
        """A first run that can be skipped for ever."""
        return self.first_run_advice()

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A bound that every share meets, or that asks for many changes."""
        if demand.at_least is not None:
            yield "at_least", "would demand changed decisions; write `at_most`"
        elif demand.at_most is not None and not 0 < demand.at_most < 1:
            yield "at_most", "must be a share of the rows, above 0 and below 1"
        if self.class_ is not None and self.threshold is not None:
            yield "class", "cannot be combined with `threshold`, which decides between two classes; keep one"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, and the joint counts for every champion and slicing."""
        subject.rows()
        if subject.task not in TASKS:
            raise EvidenceError(
                f"flips are for {' and '.join(TASKS)} candidates, and this one is {subject.task}; restrict the rule by "
                "`when: {task: ...}`"
            )
        for champion in self.champions(subject):
            compared = self._compared(subject, champion, alphas)
            yield from self._trusted(subject, champion, alphas).needs(compared)
            yield from compared

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles of decisions and labels; None for tasks without them."""
        return self._rule.reads(task) if task in TASKS else None

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate of the share per champion and group."""
        champions = self.champions(subject)
        for champion in champions:
            several = (("against", champion.name),) if len(champions) > 1 else ()
            trusted, compared = self._trusted(subject, champion, alphas), self._compared(subject, champion, alphas)
            for columns in self.by or ((),):
                pair = pair_of(self._rule, subject, champion, columns, alphas)
                kind = self._kind(pair)
                found = answers_by_slice(subject, pair.new, kind, kind.groups(pair.new, facts))
                for answer in self.judged(trusted, compared, facts, found):
                    yield replace(answer, where=(*answer.where, *several))

    def _kind(self, pair: Pair) -> Kind:
        """The share of flipped rows."""
        one_class = self.class_ is not None
        rows = replace(pair, new=replace(pair.new, unit=""), old=replace(pair.old, unit=""))
        return HitShare(
            lambda _question: self._flipped(pair), lambda _question: confusion_needs(rows, one_class=one_class)
        )

    def _flipped(self, pair: Pair) -> str:
        """Whether a row is flipped, as SQL."""
        label, new, old = pair.new.label_term.sql, pair.new.prediction_term.sql, pair.old.prediction_term.sql
        if pair.new.decided:
            label = Term.flag("label", pair.new.is_positive).sql
        if self.class_ is not None:
            label, new, old = (f"({decided} = {literal(self.class_)})" for decided in (label, new, old))
        return f"({new}) <> ({old})" if self.of == "changed" else f"({old}) = ({label}) and ({new}) <> ({label})"

    @property
    def _rule(self) -> MetricRule:
        metric = "accuracy" if self.class_ is None else "selection_rate"
        return MetricRule(metric=metric, where=self.where, threshold=self.threshold, class_=self.class_)

    def _compared(self, subject: Subject, champion: Champion, alphas: tuple[float, ...]) -> tuple[Need, ...]:
        if champion.verdict is not None:
            raise EvidenceError(
                "the champion is given by its `verdict`, which has no decisions to compare row by row; present its "
                "predictions"
            )
        pairs = [pair_of(self._rule, subject, champion, columns, alphas) for columns in self.by or ((),)]
        for pair in pairs:
            if pair.new.prediction_term == pair.old.prediction_term:
                raise EvidenceError(
                    "the champion's decisions are the candidate's own, so the candidate would be compared with itself; "
                    "present the earlier model's decisions"
                )
        return tuple(need for pair in pairs for need in self._kind(pair).needs(pair.new))

    def _trusted(self, subject: Subject, champion: Champion, alphas: tuple[float, ...]) -> Trusted:
        pair = pair_of(self._rule, subject, champion, (), alphas)
        return Trusted(self._rule, subject, champion, pair, alphas[0], self.identical == "allow")
