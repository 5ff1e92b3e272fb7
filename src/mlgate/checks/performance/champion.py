"""performance.champion: a metric of the candidate compared with an earlier model's, on the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from typing import Any, ClassVar

from mlgate.checks.assumption import Assumption, rows_of_models, share_kind
from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.champions import Champion
from mlgate.checks.metric_problems import metric_problems
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.performance.against import AgainstChampion, Trusted, pair_of
from mlgate.checks.performance.stored_champion import StoredChampion
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.metric import Better, Kind, Pair, around
from mlgate.metrics.question import Question
from mlgate.metrics.registry import entries
from mlgate.reading.fields import By, Flag, Number, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.plan import FindingPlan
from mlgate.values.verdict import Proof

WAYS = ("margin", "superior", "equivalent")


@dataclass(frozen=True, kw_only=True)
class PerformanceChampion(MetricRule, AgainstChampion, Check):
    """A metric of the candidate is at most a margin worse than an earlier model's, on the same rows.

    ## What it does
    Measures `metric` of both models on the same rows, joined by id. A paired confidence bound on the difference,
    candidate minus champion, decides. One of three keys is required: `margin: 0.01` demands that the candidate is at
    most that much worse, `superior: true` that it is better, `equivalent: 0.01` that it differs by at most that much in
    either direction. With `relative`, the difference is a share of the champion's value.

    ## Why it matters
    A new model that scores 0.912 against 0.905 may be worse: both numbers have noise, and most of it is the same noise.
    A comparison row by row cancels that part, and the rest decides. A written margin is agreed on before anybody sees
    the numbers. Without one, people demand by accident a proof that the new model is strictly better, or let every
    small loss pass.

    ## Example
    ```yaml
    - id: no-worse-than-serving
      check: performance.champion
      metric: accuracy
      margin: 0.01
      by: sex
      first_run: allow
    ```

    ## Notes
    With `by`, every group must meet the demand: a model that is better on average may be worse for someone.
    `against: [serving, anchor]` compares with several champions of the candidate file. A fixed anchor beside the
    serving model stops many small losses, each within the margin, from adding up. For a metric of which lower is
    better, the margin is how much it may rise.

    It is an error if ids do not match on both sides, if labels differ, if the champion is the candidate itself or if it
    is worse than guessing. A champion that gives the same answers on every row is the candidate itself, whatever its
    file, columns and order of rows. For a candidate that may be unchanged write `identical: allow`: the difference is
    then exactly 0. A missing champion is an error too, unless `first_run` says otherwise. With `first_run: allow`,
    leaving the champion out skips the rule, so change it to `block` after the first merge.

    A champion that is given by its `verdict` is compared unpaired, as if on other rows, so the bounds are wider. Values
    computed from a ranking of scores (other than ROC AUC and Gini), quantiles, calibration errors and functions of
    other packages can be compared only in this way.

    ## References
    Fay & Lumbard 2021 (shares); Hall 1992 (means); DeLong, DeLong & Clarke-Pearson 1988 (ROC AUC); Zou & Donner 2008
    (ROC AUC near 1; unpaired).
    """

    id: ClassVar[str] = "performance.champion"
    also_called: ClassVar[tuple[str, ...]] = ("non_inferiority", "champion_challenger")
    bounded: ClassVar[bool] = False

    by: tuple[GroupColumns, ...] = param(By(), default=(), doc="Slice by columns; a list inside intersects them.")
    margin: Fraction | None = param(
        Number(min=0),
        default=None,
        doc="How much worse than the champion the candidate may be: non-inferiority.",
        tighter="lower",
    )
    superior: bool = param(
        Flag(), default=False, doc="`true`: the candidate must be better than the champion.", tighter=(False, True)
    )
    equivalent: Fraction | None = param(
        Number(above=0), default=None, doc="How much the candidate may differ from the champion, in either direction."
    )
    relative: bool = param(Flag(), default=False, doc="`true`: differences are shares of the champion's value.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"{self.quantity} {'relative to' if self.relative else 'minus'} {self.opponent}"

    @property
    def limits(self) -> tuple[float, float]:
        """From one end of the metric's range to the other, in either direction; relative to a value above 0."""
        low, high = super().limits
        if self.relative:
            return (-1.0 if low >= 0 else -inf), inf
        return low - high, high - low

    def assumed(self, assumption: Assumption) -> FindingPlan | str:
        """The rows needed to compare shares of both models."""
        kind = share_kind(self.metric, assumption.task, self.options())
        if isinstance(kind, str):
            return kind
        if self.relative or len(assumption.demand.sides) != 1:
            return "equivalence and relative margins need data: plan them with a candidate"
        return rows_of_models(self.metric, assumption)

    def advice(self, proof: Proof) -> Iterator[str]:
        """A first run that can be skipped for ever, a margin that is hard to show, a metric that is never paired."""
        yield from self.first_run_advice()
        if self.margin == 0 and proof == "shown":
            yield "has `margin: 0`, which only a better model can show; write the loss that does not matter"
        if not any(metric.kind.compared for metric in entries(self.metric)):
            yield (
                f"uses {self.metric}, which can be compared only with a champion given by its `verdict`, not on the "
                "same rows"
            )

    def demand(self, _given: Demand) -> Demand:
        """The bound on candidate minus champion, in the metric's direction."""
        less = any(metric.better is Better.LOWER for metric in entries(self.metric))
        if self.equivalent is not None:
            least, most = -self.equivalent, self.equivalent
            return Demand(least, most, f"{float(least):g}", f"{float(most):g}")
        if self.margin is None and not self.superior:
            return Demand()
        worse = Fraction(0) if self.margin is None else self.margin
        if less:
            return Demand(at_most=worse, at_most_text=f"{float(worse):g}", strict=self.superior)
        return Demand(at_least=-worse, at_least_text=f"{-float(worse) + 0.0:g}", strict=self.superior)

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the metric, and a demand that is missing, given twice, or always met."""
        yield from metric_problems(self.metric, self.given(), self.options())
        given = [key for key in WAYS if getattr(self, key) is not None and getattr(self, key) is not False]
        if not given:
            yield (
                "metric",
                "needs `margin:` (how much worse it may be), `superior: true` or `equivalent:` (how far it may differ)",
            )
        if len(given) > 1:
            yield given[1], f"cannot be combined with `{given[0]}`; keep one, or write two rules"
        if (
            any(metric.better is Better.NEITHER for metric in entries(self.metric))
            and given
            and given != ["equivalent"]
        ):
            yield given[0], f"{self.metric} has no better direction; write `equivalent:` (how far it may differ)"
        yield from self._too_wide()

    def _too_wide(self) -> Iterator[Wrong]:
        widest = max((metric.range[1] - metric.range[0] for metric in entries(self.metric)), default=Fraction(1))
        for key in ("margin", "equivalent"):
            margin = getattr(self, key)
            if margin is not None and margin >= (1 if self.relative else widest):
                percent = f"; for {float(margin):g} % write {float(margin / 100):g}" if 1 <= margin <= 100 else ""
                yield key, f"{float(margin):g} allows every difference, so this demands nothing{percent}"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, and the comparison's needs for every champion and slicing."""
        for champion in self.champions(subject):
            if champion.verdict is not None:
                stored = StoredChampion(self, champion, self.relative, self.identical == "allow")
                yield from stored.needs(subject, self.by, alphas)
                continue
            compared = tuple(self._compared(subject, champion, alphas))
            yield from self._trusted(subject, champion, alphas).needs(compared)
            yield from compared

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate of the difference per champion and group."""
        champions = self.champions(subject)
        for champion in champions:
            for answer in self._against(subject, champion, facts, alphas):
                several = (("against", champion.name),) if len(champions) > 1 else ()
                yield replace(answer, where=(*answer.where, *several))

    def _against(
        self, subject: Subject, champion: Champion, facts: Facts, alphas: tuple[float, ...]
    ) -> Iterator[Answer]:
        if champion.verdict is not None:
            stored = StoredChampion(self, champion, self.relative, self.identical == "allow")
            yield from stored.answers(subject, self.by, facts, alphas)
            return
        kind = self._comparing(subject)
        trusted, asked = self._trusted(subject, champion, alphas), tuple(self._compared(subject, champion, alphas))
        for columns in self.by or ((),):
            pair = replace(pair_of(self, subject, champion, columns, alphas), relative=self.relative)
            compared = ComparedModels(kind, pair, self.quantity)
            answers = answers_by_slice(subject, pair.new, compared, kind.groups(pair, facts))
            yield from self.judged(trusted, asked, facts, answers)

    def _compared(self, subject: Subject, champion: Champion, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The needs of the comparison. Raises EvidenceError if it would read nothing of the champion."""
        kind = self._comparing(subject)
        for columns in self.by or ((),):
            pair = replace(pair_of(self, subject, champion, columns, alphas), relative=self.relative)
            if set(asked_by(kind.needs(pair.new))) == set(asked_by(kind.needs(pair.old))):
                raise EvidenceError(
                    f"{self.quantity} reads the same columns for the candidate and the champion, so the candidate "
                    "would be compared with itself; name the champion's own columns"
                )
            yield from kind.needs(pair)

    def _comparing(self, subject: Subject) -> Kind:
        """The metric's kind. Raises EvidenceError if it cannot compare two models on these rows."""
        kind = self.entry(subject).kind
        if not kind.compared:
            raise EvidenceError(
                f"{self.quantity} cannot be compared with a champion on the same rows; compare another metric, or "
                "present the champion by its `verdict`"
            )
        return kind

    def _trusted(self, subject: Subject, champion: Champion, alphas: tuple[float, ...]) -> Trusted:
        return Trusted(
            self, subject, champion, pair_of(self, subject, champion, (), alphas), alphas[0], self.identical == "allow"
        )


@dataclass(frozen=True)
class ComparedModels:
    """A comparison of two models that gives an estimate per slice, as a kind does."""

    kind: Kind
    pair: Pair
    quantity: str

    def estimate(self, _question: Question, stats: Any) -> Estimate:
        """The difference in one slice, with the metric's name in its note."""
        found = around(self.kind.estimate(self.pair, stats))
        return replace(found, note=f"{self.quantity} {found.note}" if found.note else None)
