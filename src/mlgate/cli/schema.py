"""mlgate schema: prints the JSON Schemas, for editors and other tools."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import click

from mlgate.cli.output import emit
from mlgate.reference.policy_tests_schema import policy_tests_schema
from mlgate.reference.schemas import candidate_schema, known_schema, policy_schema, register_schema, waivers_schema
from mlgate.values.errors import InputError, unusable
from mlgate.values.stored import schema as verdict_schema

SCHEMAS = {
    "policy": policy_schema,
    "candidate": candidate_schema,
    "register": register_schema,
    "verdict": verdict_schema,
    "waivers": waivers_schema,
    "tests": policy_tests_schema,
    "known": known_schema,
}
_HEAD = 4096
"""Bytes of a file in which a schema of mlgate names itself."""


@click.command("schema")
@click.argument("name", metavar="|".join(SCHEMAS), required=False, type=click.Choice(list(SCHEMAS)))
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Write NAME.schema.json to this folder, or all schemas without a name.",
)  # fmt: skip
def command(name: str | None, into: Path | None) -> int:
    """Print the JSON Schema of one of the files that mlgate reads or writes, or write it for editors."""
    if not name and not into:
        raise click.UsageError(f"no schema is named. Choose from: {', '.join(SCHEMAS)}; or write all by --into FOLDER")
    if into:
        _write(into, [name] if name else list(SCHEMAS))
    else:
        emit(json.dumps(SCHEMAS[str(name)](), indent=2, ensure_ascii=False) + "\n")
    return 0


def schema_line(name: str) -> str:
    """A schema on one line, as editors read it from a repository."""
    return json.dumps(SCHEMAS[name](), ensure_ascii=False, separators=(",", ":")) + "\n"


def _write(folder: Path, names: Iterable[str]) -> None:
    """Write schemas to a folder, in the place of earlier ones. Raises InputError where another file has the name."""
    targets = {folder / f"{name}.schema.json": schema_line(name) for name in names}
    for target in targets:
        if os.path.lexists(target) and not _is_schema(target):
            raise InputError(f"{target} is not a JSON Schema of mlgate, so it is not overwritten; remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, text in targets.items():
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unusable(f"{folder} cannot be written", error) from error


def _is_schema(path: Path) -> bool:
    """Whether a file is a schema that mlgate wrote."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as opened:
        return re.search(rb'"title": ?"mlgate ', opened.read(_HEAD)) is not None
