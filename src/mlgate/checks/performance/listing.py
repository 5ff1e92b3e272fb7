"""What a search of slices reports: the weakest slices as lines and as a table, and what was not searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgate.checks.performance.searching import TEST, NotSearched, RankedSlices, Slice, Split
from mlgate.values.estimate import Estimate, LeftOut, Listed
from mlgate.values.numbers import number, span
from mlgate.values.verdict import Table, where_text
from mlgate.values.words import counted

NOT_THERE = ""


def listed(quantity: str, each: Slice, ranked: RankedSlices) -> Listed:
    """One weak slice as one line."""
    found, adjusted = each.found[ranked.part], ranked.adjusted.get(each.where)
    said = f"{quantity} {number(found.value, 1)} ({span(*_ends(found, ranked.alpha), 1) or 'no bounds'})"
    if ranked.part in each.rest:
        said += f" against {number(each.rest[ranked.part].value, 1)} in {ranked.of.against}"
    said += f" for {where_text(each.where)}, {counted(found.rows, 'row')}"
    return Listed(each.where, found, said + (f"; adjusted p {p_value(adjusted)}" if adjusted is not None else ""))


def table(quantity: str, ranked: RankedSlices, slices: Iterable[Slice]) -> Table:
    """The table of the weakest slices, each with what it is compared with."""
    columns = ("slice", "rows", quantity, *_bounds(ranked), ranked.of.against, "adjusted p")
    rows = tuple(_row(each, ranked) for each in slices)
    return Table(f"Weakest of {counted(len(ranked.of.slices), 'slice')} searched", columns, rows)


def tested_table(quantity: str, ranked: RankedSlices, slices: Iterable[Slice]) -> Table:
    """The table of the weakest slices: their values in the half that found them and in the half that judges them."""
    columns = ("slice", "rows searched", f"{quantity} there", "rows judged", quantity, *_bounds(ranked))
    rows = tuple((*_cells(each, ranked.part), *_cells(each, TEST)[1:], *_tested(each, ranked)) for each in slices)
    return Table(
        f"Weakest of {counted(len(ranked.of.slices), 'slice')} searched in one half, judged by the other", columns, rows
    )


def not_searched(tally: NotSearched, little: str) -> Iterator[LeftOut]:
    """How many slices were not searched, and why."""
    parts = []
    if tally.few:
        parts.append(f"{counted(tally.few, 'slice')} with {little}")
    if tally.undefined:
        parts.append(f"{counted(tally.undefined, 'slice')} where the metric is not defined (0/0)")
    if parts:
        largest = f", of at most {counted(tally.largest, 'row')} each," if tally.largest else ""
        said = f"not searched, so nothing is known of {' and '.join(parts)}{largest}".rstrip(",")
        yield LeftOut((), None, said, shares=tuple(tally.shares))


def p_value(p: float) -> str:
    """A p value to two digits, or `<0.0001`."""
    return "<0.0001" if p < 0.0001 else f"{p:.2g}"


def _row(each: Slice, ranked: RankedSlices) -> tuple[str, ...]:
    rest, adjusted = each.rest.get(ranked.part), ranked.adjusted.get(each.where)
    against = NOT_THERE if rest is None else number(rest.value, 1)
    ends = _bounded(each.found[ranked.part], ranked)
    return (*_cells(each, ranked.part), *ends, against, NOT_THERE if adjusted is None else p_value(adjusted))


def _cells(each: Slice, part: Split) -> tuple[str, str, str]:
    found = each.found[part]
    return where_text(each.where), str(found.rows), number(found.value, 1)


def _tested(each: Slice, ranked: RankedSlices) -> tuple[str, ...]:
    return _bounded(each.found[TEST], ranked)


def _bounds(ranked: RankedSlices) -> tuple[str, str]:
    """The heads of the columns with both one-sided bounds."""
    percent = f"{100 * (1 - ranked.alpha):g} %"
    return f"{percent} lower", f"{percent} upper"


def _bounded(found: Estimate, ranked: RankedSlices) -> tuple[str, ...]:
    return tuple(NOT_THERE if end is None else number(end, 1) for end in _ends(found, ranked.alpha))


def _ends(found: Estimate, alpha: float) -> tuple[float | None, float | None]:
    return found.lower(alpha), found.upper(alpha)
