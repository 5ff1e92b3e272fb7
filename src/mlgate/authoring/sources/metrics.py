"""A file of metrics: a candidate that names it as a report, and a rule per number whose better direction is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from mlgate.authoring.drafted_gate import DraftedGate
from mlgate.authoring.first_tests import another_file, emptied, first_tests
from mlgate.authoring.source import FileToStart, FirstFiles, StartSource, as_name
from mlgate.checks.reported.known_metric import known_metric, name_words, range_of, sign_turned
from mlgate.checks.reported.metrics_file import ReportedEntry, entries
from mlgate.metrics.metric import Better
from mlgate.metrics.registry import metrics
from mlgate.reading.strict_yaml import hidden_character
from mlgate.values.errors import EvidenceError, InputError
from mlgate.values.words import counted

MOST_RULES, DIGITS, _LONGEST = 20, 3, 20
_LOWER = ("loss", "error", "errors")
"""Last words of names that are better when lower."""
_WHOLE = 100
"""The largest percentage."""
_IF_TABLE = "If it is a table, name the columns of predictions by `--label` and `--prediction`, or add `--from-table`"


@dataclass(frozen=True)
class DraftRule:
    """A rule for one number: its side, its bound as text, and the range if it is not the one of the metric."""

    name: str
    side: str
    bound: str
    percent: bool = False


def _draft(wanted: FileToStart) -> FirstFiles | None:
    try:
        found = entries(wanted.raw, wanted.path)
    except EvidenceError as error:
        if wanted.raw.lstrip()[:1] in (b"{", b"["):
            raise InputError(str(error)) from error
        return None
    numbers = {entry.name: entry for entry in found if entry.number is not None and _nameable(entry.name)}
    usable = [entry for name, entry in numbers.items() if sum(each.name == name for each in found) == 1]
    if not numbers and (unlike := next((entry for entry in found if not entry.plain), None)):
        said = f"{wanted.path} has no number: `{unlike.name[:60]}` is `{unlike.text[:60]}`"
        raise InputError(f"{said}; let the program that measures write numbers, not in quotes")
    if not numbers:
        return None
    if not usable:
        said = f"{wanted.path} has several values of each number, as of `{next(iter(numbers))[:60]}`"
        raise InputError(f"{said}; write each under a name of its own. {_IF_TABLE}")
    rules = [rule for entry in _held_out(usable) if (rule := _rule(entry))][:MOST_RULES]
    if not rules:
        raise InputError(_none_known(wanted, list(numbers)))
    judged = {rule.name for rule in rules}
    unjudged = [name for name in numbers if name not in judged]
    listed = list(_rules(rules))
    text = "".join(text for _, text in listed) + _left(unjudged)
    gate = DraftedGate(wanted, _candidate(wanted), _head(wanted), (), text).closed()
    changed = [
        emptied(wanted.path, "{}", tuple(name for name, _ in listed)),
        another_file(wanted.path, ("reports", "metrics")),
    ]
    tests = first_tests(wanted, gate.candidate, [wanted.path], changed)
    return FirstFiles(gate.candidate, gate.policy, tuple(_next_steps(wanted)), tests)


def _nameable(name: str) -> bool:
    """Whether a policy can name it."""
    return bool(name.strip()) and not hidden_character(name) and "\n" not in name


def _none_known(wanted: FileToStart, names: list[str]) -> str:
    some = ", ".join(f"`{name[:60]}`" for name in names[:5])
    said = f"{wanted.path} has {counted(len(names), 'number')} ({some}), and no metric whose better direction is known"
    return f"{said}; write a rule `reported.metric` by hand. {_IF_TABLE}"


def _held_out(found: list[ReportedEntry]) -> list[ReportedEntry]:
    """The numbers that are not about the training data, if there are such."""
    others = [entry for entry in found if not any(part.startswith("train") for part in entry.name.lower().split("."))]
    return others or found


def _rule(entry: ReportedEntry) -> DraftRule | None:
    """A rule that the number meets and a clearly worse one does not; None where no direction is known."""
    value, metric = entry.number, known_metric(entry.name)
    if value is None:
        return None
    low, high = range_of(metric)
    percent = high == 1 < value <= _WHOLE
    if percent:
        low, high = 0.0, float(_WHOLE)
    if not low <= value <= high:
        return None
    better = _better(entry.name, metric)
    if better is Better.NEITHER or value == (low if better is Better.HIGHER else high):
        return None  # a bound that each value meets demands nothing
    side = "at_least" if better is Better.HIGHER else "at_most"
    bound = _rounded(value, ROUND_FLOOR if side == "at_least" else ROUND_CEILING)
    demands = bound and len(bound) <= _LONGEST and low < Fraction(bound) < high
    return DraftRule(entry.name, side, bound if demands else entry.text, percent)


def _better(name: str, metric: str) -> Better:
    if sign_turned(name):
        return Better.HIGHER
    directions = {each.better for each in metrics().get(metric, ())}
    if len(directions) == 1:
        return directions.pop()
    words = name_words(name)
    lower = words[-1:] and (words[-1] in _LOWER or words[-2:] == ["error", "rate"])
    return Better.LOWER if lower else Better.NEITHER


def _rounded(value: Fraction, direction: str) -> str:
    """The value to a few digits, in the direction that it still meets."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    step = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1)
    found = exact.quantize(step, rounding=direction) if value else exact
    meets = Fraction(found) <= value if direction == ROUND_FLOOR else Fraction(found) >= value
    return format(found.normalize(), "f") if meets else ""


def _candidate(wanted: FileToStart) -> str:
    return (
        "# What is presented to the gate. docs/candidate.md of mlgate lists all keys.\n"
        "mlgate: 1\n"
        f"candidate: {wanted.candidate}\n"
        f"reports:\n  metrics: {json.dumps(wanted.path, ensure_ascii=False)}\n"
        "# model: {path: ...}         # its bytes become part of the verdict\n"
        "# task: ...                  # with predictions, mlgate measures the metrics itself\n"
        "# predictions: {path: ..., label: ..., prediction: ...}\n"
    )


def _head(wanted: FileToStart) -> str:
    return (
        "# What a model must show before it merges. The bounds are the present values: set those that you need.\n"
        "mlgate: 1\n"
        f"policy: {wanted.candidate}\n"
        f"owner: {json.dumps(wanted.owner, ensure_ascii=False)}\n"
        f"enforce_from: {wanted.enforced_from} # until then its rules only warn\n"
        "description: The numbers are reported, not measured by mlgate.\n"
    )


def _left(unjudged: list[str]) -> str:
    left = [f"#   {json.dumps(name, ensure_ascii=False)}\n" for name in unjudged[:MOST_RULES]]
    return "# No rule judges these numbers of the file:\n" + "".join(left) if left else ""


def _rules(rules: list[DraftRule]) -> Iterator[tuple[str, str]]:
    """Each rule's id and text."""
    taken: set[str] = {"expects"}
    for number, rule in enumerate(rules, 1):
        name = as_name(rule.name, "number")
        name = f"{name}-{number}" if name in taken else name
        taken.add(name)
        yield (
            name,
            (
                f"  - id: {name}\n    check: reported.metric\n    from: metrics\n"
                f"    name: {json.dumps(rule.name, ensure_ascii=False)}\n    {rule.side}: {rule.bound}\n"
                + ("    range: [0, 100]\n" if rule.percent else "")
            ),
        )


def _next_steps(wanted: FileToStart) -> Iterator[str]:
    yield "Run `mlgate check`: the policy passes on the present numbers."
    yield "Set the bounds to what you need, and let the owner of the policy merge it before the model."
    yield f"The numbers in {wanted.path} are reported, not measured: whoever writes the file decides them."
    yield "Present `predictions` and use `performance.metric`, so that mlgate measures them with confidence bounds."


SOURCE = StartSource("metrics", "a file of metrics (JSON, YAML or CSV)", _draft)
