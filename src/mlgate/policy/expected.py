"""A policy's `expects:` as a rule of its own, asked before the others."""

from __future__ import annotations

from mlgate.candidate.model import CHAMPION, Candidate
from mlgate.checks.expectations import Expectations
from mlgate.policy.model import Policy, Rule
from mlgate.values.demand import Demand
from mlgate.values.errors import Location


def expected_rules(policy: Policy, candidate: Candidate) -> tuple[Rule, ...]:
    """The rule `expects` of a policy that has one; none else."""
    if not policy.expects:
        return ()
    wanted = tuple((entry.key, _text(entry.value)) for entry in policy.expects)
    found = tuple((key, presented(candidate, key)) for key, _ in wanted)
    at = policy.expects_at or Location(policy.file)
    return (Rule(policy.name, "expects", Expectations(wanted, found), Demand(), at),)


def presented(candidate: Candidate, key: str) -> str | None:
    """What a candidate says for a dotted key of its file; None where it says nothing."""
    part, _, rest = key.partition(".")
    if not rest:
        value = getattr(candidate, "name" if part in ("name", "candidate") else part)
    else:
        holder = _holder(candidate, part)
        value = None if holder is None else _of(holder, rest)
    return None if value in (None, (), "") else _text(value)


def _holder(candidate: Candidate, part: str) -> object:
    own = {"predictions": candidate.predictions, "unit": candidate.unit}
    if part in own:
        return own[part]
    return candidate.champions.get(part) if part == CHAMPION else candidate.tables.get(part)


def _of(holder: object, key: str) -> object:
    found = getattr(holder, "source" if key == "path" else key, None)
    return getattr(found, "path", None) if key in ("path", "verdict") else found


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
