"""A champion given by its stored verdict: the stored value and bounds are compared as if from other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from mlgate.candidate.derivation import section_of
from mlgate.checks import independent
from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.champions import Champion
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.performance.identical import Identical, unchanged
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.earlier_verdict import EarlierValue, EarlierVerdict, EarlierVerdictFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.both import Both, less_one
from mlgate.metrics.metric import Undefined
from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered, ShareBounds
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.verdict import Where, where_text
from mlgate.values.words import counted


@dataclass(frozen=True)
class StoredChampion:
    """A rule about a metric that compares with a champion's stored verdict."""

    rule: MetricRule
    champion: Champion
    relative: bool
    """Whether the difference is a share of the champion's value."""
    identical: bool = False
    """Whether the verdict may be on the candidate's own predictions."""

    @property
    def verdict(self) -> EarlierVerdict:
        """The question for the verdict's values of single metrics."""
        if self.champion.verdict is None:
            raise ValueError(f"champion {self.champion.name} is not a verdict")
        return replace(self.champion.verdict, check=PerformanceMetric.id)

    def needs(self, subject: Subject, by: tuple[GroupColumns, ...], alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, the verdict, and the metric's own needs."""
        kind = self.rule.entry(subject).kind
        questions = [self.rule.question(subject, columns, alphas) for columns in by or ((),)]
        asked = [need for question in questions for need in kind.needs(question)]
        yield from (*self.rule.guards(subject), self.verdict, *asked)
        same = self._same(subject)
        yield from (
            same.needs()
            if self.identical
            else (Guard(same.needs(), same.refuse, (f"{section_of(self.champion.name)}.verdict",)),)
        )

    def answers(
        self, subject: Subject, by: tuple[GroupColumns, ...], facts: Facts, alphas: tuple[float, ...]
    ) -> Iterator[Answer]:
        """The difference in every group. Raises EvidenceError if the verdict has no value for a group."""
        fact: EarlierVerdictFact = facts[self.verdict]
        same = self.identical and self._same(subject).holds(facts)
        kind = self.rule.entry(subject).kind
        for columns in by or ((),):
            question = self.rule.question(subject, columns, alphas)
            for answer in answers_by_slice(subject, question, kind, kind.groups(question, facts)):
                compared = self._compared(answer, fact) if isinstance(answer, Estimate) else answer
                yield unchanged(compared) if same else compared

    def _same(self, subject: Subject) -> Identical:
        return Identical(subject, replace(self.champion, verdict=self.verdict))

    def _compared(self, new: Estimate, fact: EarlierVerdictFact) -> Answer:
        try:
            old = self._value(new.where, fact)
            return self._difference(new, old, fact)
        except Undefined as reason:
            return Unanswered(new.where, f"the value is not defined: {reason}", new.rows)

    def _value(self, where: Where, fact: EarlierVerdictFact) -> EarlierValue:
        """The verdict's value of the metric in a slice. Raises EvidenceError, with what it has, if it is missing."""
        named = [value for value in fact.values if value.metric == self.rule.quantity]
        found = [value for value in named if value.where == where]
        path = self.verdict.path
        if not found:
            slices = (where_text(value.where) or "all rows" for value in named)
            held = ", ".join(dict.fromkeys(slices if named else (value.metric for value in fact.values))) or "nothing"
            what = f"{self.rule.quantity} for {where_text(where)}" if where and named else self.rule.quantity
            raise EvidenceError(f"the verdict {path} has no value of {what} (it has: {held}); present one that does")
        if len({value.value for value in found}) > 1:
            raise EvidenceError(
                f"the verdict {path} has several different values of {self.rule.quantity}; present one with a single "
                "value"
            )
        return max(found, key=lambda value: (value.counts is not None, value.lower is not None, -value.level))

    def _difference(self, new: Estimate, old: EarlierValue, fact: EarlierVerdictFact) -> Estimate:
        share = share_of(old)
        exact = share.exact if share is not None and new.exact is not None else None
        values = Both(new.exact or Fraction(0), exact) if exact is not None else Both(new.value, old.value)
        value = values.less(self.relative)
        bounds = (_relative if self.relative else independent.difference)(new, as_estimate(old))
        version = f" {fact.version}" if fact.version else ""
        return Estimate(
            new.where,
            float(value),
            new.n,
            new.rows,
            bounds.lower,
            bounds.upper,
            exact=value if isinstance(value, Fraction) else None,
            counted=new.counted,
            rounding=new.rounding / (float(values.old) if self.relative else 1.0),
            no_bound_because=new.no_bound_because or f"the verdict {self.verdict.path} has no bounds at this level",
            note=f"{self.rule.quantity} {values.note}; unpaired, so the bounds are wider: from the verdict "
            f"{self.verdict.path} on {fact.candidate}{version}, {counted(old.rows, 'row')}",
        )


def _relative(new: Estimate, old: Estimate) -> Bounds:
    if not (new.share and old.share) and new.value <= 0:
        raise Undefined(f"the candidate has {new.value:.4g}, and a ratio requires values above 0")
    found = independent.ratio(new, old)
    return Remembered(less_one(found.lower), less_one(found.upper))


def as_estimate(old: EarlierValue) -> Estimate:
    """The stored value as an estimate, with the bounds that can be recovered."""
    share = share_of(old)
    bounds = share or _stored(old)
    counts = None if share is None else old.counts
    return Estimate(old.where, old.value, old.n, old.rows, bounds.lower, bounds.upper, share=counts)


def share_of(old: EarlierValue) -> ShareBounds | None:
    """The value as an exact share of its counts. None if the stored bounds are not those of independent rows."""
    if old.counts is None or old.lower is None or old.upper is None:
        return None
    share = ShareBounds(*old.counts)
    ends = (share.lower(old.level), old.lower), (share.upper(old.level), old.upper)
    return share if all(abs(one - other) < 1e-9 for one, other in ends) else None


def _stored(old: EarlierValue) -> Bounds:
    """Stored bounds: valid at their own level and at every level with less confidence, else None."""

    def at(bound: float | None) -> Callable[[float], float | None]:
        return lambda alpha: bound if alpha >= old.level * (1 - 1e-9) else None

    return Remembered(at(old.lower), at(old.upper))
