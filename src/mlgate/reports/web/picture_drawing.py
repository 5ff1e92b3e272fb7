"""The pictures that rules publish, drawn from their values: histograms, lines and graphs."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from mlgate.reports.web.graph_drawing import graph_drawing
from mlgate.reports.web.histogram_drawing import histogram_drawing
from mlgate.reports.web.line_drawing import line_drawing
from mlgate.values.numbers import number
from mlgate.values.pictures import Graph, Histogram, LineChart, Picture
from mlgate.values.verdict import Table


@dataclass(frozen=True)
class DrawnPicture:
    """A picture, and the same as a table for those who would rather read."""

    title: str
    drawing: Markup
    table: Table
    series: tuple[str, ...] = ()
    """The names of what has a colour and a pattern of its own, in their order."""
    bars: bool = False
    """Whether these are bars, and not lines."""


def drawn(picture: Picture) -> DrawnPicture:
    """A picture as a drawing and as a table."""
    if isinstance(picture, Histogram):
        names = tuple(bars.name for bars in picture.bars)
        columns = [[number(height) for height in bars.heights] for bars in picture.bars]
        rows = tuple(zip(picture.bins, *columns))
        table = Table(picture.title, (picture.column or "bin", *names), rows)
        return DrawnPicture(picture.title, histogram_drawing(picture), table, names, bars=True)
    if isinstance(picture, LineChart):
        names = tuple(line.name for line in picture.lines)
        points = tuple((line.name, number(x), number(y)) for line in picture.lines for x, y in line.points)
        return DrawnPicture(
            picture.title, line_drawing(picture), Table(picture.title, ("line", picture.x, picture.y), points), names
        )
    return DrawnPicture(picture.title, graph_drawing(picture), _things(picture))


def _things(graph: Graph) -> Table:
    names = {node.id: node.label for node in graph.nodes}
    made = {
        node.id: ", ".join(names.get(source, source) for made, source in graph.arrows if made == node.id)
        for node in graph.nodes
    }
    rows = tuple((node.label, made[node.id], node.wrong) for node in graph.nodes)
    return Table(graph.title, ("thing", "made from", "what is wrong"), rows)
