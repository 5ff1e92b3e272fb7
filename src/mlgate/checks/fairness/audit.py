"""fairness.audit: the table of rates and impact ratios that a law has published, with nothing demanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from mlgate.checks.base import Demand
from mlgate.checks.lint import metric_problems
from mlgate.checks.metric_rule import Columns, MetricRule
from mlgate.checks.slices import answers_by_slice, unknown_columns, where_of
from mlgate.checks.subject import Subject
from mlgate.estimate import Answer, Estimate, LeftOut, Listed, Published, Unanswered
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Need
from mlgate.fields import By, Number, Text, param
from mlgate.metrics.question import Question
from mlgate.verdict import Table, Where, where_text

Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FairnessAudit(MetricRule):
    """The published table of a bias audit: rates, impact ratios, counts and unknowns, with nothing demanded.

    ## What it does
    Measures `metric` in every group of `by` and lists each rate with its counts, its bounds, and its impact ratio: the
    rate over that of the group with the highest. Groups below `min_share` or `min_n` are listed, not compared; rows of
    an unknown group are counted. Its outcome is LISTED: it passes nothing, and a policy of audits alone asks nothing.

    ## Why it matters
    New York City's Local Law 144 has every automated employment decision tool audited each year and the impact ratios
    by sex, by race and ethnicity, and by both together published, with the numbers of applicants and of those whose
    category is not known.

    ## Example
    ```yaml
    - id: bias-audit
      check: fairness.audit
      by: [sex, race, [sex, race]]
      min_share: 0.02
    ```

    ## Notes
    The table is in the verdict; `--report tables=AUDIT.md` and `--report tables-csv=AUDIT.csv` write it. With scores in
    place of selections use `metric: scoring_rate`, the share above the sample's median. To demand a ratio, add a
    rule with `fairness.four_fifths`. A rate that is 0/0, a declared group without rows and one group alone are errors:
    what cannot be audited does not pass.

    ## References
    6 RCNY 5-300 to 5-304 (2023), New York City Local Law 144 of 2021; 29 CFR 1607.4 D (1978).
    """

    id: ClassVar[str] = "fairness.audit"
    bounded: ClassVar[bool] = False

    metric: str = param(Text(), default="selection_rate", doc="A share of rows; `selection_rate` unless told.")
    by: tuple[Columns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are listed, not compared."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"{self.quantity} and impact ratio"

    def problems(self, demand: Demand) -> Iterable[tuple[str, str]]:
        """Those of the metric."""
        return metric_problems(self.metric, self.given(), self.options())

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """One for every grouping."""
        for columns in self.by:
            yield self.question(subject, columns, alphas)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The metric's needs for every grouping, and what must be known before rows count."""
        kind = self.entry(subject).kind
        for question in self.questions(subject, alphas):
            yield from kind.needs(question)
        yield from self.guards(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Every group as it is published, and a table for every grouping."""
        self.trust(subject, facts)
        kind = self.entry(subject).kind
        for question in self.questions(subject, alphas):
            names = tuple(term.name for term in question.by)
            groups = kind.groups(question, facts)
            unknown = {group: stats for group, stats in groups.items() if unknown_columns(subject, names, group)}
            known = {group: stats for group, stats in groups.items() if group not in unknown}
            found = list(answers_by_slice(subject, question, kind, known))
            yield from (answer for answer in found if not isinstance(answer, Estimate))
            rates = [answer for answer in found if isinstance(answer, Estimate)]
            audit = _Audit(self, names, tuple(rates), _unknown(names, unknown), alphas[0], subject.least_rows)
            yield from audit.answers()


@dataclass(frozen=True)
class _Audit:
    """One grouping as it is published."""

    rule: FairnessAudit
    names: tuple[str, ...]
    rates: tuple[Estimate, ...]
    unknown: tuple[tuple[Where, int], ...]
    alpha: float
    least_rows: int

    @property
    def rows(self) -> int:
        """All rows, those of unknown groups among them."""
        return sum(rate.rows for rate in self.rates) + sum(rows for _, rows in self.unknown)

    def answers(self) -> Iterator[Answer]:
        """The groups' rates and ratios, those that are not compared, and the table."""
        compared = [rate for rate in self.rates if not self._small(rate)]
        if len(compared) < 2:
            said = f"an impact ratio takes two groups, and of {', '.join(self.names)} {len(compared) or 'none'}"
            yield Unanswered((), f"{said} can be compared")
            return
        best = max(compared, key=lambda rate: rate.value if rate.exact is None else rate.exact)
        if best.value <= 0:
            yield Unanswered((), f"the impact ratio is not defined: the highest {self.rule.quantity} is {best.value:g}")
            return
        yield from (self._listed(rate, best) for rate in self.rates)
        yield from (LeftOut(where, rows, "unknown group, counted and not compared") for where, rows in self.unknown)
        yield Published(self._table(best))

    def _small(self, rate: Estimate) -> str | None:
        """Why a group is not compared."""
        if rate.rows < self.least_rows:
            return "below min_n"
        if self.rule.min_share is not None and rate.rows < self.rule.min_share * self.rows:
            return "below min_share"
        return None

    def _listed(self, rate: Estimate, best: Estimate) -> Listed:
        counts = f" ({rate.counts})" if rate.counts else ""
        said = f"{self.rule.quantity} {rate.value:.4g}{counts}, "
        small = self._small(rate)
        compared = (
            f"{small}, not compared" if small else f"impact ratio {_ratio(rate, best):.4g} to {where_text(best.where)}"
        )
        return Listed(rate.where, rate, said + compared)

    def _table(self, best: Estimate) -> Table:
        title = f"{self.rule.quantity} by {' and '.join(self.names)}, {self.rows:,} rows"
        columns = ("rows", "of", "hits", self.rule.quantity, "lower", "upper", "impact ratio", "note")
        rows = [self._row(rate, best) for rate in self.rates]
        rows += [
            (*(value for _, value in where), str(n), "", "", "", "", "", "", "unknown group")
            for where, n in self.unknown
        ]
        return Table(title, (*self.names, *columns), tuple(rows))

    def _row(self, rate: Estimate, best: Estimate) -> Row:
        hits, _, of = (rate.counts or "").partition("/")
        ends = [_digits(bound(self.alpha)) for bound in (rate.lower, rate.upper)]
        small = self._small(rate)
        ratio = "" if small else _digits(_ratio(rate, best))
        said = small or ("highest" if rate is best else "")
        return (*(value for _, value in rate.where), str(rate.rows), of, hits, _digits(rate.value), *ends, ratio, said)


def _ratio(rate: Estimate, best: Estimate) -> float:
    if rate.exact is not None and best.exact is not None:
        return float(rate.exact / best.exact)
    return rate.value / best.value


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _unknown(names: tuple[str, ...], unknown: Mapping[Group, Any]) -> tuple[tuple[Where, int], ...]:
    return tuple(sorted((where_of(names, group), stats.rows) for group, stats in unknown.items()))
