"""Compares groups: the difference or ratio of any metric, with bounds that hold whichever group looks best."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.fairness.comparison import REFERENCE, Compared, Comparison, findings
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.sampling_units import units_apart
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.metric import Better, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.units import counts_in_units
from mlgate.reading.fields import By, Number, Text, param
from mlgate.values.estimate import Answer, Claim, Estimate, LeftOut, Published, Unanswered
from mlgate.values.plan import RulePlan
from mlgate.values.verdict import columns_of
from mlgate.values.words import Words, counted


@dataclass(frozen=True, kw_only=True)
class GroupComparison(MetricRule):
    """The keys of every rule that compares groups."""

    compares_groups: ClassVar[bool] = True

    by: tuple[GroupColumns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    reference: str = param(Text(), default="best", doc=REFERENCE)
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    @property
    def judges_skill(self) -> bool:
        """Not: groups that are equally bad pass."""
        return False

    def words(self, subject: Subject) -> Words:
        """Groups, of queries or of rows."""
        return replace(super().words(subject), part="group")

    def advice_with_data(self, planned: RulePlan) -> Iterator[str]:
        """Advice that many groups need very many rows."""
        return many_groups(self.reference, planned)

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """One per grouping, and one for all rows if groups are compared with all rows."""
        for columns in (*self.by, ()) if self.reference == "overall" else self.by:
            yield self.question(subject, columns, alphas)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, and the metric's needs for every grouping."""
        kind = self.entry(subject).kind
        asked = [need for question in self.questions(subject, alphas) for need in kind.needs(question)]
        yield from self.guards(subject)
        if self._units(subject):
            overall = counts_in_units(self.question(subject, (), alphas))
            for columns in self.by:
                yield units_apart(counts_in_units(self.question(subject, columns, alphas)), overall)
        yield from asked

    def compared(
        self, subject: Subject, facts: Facts, alphas: tuple[float, ...], compare: Comparison
    ) -> Iterator[Answer]:
        """In each grouping, the groups compared with the reference. Those that cannot be compared are listed apart."""
        entry = self.entry(subject)
        everyone = self._everyone(subject, facts, alphas) if self.reference == "overall" else None
        for columns in self.by:
            question = self.question(subject, columns, alphas)
            found = list(answers_by_slice(subject, question, entry.kind, entry.kind.groups(question, facts)))
            judged = yield from sorted_out(found, subject.least_rows, self.min_share)
            if len(judged) < 2:
                yield Unanswered((), too_few(judged, columns))
                continue
            of = Compared(
                tuple(judged), entry.better is not Better.LOWER, everyone, not (question.weight or question.unit)
            )
            try:
                yield from findings(of, self.reference, compare)
            except ValueError as refused:
                yield Unanswered((), str(refused))

    def _everyone(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Estimate | None:
        """The metric over all rows; None if it is not defined there (then it is not defined in any group either)."""
        kind, question = self.entry(subject).kind, self.question(subject, (), alphas)
        stats = kind.groups(question, facts).get(())
        try:
            return None if stats is None else kind.estimate(question, stats)
        except Undefined:
            return None


MANY_GROUPS = 6


def many_groups(reference: str, planned: RulePlan) -> Iterator[str]:
    """Advice for a rule that compares so many groups that very many rows are needed to show every pair similar."""
    if reference not in ("best", "pairs") or planned.proof != "shown":
        return
    groups: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for finding in planned.findings:
        columns = columns_of(finding.where)
        values = tuple(value for name, value in finding.where if name in columns)
        groups.setdefault(columns, set()).add(values)
    most = max((len(found) + 1 for names, found in groups.items() if names), default=0)
    if most >= MANY_GROUPS:
        yield (
            f"compares {most} groups by `reference: {reference}`, so every pair must be shown to be similar. "
            "`reference: overall` needs far fewer rows; it is a different demand, each group against all rows"
        )


def sorted_out(
    found: Sequence[Answer], least: int, least_share: Fraction | None
) -> Generator[Answer, None, list[Estimate]]:
    """Yield the answers that are not compared, and return the estimates that are."""
    rows = sum(answer.rows or 0 for answer in found if not isinstance(answer, (Claim, Published)))
    judged = []
    for answer in found:
        if not isinstance(answer, Estimate):
            yield answer
        elif answer.rows < least:
            said = f"{answer.rows:,} of {counted(rows, 'row')}, fewer than min_n ({least})"
            yield LeftOut(answer.where, answer.rows, said, rows)
        elif least_share is not None and answer.rows < least_share * rows:
            share = f"min_share ({float(least_share):g})"
            said = f"{answer.rows:,} of {counted(rows, 'row')}, a smaller share than {share}"
            yield LeftOut(answer.where, answer.rows, said, rows)
        else:
            judged.append(answer)
    return judged


def too_few(judged: Sequence[Estimate], columns: GroupColumns) -> str:
    """The message that too few groups of some columns can be compared."""
    names = ", ".join(columns)
    return f"a comparison needs two groups, and {len(judged) or 'none'} of {names} can be compared"
