"""mlgate import: writes a policy from the rules of another tool, and names those that it cannot carry over."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.authoring.imported_rules import PolicyToImport, import_sources, imported_policy
from mlgate.cli.new_files import UNNAMED, checked_name, path_here, read_here, refuse_taken, write_new
from mlgate.cli.output import emit_page
from mlgate.reports.safe_text import visible
from mlgate.values.words import counted


@click.command("import")
@click.argument("source", metavar="SOURCE", type=click.Choice(list(import_sources())))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--owner", default=UNNAMED, metavar="OWNER", help="Who is responsible for the policy.")
@click.option("--name", default="", metavar="NAME", help="The policy's name. Default: the file's.")
@click.option(
    "--table",
    default="",
    metavar="TABLE",
    help="The table that the rules are about, where FILE names none. Default: predictions.",
)
def command(source: str, file: Path, owner: str, name: str, table: str) -> int:
    """Write policies/NAME.yaml with the rules of another tool in FILE, and list those that are not carried over.

    SOURCE is great-expectations (a suite, JSON), dbt (models with tests, YAML), odcs (a data contract of version 3,
    YAML) or jsonschema (the schema of a row). The rules are of the checks data.columns and data.rows. A file that
    exists is not overwritten.
    """
    called = checked_name(name, file.stem)
    policy = Path("policies") / f"{called}.yaml"
    refuse_taken([policy])
    path = path_here(file)
    found = imported_policy(PolicyToImport(source, path, read_here(path), called, owner, table))
    write_new({policy: found.text})
    lines = [f"Wrote {policy} with {counted(found.carried, 'rule')} of {path}."]
    lines += [f"Name who is responsible as `owner` in {policy}."] * (owner == UNNAMED)
    lines += [f"Not carried over: {counted(len(found.left), 'rule')}."] if found.left else []
    lines += [f"  {each}" for each in found.left]
    emit_page(visible("".join(f"{line}\n" for line in lines)))
    return 0
