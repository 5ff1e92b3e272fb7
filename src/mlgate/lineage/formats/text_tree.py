"""A history as a tree for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.lineage.graph import RUN, LineageGraph, LineageNode
from mlgate.lineage.lineage_format import LineageFormat
from mlgate.values.words import counted

_RUN, _DEEPEST = "o", 40
_MARKS = {"verified": "+", "unverified": "?", "contradicted": "x", "missing": "!"}


def tree(graph: LineageGraph) -> str:
    """The history as a tree: below each thing what it was made from or judged by, each thing drawn out once."""
    lines = list(_lines(graph))
    things = [node for node in graph.history if not _runs(node)]
    counts = [f"{sum(node.state == state for node in things)} {state}" for state in _MARKS]
    said = ", ".join(text for text in counts if not text.startswith("0 "))
    problems = [_on_one_line(f"x {problem}") for problem in (*graph.problems, *graph.contradictions)]
    return "\n".join([*lines, "", f"{counted(len(things), 'thing')}: {said}", *problems, ""])


def _lines(graph: LineageGraph) -> Iterator[str]:
    """The lines of the tree. What lies very deep is drawn without more indentation, with its depth."""
    drawn: set[str] = set()
    waiting = [(graph.root, "", "", 0)]
    while waiting:
        name, lead, rest, depth = waiting.pop()
        node = graph.by_id[name]
        mark, again = _RUN if _runs(node) else _MARKS[node.state], name in drawn
        said = "(above)" if again else f" {_said(node)}"
        yield _on_one_line(f"{lead}{mark} {node.name}{_roles(node)} {said}".rstrip())
        below = [] if again else list(dict.fromkeys(source.id for source in graph.sources_of(name)))
        drawn.add(name)
        for at, each in reversed([*enumerate(below)]):
            last = at == len(below) - 1
            if depth < _DEEPEST:
                waiting.append((each, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), depth + 1))
            else:
                waiting.append((each, f"{rest}({depth + 1} deep) ", rest, depth + 1))


def _on_one_line(text: str) -> str:
    """A text whose line ends, which a name may have, are shown."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _runs(node: LineageNode) -> bool:
    """Whether it is a run, which is nothing that can be recomputed."""
    return node.roles == (RUN,)


def _roles(node: LineageNode) -> str:
    return f" [{', '.join(node.roles)}]" if node.roles else ""


def _said(node: LineageNode) -> str:
    """What fixes a thing, and how it compares; of a run, when it was."""
    fixed = ", ".join(map(str, node.pins)) or ", ".join(node.labels)
    times = " to ".join(filter(None, (node.started, node.ended)))
    why = node.why if node.state != "verified" and (node.pins or node.state == "missing") else ""
    missing = "missing" if node.state == "missing" else ""
    return "; ".join(filter(None, (missing, fixed, times, why)))


FORMAT = LineageFormat("text", "a tree", tree, page=True)
