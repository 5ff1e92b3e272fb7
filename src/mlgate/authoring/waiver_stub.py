"""The stub of a waiver for a rule of a stored verdict: as narrow as what blocks, without its owner and its reason."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date, timedelta

from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, where_text

TO_WRITE = "TODO"
"""What somebody must replace: a policy with it is refused."""
_DIGITS = 3


def waiver_stub(verdict: Verdict, outcome: Outcome, today: date, days: int) -> str:
    """One waiver per finding that blocks, as YAML for the policy's `waivers:`. Raises as `waiver_entries`."""
    return "".join(["waivers:\n", *map(entry_text, waiver_entries(verdict, outcome, today, days, outcome.rule))])


def entry_text(lines: Sequence[str], indent: int = 2) -> str:
    """An entry of a list in YAML, of its keys as lines."""
    before = " " * indent
    return f"{before}- " + f"\n{before}  ".join(lines) + "\n"


def waiver_entries(verdict: Verdict, outcome: Outcome, today: date, days: int, rule: str) -> list[list[str]]:
    """One waiver per finding that blocks, each as its lines; `rule` is how they name the rule.

    Raises InputError where nothing blocks, or where what blocks is not a value beyond a bound.
    """
    blocking = [each for each in outcome.findings if each.status in (Status.FAIL, Status.INCONCLUSIVE)]
    if outcome.status is Status.ERROR:
        said = f"{outcome.name} is ERROR: {outcome.message}"
        raise InputError(f"{said}; correct that, because a waiver is only for a value beyond its bound")
    if not blocking:
        raise InputError(f"{outcome.name} is {outcome.status.value}, so there is nothing to waive; name another rule")
    return [[f"rule: {rule}", *_keys(verdict, outcome, each, today, days)] for each in blocking]


def _keys(verdict: Verdict, outcome: Outcome, finding: Finding, today: date, days: int) -> list[str]:
    bound, key = _bound(outcome, finding)
    lines = []
    if finding.where:
        where = ", ".join(f"{json.dumps(column)}: {json.dumps(value)}" for column, value in finding.where)
        lines.append(f"where: {{{where}}}")
    lines += [f"for: {json.dumps(verdict.candidate)}", f"{key}: {bound}  # {_measured(outcome, finding)}"]
    lines += [f"owner: {TO_WRITE}  # who is responsible for this exception", f"reason: {TO_WRITE}  # with a ticket"]
    return [*lines, f"granted: {today}", f"expires: {today + timedelta(days)}"]


def _measured(outcome: Outcome, finding: Finding) -> str:
    return " ".join(f"{finding.message}, {outcome.proof}".split())


def _bound(outcome: Outcome, finding: Finding) -> tuple[str, str]:
    """The bound that the finding just meets by the rule's proof, as text, and its key."""
    demanded = outcome.under(finding)
    for key, limit, shown, sign in (
        ("not_below", demanded.at_least, finding.lower, -1),
        ("not_above", demanded.at_most, finding.upper, 1),
    ):
        reached = shown if outcome.proof == "shown" else finding.value
        if limit is not None and reached is not None and sign * (reached - limit) > 0:
            return _rounded(reached, sign), key
    where = f" in {where_text(finding.where)}" if finding.where else ""
    raise InputError(
        f"{outcome.name}{where} has no value that a weaker bound would allow ({finding.message}); "
        "write `enforce_from: DATE` or `severity: warn` in the rule instead"
    )


def _rounded(value: float, sign: int) -> str:
    """A few digits of a number, on the side where it still meets."""
    if value == 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(abs(value))) - _DIGITS + 1)
    moved = math.floor(value / step) if sign < 0 else math.ceil(value / step)
    return f"{moved * step:.{_DIGITS}g}"


def outcomes_of(verdicts: tuple[Verdict, ...], rule: str) -> list[tuple[Verdict, Outcome]]:
    """The outcomes of a rule, by its id or its full name: one per candidate, which may be judged several times, and
    then the one that blocks.
    """
    found: dict[tuple[str, str], tuple[Verdict, Outcome]] = {}
    for verdict in verdicts:
        for each in verdict.outcomes:
            place = (verdict.path or verdict.candidate, each.name)
            if rule in (each.rule, each.name) and not (place in found and found[place][1].status.blocks):
                found[place] = (verdict, each)
    return list(found.values())
