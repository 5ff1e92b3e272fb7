"""Lines over two axes: a ROC curve, a reliability diagram. Each has a colour and a pattern of its own."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from markupsafe import Markup

from mlgate.reports.web.escaped import element, joined
from mlgate.values.pictures import LineChart

_WIDE, _HIGH, _LEFT, _BELOW, _EDGE = 460, 340, 64, 48, 16
_TICKS = 5
_LARGEST = sys.float_info.max
_FEW = 40
"""A line of so few points has a mark at each."""


def line_drawing(picture: LineChart) -> Markup:
    """The drawing."""
    points = [point for line in picture.lines for point in line.points if all(map(math.isfinite, point))]
    across, up = (_ends([point[at] for point in points]) for at in (0, 1))

    def place(point: Sequence[float]) -> tuple[float, float]:
        x = _LEFT + _share(point[0], across) * (_WIDE - _LEFT - _EDGE)
        y = _HIGH - _BELOW - _share(point[1], up) * (_HIGH - _BELOW - _EDGE)
        return x, y

    parts = [element("title", picture.title), *_axes(picture, across, up)]
    for of, line in enumerate(picture.lines):
        places = [place(point) for point in line.points if all(map(math.isfinite, point))]
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(element("path", element("title", line.name), class_=f"line s{of % 4}", d=f"M{way}" if way else ""))
        if len(places) <= _FEW:
            parts += [element("circle", class_=f"point s{of % 4}", cx=x, cy=y, r=2.5) for x, y in places]
    return element("svg", joined(parts), class_="chart square", viewBox=f"0 0 {_WIDE} {_HIGH}", role="img",
                   aria_label=picture.title)  # fmt: skip


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis: from 0 to 1 where all lies in it."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low < high:
        return low, high
    margin = max(abs(low) / 2, 1.0)
    return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)


def _share(value: float, ends: tuple[float, float]) -> float:
    """The share of the axis below the value, from 0 to 1. By halves, as the whole length may exceed all numbers."""
    return (value / 2 - ends[0] / 2) / (ends[1] / 2 - ends[0] / 2 or 1.0)


def _axes(picture: LineChart, across: tuple[float, float], up: tuple[float, float]) -> list[Markup]:
    wide, high, foot = _WIDE - _LEFT - _EDGE, _HIGH - _BELOW - _EDGE, _HIGH - _BELOW
    found = [element("path", class_="axis", d=f"M{_LEFT} {_EDGE}V{foot}H{_WIDE - _EDGE}")]
    for at in range(_TICKS + 1):
        share = at / _TICKS
        x, y = _LEFT + share * wide, foot - share * high
        found.append(element("path", class_="grid", d=f"M{x:g} {foot}V{_EDGE}M{_LEFT} {y:g}H{_WIDE - _EDGE}"))
        found.append(element("text", _tick(across, share), x=x, y=foot + 16, text_anchor="middle"))
        found.append(element("text", _tick(up, share), x=_LEFT - 6, y=y + 4, text_anchor="end"))
    found.append(element("text", picture.x, x=_LEFT + wide / 2, y=_HIGH - 8, text_anchor="middle"))
    turned = f"rotate(-90 14 {_EDGE + high / 2:g})"
    found.append(element("text", picture.y, x=14, y=_EDGE + high / 2, text_anchor="middle", transform=turned))
    return found


def _tick(ends: tuple[float, float], share: float) -> str:
    return f"{ends[0] * (1 - share) + ends[1] * share:.3g}"
