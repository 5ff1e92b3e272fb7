"""Needs and their answers, to and from plain JSON without loss, by their type hints (`mlgate.values.plain`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values import plain
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.plain import MalformedError

T = TypeVar("T")
_ERRORS: Mapping[str, type[EvidenceError | MachineError]] = {"evidence": EvidenceError, "machine": MachineError}


def encode_facts(found: Facts, others: Iterable[type[Need]] = ()) -> list[dict[str, Any]]:
    """All answers as plain JSON values, in an order that depends on the answers alone.

    `others` are the questions of plugins. Raises MachineError for a question that `decode_facts` would not know.
    """
    known = _known(others)
    for need in found.answers:
        if known.get(need.name) is not type(need):
            raise MachineError(f"the question `{need.name}` cannot be stored: its check does not declare it")
    entries = [{"need": _encode_need(need), "answer": _encode(need, answer)} for need, answer in found.answers.items()]
    return sorted(entries, key=lambda entry: json.dumps(entry["need"], sort_keys=True))


def decode_facts(entries: Any, others: Iterable[type[Need]] = ()) -> Facts:
    """The answers in plain JSON values. Raises MalformedError, with the place, for values that `encode_facts` cannot
    give.
    """
    if not isinstance(entries, list):
        raise MalformedError("the facts are not a list")
    known, answers = _known(others), dict[Need, Any]()
    for place, entry in enumerate(entries):
        try:
            need, answer = _decode_entry(entry, known)
        except MalformedError as wrong:
            raise wrong.below(f"facts[{place}]") from None
        if need in answers:
            raise MalformedError("a second answer to the same need").below(f"facts[{place}]")
        answers[need] = answer
    return Facts(answers)


def _known(others: Iterable[type[Need]]) -> Mapping[str, type[Need]]:
    """Our questions and the plugins', by name. Raises MachineError where two have the same name."""
    known = dict(by_name())
    for of in others:
        if of.fact is None or known.setdefault(of.name, of) is not of:
            raise MachineError(f"the question `{of.name}` has no fact type, or has the name of another question")
    return known


def _decode_entry(entry: Any, known: Mapping[str, type[Need]]) -> tuple[Need, Any]:
    if _keys(entry) != {"need", "answer"}:
        raise MalformedError("not a need with its answer")
    need = _decode_need(entry["need"], known)
    return need, _decode(need, entry["answer"])


def _encode_need(need: Need) -> dict[str, Any]:
    return {"asks": need.name, **plain.write(type(need), need)}


def _decode_need(value: Any, known: Mapping[str, type[Need]]) -> Need:
    kind = known.get(str(value["asks"])) if "asks" in _keys(value) else None
    if kind is None:
        raise MalformedError("not a question of this version, or of a check that the policies name").below("need")
    return _at("need", kind, {name: part for name, part in value.items() if name != "asks"})


def _encode(need: Need, answer: Any) -> dict[str, Any]:
    for name, kind in _ERRORS.items():
        if isinstance(answer, kind):
            keys = {"keys": list(answer.keys)} if isinstance(answer, EvidenceError) and answer.keys else {}
            return {"error": name, "message": str(answer), **keys}
    return {"fact": plain.write(need.fact, answer)}


def _decode(need: Need, value: Any) -> Any:
    keys = _keys(value)
    if keys == {"error", "message", "keys"} and value["error"] == "evidence":
        about = _at("answer.keys", tuple[str, ...], value["keys"])
        return EvidenceError(_at("answer.message", str, value["message"]), *about)
    if keys == {"error", "message"} and (error := _ERRORS.get(str(value["error"]))):
        return error(_at("answer.message", str, value["message"]))
    if keys != {"fact"}:
        raise MalformedError("neither a fact, nor an error with its message").below("answer")
    return _at("answer.fact", cast("type[Any]", need.fact), value["fact"])


def _at(place: str, kind: type[T], value: Any) -> T:
    try:
        return plain.read(kind, value)
    except MalformedError as wrong:
        raise wrong.below(place) from None


def _keys(value: Any) -> set[str]:
    """The keys of an object; none for any other value."""
    return set(value) if isinstance(value, dict) else set()
