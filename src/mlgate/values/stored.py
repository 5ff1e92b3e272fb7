"""A stored verdict read back: checked against its schema, and against itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.verdict import (
    Finding,
    Input,
    Outcome,
    Refusal,
    Status,
    Table,
    Verdict,
    Verdicts,
    WaiverNote,
    Where,
    worst,
)
from mlgate.values.verdict_schema import FORMAT, schema

Record = Mapping[str, Any]
_HOW = "write one with `mlgate check --report json=PATH`"
_INTEGER_DIGITS = 18


def read(text: str, source: str = "this file") -> Verdicts:
    """The verdicts that `render` wrote. Raises InputError for other files and for contradictions."""
    document = _parse(text, source)
    _validate(document, source)
    verdicts = Verdicts(tuple(map(_verdict, document["verdicts"])), tuple(map(_refusal, document["refusals"])))
    wrong = list(_contradictions(document, verdicts))
    if wrong:
        at = Location(source)
        raise InputError(
            Problem(at, f"the verdict contradicts itself, it was changed after it was given: {w}") for w in wrong
        )
    return verdicts


def _parse(text: str, source: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except json.JSONDecodeError as error:
        where = Location(source, error.lineno, error.colno)
        kind = "XML" if text.lstrip().startswith("<") else "no JSON"
        raise InputError([Problem(where, f"this is {kind}, not a stored verdict; {_HOW}")]) from error
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(Location(source), f"not a stored verdict: {error}; {_HOW}")]) from error


def _validate(document: Any, source: str) -> None:
    from jsonschema import Draft202012Validator

    if not isinstance(document, dict) or "mlgate" not in document or "verdicts" not in document:
        raise InputError([Problem(Location(source), f"this JSON is not a stored verdict; {_HOW}")])
    if document["mlgate"] != FORMAT:
        said = f"written in format {document['mlgate']!r}; this mlgate reads format {FORMAT}"
        raise InputError([Problem(Location(source), said)])
    errors = sorted(Draft202012Validator(schema()).iter_errors(document), key=lambda e: list(map(str, e.absolute_path)))
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        said = f"not a verdict as mlgate writes it: at {first.json_path}: {first.message[:300]}{more}"
        raise InputError([Problem(Location(source), said)])


def _contradictions(document: Record, verdicts: Verdicts) -> Iterable[str]:
    yield from _differences("", document, verdicts, ("allowed", "exit_code", "retryable", "counts"))
    for stated, verdict in zip(document["verdicts"], verdicts.verdicts):
        name = f"{verdict.candidate}: "
        yield from _differences(name, stated, verdict, ("allowed", "exit_code", "retryable", "counts"))
        for outcome in verdict.outcomes:
            counted = [finding.status for finding in outcome.findings if finding.status.counts]
            if counted and outcome.status.rank < worst(counted).rank:
                stated_status, found = outcome.status.value, worst(counted).value
                yield f"{name}{outcome.name} is {stated_status} over a finding that is {found}"
    for stated, refusal in zip(document["refusals"], verdicts.refusals):
        yield from _differences(f"{refusal.path}: ", stated, refusal, ("allowed", "retryable"))


def _differences(name: str, stated: Record, found: object, keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        recomputed = getattr(found, key)
        if stated[key] != recomputed:
            yield f"{name}{key} says {stated[key]}, but its outcomes make it {recomputed}"


def _verdict(stored: Record) -> Verdict:
    return Verdict(
        **_texts(stored, "candidate", "version", "path", "as_of", "tool"),
        outcomes=tuple(map(_outcome, stored["outcomes"])),
        inputs=tuple(Input(**entry) for entry in stored["inputs"]),
        waivers=tuple(map(_waiver, stored["waivers"])),
        notes=tuple(stored["notes"]),
    )


def _outcome(stored: Record) -> Outcome:
    plain = ("policy", "rule", "check", "message", "demand", "metric", "proof", "confidence", "severity")
    return Outcome(
        **_texts(stored, *plain, "enforce_from", "machine", "traceback"),
        status=Status(stored["status"]),
        at=_location(stored["at"]),
        at_least=_float(stored["at_least"]),
        at_most=_float(stored["at_most"]),
        findings=tuple(map(_finding, stored["findings"])),
        tables=tuple(map(_table, stored["tables"])),
    )


def _table(stored: Record) -> Table:
    return Table(stored["title"], tuple(stored["columns"]), tuple(tuple(row) for row in stored["rows"]))


def _finding(stored: Record) -> Finding:
    return Finding(
        where=_where(stored["where"]),
        status=Status(stored["status"]),
        value=_float(stored["value"]),
        lower=_float(stored["lower"]),
        upper=_float(stored["upper"]),
        rows=_int(stored["rows"]),
        n=_int(stored["n"]),
        **_texts(stored, "message", "exact", "settle", "note"),
    )


def _waiver(stored: Record) -> WaiverNote:
    return WaiverNote(
        **_texts(stored, "rule", "owner", "reason", "granted", "expires", "bound", "applied", "said"),
        where=_where(stored["where"]),
        at=_location(stored["at"]),
    )


def _refusal(stored: Record) -> Refusal:
    problems = tuple(Problem(entry["at"] and _location(entry["at"]), entry["message"]) for entry in stored["problems"])
    return Refusal(stored["path"], int(stored["exit_code"]), problems, stored["candidate"])


def _location(stored: Record) -> Location:
    return Location(stored["file"], int(stored["line"]), int(stored["column"]))


def _where(stored: Iterable[Record]) -> Where:
    return tuple((pair["column"], pair["value"]) for pair in stored)


def _texts(stored: Record, *names: str) -> dict[str, Any]:
    return {name: stored[name] for name in names}


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _int(value: int | None) -> int | None:
    return None if value is None else int(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is there twice")
    return record


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is too large a number")
    return value


def _short(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS:
        raise ValueError(f"{digits[:20]}... is too large a number")
    return int(digits)
