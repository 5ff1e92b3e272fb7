"""Needs and facts to and from plain JSON, exactly: `mlgate.values.plain` knows how, from their type hints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values import plain
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.json_text import parse

FORMAT = 1

MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading plain values raises where they are not what was written."""
_ERRORS: Mapping[str, type[EvidenceError | MachineError]] = {"evidence": EvidenceError, "machine": MachineError}


def facts_to_json(found: Facts) -> str:
    """All answers as JSON text, in an order that depends on nothing but them."""
    whole = {"mlgate": FORMAT, "facts": encode_facts(found)}
    return json.dumps(whole, sort_keys=True, indent=1, allow_nan=False) + "\n"


def facts_from_json(text: str) -> Facts:
    """The answers of a text made by `facts_to_json`. Raises InputError for anything else."""
    try:
        whole = parse(text)
        if not isinstance(whole, dict) or set(whole) != {"mlgate", "facts"} or whole["mlgate"] != FORMAT:
            raise ValueError(f'it must be an object with "mlgate": {FORMAT} and "facts"')
        return decode_facts(whole["facts"])
    except MALFORMED as error:
        raise InputError(f"no facts of `mlgate measure`: {error}; measure again with this version") from error


def encode_facts(found: Facts) -> list[dict[str, Any]]:
    """All answers as plain JSON values, in an order that depends on nothing but them."""
    entries = [
        {"need": encode_need(need), "answer": _encode_answer(need, answer)} for need, answer in found.answers.items()
    ]
    return sorted(entries, key=lambda entry: json.dumps(entry["need"], sort_keys=True))


def decode_facts(entries: Iterable[Mapping[str, Any]]) -> Facts:
    """The answers of plain JSON values. Raises one of MALFORMED where they are none."""
    answers: dict[Need, Any] = {}
    for entry in entries:
        need = decode_need(entry["need"])
        if need in answers:
            raise ValueError(f"two answers to one need: {entry['need']}")
        answers[need] = _decode_answer(need, entry["answer"])
    return Facts(answers)


def encode_need(need: Need) -> dict[str, Any]:
    """A need as plain JSON values."""
    return {"asks": need.name, **plain.write(type(need), need)}


def decode_need(value: Mapping[str, Any]) -> Need:
    """The need of plain JSON values. Raises ValueError or KeyError where they are none."""
    fields = dict(value)
    kind = by_name()[fields.pop("asks")]
    return plain.read(kind, fields)


def _encode_answer(need: Need, answer: Any) -> dict[str, Any]:
    for name, kind in _ERRORS.items():
        if isinstance(answer, kind):
            return {"error": name, "message": str(answer)}
    return {"fact": plain.write(need.fact, answer)}


def _decode_answer(need: Need, value: Mapping[str, Any]) -> Any:
    if set(value) == {"error", "message"}:
        return _ERRORS[value["error"]](plain.read(str, value["message"]))
    if set(value) != {"fact"}:
        raise ValueError(f"an answer has a fact, or an error and its message, not {sorted(value)}")
    return plain.read(cast("type[Any]", need.fact), value["fact"])
