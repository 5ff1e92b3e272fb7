"""What a policy fixes of the candidate, flattened to dotted keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlgate.policy.file import ExpectKeys, PolicyKeys
from mlgate.policy.model import Expectation
from mlgate.reading.fields import Report, params
from mlgate.reading.strict_yaml import Mapping


def read_expects(keys: PolicyKeys, node: Mapping, report: Report) -> tuple[Expectation, ...]:
    """The expectations of one file, in its order."""
    if keys.expects is None:
        return ()
    found = sorted(_flat(keys.expects, "", node), key=lambda expectation: expectation.at)
    _validate(keys.expects, node, report)
    return tuple(found)


def _flat(record: Any, prefix: str, node: Mapping) -> Iterator[Expectation]:
    for entry in params(type(record)):
        value = getattr(record, entry.attribute)
        key = f"{prefix}{entry.key}"
        if isinstance(value, (str, tuple)):
            if value:
                yield Expectation(key, value, node.place_of("expects", *key.split(".")))
        elif value is not None:
            yield from _flat(value, f"{key}.", node)


def _validate(expects: ExpectKeys, node: Mapping, report: Report) -> None:
    if expects.positive and expects.classes and expects.positive not in expects.classes:
        classes = ", ".join(expects.classes)
        at = node.place_of("expects", "positive")
        report.add(at, f"`expects.positive` is `{expects.positive}`, which is not among the classes {classes}")
    if expects.positive and expects.task not in ("", "binary"):
        at = node.place_of("expects", "positive")
        report.add(at, f"`expects.positive` is for binary tasks, not {expects.task}; remove it")


def text_of(value: str | tuple[str, ...]) -> str:
    """An expected value as messages show it."""
    return value if isinstance(value, str) else f"[{', '.join(value)}]"
