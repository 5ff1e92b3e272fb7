"""Stored verdicts: canonical JSON that is read strictly and checked for contradictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mlgate.values import plain
from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.json_text import parse, to_text
from mlgate.values.plain import ContradictionError, MalformedError, Schema
from mlgate.values.verdict import Verdicts, worst

DIGITS = 12
"""The significant digits of stored numbers."""
_HOW = "write one with `mlgate check --report json=PATH`"


def schema() -> Schema:
    """JSON Schema 2020-12 of the document that `--report json=PATH` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mlgate:verdict:{Verdicts.mlgate}",
        "title": "mlgate verdict",
        **plain.schema(Verdicts),
    }


def write(verdicts: Verdicts) -> str:
    """The verdicts as JSON text: equal verdicts give equal bytes. Raises ValueError for NaN and infinity."""
    judged = sorted(verdicts.verdicts, key=lambda v: v.place)
    refused = sorted(verdicts.refusals, key=lambda r: (r.path, r.candidate))
    return to_text(plain.write(Verdicts, replace(verdicts, verdicts=tuple(judged), refusals=tuple(refused)), DIGITS))


def read(text: str, source: str = "this file") -> Verdicts:
    """The verdicts that `write` wrote. Raises InputError for other files and for contradictions."""
    document = _parsed(text, source)
    try:
        verdicts = plain.read(Verdicts, document)
        for contradiction in _milder_than_findings(verdicts):
            raise contradiction
    except ContradictionError as error:
        raise _refused(source, f"the verdict was edited after it was given, it contradicts itself: {error}") from error
    except MalformedError as error:
        raise _refused(source, f"mlgate does not write such a verdict: {error}; {_HOW}") from error
    return verdicts


def _parsed(text: str, source: str) -> Any:
    try:
        document = parse(text)
    except json.JSONDecodeError as error:
        language = "XML" if text.lstrip().startswith("<") else "not JSON"
        where = Location(source, error.lineno, error.colno)
        raise InputError([Problem(where, f"this is {language}, not a stored verdict; {_HOW}")]) from error
    except ValueError as error:
        raise _refused(source, f"this is not a stored verdict: {error}; {_HOW}") from error
    if not isinstance(document, dict) or "mlgate" not in document or document.get("kind") != Verdicts.kind:
        raise _refused(source, f"this JSON is not a stored verdict; {_HOW}")
    if document["mlgate"] != Verdicts.mlgate:
        said = f"the verdict has format {document['mlgate']!r}, and this mlgate reads {Verdicts.mlgate}; update mlgate"
        raise _refused(source, said)
    return document


def _milder_than_findings(verdicts: Verdicts) -> Iterator[ContradictionError]:
    """Every outcome whose status is better than that of its worst finding."""
    for verdict in verdicts.verdicts:
        for outcome in verdict.outcomes:
            counted = [finding.status for finding in outcome.findings if finding.status.counts]
            if counted and outcome.status.rank < worst(counted).rank:
                said = f"{outcome.name} is {outcome.status.value}, but one of its findings is {worst(counted).value}"
                yield ContradictionError(f"{verdict.candidate}: {said}")


def _refused(source: str, message: str) -> InputError:
    return InputError([Problem(Location(source), message)])
