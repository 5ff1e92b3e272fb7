"""A histogram: the bins from left to right, and in each a bar for every set of rows."""

from __future__ import annotations

from markupsafe import Markup

from mlgate.reports.web.escaped import element, joined
from mlgate.values.numbers import number
from mlgate.values.pictures import Histogram

_WIDE, _HIGH, _LEFT, _BELOW, _ABOVE = 680, 220, 56, 26, 12
_MOST_NAMED, _SIGNS = 12, 9
"""The most bins whose names are written below, and the most letters of each."""


def histogram_drawing(picture: Histogram) -> Markup:
    """The drawing. The names of many bins stand in the table beside it only."""
    top = max((height for bars in picture.bars for height in bars.heights), default=0.0) or 1.0
    plot = _HIGH - _BELOW - _ABOVE
    step = (_WIDE - _LEFT) / max(len(picture.bins), 1)
    wide = step * 0.84 / max(len(picture.bars), 1)
    parts = [element("title", picture.title), *_axis(top, plot)]
    for of, bars in enumerate(picture.bars):
        for at, (name, height) in enumerate(zip(picture.bins, bars.heights)):
            high = plot * max(height, 0.0) / top
            parts.append(
                element(
                    "rect",
                    element("title", f"{bars.name}, {name}: {number(height)}"),
                    class_=f"bar s{of % 4}",
                    x=_LEFT + at * step + step * 0.08 + of * wide,
                    y=_ABOVE + plot - high,
                    width=wide,
                    height=high,
                )
            )
    return element("svg", joined([*parts, *_names(picture, step)]), class_="chart", viewBox=f"0 0 {_WIDE} {_HIGH}",
                   role="img", aria_label=picture.title)  # fmt: skip


def _axis(top: float, plot: float) -> list[Markup]:
    return [
        element("path", class_="axis", d=f"M{_LEFT} {_ABOVE}V{_ABOVE + plot:g}H{_WIDE}"),
        element("text", number(top), x=_LEFT - 6, y=_ABOVE + 8, text_anchor="end"),
        element("text", "0", x=_LEFT - 6, y=_ABOVE + plot, text_anchor="end"),
    ]


def _names(picture: Histogram, step: float) -> list[Markup]:
    every = max(1, -(-len(picture.bins) // _MOST_NAMED))
    return [
        element("text", _cut(name, int(_SIGNS * every)), x=_LEFT + (at + 0.5) * step, y=_HIGH - 8, text_anchor="middle")
        for at, name in enumerate(picture.bins)
        if at % every == 0
    ]


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
