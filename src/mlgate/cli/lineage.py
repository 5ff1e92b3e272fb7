"""mlgate lineage: shows the history of a candidate's model, as its sources record it."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.output import emit, emit_page
from mlgate.cli.preamble import Running, find_presented
from mlgate.cli.shared_options import candidates_argument, running_options
from mlgate.lineage.lineage_format import lineage_formats
from mlgate.values.errors import InputError

_SAID = f"Default: text. {', '.join(f'{name}: {each.said}' for name, each in lineage_formats().items())}."


@click.command("lineage")
@candidates_argument
@click.option("--format", "wanted", type=click.Choice([*lineage_formats()]), default="text", help=_SAID)
@running_options("roots", "servers")
def command(candidates: tuple[str, ...], wanted: str, running: Running) -> int:
    """Show what a candidate's model was made from and judged by, and what of it could be recomputed.

    It reads what lies beside the candidate (dvc.lock, MLflow's runs, lineage.yaml), or what its `lineage` names. It
    decides nothing: the rules lineage.complete, lineage.verified and lineage.consistent do.
    """
    from mlgate.gate.lineage_shown import lineage_of_file
    from mlgate.reports.safe_text import visible

    chosen, found = lineage_formats()[wanted], find_presented(candidates)
    if len(found) > 1 and not chosen.page:
        raise InputError(
            f"`--format {wanted}` is one document, and there are {len(found)} candidates; name one of them"
        )
    for path in found:
        text = chosen.render(lineage_of_file(path, Path.cwd(), running.roots, running.servers))
        emit_page(visible(text)) if chosen.page else emit(text)
    return 0
