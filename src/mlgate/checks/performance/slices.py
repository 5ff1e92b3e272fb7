"""performance.slices: where a metric is worst among slices of declared columns; with a bound, that none is too weak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.roles import known_before
from mlgate.checks.base import Check, Wrong
from mlgate.checks.metric_problems import bound_problems, metric_problems
from mlgate.checks.metric_rule import MetricRule
from mlgate.checks.performance.cutting import Cutting
from mlgate.checks.performance.listing import listed, not_searched, table, tested_table
from mlgate.checks.performance.searching import SEARCH, TEST, WHOLE, RankedSlices, Search, Slice
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.rows import Rows
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.reading.fields import Choice, Flag, Integer, ListOf, Number, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, LeftOut, Published, Unanswered

LEAST = 30
"""Rows a slice needs to be searched, unless `min_n` says otherwise."""
MOST = 10_000
"""Slices a rule may search: more say less of each, and take longer than a gate should."""


NO_METHOD = (
    "some of many slices are weak by noise alone; add `method: split` (the weakest that one half of the rows finds are "
    "judged by the other half) or `method: bonferroni` (every slice searched is judged)"
)


@dataclass(frozen=True, kw_only=True)
class PerformanceSlices(MetricRule, Check):
    """Searches slices of declared columns for where a metric is worst; with a bound, none may be too weak.

    ## What it does
    Cuts every column of `columns` into slices: its values, or `quantiles` bins of equal rows where it holds numbers;
    rows without a value are a slice of their own. With `pairs` every two columns are intersected too. `metric` is
    measured in all of them, in the scans of the other rules, and each slice is held against the rest of the rows.

    Without a bound the slices that are most surely weaker are listed by Benjamini and Hochberg's adjusted p value and
    published as a table; nothing is demanded. With a bound, `method` says what is judged:

    - `bonferroni`: every slice that was searched. PASS shows that each of them meets the bound, whichever is the
      weakest; FAIL refutes at least one, allowing by Holm's correction for all that were searched.
    - `split`: the rows are halved by a hash of their id. The `list` weakest slices of one half are judged by the other,
      which had no part in choosing them. PASS shows the bound for those slices, and says nothing of the others.

    ## Why it matters
    An average hides the group for which the model does not work, and `by` finds only the groups somebody thought of.
    But of a hundred slices some are weak by noise alone: what a search found cannot be judged by the rows it was found
    in, as if somebody had named it beforehand.

    ## Example
    ```yaml
    - id: weak-spots
      check: performance.slices
      metric: recall
      columns: [sex, age, region]
      pairs: true
    - id: no-weak-spot
      check: performance.slices
      metric: recall
      columns: [sex, age, region]
      at_least: 0.5
      method: bonferroni
      proof: unrefuted
    ```

    ## Notes
    Which `method`? Under `proof: shown` every judged slice must have rows enough to show its bound: few hundreds of
    slices do, so `split`, which judges few, with more rows to spare than `bonferroni` for each. Under `unrefuted`
    both block only where a slice is certainly too weak; `bonferroni` then sees all rows, and `split` a half. The
    observed value decides nothing here, so `proof: estimate` is refused with a bound.

    Slices with fewer rows than `min_n` (30 if it is left out) or `min_share`, and those where the metric is 0/0, are
    not searched; how many is said, and that they are outside every guarantee. A column without two slices, or none of
    whose slices can be searched, is an error: there is nothing to find in it. So is one that tells the outcome: the
    label, a prediction or a score. Whole numbers within ten steps are cut by value; text that reads as numbers is cut
    into bins like these; bands of the policy's `derive` and declared `groups` stay as they are. A column of more than
    1,000 values with enough rows is an error.

    Of two columns together a slice is listed, or chosen by `split`, only where it is more surely weak than its two
    columns alone. Adjusted p values only order and list: Fisher's exact test for shares, else a normal approximation
    from the bounds of slice and rest; metrics that are no sums over rows (ROC AUC, quantiles) are held against all
    rows, as if the two were independent, which makes the p value larger. Where neither direction is better, a
    slice is listed for being different.

    ## References
    Benjamini & Hochberg 1995; Holm 1979; Chung et al. 2019 (Slice Finder); Cox 1975 (splitting the data).
    """

    id: ClassVar[str] = "performance.slices"
    bounded: ClassVar[bool] = True
    searching: ClassVar[bool] = True

    columns: tuple[str, ...] = param(
        ListOf(Text(), unique=True), doc="The columns to search, or bands of the policy's `derive`."
    )
    quantiles: int = param(Integer(min=2, max=20), default=4, doc="Bins of a column of numbers; 4 unless told.")
    pairs: bool = param(Flag(), default=False, doc="Whether every two columns are intersected too.")
    list_: int = param(
        Integer(min=1, max=1000),
        default=10,
        key="list",
        doc="How many of the weakest are listed, or chosen by `split`; 10 unless told.",
    )
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Slices with a smaller share of the rows are not searched."
    )
    method: str | None = param(
        Choice("split", "bonferroni"),
        default=None,
        doc="With a bound: judge what one half of the rows found by the other half, or all slices at once.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return self.quantity

    @property
    def assumed_as(self) -> tuple[str, ...]:
        """Its metric's name."""
        return (self.metric,)

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Those of the metric and its bound, and a bound without a method or the other way round."""
        yield from metric_problems(self.metric, self.given(), self.options())
        if self.pairs and len(self.columns) < 2:
            yield "pairs", "takes two columns, and `columns` names one"
        if demand.empty:
            if self.method is not None:
                yield "method", f"`{self.method}` says how a bound is judged, and there is none; add one or remove it"
            return
        yield from bound_problems(self.metric, demand, self.options())
        if self.method is None:
            yield "at_least" if demand.at_least is not None else "at_most", NO_METHOD

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """What the columns hold, and what must be known before rows count."""
        cutting = self._cutting(subject, alphas)
        asked: list[Need] = []
        for name in self.columns:
            self._tells_nothing_of_the_outcome(subject, name)
            asked += cutting.first(name)
        if self.method == "split":
            self._halves(subject, alphas)
        return (*self.guards(subject), *asked)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """How the columns are cut, and then the metric's needs for every slice."""
        cutting = self._cutting(subject, alphas)
        more = [need for name in self.columns for need in cutting.then(name, facts)]
        yield from more
        if all(need in facts for need in more):
            yield from self._search(subject, facts, alphas).needs(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The weakest slices listed; with a bound, an estimate for every slice that is judged."""
        search = self._search(subject, facts, alphas)
        least = subject.least_rows or LEAST
        searched = search.slices(facts, least, self.min_share or Fraction(0))
        slices = searched.slices
        for name, only in searched.tally.alone.items():
            yield Unanswered((), _nothing_in(name, only, least))
        if not slices:
            yield Unanswered((), "no slice could be searched: each has too few rows, or no defined metric")
            return
        if len(slices) > MOST:
            raise EvidenceError(f"{len(slices):,} slices are to be searched, of at most {MOST:,}; name fewer columns")
        yield from not_searched(searched.tally, self._little(least))
        ranked = RankedSlices(searched, search.parts[0], search.better, alphas[0])
        if self.method == "split":
            yield from self._tested(ranked)
            return
        weakest = ranked.listed(self.list_)
        yield Published(table(self.quantity, ranked, weakest))
        if self.method == "bonferroni":
            told = {each.where for each in weakest}
            for each in slices:
                among = each.where in told
                yield each.judged(WHOLE, searched.against) if among else each.judged_among_many(WHOLE)
        else:
            yield from (listed(self.quantity, each, ranked) for each in weakest)

    def _tested(self, ranked: RankedSlices) -> Iterator[Answer]:
        """The weakest slices of one half, as the other half sees them."""
        chosen: Sequence[Slice] = ranked.weakest(self.list_)
        yield Published(tested_table(self.quantity, ranked, chosen))
        others = len(ranked.of.slices) - len(chosen)
        if others:
            yield LeftOut(
                (),
                None,
                f"{len(ranked.of.slices):,} slices were searched in one half of the rows, and the {len(chosen)} "
                f"weakest judged by the other; the other {others} are not judged",
            )
        yield from (each.judged(TEST, ranked.of.against) for each in chosen)

    def _little(self, least: int) -> str:
        """What a slice has that is too small, in words."""
        share = f" or a smaller share than {float(self.min_share):g}" if self.min_share is not None else ""
        return f"fewer than {least:,} rows{share}{' in a half' if self.method == 'split' else ''}"

    def _cutting(self, subject: Subject, alphas: tuple[float, ...]) -> Cutting:
        whole = self.question(subject, (), alphas)
        least = subject.least_rows or LEAST
        return Cutting(
            subject, whole.rows, whole.where, whole.count, self.quantiles, least, self.min_share or Fraction(0)
        )

    def _search(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Search:
        cutting, entry = self._cutting(subject, alphas), self.entry(subject)
        return Search(
            entry.kind,
            self.question(subject, (), alphas),
            tuple(cutting.cut(name, facts) for name in self.columns),
            self.pairs,
            self._halves(subject, alphas) if self.method == "split" else None,
            entry.better,
        )

    def _halves(self, subject: Subject, alphas: tuple[float, ...]) -> Term:
        """Which half a row, and every row of its unit, belongs to, by a hash that every engine has."""
        whole = self.question(subject, (), alphas)
        if whole.count:
            raise EvidenceError(
                "`method: split` halves rows, and here a row stands for `count` of them that are alike, whose outcome "
                "it tells; write `method: bonferroni`"
            )
        # The salt keeps the halves apart from whatever else was chosen by a hash of the same id.
        salted = " || ' ' || ".join(("'mlgate slices'", whole.unit or self._identity(subject, whole.rows)))
        return Term("half", f"case when md5({salted}) < '8' then '{SEARCH[0]}' else '{TEST[0]}' end")

    def _identity(self, subject: Subject, rows: Rows) -> str:
        """A row's id as SQL. Raises EvidenceError where it has none, or lost it as units were rolled up."""
        if rows.table == QUERIES:
            return rows.column(subject.roles["query"], "query").text
        key = subject.keys.get(self.source)
        names = () if key is None else key.right_columns if key.right else key.columns
        if not names or any(name not in rows.kinds for name in names):
            lost = f"the rows judged have no `{', '.join(names)}` any more" if names else "there is none"
            at = "" if names else f"add `id:` to `predictions`, or `key:` to the table `{self.source}`, or "
            raise EvidenceError(
                f"`method: split` halves the rows by a hash of their id, and {lost}: {at}write `method: bonferroni`"
            )
        return " || ' ' || ".join(rows.column(name, "id").text for name in names)

    def _tells_nothing_of_the_outcome(self, subject: Subject, name: str) -> None:
        """Raise EvidenceError for a column, or a band cut from one, that the metric itself is made of."""
        derived = subject.derive.get(name)
        column = derived.column if derived else name
        roles = dict(subject.scores) | dict(subject.roles) if self.source == "predictions" else {}
        used = {of: f"the {role} column" for role, of in roles.items() if not known_before(role)}
        used |= {self.column: "what is measured"} if self.column else {}
        if column in used:
            raise EvidenceError(
                f"`{name}` of `columns` is {used[column]}: slices by it are chosen by the outcome; name columns that "
                "are known before the model is asked"
            )


def _nothing_in(name: str, only: str, least: int) -> str:
    if only:
        return f"column `{name}` has one slice only, {name}={only}: there is nothing to find in it; name other columns"
    return (
        f"no slice of column `{name}` has {least:,} rows and a defined metric: nothing was searched in it; derive "
        "bands, lower min_n, or name other columns"
    )
