"""Needs and facts to and from plain JSON, exactly: fractions as "numerator/denominator", floats by their digits."""

from __future__ import annotations

import dataclasses
import json
import math
import types
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.errors import EvidenceError, InputError, MachineError

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


def parse(text: str) -> Any:
    """JSON text as plain values. Raises ValueError for repeated keys and for NaN."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)


def encode_facts(found: Facts) -> list[dict[str, Any]]:
    """All answers as plain JSON values, in an order that depends on nothing but them."""
    entries = [{"need": encode_need(need), "answer": _encode_answer(answer)} for need, answer in found.answers.items()]
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
    return {"asks": need.name, **cast("dict[str, Any]", _encode(need))}


def decode_need(value: Mapping[str, Any]) -> Need:
    """The need of plain JSON values. Raises ValueError or KeyError where they are none."""
    fields = dict(value)
    kind = by_name()[fields.pop("asks")]
    return cast("Need", _decode(kind, fields))


def _encode_answer(answer: Any) -> dict[str, Any]:
    for name, kind in _ERRORS.items():
        if isinstance(answer, kind):
            return {"error": name, "message": str(answer)}
    return {"fact": _encode(answer)}


def _decode_answer(need: Need, value: Mapping[str, Any]) -> Any:
    if set(value) == {"error", "message"}:
        return _ERRORS[value["error"]](_decode(str, value["message"]))
    if set(value) != {"fact"}:
        raise ValueError(f"an answer has a fact, or an error and its message, not {sorted(value)}")
    return _decode(need.fact, value["fact"])


def _encode(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a fact")


def _decode(kind: Any, value: Any) -> Any:
    """A value of a type. Raises ValueError where it is of another."""
    if get_origin(kind) is tuple:
        return _decode_tuple(get_args(kind), value)
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(kind) if arg is not type(None))
        return None if value is None else _decode(inner, value)
    if dataclasses.is_dataclass(kind):
        return _decode_record(cast("type[Any]", kind), value)
    if kind is Fraction and isinstance(value, str):
        return _fraction(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise ValueError(f"{value!r} where {getattr(kind, '__name__', kind)} is due")
    return value


def _decode_tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} where a list is due")  # noqa: TRY004 - one error for all that is malformed
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item) for item in value)
    return tuple(_decode(kind, item) for kind, item in zip(kinds, value, strict=True))


def _decode_record(kind: type[Any], value: Any) -> Any:
    hints = _hints(cast("Any", kind))
    if not isinstance(value, dict) or set(value) != set(hints):
        raise ValueError(f"{value!r} where the keys {sorted(hints)} of {kind.__name__} are due")
    return kind(**{name: _decode(hint, value[name]) for name, hint in hints.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _fraction(text: str) -> Fraction:
    numerator, slash, denominator = text.partition("/")
    if not slash or int(denominator) < 1:
        raise ValueError(f"{text!r} where a fraction is due")
    value = Fraction(int(numerator), int(denominator))
    if f"{value.numerator}/{value.denominator}" != text:
        raise ValueError(f"{text!r} where a fraction in lowest terms is due")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key stands twice among {[key for key, _ in pairs]}")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")
