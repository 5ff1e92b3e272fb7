"""fairness.exposure: rankings show no group's items less than another's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import ClassVar

from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice, unknown_columns
from mlgate.checks.fairness.comparing import many_groups, sorted_out, too_few
from mlgate.checks.fairness.comparison import RATIO, REFERENCE, Compared, findings
from mlgate.checks.metric_rule import Columns
from mlgate.checks.sampling_units import units_by_group
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import literal, quote
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_counts import UnitCountsFact
from mlgate.evidence.questions.unit_moments import UnitMoments
from mlgate.evidence.tables.exposures import EXPOSURES, exposure_by
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.options import Options
from mlgate.metrics.queries import usable_ranks
from mlgate.metrics.question import Question
from mlgate.metrics.units import UnitTotals, totals_by_group
from mlgate.reading.fields import By, Number, Text, param
from mlgate.stats.joint_ratios import JointRatio
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.plan import RulePlan
from mlgate.values.words import Words

MOST_GROUPS = 30
_ONE = tuple(tuple(int(at == each) for at in range(4)) for each in range(4))
"""Of a query: exposure and items of the one group, exposure and items of the other."""
_TWO = tuple(
    tuple((a == at) + (b == at) for at in range(5)) for a in range(5) for b in range(a, 5)
)  # fmt: skip
_SUMS = tuple(dict.fromkeys((*((*one, 0) for one in _ONE), *_TWO)))


@dataclass(frozen=True, kw_only=True)
class FairnessExposure(Check):
    """Rankings show the items of no group less than those of another.

    ## What it does
    The exposure of an item at a rank is 1 / log2(1 + rank): what ndcg takes a rank to be worth. The mean exposure of a
    group's items, over all queries, is divided by that of another group, the smaller by the larger, for every group of
    `by` (a column of items) against the `reference`.

    ## Why it matters
    What is ranked low is hardly seen. A ranking can serve those who search well and keep the goods, jobs or works of
    some suppliers from being seen at all; small differences of scores become large ones of attention.

    ## Example
    ```yaml
    - id: all-sellers-seen
      check: fairness.exposure
      by: seller_size
      at_least: 0.8
    ```

    ## Notes
    Items of equal score share the mean exposure of their ranks. Items of a query compete for its ranks, so groups are
    not independent of each other: bounds are of the log of the ratio by the delta method over queries, with both
    groups' sums in each query. A group with items in fewer than 20 queries has no bounds. In simulations of 50 and
    200 queries a bound of 95 % shows too high a ratio in 1.3 to 7 %, and refutes wrongly in 3 to 10 %, up to 18 % (23
    % of 20 queries) where a group has one or two items a query that are seldom on top: refuting is the weaker side.
    Exposure is compared whatever the items' relevance (demographic parity of exposure); where relevance is to count,
    compare ndcg by query groups, or present only relevant items.

    ## References
    Singh & Joachims 2018 (exposure and its demographic parity).
    """

    id: ClassVar[str] = "fairness.exposure"
    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False

    by: tuple[Columns, ...] = param(By(), doc="The groups of items: columns; a list inside the list intersects them.")
    reference: str = param(Text(), default="best", doc=REFERENCE)
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "exposure ratio"

    def words(self, _subject: Subject) -> Words:
        """Groups of items."""
        return Words("group", "item")

    def advice_with_data(self, planned: RulePlan) -> Iterator[str]:
        """That with many groups every pair must be shown alike."""
        return many_groups(self.reference, planned)

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A reference that is not independent of any group, and a bound that no ratio or every ratio meets."""
        if self.reference == "overall":
            yield "reference", "`overall` is not for exposure: name a group, or write best, worst, largest or pairs"
        if demand.at_least is not None and not 0 < demand.at_least <= 1:
            yield "at_least", "is a ratio of the smaller to the larger value: above 0, and at most 1"
        if demand.at_most is not None:
            yield "at_most", "demands unequal groups; a ratio is bounded by `at_least`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The groups' exposure, how many queries have items of them, and that every item has a rank."""
        yield from subject.guards(QUERIES)
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            yield from MEAN.needs(question)
            yield units_by_group(question)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """What every two groups add up to in queries, once the groups are known."""
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            for need in self._joint(subject, question, facts).values():
                yield from (need, *need.inputs)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """An estimate for every comparison; groups that cannot be compared are told apart."""
        for columns in self.by:
            question = self._question(subject, columns, alphas)
            found = list(answers_by_slice(subject, question, MEAN, MEAN.groups(question, facts)))
            judged = yield from sorted_out(found, subject.least_rows, self.min_share)
            if len(judged) < 2:
                yield Unanswered((), too_few(judged, columns))
                continue
            joint = Joint(self._joint(subject, question, facts), _queries(question, facts), facts)
            try:
                yield from (
                    _told(each) for each in findings(
                        Compared(tuple(judged), True), self.reference, replace(RATIO, pair=joint, rows_each=None)
                    )
                )  # fmt: skip
            except ValueError as refused:
                yield Unanswered((), str(refused))

    def _question(self, subject: Subject, columns: Columns, alphas: tuple[float, ...]) -> Question:
        if subject.task != "ranking":
            raise EvidenceError(
                f"exposure is for rankings, not {subject.task} candidates; restrict the rule by "
                "`when: {task: ranking}`"
            )
        rows = subject.rows(EXPOSURES)
        unit = rows.column(subject.roles["query"], "query").text
        whole = Question(rows, subject.task, subject.roles, Options(), alphas=alphas, unit=unit)
        return replace(whole, by=tuple(subject.group_term(rows, name) for name in columns))

    def _joint(self, subject: Subject, question: Question, facts: Facts) -> dict[tuple[Group, Group], UnitMoments]:
        names = tuple(term.name for term in question.by)
        known = [group for group in _queries(question, facts) if not unknown_columns(subject, names, group)]
        if len(known) > MOST_GROUPS:
            raise EvidenceError(
                f"{len(known)} groups of {', '.join(names)}: exposure is compared between at most {MOST_GROUPS}"
            )
        return {(a, b): _moments(question, a, b) for a, b in combinations(known, 2)}


@dataclass(frozen=True)
class Joint:
    """Bounds of the ratio of two groups that compete in queries."""

    needs: Mapping[tuple[Group, Group], UnitMoments]
    queries: Mapping[Group, int]
    facts: Facts

    def __call__(self, a: Estimate, b: Estimate) -> JointRatio:
        """The ratio of a's exposure to b's."""
        one, other = (tuple(value for _, value in each.where) for each in (a, b))
        turned = (one, other) not in self.needs
        need = self.needs[(other, one) if turned else (one, other)]
        totals = totals_by_group(need, self.facts)[()]
        order = (2, 3, 0, 1) if turned else (0, 1, 2, 3)
        fewest = min(self.queries[one], self.queries[other])
        first, second, third, fourth = (_total(totals, at) for at in order)
        products = [[_total(totals, i, j) for j in order] for i in order]
        return JointRatio(totals.units, fewest, (first, second, third, fourth), products)


def _exposure(question: Question) -> str:
    return quote(exposure_by(question.role("score").name))


MEAN = Mean(_exposure, usable_ranks, heavy=False)


def _queries(question: Question, facts: Facts) -> dict[Group, int]:
    """How many queries have items of each group."""
    fact: UnitCountsFact = facts[units_by_group(question)]
    return {of.group: of.units for of in fact.groups}


def _moments(question: Question, a: Group, b: Group) -> UnitMoments:
    one, other = (_members(question, group) for group in (a, b))
    values = tuple(
        f"case when {members} then {value} else cast('0.0' as double) end"
        for members in (one, other)
        for value in (_exposure(question), "cast('1.0' as double)")
    )
    return UnitMoments(
        question.rows.table, f"({one}) or ({other})", "", values, _ONE, _SUMS, (), question.unit
    )  # fmt: skip


def _members(question: Question, group: Group) -> str:
    return " and ".join(f"({term.sql}) = {literal(value or '')}" for term, value in zip(question.by, group))


def _total(totals: UnitTotals, *parts: int) -> Fraction:
    return totals.total(*(sum(at == part for part in parts) for at in range(4)))


def _told(answer: Answer) -> Answer:
    if not isinstance(answer, Estimate) or answer.no_bound_because:
        return answer
    few = "a group has items in fewer than 20 queries, or queries do not differ"
    return replace(answer, counted="items", no_bound_because=few)
