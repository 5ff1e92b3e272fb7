"""The question for the summary of a column: all columns of a table are summarised in one scan."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.questions.all_rows import AllRows, FromRow
from mlgate.evidence.questions.one_scan import OneScan


@dataclass(frozen=True)
class SummaryFact:
    """The rows with a value, the different values, the ends as text, and the sums of numbers and of their squares."""

    rows: int
    distinct: int
    lowest: str | None
    highest: str | None
    total: float | None = None
    squares: float | None = None


@dataclass(frozen=True)
class ColumnSummary(AllRows):
    """The summary of an expression; its sums are those of `number`, as doubles, if there is one.

    `exact` says whether different values are counted exactly; else their number may be off by some percent.
    """

    name = "column-summary"
    most = 50
    fact = SummaryFact
    value: str = ""
    number: str = ""
    exact: bool = True

    def join(self, scan: OneScan) -> FromRow:
        """The numbers of the summary."""
        value, number = scan.column(self.value), scan.column(f"cast({self.number or 'null'} as double)")
        distinct = f"count(distinct {value})" if self.exact else f"approx_count_distinct({value})"
        ends = f"cast(min({value}) as varchar)", f"cast(max({value}) as varchar)"
        places = [
            scan.number(sql, value, number)
            for sql in (f"count({value})", distinct, *ends, f"sum({number})", f"sum({number} * {number})")
        ]
        return lambda row: SummaryFact(*(row[place] for place in places))
