"""mlgate lineage: shows the history of a candidate's model, as its sources record it."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.output import emit, emit_page
from mlgate.cli.preamble import Running, find_presented
from mlgate.cli.shared_options import candidates_argument, running_options

FORMATS = ("text", "json", "mermaid")


@click.command("lineage")
@candidates_argument
@click.option("--format", "wanted", type=click.Choice(FORMATS), default="text", help="Default: text, a tree.")
@running_options("roots", "servers")
def command(candidates: tuple[str, ...], wanted: str, running: Running) -> int:
    """Show what a candidate's model was made from and judged by, and what of it could be recomputed.

    It reads what lies beside the candidate (dvc.lock, MLflow's runs, lineage.yaml), or what its `lineage` names. It
    decides nothing: the rules lineage.complete, lineage.verified and lineage.consistent do.
    """
    from mlgate.gate.lineage_shown import lineage_of_file
    from mlgate.lineage.drawing import mermaid, tree
    from mlgate.lineage.graph import LineageGraph
    from mlgate.reports.safe_text import visible
    from mlgate.values.json_text import to_text
    from mlgate.values.plain import write

    for path in find_presented(candidates):
        graph = lineage_of_file(path, Path.cwd(), running.roots, running.servers)
        if wanted == "json":
            emit(to_text(write(LineageGraph, graph)))
        else:
            emit_page(visible(tree(graph) if wanted == "text" else mermaid(graph)))
    return 0
