"""mlgate schema: prints the JSON Schemas, for editors and other tools."""

from __future__ import annotations

import json

import click

from mlgate.cli.output import emit
from mlgate.reference.schemas import candidate_schema, policy_schema, register_schema
from mlgate.values.stored import schema as verdict_schema

SCHEMAS = {
    "policy": policy_schema,
    "candidate": candidate_schema,
    "register": register_schema,
    "verdict": verdict_schema,
}


@click.command("schema")
@click.argument("name", metavar="policy|candidate|register|verdict", type=click.Choice(list(SCHEMAS)))
def command(name: str) -> int:
    """Print the JSON Schema of a policy file, a candidate file, a register of models, or a verdict."""
    emit(json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n")
    return 0
