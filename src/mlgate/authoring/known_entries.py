"""Known failures from stored verdicts: an entry per finding that fails, and a file without what is met now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from mlgate.policy.known_failures import KnownFailures
from mlgate.values.errors import InputError
from mlgate.values.verdict import EXPECTS, INPUTS, Finding, Outcome, Status, Verdict, where_text

HEAD = "mlgate: 1\nknown_failures:"
_DIGITS = 6


@dataclass(frozen=True)
class Recording:
    """Who repairs what is recorded, why it may stay, and from when until when."""

    owner: str
    reason: str
    today: date
    days: int


@dataclass(frozen=True)
class Recorded:
    """A file of known failures, and what could not be recorded."""

    text: str
    entries: int
    left_out: tuple[str, ...] = ()


def recorded(verdicts: Iterable[Verdict], terms: Recording) -> Recorded:
    """An entry per finding that fails or is not shown, whether its rule blocks or only warns.

    A finding that a waiver or a known failure excuses is not recorded again.
    """
    entries: dict[str, None] = {}
    left_out: dict[str, None] = {}
    for verdict in verdicts:
        for outcome in verdict.outcomes:
            for finding in outcome.findings if outcome.check not in (EXPECTS, INPUTS) else ():
                if why := _why_not(outcome, finding):
                    left_out[f"{verdict.candidate}: {_called(outcome, finding)} {why}"] = None
                elif finding.status in (Status.FAIL, Status.INCONCLUSIVE):
                    entries[_entry(verdict, outcome, finding, terms)] = None
            if outcome.status is Status.ERROR and not any(f.status is Status.ERROR for f in outcome.findings):
                left_out[f"{verdict.candidate}: {outcome.name} is ERROR: {outcome.message}"] = None
            elif outcome.check in (EXPECTS, INPUTS) and outcome.status.blocks:
                left_out[f"{verdict.candidate}: {outcome.name} is {outcome.status.value}: {outcome.message}"] = None
    text = "\n".join([HEAD, *entries]) if entries else f"{HEAD} []"
    return Recorded(f"{text}\n", len(entries), tuple(left_out))


def _called(outcome: Outcome, finding: Finding) -> str:
    return f"{outcome.name}{f' in {where_text(finding.where)}' if finding.where else ''}"


def _why_not(outcome: Outcome, finding: Finding) -> str:
    """Why a finding that blocks cannot be recorded; empty for all others."""
    if finding.status is Status.ERROR:
        return f"is ERROR, and an ERROR cannot be a known failure: {finding.message}"
    if finding.status is Status.INCONCLUSIVE and (finding.value is None or finding.lacking == "min_n"):
        return f"has fewer rows than its rule demands, so there is nothing to compare with: {finding.message}"
    return ""


def _entry(verdict: Verdict, outcome: Outcome, finding: Finding, terms: Recording) -> str:
    lines = [f"candidate: {_quoted(verdict.candidate)}", f"rule: {_quoted(outcome.name)}"]
    if finding.where:
        where = ", ".join(f"{_quoted(column)}: {_quoted(value)}" for column, value in finding.where)
        lines.append(f"where: {{{where}}}")
    if finding.value is None:
        lines.append(f"said: {_quoted(finding.message)}")
    else:
        demanded = outcome.under(finding)
        lines.append(f"measured: {_quoted(demanded.metric)}")
        lines += [f"value: {_outward(finding.value, demanded)}  # {demanded.demand}", f"n: {finding.n or 0}"]
    lines += [f"owner: {_text(terms.owner)}", f"reason: {_text(terms.reason)}", f"recorded: {terms.today}"]
    lines.append(f"expires: {terms.today + timedelta(terms.days)}")
    return "  - " + "\n    ".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(text: str) -> str:
    return text if text.isalpha() else _quoted(text)


def _outward(value: float, demanded: Outcome) -> str:
    """A few digits of a value, on the side where it is not better than it was."""
    above = demanded.at_most is not None and (demanded.at_least is None or value > demanded.at_least)
    rounding = Context(prec=_DIGITS, rounding=ROUND_CEILING if above else ROUND_FLOOR)
    return f"{rounding.create_decimal(f'{value:.12g}').normalize():f}"


def without(known: KnownFailures, text: str, gone: set[int]) -> str:
    """The text of a file without the entries that begin at some lines; all else stays as it is.

    Raises InputError where entries share a line.
    """
    lines = text.splitlines(keepends=True)
    starts = sorted(entry.at.line for entry in known.entries)
    if len(set(starts)) < len(starts):
        raise InputError(f"{known.input.path} has several entries on a line; write each on lines of its own")
    dropped: set[int] = set()
    for start, after in zip(starts, [*starts[1:], len(lines) + 1]):
        last = after - 1
        while last > start and not lines[last - 1].strip().split("#")[0]:
            last -= 1
        dropped |= set(range(start, last + 1)) if start in gone else set()
    kept = "".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    return kept if len(gone) < len(starts) else _emptied(kept)


def _emptied(text: str) -> str:
    return text.replace("known_failures:", "known_failures: []", 1)


def needless(verdicts: Iterable[Verdict], file: str) -> Iterator[tuple[int, str]]:
    """The lines of a file's entries that excuse nothing any more, by a verdict, and why."""
    for verdict in verdicts:
        for note in verdict.waivers:
            if note.kind == "known failure" and note.at.file == file and not note.applied and _over(note.said):
                yield note.at.line, f"{note.rule}: {note.said}"


def _over(said: str) -> bool:
    return said.startswith(("it is met now", "it expired"))
