"""A finding as a dot with its interval, beside the demand: one row of a table, on an axis that all its rows share."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mlgate.reports.bars import BarScale, marks, scale_for
from mlgate.reports.web.escaped import element, joined
from mlgate.values.numbers import number
from mlgate.values.verdict import Finding, Outcome

WIDE, _HIGH, _MIDDLE, _DOT, _TIP = 260, 24, 12, 5, 5


def axis(outcome: Outcome, findings: Sequence[Finding]) -> BarScale | None:
    """The axis of a rule's findings; None where they have demands of their own, or nothing was measured."""
    if any(finding.own for finding in findings):
        return None
    return scale_for(findings, marks(outcome), WIDE)


def interval_drawing(outcome: Outcome, finding: Finding, scale: BarScale) -> Markup:
    """The estimate and its bounds. What the demand does not allow is shaded; the numbers stand beside the drawing."""
    parts = [*_shaded(outcome, scale), *_bounds(outcome, scale)]
    if finding.value is not None:
        parts += [*_whiskers(finding, scale), _dot(finding, scale)]
    status = f"interval {finding.status.value.lower()}"
    return _picture(_HIGH, status, parts)


def ruler_drawing(outcome: Outcome, scale: BarScale) -> Markup:
    """The head of the drawings: the demand's bounds as numbers, at their places."""
    parts, taken = [], -100
    for bound in sorted(marks(outcome)):
        said, at = number(bound), scale.cell(bound)
        half = 4 * len(said)
        if at - half > taken:
            place = min(max(at, half), WIDE - half)
            parts.append(element("text", said, x=place, y=14, text_anchor="middle"))
            taken = at + half
    return _picture(20, "ruler", parts)


def _picture(high: int, kind: str, parts: list[Markup]) -> Markup:
    return element("svg", joined(parts), class_=kind, viewBox=f"0 0 {WIDE} {high}", aria_hidden="true")


def _shaded(outcome: Outcome, scale: BarScale) -> list[Markup]:
    """What the demand does not allow."""
    low, high = outcome.at_least, outcome.at_most
    ends = [(0, scale.cell(low))] if low is not None else []
    ends += [(scale.cell(high), WIDE)] if high is not None else []
    way = "".join(f"M{start} 0H{end}V{_HIGH}H{start}z" for start, end in ends)
    return [element("path", class_="refused", d=way)] if way else []


def _bounds(outcome: Outcome, scale: BarScale) -> list[Markup]:
    way = "".join(f"M{scale.cell(bound)} 0V{_HIGH}" for bound in marks(outcome))
    return [element("path", class_="bound", d=way)] if way else []


def _whiskers(finding: Finding, scale: BarScale) -> list[Markup]:
    at = scale.cell(finding.value or 0.0)
    ends = [scale.cell(end) for end in (finding.lower, finding.upper) if end is not None]
    way = "".join(f"M{at} {_MIDDLE}H{end}m0 {-_TIP}v{2 * _TIP}" for end in ends)
    return [element("path", class_="whisker", d=way)] if way else []


def _dot(finding: Finding, scale: BarScale) -> Markup:
    return element("circle", class_="dot", cx=scale.cell(finding.value or 0.0), cy=_MIDDLE, r=_DOT)
