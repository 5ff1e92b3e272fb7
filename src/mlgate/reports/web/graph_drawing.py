"""A graph in columns: on the left what nothing was made from, such as the model; to its right what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from mlgate.reports.web.escaped import element, joined
from mlgate.values.pictures import Graph, GraphNode

_WIDE, _HIGH, _ACROSS, _DOWN, _EDGE = 210, 40, 56, 14, 8
_SIGNS = 26
MOST_DRAWN = 120
"""A longer graph is a table only."""


def graph_drawing(picture: Graph) -> Markup:
    """The drawing: empty for a graph that is too long to be looked at."""
    if len(picture.nodes) > MOST_DRAWN or not picture.nodes:
        return Markup("")
    columns = _columns(picture)
    rows = max(map(len, columns))
    places = {
        name: (
            _EDGE + column * (_WIDE + _ACROSS),
            _EDGE + (row + (rows - len(names)) / 2) * (_HIGH + _DOWN),
        )
        for column, names in enumerate(columns)
        for row, name in enumerate(names)
    }
    arrows = [_arrow(places[start], places[end]) for start, end in picture.arrows if {start, end} <= places.keys()]
    boxes = [_box(node, *places[node.id]) for node in picture.nodes]
    wide = len(columns) * (_WIDE + _ACROSS) - _ACROSS + 2 * _EDGE
    high = rows * (_HIGH + _DOWN) - _DOWN + 2 * _EDGE
    title = element("title", picture.title)
    return element("svg", joined([title, *arrows, *boxes]), class_="chart graph", viewBox=f"0 0 {wide} {high}",
                   width=wide, height=high, role="img", aria_label=picture.title)  # fmt: skip


def _columns(picture: Graph) -> list[list[str]]:
    """The things by the length of the longest way to them; those of a circle wherever the way broke off."""
    known = {node.id for node in picture.nodes}
    arrows = [(start, end) for start, end in picture.arrows if {start, end} <= known and start != end]
    depth = dict.fromkeys((node.id for node in picture.nodes), 0)
    for _ in range(len(known)):
        longer = {end: depth[start] + 1 for start, end in arrows if depth[end] <= depth[start] < len(known) - 1}
        if not longer:
            break
        depth |= longer
    found: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, column in depth.items():
        found[column].append(name)
    return _untangled([names for names in found if names], arrows)


def _untangled(columns: list[list[str]], arrows: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each column in the order of the middle of what was made from its things."""
    row: dict[str, float] = {}
    for names in columns:
        row |= {name: float(at) for at, name in enumerate(names)}
        middle = {name: _middle(name, arrows, row) for name in names}
        names.sort(key=middle.__getitem__)
        row |= {name: float(at) for at, name in enumerate(names)}
    return columns


def _middle(name: str, arrows: Sequence[tuple[str, str]], row: Mapping[str, float]) -> float:
    before = [row[start] for start, end in arrows if end == name and start in row]
    return sum(before) / len(before) if before else row[name]


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Markup:
    """A curve between two boxes, with its tip at what was made."""
    x, y = start[0] + _WIDE, start[1] + _HIGH / 2
    z, w = end[0], end[1] + _HIGH / 2
    bend = _ACROSS * 0.5
    tip = f"M{x + 6:g} {y - 4:g}L{x:g} {y:g}L{x + 6:g} {y + 4:g}"
    return element("path", class_="arrow", d=f"M{x:g} {y:g}C{x + bend:g} {y:g} {z - bend:g} {w:g} {z:g} {w:g}{tip}")


def _box(node: GraphNode, x: float, y: float) -> Markup:
    said = f"{node.label}: {node.wrong}" if node.wrong else node.label
    label = node.label if len(node.label) <= _SIGNS else f"{node.label[: _SIGNS - 1]}…"
    box = element("rect", x=x, y=y, width=_WIDE, height=_HIGH, rx=0 if node.wrong else 8)
    sign = "✗ " if node.wrong else ""
    text = element("text", f"{sign}{label}", x=x + 10, y=y + _HIGH / 2 + 5)
    return element("g", element("title", said), box, text, class_="wrong" if node.wrong else "right")
