"""Pictures that a rule publishes, as plain values: a stored verdict can be drawn without its data."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True)
class Bars:
    """One set of rows in a histogram: a height per bin."""

    name: str
    """The rows: "train", "sex=F"."""
    heights: tuple[float, ...]
    """Rows, or shares of the rows, per bin."""


@dataclass(frozen=True)
class Histogram:
    """How often values fall into bins, in one or more sets of rows."""

    kind: ClassVar[str] = "histogram"
    STATED: ClassVar[tuple[str, ...]] = ("kind",)

    title: str
    """What it shows."""
    column: str
    """The column whose values name the bins; empty if the names reveal nothing about the data."""
    bins: tuple[str, ...]
    """The names of the bins, "25 to 40" or "north"; numbers from 1 if values of the column may not be shown."""
    bars: tuple[Bars, ...]
    """A height per bin for each set of rows."""

    def showing(self, columns: Container[str]) -> Histogram:
        """The same picture, with data values only from the given columns."""
        if not self.column or self.column in columns:
            return self
        return replace(self, bins=tuple(map(str, range(1, len(self.bins) + 1))))


@dataclass(frozen=True)
class Line:
    """One line of a chart, as points."""

    name: str
    """The line's name: "candidate", "no skill"."""
    points: tuple[tuple[float, float], ...]
    """x and y of each point, from left to right."""


@dataclass(frozen=True)
class LineChart:
    """Lines over one axis: a ROC curve, a reliability diagram."""

    kind: ClassVar[str] = "lines"
    STATED: ClassVar[tuple[str, ...]] = ("kind",)

    title: str
    """What it shows."""
    x: str
    """What the horizontal axis measures."""
    y: str
    """What the vertical axis measures."""
    lines: tuple[Line, ...]
    """The lines."""

    def showing(self, _columns: Container[str]) -> LineChart:
        """The same picture: its numbers are sums over rows and never the value of a single row."""
        return self


@dataclass(frozen=True)
class GraphNode:
    """One thing in a graph."""

    id: str
    """Its name in the graph's arrows."""
    label: str
    """The text that people see."""
    wrong: str = ""
    """What is wrong with it; empty if nothing is."""


@dataclass(frozen=True)
class Graph:
    """A graph of what was made from what: a lineage."""

    kind: ClassVar[str] = "graph"
    STATED: ClassVar[tuple[str, ...]] = ("kind",)

    title: str
    """What it shows."""
    nodes: tuple[GraphNode, ...]
    """The things."""
    arrows: tuple[tuple[str, str], ...]
    """Pairs of node ids: what was made, and what it was made from."""

    def showing(self, _columns: Container[str]) -> Graph:
        """The same picture: it names files and models and never the value of a row."""
        return self


Picture = Histogram | LineChart | Graph
