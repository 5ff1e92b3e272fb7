"""The JSON Schema of a stored verdict, field by field beside the dataclasses of `mlgate.values.verdict`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlgate.values.verdict import Status

FORMAT = 1
Schema = dict[str, Any]


def schema() -> Schema:
    """JSON Schema 2020-12 of the document that `--report json=PATH` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mlgate:verdict:{FORMAT}",
        "title": "mlgate verdict",
        **_record(
            "The answers of one run of the gate: a verdict or a refusal for every candidate.",
            mlgate={"const": FORMAT, "description": "Version of this format."},
            **_answer([0, 1, 2, 3]),
            counts=_ref("counts"),
            verdicts=_list("verdict", "Sorted by candidate, then path, then version."),
            refusals=_list("refusal", "Candidates that could not be judged at all."),
        ),
        "$defs": {
            "verdict": _verdict(),
            "outcome": _outcome(),
            "finding": _finding(),
            "table": _table(),
            "waiver": _waiver(),
            "refusal": _refusal(),
            "input": _input(),
            "counts": _counts(),
            "where": _where(),
            "location": _location(),
        },
    }


def _verdict() -> Schema:
    return _record(
        "All outcomes for one candidate.",
        candidate=_text("Name of the candidate."),
        version=_text("Version of the candidate."),
        path=_text("The candidate file."),
        tool=_text("Version of mlgate that gave the verdict."),
        as_of=_text("The day by which waivers, `enforce_from` and ages were judged, YYYY-MM-DD."),
        **_answer([0, 1, 2, 3]),
        counts=_ref("counts"),
        inputs=_list("input", "What the verdict rests on, bound by digest."),
        waivers=_list("waiver", "Waivers that were applied, and those that were not."),
        notes={**_texts(), "description": "What a reader of the whole verdict must know."},
        outcomes=_list("outcome", "One for every rule that was asked, in the policies' order."),
    )


def _outcome() -> Schema:
    return _record(
        "A rule's result.",
        policy=_text("Name of the policy."),
        rule=_text("Id of the rule."),
        check=_text("Id of the check, `family.name`."),
        status=_status(),
        message=_text("One line that says why."),
        at=_ref("location"),
        demand=_text("What was demanded, in words."),
        at_least=_maybe("number", "The least value that the rule accepts, if it sets one."),
        at_most=_maybe("number", "The greatest value that the rule accepts, if it sets one."),
        metric=_text("What was measured."),
        proof={
            "enum": ["shown", "unrefuted", "estimate"],
            "description": "What decides: the bound that shows it, the one that refutes it, or the value.",
        },
        confidence=_text("Of each one-sided bound, as a decimal or a fraction."),
        severity={"enum": ["block", "warn"], "description": "Whether the rule can block, or is only shown."},
        enforce_from=_maybe("string", "The day from which the rule blocks, YYYY-MM-DD."),
        findings=_list("finding", "What was judged under the rule, a slice, column or fact each."),
        tables=_list("table", "What the rule publishes, beside its findings."),
        machine={"type": "boolean", "description": "Whether an ERROR is the machine's fault: worth a retry."},
        traceback=_maybe("string", "Where the check crashed, if it did."),
    )


def _finding() -> Schema:
    return _record(
        "One judged estimate or claim.",
        where=_ref("where"),
        status=_status(),
        message=_text("What was measured, demanded and found."),
        value=_maybe("number", "The estimate, to 12 significant digits."),
        exact=_maybe("string", "The value in exact counts, where it is made of them: 48/60, or 48/60 against 60/60."),
        lower=_maybe("number", "One-sided lower bound of the true value at the rule's confidence."),
        upper=_maybe("number", "One-sided upper bound of the true value at the rule's confidence."),
        rows=_maybe("integer", "Rows of the slice.", minimum=0),
        n=_maybe("integer", "Rows that count for the value.", minimum=0),
        settle=_maybe("string", "What would settle an INCONCLUSIVE finding."),
        note=_maybe("string", "What a reader must know about the interval."),
    )


def _table() -> Schema:
    return _record(
        "A table that a rule publishes, its cells as text.",
        title=_text("What it shows."),
        columns={**_texts(), "description": "The head."},
        rows={"type": "array", "items": _texts(), "description": "The cells, a row at a time."},
    )


def _waiver() -> Schema:
    return _record(
        "A dated, owned, reasoned, bounded exception to one rule.",
        rule=_text("The rule that it is about."),
        where=_ref("where"),
        owner=_text("Who answers for it."),
        reason=_text("Why it was granted."),
        granted=_text("Day, YYYY-MM-DD."),
        expires=_text("Day, YYYY-MM-DD."),
        bound=_text("What is still demanded under the waiver."),
        applied={"type": "boolean", "description": "Whether it was honoured."},
        said=_text("What it did, or why it was not honoured."),
        at=_ref("location"),
    )


def _refusal() -> Schema:
    problem = _record(
        "One thing wrong, with its remedy.",
        at={"anyOf": [_ref("location"), {"type": "null"}], "description": "Where in which file, if in one."},
        message=_text("What is wrong."),
    )
    return _record(
        "A candidate that could not be judged at all.",
        path=_text("The candidate file."),
        candidate=_text("Its name, where it could be read."),
        **_answer([1, 2, 3]),
        problems={"type": "array", "items": problem, "description": "Why it could not be judged."},
    )


def _input() -> Schema:
    return _record(
        "A file that the verdict rests on.",
        role=_text("What it is: policy, candidate, model, predictions, a table."),
        path=_text("Where it was read."),
        sha256=_text("Its digest, recomputed by the run, in hexadecimal."),
    )


def _counts() -> Schema:
    number = {"type": "integer", "minimum": 0}
    return _record("How many outcomes have each status.", **{status.value: number for status in Status})


def _where() -> Schema:
    pair = _record("One column of the slice.", column=_text("Name of the column."), value=_text("The group."))
    return {"type": "array", "items": pair, "description": "The slice; empty for all rows."}


def _location() -> Schema:
    place = {"type": "integer", "minimum": 0}
    return _record("A place in a file; lines and columns count from 1.", file=_text("Path."), line=place, column=place)


def _answer(codes: Iterable[int]) -> dict[str, Schema]:
    return {
        "allowed": {"type": "boolean", "description": "Whether the merge is allowed."},
        "exit_code": {
            "enum": list(codes),
            "description": "0 allowed, 1 blocked, 2 wrong input or nothing asked, 3 the machine's fault.",
        },
        "retryable": {"type": "boolean", "description": "Whether nothing but the machine stood in the way."},
    }


def _status() -> Schema:
    return {"enum": [status.value for status in Status], "description": "The result; SKIPPED and LISTED never count."}


def _record(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(definition: str, description: str) -> Schema:
    return {"type": "array", "items": _ref(definition), "description": description}


def _ref(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _texts() -> Schema:
    return {"type": "array", "items": {"type": "string"}}


def _maybe(kind: str, description: str, **more: int) -> Schema:
    return {"type": [kind, "null"], "description": description, **more}
