"""fairness.audit: the table of rates and impact ratios that a law requires to be published. It demands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice, unknown_columns, where_of
from mlgate.checks.metric_problems import metric_problems
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.policy_groups import GroupSpec
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.kinds.above_median import AboveMedian
from mlgate.metrics.kinds.one_label import OneLabel
from mlgate.metrics.kinds.share import ITSELF, HitShare, Share
from mlgate.metrics.metric import Kind
from mlgate.metrics.question import Question
from mlgate.metrics.registry import choose, entries
from mlgate.reading.fields import By, Number, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate, LeftOut, Listed, Published, Unanswered
from mlgate.values.verdict import Table, Where, where_text
from mlgate.values.words import Words, counted

TableRow = tuple[str, ...]
UNKNOWN_NOTE = "unknown group"
UNKNOWN = f"{UNKNOWN_NOTE}, counted but not compared"


@dataclass(frozen=True, kw_only=True)
class FairnessAudit(MetricRule, Check):
    """The published table of a bias audit: rates, impact ratios, counts and unknowns. It demands nothing.

    ## What it does
    Measures `metric` in every group of `by`. Lists each rate with its counts, its bounds and its impact ratio: the rate
    divided by the highest rate of a group. Groups below `min_share` or `min_n` are listed but not compared. Rows of an
    unknown group are counted. The outcome is LISTED, which is not a pass: a policy with only audits demands nothing.

    ## Why it matters
    New York City's Local Law 144 requires a yearly audit of every automated employment decision tool. The impact ratios
    by sex, by race and ethnicity, and by both together must be published, with the numbers of applicants and of those
    whose category is not known.

    ## Example
    ```yaml
    - id: bias-audit
      check: fairness.audit
      by: [sex, race, [sex, race]]
      min_share: 0.02
    ```

    ## Notes
    The table is in the verdict; `--report tables=AUDIT.md` and `--report csv=AUDIT.csv` write it. For scores instead of
    selections use `metric: scoring_rate`, the share above the sample's median. To demand a ratio, add a rule with
    `fairness.four_fifths`. A rate that is 0/0, a declared group without rows, a single group and rates that are all 0
    are errors: they block, and the table is published with them. Rows whose group is missing or not declared are
    counted as unknown and are not an error, whatever `groups:` says; with `unknown: own_group` they form one group.

    ## References
    6 RCNY 5-300 to 5-304 (2023), New York City Local Law 144 of 2021; 29 CFR 1607.4 D (1978).
    """

    id: ClassVar[str] = "fairness.audit"
    also_called: ClassVar[tuple[str, ...]] = ("bias_audit", "local_law_144")
    bounded: ClassVar[bool] = False
    left_out_keys: ClassVar[tuple[str, ...]] = ("at_most_unknown",)

    metric: str = param(Text(), default="selection_rate", doc="A share of rows; `selection_rate` by default.")
    by: tuple[GroupColumns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    min_share: Fraction | None = param(
        Number(above=0, below=1),
        default=None,
        doc="Groups with a smaller share of the rows are listed but not compared.",
    )

    def words(self, subject: Subject) -> Words:
        """Groups, of queries or of rows."""
        return replace(super().words(subject), part="group")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the metric, and a metric that is not a share of rows."""
        yield from metric_problems(self.metric, self.given(), self.options())
        found = entries(self.metric)
        if found and not any(_is_share(metric.kind) for metric in found):
            yield "metric", f"{self.metric} is not a share of rows, and an audit requires one; name another metric"

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """One per grouping."""
        for columns in self.by:
            yield self.question(subject, columns, alphas)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards, and the metric's needs for every grouping."""
        kind = self.entry(subject).kind
        if not _is_share(choose(self.metric, subject.task, self.options()).kind):
            said = f"{self.quantity} of {subject.described} is not a share of rows"
            raise EvidenceError(f"{said}, and an audit requires one")
        asked = [need for question in self.questions(subject, alphas) for need in kind.needs(question)]
        yield from (*self.guards(subject), *asked)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Every group as published, and one table per grouping, even if something in it is wrong."""
        kind = self.entry(subject).kind
        for question in self.questions(subject, alphas):
            names = tuple(term.name for term in question.by)
            groups = kind.groups(question, facts)
            unknown = frozenset(where_of(names, group) for group in groups if unknown_columns(subject, names, group))
            found = answers_by_slice(_reporting(subject, names), question, kind, groups)
            yield from _Audit(self, names, tuple(found), unknown, alphas[0], subject.least_rows).answers()


def _reporting(subject: Subject, names: tuple[str, ...]) -> Subject:
    """The subject with rows of unknown groups counted instead of blocking: an audit does not compare them."""
    specs = {name: subject.groups.get(name, GroupSpec()) for name in names}
    counted = {name: replace(spec, unknown="report") for name, spec in specs.items() if spec.unknown == "block"}
    return replace(subject, groups={**subject.groups, **counted})


def _is_share(kind: Kind) -> bool:
    if isinstance(kind, OneLabel):
        return _is_share(kind.kind)
    return isinstance(kind, (HitShare, AboveMedian)) or (isinstance(kind, Share) and kind.scale == ITSELF)


@dataclass(frozen=True)
class _Audit:
    """One grouping as it is published."""

    rule: FairnessAudit
    names: tuple[str, ...]
    found: tuple[Answer, ...]
    unknown: frozenset[Where]
    alpha: float
    least_rows: int

    @property
    def rates(self) -> list[Estimate]:
        """The rates of known groups."""
        return [answer for answer in self.found if isinstance(answer, Estimate)]

    @property
    def others(self) -> list[LeftOut | Unanswered]:
        """Groups without a rate; unknown groups come last."""
        others = [answer for answer in self.found if isinstance(answer, (LeftOut, Unanswered))]
        named = [replace(other, said=UNKNOWN) if other.where in self.unknown else other for other in others]
        return sorted(named, key=lambda other: other.where in self.unknown)

    @cached_property
    def rows(self) -> int:
        """The number of rows, including those of unknown groups."""
        return sum(answer.rows or 0 for answer in (*self.rates, *self.others))

    def answers(self) -> Iterator[Answer]:
        """The groups' rates and ratios, the groups that are not compared, and the table."""
        compared = [rate for rate in self.rates if not self._small(rate)]
        best = max(compared, key=lambda rate: rate.value if rate.exact is None else rate.exact, default=None)
        if best is None or len(compared) < 2:
            said = f"an impact ratio needs two groups, and {len(compared) or 'none'} of {', '.join(self.names)}"
            yield Unanswered((), f"{said} can be compared")
            best = None
        elif best.value <= 0:
            yield Unanswered((), f"the impact ratio is not defined: the highest {self.rule.quantity} is {best.value:g}")
            best = None
        yield from (self._listed(rate, best) for rate in self.rates)
        yield from self.others
        yield Published(self._table(best))

    def _small(self, rate: Estimate) -> str | None:
        """Why a group is too small to be compared; None if it is not."""
        if rate.rows < self.least_rows:
            return "below min_n"
        if self.rule.min_share is not None and rate.rows < self.rule.min_share * self.rows:
            return "below min_share"
        return None

    def _listed(self, rate: Estimate, best: Estimate | None) -> Listed:
        counts = f" ({rate.counts})" if rate.counts else ""
        small = self._small(rate)
        if small or best is None:
            compared = f"{small}, not compared" if small else "no impact ratio"
        else:
            compared = f"impact ratio {_ratio(rate, best):.4g} to {where_text(best.where)}"
        return Listed(rate.where, rate, f"{self.rule.quantity} {rate.value:.4g}{counts}, {compared}")

    def _table(self, best: Estimate | None) -> Table:
        unknown = sum(other.rows or 0 for other in self.others if other.where in self.unknown)
        named = f"{self.rule.quantity} by {' and '.join(self.names)}"
        title = f"{named}, {counted(self.rows, 'row')}, {unknown:,} of an unknown group"
        columns = ("rows", "of", "hits", self.rule.quantity, "lower", "upper", "impact ratio", "note")
        rows = [*(self._row(rate, best) for rate in self.rates), *map(self._without, self.others)]
        return Table(title, (*self.names, *columns), tuple(rows), len(self.names))

    def _row(self, rate: Estimate, best: Estimate | None) -> TableRow:
        hits, _, of = (rate.counts or "").partition("/")
        ends = [_digits(bound(self.alpha)) for bound in (rate.lower, rate.upper)]
        small = self._small(rate)
        ratio = "" if small or best is None else _digits(_ratio(rate, best))
        said = small or ("highest" if rate is best else "")
        return (*self._values(rate.where), str(rate.rows), of, hits, _digits(rate.value), *ends, ratio, said)

    def _without(self, other: LeftOut | Unanswered) -> TableRow:
        """The table row of a group without a rate."""
        note = UNKNOWN_NOTE if other.where in self.unknown else re.split("[:;]", other.said)[0]
        return (*self._values(other.where), str(other.rows or 0), "", "", "", "", "", "", note)

    def _values(self, where: Where) -> TableRow:
        named = dict(where)
        return tuple(named.get(name, "") for name in self.names)


def _ratio(rate: Estimate, best: Estimate) -> float:
    if rate.exact is not None and best.exact is not None:
        return float(rate.exact / best.exact)
    return rate.value / best.value


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
