"""mlgate packs: lists the packs of policies that ship with mlgate."""

from __future__ import annotations

import click

from mlgate.cli.appearance import look
from mlgate.cli.output import emit_page
from mlgate.reference.pack_pages import packs_page
from mlgate.reports.markdown_page import laid_out


@click.command("packs")
def command() -> int:
    """List the packs that a policy can extend: name and version, number of rules, and what each is for.

    `mlgate explain PACK` prints one with its sources, and what it cannot check.
    """
    emit_page(laid_out(packs_page(), look()))
    return 0
