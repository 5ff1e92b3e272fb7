"""fairness.exposure: rankings give the items of every group similar exposure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any, ClassVar

from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice, unknown_columns
from mlgate.checks.fairness.comparing import many_groups, sorted_out, too_few
from mlgate.checks.fairness.comparison import RATIO, REFERENCE, Compared, findings
from mlgate.checks.metric_rule import GroupColumns
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import literal, quote
from mlgate.evidence.questions.counts import CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.tables.exposures import EXPOSURES, exposure_by
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.options import Options
from mlgate.metrics.queries import usable_ranks
from mlgate.metrics.question import Question
from mlgate.metrics.sums import Summed
from mlgate.metrics.units import counts_in_units
from mlgate.reading.fields import By, Number, Text, param
from mlgate.stats.bounds import Bounds
from mlgate.stats.linearised import LOG, Of, linearised
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.plan import RulePlan
from mlgate.values.words import Words

MOST_GROUPS = 30


@dataclass(frozen=True, kw_only=True)
class FairnessExposure(Check):
    """Rankings give the items of every group similar exposure.

    ## What it does
    The exposure of an item at a rank is 1 / log2(1 + rank), the weight that ndcg gives to a rank. The check computes
    the mean exposure of each group's items over all queries. For each group of `by` (a column of items) and the
    `reference`, it divides the smaller mean by the larger.

    ## Why it matters
    Items that are ranked low are hardly seen. A ranking can serve the people who search well and still hide the goods,
    jobs or works of some suppliers: small differences in scores become large differences in attention.

    ## Example
    ```yaml
    - id: all-sellers-seen
      check: fairness.exposure
      by: seller_size
      at_least: 0.8
    ```

    ## Notes
    Items of equal score share the mean exposure of their ranks. The items of a query compete for its ranks, so groups
    are not independent. The bounds are for the log of the ratio, by the delta method over queries, with the sums of
    both groups in each query. A group with items in fewer than 20 queries has no bounds.

    In simulations of 50 and 200 queries, the 95 % bounds wrongly show a ratio in 1.3 to 7 % of runs. They wrongly
    refute one in 3 to 10 %, and in up to 18 % (23 % with 20 queries) if a group has only one or two items per query,
    seldom on top. So a FAIL is less reliable than a PASS.

    Relevance is ignored (demographic parity of exposure). If it should count, compare ndcg by query groups, or present
    only relevant items.

    ## References
    Singh & Joachims 2018 (exposure and its demographic parity).
    """

    id: ClassVar[str] = "fairness.exposure"
    also_called: ClassVar[tuple[str, ...]] = ("exposure_parity",)
    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False
    compares_groups: ClassVar[bool] = True

    by: tuple[GroupColumns, ...] = param(
        By(), doc="The groups of items: columns; a list inside the list intersects them."
    )
    reference: str = param(Text(), default="best", doc=REFERENCE)
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "exposure ratio"

    @property
    def limits(self) -> tuple[float, float]:
        """From no exposure of one group to equal groups."""
        return 0.0, 1.0

    def words(self, _subject: Subject) -> Words:
        """Groups of items."""
        return Words("group", "item")

    def advice_with_data(self, planned: RulePlan) -> Iterator[str]:
        """Advice that many groups need very many rows."""
        return many_groups(self.reference, planned)

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles of rankings; None for other tasks."""
        return super().reads(task) if task == "ranking" else None

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A reference that is not available here, and a bound that every ratio or no ratio meets."""
        if self.reference == "overall":
            yield "reference", "`overall` is not available here; name a group, or write best, worst, largest or pairs"
        if demand.at_least is not None and not 0 < demand.at_least <= 1:
            yield "at_least", "must be a ratio of the smaller to the larger value, above 0 and at most 1"
        if demand.at_most is not None:
            yield "at_most", "would demand unequal groups; write `at_least`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, each group's exposure, and how many queries have items of it."""
        yield from subject.guards(QUERIES)
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            yield from MEAN.needs(replace(question, unit=""))
            yield counts_in_units(question)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The sums of every two groups per query, once the groups are known."""
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            for a, b in self._pairs(subject, question, facts):
                asked, wanted = _together(question, a, b)
                yield from wanted.unit_needs(asked)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate per comparison. Groups that cannot be compared are listed apart."""
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            found = list(
                answers_by_slice(
                    subject, replace(question, unit=""), MEAN, MEAN.groups(replace(question, unit=""), facts)
                )
            )
            judged = yield from sorted_out(found, subject.least_rows, self.min_share)
            if len(judged) < 2:
                yield Unanswered((), too_few(judged, columns))
                continue
            pairs = frozenset(self._pairs(subject, question, facts))
            joint = Competing(question, pairs, _queries(question, facts), facts)
            try:
                yield from (
                    _told(each) for each in findings(
                        Compared(tuple(judged), True), self.reference, replace(RATIO, pair=joint, rows_each=None)
                    )
                )  # fmt: skip
            except ValueError as refused:
                yield Unanswered((), str(refused))

    def _question(self, subject: Subject, columns: GroupColumns, alphas: tuple[float, ...]) -> Question:
        subject.rows()
        if subject.task != "ranking":
            raise EvidenceError(
                f"exposure is for ranking candidates, and this one is {subject.task}; restrict the rule by "
                "`when: {task: ranking}`"
            )
        rows = subject.rows(EXPOSURES)
        unit = rows.column(subject.roles["query"], "query", "predictions.query").text
        whole = Question(rows, subject.task, subject.roles, Options(), alphas=alphas, unit=unit)
        return replace(whole, by=tuple(subject.group_term(rows, name) for name in columns))

    def _pairs(self, subject: Subject, question: Question, facts: Facts) -> tuple[tuple[Group, Group], ...]:
        """Every two groups that are known."""
        names = tuple(term.name for term in question.by)
        known = [group for group in _queries(question, facts) if not unknown_columns(subject, names, group)]
        if len(known) > MOST_GROUPS:
            raise EvidenceError(
                f"{', '.join(names)} has {len(known)} groups, and exposure is compared between at most {MOST_GROUPS}; "
                "derive fewer groups"
            )
        return tuple(combinations(known, 2))


@dataclass(frozen=True)
class Competing:
    """Bounds for the ratio of two groups whose items compete in queries."""

    question: Question
    pairs: frozenset[tuple[Group, Group]]
    queries: Mapping[Group, int]
    facts: Facts

    def __call__(self, a: Estimate, b: Estimate) -> Bounds:
        """Bounds for the ratio of a's exposure to b's, by the delta method over queries, on the log scale."""
        import numpy as np

        one, other = (tuple(value for _, value in each.where) for each in (a, b))
        turned = (one, other) not in self.pairs
        asked, wanted = _together(self.question, *((other, one) if turned else (one, other)))
        within = wanted.of_units(asked, self.facts)[()]
        order = (2, 3, 0, 1) if turned else (0, 1, 2, 3)
        totals = within.totals([within.plain(at, at) for at in order], [within.reaches[at] for at in order])
        fewest = min(self.queries[one], self.queries[other])
        ratio = Of(ratio_of_means, 4, np.arange(4), _slopes_of_ratio)
        return linearised(replace(totals, telling=fewest), ratio, LOG)


def ratio_of_means(sums: Any) -> Any:
    """(Σa/Σm) / (Σb/Σn), from the sums of a, m, b and n."""
    return sums[:, 0] * sums[:, 3] / (sums[:, 1] * sums[:, 2])


def _slopes_of_ratio(sums: Any) -> Any:
    import numpy as np

    return ratio_of_means(sums[np.newaxis, :])[0] * np.array([1, -1, -1, 1]) / sums


def _exposure(question: Question) -> str:
    return quote(exposure_by(question.role("score").name))


MEAN = Mean(_exposure, usable_ranks, heavy=False)


def _queries(question: Question, facts: Facts) -> dict[Group, int]:
    """How many queries have items of each group."""
    fact: CountsFact = facts[counts_in_units(question)]
    return {of.group: of.units for of in fact.units}


def _together(question: Question, a: Group, b: Group) -> tuple[Question, Summed]:
    """The question for the exposure and items of two groups in each query that has items of either."""
    one, other = (_members(question, group) for group in (a, b))
    values = tuple(
        f"case when {members} then {value} else cast('0.0' as double) end"
        for members in (one, other)
        for value in (_exposure(question), "cast('1.0' as double)")
    )
    return replace(question, where=f"({one}) or ({other})", by=()), Summed((tuple((value,) for value in values),))


def _members(question: Question, group: Group) -> str:
    return " and ".join(f"({term.sql}) = {literal(value or '')}" for term, value in zip(question.by, group))


def _told(answer: Answer) -> Answer:
    if not isinstance(answer, Estimate) or answer.no_bound_because:
        return answer
    few = "a group has items in fewer than 20 queries, or queries do not differ"
    return replace(answer, counted="items", no_bound_because=few)
