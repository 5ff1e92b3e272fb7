"""Draws an interval in one line of text, with the estimate on it and marks for the bounds of the demand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlgate.values.numbers import number
from mlgate.values.verdict import Finding, Outcome

MARK, CROSSED, DOT = "┃", "╂", "●"


@dataclass(frozen=True)
class BarScale:
    """A scale for values from `low` to `high` on `width` cells."""

    low: float
    high: float
    width: int

    def cell(self, value: float) -> int:
        """The cell of a value. A value outside the scale gets the nearest end."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * (self.width - 1))


def marks(outcome: Outcome) -> tuple[float, ...]:
    """The bounds of the demand, to be drawn as marks."""
    return tuple(bound for bound in (outcome.at_least, outcome.at_most) if bound is not None)


def scale_for(findings: Iterable[Finding], bounds: Sequence[float], width: int) -> BarScale | None:
    """A scale that fits all findings and bounds; None if there is nothing to draw."""
    values = [v for f in findings for v in (f.lower, f.value, f.upper) if v is not None]
    if not values:
        return None
    low, high = min((*values, *bounds)), max((*values, *bounds))
    margin = (high - low) * 0.04 or abs(low) * 0.1 or 1.0
    scale = BarScale(low - margin, high + margin, width)
    return scale if 0 < scale.high - scale.low < math.inf else None


def bar(finding: Finding, bounds: Iterable[float], scale: BarScale) -> str:
    """One finding on the scale. A side without a bound has no line."""
    cells = [" "] * scale.width
    for bound in bounds:
        cells[scale.cell(bound)] = MARK
    if finding.value is None:
        return "".join(cells)
    at = scale.cell(finding.value)
    for end, tip, inward in ((finding.lower, "├", 1), (finding.upper, "┤", -1)):
        if end is not None:
            _line(cells, scale.cell(end), at, tip, inward)
    cells[at] = DOT
    return "".join(cells)


def _line(cells: list[str], end: int, at: int, tip: str, inward: int) -> None:
    for cell in range(end, at, inward):
        cells[cell] = CROSSED if cells[cell] == MARK else tip if cell == end else "─"


def ruler(bounds: Sequence[float], scale: BarScale) -> str:
    """The line above the bars with the numbers of the marks, where there is room."""
    line = [" "] * scale.width
    for bound in bounds:
        label = number(bound)
        start = min(max(scale.cell(bound) - len(label) // 2, 0), max(scale.width - len(label), 0))
        if all(cell == " " for cell in line[max(start - 1, 0) : start + len(label) + 1]):
            line[start : start + len(label)] = label
    return "".join(line)[: scale.width].rstrip()
