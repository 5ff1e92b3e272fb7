"""What differs between stored verdicts and the same verdicts given again: inputs, results, versions and texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.reports.page import Look
from mlgate.reports.safe_text import visible
from mlgate.values import plain
from mlgate.values.stored import DIGITS
from mlgate.values.verdict import Verdicts

CLOSE = 1e-9
"""Numbers that differ by no more than this part of them are equal: other processors round the last digits otherwise."""
VERSIONS = ("tool", "versions")
TEXTS = ("message", "note", "notes", "settle", "help", "words", "said")
"""Keys of sentences. Another version may word them otherwise; the values in them are compared by themselves."""
HOLDERS = ("verdicts", "inputs", "outcomes", "findings")
"""Keys of lists whose entries have names, which say enough."""
MOST_SHOWN = 40
DIGEST = 64


@dataclass(frozen=True)
class Change:
    """One value that differs."""

    where: str
    was: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.where}: {_text(self.was)} -> {_text(self.now)}"


@dataclass(frozen=True)
class Differences:
    """All differences, by what they are about."""

    inputs: tuple[Change, ...] = ()
    """Other or missing digests of the files that the verdicts depend on."""
    results: tuple[Change, ...] = ()
    """Verdicts, statuses, demands, values, bounds, counts and tables."""
    versions: tuple[Change, ...] = ()
    texts: tuple[Change, ...] = ()

    @property
    def reproduced(self) -> bool:
        """Whether everything that decides is equal."""
        return not (self.inputs or self.results)


def differences(stored: Verdicts, again: Verdicts) -> Differences:
    """What differs. What is compared is everything that a stored verdict holds, so no new key is forgotten."""
    found: dict[str, list[Change]] = {"inputs": [], "results": [], "versions": [], "texts": []}
    first, second = (_comparable(verdicts) for verdicts in (stored, again))
    for path, was, now in _changes((), first, second):
        where = ": ".join(key for key in path if key not in HOLDERS)
        found[_kind(path)].append(Change(where, was, now))
    return Differences(**{kind: tuple(changes) for kind, changes in found.items()})


def render_differences(name: str, stored: Verdicts, again: Verdicts, found: Differences, look: Look) -> str:
    """The page: what differs, inputs first, and whether the verdicts were reproduced."""
    lines = [f"{'REPRODUCED' if found.reproduced else 'NOT REPRODUCED'}  {name}"]
    lines += _group("inputs that differ", found.inputs)
    lines += _group("results that differ", found.results)
    lines += _group("versions that differ; by themselves they decide nothing", found.versions)
    lines += _group("texts that differ; they decide nothing", [change.where for change in found.texts])
    for verdict in again.verdicts:
        was = next((old for old in stored.verdicts if _about(old) == _about(verdict)), None)
        then = "not judged" if was is None else _answer(was.allowed)
        called = f"{verdict.candidate} {verdict.version}".strip()
        lines.append(f"  {called} as of {verdict.as_of}: {then} in the file, {_answer(verdict.allowed)} now")
    return "\n".join(look.signs(visible(line)) for line in lines) + "\n"


def _group(title: str, changes: Sequence[Change | str]) -> Iterator[str]:
    if changes:
        yield f"  {title}:"
        yield from (f"    {change}" for change in changes[:MOST_SHOWN])
    if len(changes) > MOST_SHOWN:
        yield f"    and {len(changes) - MOST_SHOWN:,} more"


def _answer(allowed: bool) -> str:
    return "allowed" if allowed else "blocked"


def _about(verdict: Any) -> tuple[str, ...]:
    return verdict.path, verdict.candidate, getattr(verdict, "under", "")


def _comparable(verdicts: Verdicts) -> Any:
    """The verdicts as they are stored, without how they were called; entries of lists by their names."""
    written = plain.write(Verdicts, verdicts, DIGITS)
    del written["called"]
    return _by_name(written)


def _by_name(value: Any) -> Any:
    """The same value with lists as mappings from the name of each entry."""
    if isinstance(value, dict):
        return {key: _by_name(each) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    names = [_name(entry, at) for at, entry in enumerate(value)]
    if len(set(names)) < len(names):
        names = [f"{name} ({at + 1})" for at, name in enumerate(names)]
    return {name: _by_name(entry) for name, entry in zip(names, value)}


def _name(entry: Any, at: int) -> str:
    if not isinstance(entry, dict):
        return str(at + 1)
    if "sha256" in entry:
        return f"{entry['role']} {entry['path']}"
    if "policy" in entry:
        return f"{entry['policy']}:{entry['rule']}"
    if "candidate" in entry:
        return f"{entry['candidate']} ({entry['path']})" if entry["candidate"] else str(entry["path"])
    if "where" in entry:
        slice_ = ", ".join(f"{column}={value}" for column, value in entry["where"]) or "all rows"
        return f"{entry['rule']} {slice_}" if "rule" in entry else slice_
    return str(at + 1)


_ABSENT = object()


def _changes(path: tuple[str, ...], was: Any, now: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every place where two values differ; a part that one of them lacks is one place."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            yield from _changes((*path, key), was.get(key, _ABSENT), now.get(key, _ABSENT))
    elif not _equal(was, now):
        yield path, was, now


def _equal(was: Any, now: Any) -> bool:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (was, now))
    return math.isclose(was, now, rel_tol=CLOSE, abs_tol=0.0) if numbers else bool(was == now)


def _kind(path: tuple[str, ...]) -> str:
    """What a place is about, from the keys that lead to it: to a verdict, and within it."""
    within = path[2:] if path[:1] == ("verdicts",) else path
    if within[:1] == ("inputs",):
        return "inputs"
    if within and within[0] in VERSIONS:
        return "versions"
    return "texts" if any(key in TEXTS for key in path) else "results"


def _text(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    if isinstance(value, dict):
        return "present"
    text = "none" if value is None else str(value)
    return f"{text[:12]}..." if len(text) == DIGEST and " " not in text else text
