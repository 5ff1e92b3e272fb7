"""What a policy leaves to the candidate: keys that decide what is measured, and the `expects:` that fixes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.candidate.presented import CHAMPION
from mlgate.candidate.roles import EVALUATION, ROLES
from mlgate.policy.demanded import NOTHING, Policy

Dotted = tuple[str, ...]
Tree = dict[str, Any]

_ALWAYS = {
    ("predictions", "id"): "COLUMN",
    ("predictions", "label"): "COLUMN",
    ("predictions", "count"): "none",
    ("predictions", "weight"): "none",
    ("unit", "column"): "COLUMN",
    ("unit", "score"): "none",
}
"""Keys that every candidate with predictions can choose, each with what fixes it. `none` leaves a key out."""
_MODEL = {"path": "FILE", "id": "COLUMN", "prediction": "COLUMN"}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def left_open(policy: Policy) -> dict[Dotted, Any]:
    """The keys that the candidate may choose, each with what fixes it; what is in capitals is the owner's to say."""
    fixed = {entry.keys: entry.value for entry in policy.expects}
    tasks = _tasks(policy, fixed)
    found: dict[Dotted, Any] = {("task",): "TASK"} if not tasks else {}
    if not tasks or "binary" in tasks:
        found[("positive",)] = "CLASS"
    labelled = any(fixed.get((EVALUATION, key)) for key in ("label", "labels")) or ("predictions", "labels") in fixed
    found |= {keys: value for keys, value in _ALWAYS.items() if keys != ("predictions", "label") or not labelled}
    if identifying := [("predictions", name) for name in _identifying(tasks)]:
        found |= {("predictions", "id"): "none", **dict.fromkeys(identifying, "COLUMN")}
    if not any(keys[0] in ("predictions", "unit") and value != NOTHING for keys, value in fixed.items()):
        found[(EVALUATION,)] = "none"
    found |= dict.fromkeys(_champions(policy), _MODEL)
    return {keys: value for keys, value in found.items() if not _known(keys, fixed)}


def _tasks(policy: Policy, fixed: Mapping[Dotted, Any]) -> set[Any]:
    """The tasks that a candidate can have, as far as the policy says: by name, or by keys that only they have."""
    if ("task",) in fixed:
        return {fixed[("task",)]}
    given = [keys[1] for keys, value in fixed.items() if keys[0] == "predictions" and keys[1:] and value != NOTHING]
    named = [ROLES[name].fit.tasks for name in given if name in ROLES]
    implied = [
        set(policy.applies_to.task),
        *map(set, named),
        {"binary"} if fixed.get(("positive",), NOTHING) != NOTHING else set(),
    ]
    return set.intersection(*filter(None, implied)) if any(implied) else set()


def _known(keys: Dotted, fixed: Mapping[Dotted, Any]) -> bool:
    """Whether the policy fixes a key, one below it, or that something above it is left out."""
    above = any(fixed.get(keys[:end]) == NOTHING for end in range(1, len(keys)))
    return above or any(each[: len(keys)] == keys for each in fixed)


def _identifying(tasks: set[Any]) -> Iterator[str]:
    """The roles that say what each row is about, such as the query of a ranking, for tasks that are known."""
    yield from (name for name, of in ROLES.items() if of.fit.identifies and tasks & set(of.fit.tasks))


def _champions(policy: Policy) -> Iterator[Dotted]:
    """The earlier models that rules compare with. If the rule names none, it is the only one."""
    for rule in policy.rules:
        if rule.check.compares_models:
            names = getattr(rule.check, "against", ())
            yield from (("champions", name) for name in names if name != CHAMPION)
            if CHAMPION in names or (not names and not any(entry.keys[0] == "champions" for entry in policy.expects)):
                yield (CHAMPION,)


def closing_block(policy: Policy) -> str:
    """The policy's `expects:` with all that its own file fixes and all that it leaves open, as the file may have it."""
    whole: Tree = {}
    own = {entry.keys: entry.value for entry in policy.expects if entry.at.file == policy.file}
    for keys, value in (own | left_open(policy)).items():
        below = whole
        for key in keys[:-1]:
            below = below.setdefault(key, {})
        below[keys[-1]] = value
    return "".join(["expects:\n", *(f"  {_quoted(key)}: {_flow(value)}\n" for key, value in whole.items())])


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple):
            return _flow(dict(value))
        return _quoted(value[0]) if len(value) == 1 else f"[{', '.join(map(_quoted, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)}: {_flow(below)}' for key, below in value.items())}}}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
