"""A history as a diagram in the language of Mermaid, coloured by what could be recomputed."""

from __future__ import annotations

import re

from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.lineage_format import LineageFormat

_CLASSES = {"verified": "#d1e7dd", "unverified": "#fff3cd", "contradicted": "#f8d7da", "missing": "#e2e3e5"}


def mermaid(graph: LineageGraph) -> str:
    """The history as a Mermaid flowchart, coloured by what could be recomputed."""
    names = {node.id: f"n{at}" for at, node in enumerate(graph.history)}
    lines = ["flowchart LR"]
    for node in graph.history:
        label = f"{_escaped(node.name)}<br/>{_escaped(', '.join(node.roles))}"
        lines.append(f'  {names[node.id]}["{label}"]:::{node.state}')
    for arrow in graph.arrows:
        made, source = names.get(arrow.made), names.get(arrow.source)
        if made and source:
            lines.append(f"  {made} -. judged by .-> {source}" if arrow.judged else f"  {source} --> {made}")
    lines += [f"  classDef {state} fill:{colour},color:#111" for state, colour in _CLASSES.items()]
    return "\n".join([*dict.fromkeys(lines), ""])


def _escaped(text: str) -> str:
    """A text as Mermaid prints it and does not read it."""
    return re.sub(r"[^\w ./:@,()-]", lambda found: f"#{ord(found.group())};", text)


FORMAT = LineageFormat("mermaid", "a diagram for Markdown", mermaid, page=True)
