"""mlgate schema: prints the JSON Schemas, for editors and other tools."""

from __future__ import annotations

import json

import click

from mlgate.cli.output import emit
from mlgate.reference.schemas import candidate_schema, policy_schema, register_schema, waivers_schema
from mlgate.values.stored import schema as verdict_schema

SCHEMAS = {
    "policy": policy_schema,
    "candidate": candidate_schema,
    "register": register_schema,
    "verdict": verdict_schema,
    "waivers": waivers_schema,
}


@click.command("schema")
@click.argument("name", metavar="|".join(SCHEMAS), type=click.Choice(list(SCHEMAS)))
def command(name: str) -> int:
    """Print the JSON Schema of a policy file, a candidate file, a register of models, a verdict, or a file of
    waivers."""
    emit(json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n")
    return 0
