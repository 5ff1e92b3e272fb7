"""A history as a picture: the model on the left, and to its right what it was made from or judged by.

The picture is one file without scripts, fonts or addresses. Its colours follow the reader's light or dark setting, and
each state has a shape, a sign and a word beside its colour. Programs that read pictures aloud find a title and a
description, and each thing's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mlgate.lineage.graph import RUN, LineageGraph, LineageNode
from mlgate.lineage.lineage_format import LineageFormat
from mlgate.values.words import counted

MOST_DRAWN = 400
_WIDE, _HIGH, _ACROSS, _DOWN, _EDGE, _HEAD, _FOOT = 264, 58, 96, 20, 24, 56, 96
_CORNER, _SWEEPS = 10, 4
_SIGNS, _SMALL_SIGNS = 26, 31
"""How many letters of a name, and of the smaller line below it, fit in a box."""
_NOT_XML = "[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""The categories of signs that nobody sees, or that change the order of others."""
_LEGEND = {
    "verified": "recomputed, and as recorded",
    "unverified": "nothing to compare here",
    "contradicted": "not as recorded",
    "missing": "named, and not here",
    "run": "what ties things together",
}
_STYLE = """\
svg{--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#6e7781;--ok:#e6f4ea;--ok-line:#1a7f37;--open:#fff8e1;\
--open-line:#8a6100;--bad:#fdebec;--bad-line:#b3261e;--run:#eef1f4;--run-line:#57606a}
@media (prefers-color-scheme:dark){svg{--paper:#0f1419;--ink:#e6edf3;--soft:#9aa4af;--line:#8b949e;--ok:#12301c;\
--ok-line:#56d364;--open:#332a0a;--open-line:#e3b341;--bad:#3b1416;--bad-line:#ff7b72;--run:#1f262e;--run-line:#9aa4af}}
.paper{fill:var(--paper)}text{font:13px system-ui,sans-serif;fill:var(--ink)}.name{font-weight:600}
.head{font-size:16px;font-weight:600}.soft{fill:var(--soft);font-size:12px}
.box{stroke-width:1.5}.verified .box{fill:var(--ok);stroke:var(--ok-line)}
.unverified .box{fill:var(--open);stroke:var(--open-line);stroke-dasharray:6 4}
.contradicted .box{fill:var(--bad);stroke:var(--bad-line);stroke-width:3}
.missing .box{fill:none;stroke:var(--bad-line);stroke-dasharray:2 4;stroke-width:2}
.run .box{fill:var(--run);stroke:var(--run-line)}
.sign{fill:none;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}.verified .sign{stroke:var(--ok-line)}
.unverified .sign{stroke:var(--open-line)}.contradicted .sign,.missing .sign{stroke:var(--bad-line)}
.run .sign{stroke:var(--run-line)}
.arrow{fill:none;stroke:var(--line);stroke-width:1.4}.judged{stroke-dasharray:2 4}.tip{fill:var(--line)}"""

_TIP = (
    '<defs><marker id="lineage-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
    'orient="auto">'
    '<path class="tip" d="M0 0L10 5L0 10z"/></marker></defs>'
)


@dataclass(frozen=True)
class Placed:
    """A thing with the middle of its box's left side."""

    node: LineageNode
    x: float
    y: float

    @property
    def kind(self) -> str:
        """Its class: its state, or that it is a run, of which nothing is recomputed."""
        return RUN if self.node.roles == (RUN,) else self.node.state


def svg(graph: LineageGraph) -> str:
    """The history as a picture. Of a long one the things that are nearest to the model are drawn."""
    placed = _placed(graph)
    width = max(each.x for each in placed.values()) + _WIDE + _EDGE
    width = max(width, len(_LEGEND) * (_WIDE - 20) + 2 * _EDGE)
    height = max(each.y for each in placed.values()) + _HIGH / 2 + _FOOT
    title, described = f"Lineage of {_shown(graph.by_id[graph.root].name)}", escape(_described(graph, placed))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="graphics-document document" '
        'aria-labelledby="lineage-title" aria-describedby="lineage-described">'
    )
    return "\n".join(
        [
            head,
            f'<title id="lineage-title">{escape(title)}</title>',
            f'<desc id="lineage-described">{described}</desc>',
            f"<style>{_STYLE}</style>",
            _TIP,
            f'<rect class="paper" width="{width:g}" height="{height:g}"/>',
            f'<text class="head" x="{_EDGE}" y="32">{escape(_cut(title, 80))}</text>',
            *_arrows(graph, placed),
            *(_box(each) for each in placed.values()),
            *_legend(height, len(graph.history) - len(placed)),
            "</svg>\n",
        ]
    )


def _placed(graph: LineageGraph) -> Mapping[str, Placed]:
    """Where each thing is drawn: in the column of its distance from the model, near what it belongs to."""
    columns: list[list[str]] = []
    depth: dict[str, int] = {}
    for node in graph.history[:MOST_DRAWN]:
        above = graph.before(node)
        depth[node.id] = depth[above] + 1 if above else 0
        columns += [[]] * (depth[node.id] == len(columns))
        columns[depth[node.id]] = [*columns[depth[node.id]], node.id]
    beside: dict[str, list[str]] = {name: [] for name in depth}
    for arrow in graph.arrows:
        if arrow.made in depth and arrow.source in depth:
            beside[arrow.made].append(arrow.source)
            beside[arrow.source].append(arrow.made)
    most = max(map(len, columns))
    rows = _untangled(columns, beside)
    return {
        name: Placed(
            graph.by_id[name],
            _EDGE + at * (_WIDE + _ACROSS),
            _HEAD + _HIGH / 2 + (row + (most - len(names)) / 2) * (_HIGH + _DOWN),
        )
        for at, names in enumerate(rows)
        for row, name in enumerate(names)
    }


def _untangled(columns: Sequence[Sequence[str]], beside: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The columns in an order in which few arrows cross: each thing is moved to the middle of what it belongs to."""
    found = [list(names) for names in columns]
    for sweep in range(_SWEEPS):
        row = {name: at / max(1, len(names) - 1) for names in found for at, name in enumerate(names)}
        for names in found if sweep % 2 == 0 else reversed(found):
            middle = {name: sum(row[each] for each in beside[name]) / max(1, len(beside[name])) for name in names}
            names.sort(key=lambda name: middle[name])
            row |= {name: at / max(1, len(names) - 1) for at, name in enumerate(names)}
    return found


def _arrows(graph: LineageGraph, placed: Mapping[str, Placed]) -> Iterator[str]:
    """Arrows from what was read to what was made of it; dotted from the model to what judged it.

    That a run has read the model is drawn once, as dotted: it judged it.
    """
    drawn = dict.fromkeys((each.made, each.source, each.judged) for each in graph.arrows if each.source != graph.root)
    for made, source, judged in drawn:
        if made in placed and source in placed and made != source:
            start, end = (placed[made], placed[source]) if judged else (placed[source], placed[made])
            kind = "arrow judged" if judged else "arrow"
            yield f'<path class="{kind}" marker-end="url(#lineage-tip)" d="{_way(start, end)}"/>'


def _way(start: Placed, end: Placed) -> str:
    """A curve between the sides of two boxes that face each other; in one column, between their right sides."""
    bend = _ACROSS * 0.55
    if start.x == end.x:
        one, other = (start.x + _WIDE, start.y + 12), (end.x + _WIDE, end.y)
        out = back = bend * 1.5
    elif start.x < end.x:
        one, other, out, back = (start.x + _WIDE, start.y), (end.x, end.y), bend, -bend
    else:
        one, other, out, back = (start.x, start.y), (end.x + _WIDE, end.y), -bend, bend
    (x, y), (z, w) = one, other
    return f"M{x:g} {y:g}C{x + out:g} {y:g} {z + back:g} {w:g} {z:g} {w:g}"


def _box(placed: Placed) -> str:
    """A thing: its shape and sign say its state, and so does its last line."""
    node, kind = placed.node, placed.kind
    x, y = placed.x, placed.y - _HIGH / 2
    roles = "" if kind == RUN else ", ".join(node.roles)
    said = ". ".join(filter(None, (_shown(node.name), roles, kind, _shown(node.why), *map(str, node.pins))))
    below = f"run · {_shown(node.started)}" if kind == RUN and node.started else kind
    below = f"{below} · {roles}" if roles else below
    lines = [
        f'<text class="name" x="{x + 36:g}" y="{y + 24:g}">{escape(_cut(_shown(node.name), _SIGNS))}</text>',
        f'<text class="soft" x="{x + 36:g}" y="{y + 43:g}">{escape(_cut(below, _SMALL_SIGNS))}</text>',
    ]
    outline = f"{_outline(kind, x, y)}{_sign(kind, x + 18, placed.y)}"
    return f'<g class="{kind}" role="graphics-symbol img"><title>{escape(said)}</title>{outline}{"".join(lines)}</g>'


def _outline(kind: str, x: float, y: float, wide: float = _WIDE, high: float = _HIGH) -> str:
    """A rounded box for what is verified, a plain one for what is not or is missing, cut corners for what is wrong."""
    if kind == "contradicted":
        cut = _CORNER * high / _HIGH
        points = [(x + cut, y), (x + wide - cut, y), (x + wide, y + cut), (x + wide, y + high - cut)]
        points += [(x + wide - cut, y + high), (x + cut, y + high), (x, y + high - cut), (x, y + cut)]
        return f'<polygon class="box" points="{" ".join(f"{a:g},{b:g}" for a, b in points)}"/>'
    round_ = {"verified": _CORNER, RUN: high / 2}.get(kind, 0)
    return f'<rect class="box" x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="{round_:g}"/>'


def _sign(kind: str, x: float, y: float) -> str:
    """A tick, a question mark, a cross, a dash or a ring."""
    ways = {
        "verified": f"M{x - 6:g} {y:g}l4 5l8 -10",
        "contradicted": f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10",
        "missing": f"M{x - 6:g} {y:g}h12",
        RUN: f"M{x - 5:g} {y:g}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
    }
    question = f"M{x - 4:g} {y - 3:g}a4 4 0 1 1 6 3.4q-2 1.2 -2 3.2m0 4v0.2"
    return f'<path class="sign" d="{ways.get(kind, question)}"/>'


def _legend(height: float, left_out: int) -> Iterator[str]:
    """What the shapes mean, and how much is not drawn."""
    for at, (kind, said) in enumerate(_LEGEND.items()):
        x, y = _EDGE + at * (_WIDE - 20), height - 58
        name = f'<text class="name" x="{x + 32:g}" y="{y + 9:g}">{kind}</text>'
        text = f'<text class="soft" x="{x + 32:g}" y="{y + 25:g}">{said}</text>'
        yield f'<g class="{kind}">{_outline(kind, x, y, 24, 24)}{_sign(kind, x + 12, y + 12)}{name}{text}</g>'
    more = f"; {counted(left_out, 'thing')} further from the model {'is' if left_out == 1 else 'are'} not drawn"
    said = f"An arrow leads to what was made; a dotted one to what judged the model{more if left_out > 0 else ''}."
    yield f'<text class="soft" x="{_EDGE}" y="{height - 14:g}">{said}</text>'


def _described(graph: LineageGraph, placed: Mapping[str, Placed]) -> str:
    """The picture in words: how many things there are in each state, and those that are not verified."""
    things = [each for each in placed.values() if each.kind != RUN]
    counts = [f"{sum(each.kind == kind for each in things)} {kind}" for kind in _LEGEND if kind != RUN]
    wrong = [each.node for each in things if each.kind in ("contradicted", "missing")]
    named = [f"{_shown(node.name)} is {node.state}: {_shown(node.why)}" for node in wrong[:20]]
    wider = map(_shown, (*graph.problems[:5], *graph.contradictions[:5]))
    return ". ".join([f"{counted(len(things), 'thing')}: {', '.join(counts)}", *named, *wider]) + "."


def _shown(text: str) -> str:
    """A text on one line, in which signs that nobody sees are written out."""
    seen = "".join(f"\\u{ord(sign):04x}" if unicodedata.category(sign) in _STEERING else sign for sign in text)
    return re.sub(_NOT_XML, "�", seen)


def _cut(text: str, most: int) -> str:
    """A text that fits, without its middle if it is long. Wide letters count twice."""
    if _width(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{_fitting(text, half)}…{_fitting(text[::-1], half)[::-1]}"


def _fitting(text: Iterable[str], most: int) -> str:
    """The beginning of a text that has a width."""
    found, width = "", 0
    for sign in text:
        width += _width(sign)
        if width > most:
            break
        found += sign
    return found


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


FORMAT = LineageFormat("svg", "a picture", svg)
