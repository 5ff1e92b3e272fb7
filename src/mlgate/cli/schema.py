"""mlgate schema: prints the JSON Schemas, for editors and other tools."""

from __future__ import annotations

import json

import click

from mlgate.cli.output import emit
from mlgate.reference.policy_tests_schema import policy_tests_schema
from mlgate.reference.schemas import candidate_schema, known_schema, policy_schema, register_schema, waivers_schema
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


@click.command("schema")
@click.argument("name", metavar="|".join(SCHEMAS), type=click.Choice(list(SCHEMAS)))
def command(name: str) -> int:
    """Print the JSON Schema of one of the files that mlgate reads or writes."""
    emit(json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n")
    return 0
