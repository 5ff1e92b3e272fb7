"""performance.slices: the slices of declared columns in which a metric is worst; with a bound, none may be too weak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS, id_key
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
from mlgate.values.words import are, counted

LEAST = 30
"""The rows that a slice needs to be searched, unless `min_n` says otherwise."""
MOST = 10_000
"""The most slices that a rule may search. With more, each is known less well and the gate takes too long."""


NO_METHOD = (
    "needs a `method`, because some of many slices are weak by noise alone: `split` (one half of the rows finds the "
    "weakest slices, the other half judges them) or `bonferroni` (judges every slice searched)"
)


@dataclass(frozen=True, kw_only=True)
class PerformanceSlices(MetricRule, Check):
    """Searches slices of declared columns for those in which a metric is worst; with a bound, none may be too weak.

    ## What it does
    Cuts every column of `columns` into slices: its values or, for numbers, `quantiles` bins of equal rows. Rows without
    a value are a slice too. With `pairs`, every two columns are also intersected. `metric` is measured in every slice,
    in the same scans as the other rules, and each slice is compared with the rest of the rows.

    Without a bound nothing is demanded: the slices with the strongest evidence of being weaker, by the
    Benjamini-Hochberg adjusted p value, are listed and published as a table. With a bound, `method` says what is
    judged:

    - `bonferroni`: every slice that was searched. PASS shows that each of them meets the bound. FAIL refutes at least
      one, after Holm's correction for all slices that were searched.
    - `split`: the rows are halved by a hash of their id. One half chooses the `list` weakest slices, and the other half
      judges them. PASS shows the bound for these slices and says nothing about the others.

    ## Why it matters
    An average hides the group for which the model does not work, and `by` finds only the groups that somebody thought
    of. But of a hundred slices some are weak by noise alone. So the rows in which a search found a slice cannot judge
    it as if somebody had named it beforehand.

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
    Which `method`? Under `proof: shown`, every judged slice needs enough rows to show its bound, which hundreds of
    slices rarely have: use `split`, which judges few. Under `proof: unrefuted`, both block only if a slice is
    certainly too weak: use `bonferroni`, which sees all rows where `split` judges by half of them. `proof: estimate`
    is refused with a bound, because the lowest of many observed values is low by noise alone.

    Slices with fewer rows than `min_n` (30 by default) or a smaller share than `min_share`, and slices in which the
    metric is 0/0, are not searched: the report counts them, and nothing is guaranteed about them. `at_most_left_out`
    bounds their rows: of each column, those that are in no searched slice. A column is an error if it has fewer than
    two slices, if none of its slices can be searched, or if it is the label, a prediction or a score. Numbers are
    cut by value if at most 20 are distinct, else into bins; text that reads as numbers is treated alike.
    Bands of the policy's `derive` and declared `groups` stay as they are. A column with more than 1,000 values that
    have enough rows is an error.

    An intersection of two columns is listed, or chosen by `split`, only if the evidence against it is stronger than
    against the slice of either column alone. Adjusted p values only order and list. They come from Fisher's exact test
    for shares, else from a normal approximation to the bounds of slice and rest. Metrics that are not sums over rows
    (ROC AUC, quantiles) are compared with all rows as if the two were independent, which makes the p value larger. For
    a metric of which neither direction is better, a slice is listed for being different.

    ## References
    Benjamini & Hochberg 1995; Holm 1979; Chung et al. 2019 (Slice Finder); Cox 1975 (splitting the data).
    """

    id: ClassVar[str] = "performance.slices"
    also_called: ClassVar[tuple[str, ...]] = ("slice_finder", "weak_slices", "weak_segments")
    bounded: ClassVar[bool] = True
    searching: ClassVar[bool] = True
    left_out_keys: ClassVar[tuple[str, ...]] = ("at_most_left_out",)

    columns: tuple[str, ...] = param(
        ListOf(Text(), unique=True), doc="The columns to search, or bands of the policy's `derive`."
    )
    quantiles: int = param(Integer(min=2, max=20), default=4, doc="Bins per column of numbers; 4 by default.")
    pairs: bool = param(Flag(), default=False, doc="Whether every two columns are also intersected.")
    list_: int = param(
        Integer(min=1, max=1000),
        default=10,
        key="list",
        doc="How many of the weakest slices are listed, or chosen by `split`; 10 by default.",
    )
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Slices with a smaller share of the rows are not searched."
    )
    method: str | None = param(
        Choice("split", "bonferroni"),
        default=None,
        doc="Required with a bound: one half of the rows finds slices and the other judges them, or all are judged.",
    )

    @property
    def searched(self) -> tuple[str, ...]:
        """The columns that it cuts into slices."""
        return self.columns

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the metric or its bound, a bound without a method, and a method without a bound."""
        yield from metric_problems(self.metric, self.given(), self.options())
        if self.pairs and len(self.columns) < 2:
            yield "pairs", "requires two columns, and `columns` names only one"
        if demand.empty:
            if self.method is not None:
                yield "method", f"`{self.method}` says how a bound is judged, but the rule has no bound; add one"
            return
        yield from bound_problems(self.metric, demand, self.options())
        if self.method is None:
            yield "at_least" if demand.at_least is not None else "at_most", NO_METHOD

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The guards, and what the columns hold."""
        cutting = self._cutting(subject, alphas)
        asked: list[Need] = []
        for name in self.columns:
            self._tells_nothing_of_the_outcome(subject, name)
            asked += cutting.first(name)
        if self.method == "split":
            self._halves(subject, alphas)
        return (*self.guards(subject), *asked)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """How to cut the columns, and then the metric's needs for every slice."""
        cutting = self._cutting(subject, alphas)
        more = [need for name in self.columns for need in cutting.then(name, facts)]
        yield from more
        if all(need in facts for need in more):
            yield from self._search(subject, facts, alphas).needs(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The weakest slices; with a bound, one estimate per judged slice."""
        search = self._search(subject, facts, alphas)
        least = subject.least_rows or LEAST
        searched = search.slices(facts, least, self.min_share or Fraction(0))
        slices = searched.slices
        for name, only in searched.tally.alone.items():
            yield Unanswered((), _nothing_in(name, only, least))
        if not slices:
            yield Unanswered((), "no slice could be searched: each has too few rows or no defined metric")
            return
        if len(slices) > MOST:
            raise EvidenceError(f"the columns have {len(slices):,} slices, of at most {MOST:,} allowed; name fewer")
        yield from not_searched(searched.tally, self._little(least))
        ranked = RankedSlices(searched, search.parts[0], search.metric.better, alphas[0])
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
        """The weakest slices of one half, judged by the other half."""
        chosen: Sequence[Slice] = ranked.weakest(self.list_)
        yield Published(tested_table(self.quantity, ranked, chosen))
        others = len(ranked.of.slices) - len(chosen)
        if others:
            yield LeftOut(
                (),
                None,
                f"one half of the rows searched {counted(len(ranked.of.slices), 'slice')}, and the other half judged "
                f"the {len(chosen)} weakest; the remaining {others} {are(others)} not judged",
                shares=(),
            )
        yield from (each.judged(TEST, ranked.of.against) for each in chosen)

    def _little(self, least: int) -> str:
        """How small a slice is that is not searched, in words."""
        share = f" or a smaller share than {float(self.min_share):g}" if self.min_share is not None else ""
        return f"fewer than {counted(least, 'row')}{share}{' in a half' if self.method == 'split' else ''}"

    def _cutting(self, subject: Subject, alphas: tuple[float, ...]) -> Cutting:
        whole = self.question(subject, (), alphas)
        least = subject.least_rows or LEAST
        return Cutting(
            subject, whole.rows, whole.where, whole.count, self.quantiles, least, self.min_share or Fraction(0)
        )

    def _search(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Search:
        cutting, entry = self._cutting(subject, alphas), self.entry(subject)
        return Search(
            entry,
            self.question(subject, (), alphas),
            tuple(cutting.cut(name, facts) for name in self.columns),
            self.pairs,
            self._halves(subject, alphas) if self.method == "split" else None,
        )

    def _halves(self, subject: Subject, alphas: tuple[float, ...]) -> Term:
        """The half that a row belongs to, with all rows of its unit, by a hash that every engine has."""
        whole = self.question(subject, (), alphas)
        if whole.count:
            raise EvidenceError(
                "`method: split` halves single rows, and here one row represents `count` equal ones; write "
                "`method: bonferroni`"
            )
        # The salt makes the halves independent of anything else chosen by a hash of the same id.
        salted = " || ' ' || ".join(("'mlgate slices'", whole.unit or self._identity(subject, whole.rows)))
        return Term("half", f"case when md5({salted}) < '8' then '{SEARCH[0]}' else '{TEST[0]}' end")

    def _identity(self, subject: Subject, rows: Rows) -> str:
        """A row's id as SQL. Raises EvidenceError if it has none, lost it when units were rolled up, or has no such
        column."""
        if rows.table == QUERIES:
            return rows.column(subject.roles["query"], "query", "predictions.query").text
        key = subject.keys.get(self.source)
        names = () if key is None else key.right_columns if key.right else key.columns
        if not names or (subject.rolled_up(self.source) and any(name not in rows.kinds for name in names)):
            lost = f"rolled-up units have no `{', '.join(names)}`" if names else "the rows have no id"
            at = "" if names else f"add `id:` to `predictions`, or `key:` to the table `{self.source}`, or "
            raise EvidenceError(
                f"`method: split` halves the rows by a hash of their id, and {lost}; {at}write `method: bonferroni`"
            )
        return " || ' ' || ".join(rows.column(name, "id", id_key(self.source)).text for name in names)

    def _tells_nothing_of_the_outcome(self, subject: Subject, name: str) -> None:
        """Raise EvidenceError for a column, or a band of one, from which the metric itself is computed."""
        derived = subject.derive.get(name)
        column = derived.column if derived else name
        roles = dict(subject.scores) | dict(subject.roles) if self.source == PREDICTIONS else {}
        used = {of: f"the {role} column" for role, of in roles.items() if not known_before(role)}
        used |= {self.column: "what is measured"} if self.column else {}
        if column in used:
            raise EvidenceError(
                f"`{name}` of `columns` is {used[column]}, so its slices would be chosen by the outcome; name columns "
                "that are known before the model predicts"
            )


def _nothing_in(name: str, only: str, least: int) -> str:
    if only:
        return f"column `{name}` has only one slice, {name}={only}, so there is nothing to search; remove it"
    return (
        f"no slice of column `{name}` has {counted(least, 'row')} and a defined metric, so nothing was searched; "
        "derive bands, lower min_n, or remove the column"
    )
