"""What a policy leaves to the candidate: the keys that decide what is measured, and the line that fixes each."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.roles import EVALUATION
from mlgate.policy.demanded import NOTHING, Policy

_ALWAYS = (
    ("predictions.id", "predictions: {id: COLUMN}"),
    ("predictions.label", "predictions: {label: COLUMN}"),
    ("predictions.count", "predictions: {count: none}"),
    ("predictions.weight", "predictions: {weight: none}"),
    ("unit", "unit: {column: COLUMN, score: none}"),
)
"""Keys that every candidate with predictions can choose. `none` leaves a key out."""


def left_open(policy: Policy) -> Iterator[tuple[str, str]]:
    """The keys that the candidate may choose, each with the line of `expects:` that fixes it."""
    fixed = {entry.key: entry.value for entry in policy.expects}
    whole = {key for key, value in fixed.items() if value == NOTHING}

    def known(key: str) -> bool:
        return any(name == key or name.startswith(f"{key}.") for name in fixed) or key.split(".")[0] in whole

    tasks = {fixed["task"]} if "task" in fixed else set(policy.applies_to.task)
    if not tasks:
        yield "task", "task: TASK"
    if not known("positive") and (not tasks or "binary" in tasks):
        yield "positive", "positive: CLASS"
    labelled = any(fixed.get(f"{EVALUATION}.{key}") for key in ("label", "labels"))
    for key, line in _ALWAYS:
        if not known(key) and not (key == "predictions.label" and (labelled or known("predictions.labels"))):
            yield key, line
    columns = any(key.startswith(("predictions.", "unit.")) and fixed[key] != NOTHING for key in fixed)
    if not known(EVALUATION) and not columns:
        yield EVALUATION, f"{EVALUATION}: none"
    compared = any(rule.check.compares_models for rule in policy.rules)
    if compared and not known("champion") and not known("champions"):
        yield "champion", "champion: {path: FILE, id: COLUMN, prediction: COLUMN}"
