"""From statistics per group to answers: an estimate for a known group, the policy's choice for an unknown one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf
from typing import Any, Protocol

from mlgate.checks.subject import UNKNOWN_GROUP, Subject
from mlgate.evidence.questions.need import Group
from mlgate.metrics.metric import Undefined
from mlgate.metrics.question import Question
from mlgate.values.estimate import Answer, Estimate, LeftOut, Unanswered
from mlgate.values.faults import TOO_LARGE
from mlgate.values.verdict import Where, where_text
from mlgate.values.words import counted, have

MISSING = "(missing)"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Estimating(Protocol):
    """Makes an estimate from the statistics of a slice: a kind of metric, or a comparison of two models."""

    def estimate(self, question: Question, stats: Any, /) -> Estimate:
        """The estimate of one slice. Raises Undefined for 0/0."""
        ...


def answers_by_slice(
    subject: Subject, question: Question, kind: Estimating, groups: Mapping[Group, Any]
) -> Iterator[Answer]:
    """One answer per group found, and one per declared group without rows."""
    names = tuple(term.name for term in question.by)
    total = sum(stats.rows for stats in groups.values())
    for group in sorted(groups, key=_sorting(subject, names)):
        where = where_of(names, group)
        unknown = unknown_columns(subject, names, group)
        if unknown:
            yield unknown_group(subject, where, unknown, groups[group].rows, total)
            continue
        try:
            yield replace(kind.estimate(question, groups[group]), where=where)
        except Undefined as reason:
            if where and groups[group].rows < subject.least_rows:
                yield LeftOut(where, groups[group].rows, f"fewer rows than min_n ({subject.least_rows})", total)
                continue
            yield Unanswered(where, f"the value is not defined: {reason}", groups[group].rows)
        except OverflowError:
            yield Unanswered(where, TOO_LARGE, groups[group].rows)
    yield from absent_groups(subject, names, groups)


def _known(subject: Subject, name: str, value: str | None) -> bool:
    if value is None:
        return False
    declared = _declared(subject, name)
    if not declared or value in declared:
        return True
    spec = subject.groups.get(name)
    return value == UNKNOWN_GROUP and spec is not None and spec.unknown == "own_group"


def _declared(subject: Subject, name: str) -> tuple[str, ...]:
    """The groups that the policy declares: the values it lists, else the bands it derives."""
    spec, derived = subject.groups.get(name), subject.derive.get(name)
    if spec and spec.values:
        return spec.values
    return derived.labels if derived else ()


def unknown_group(subject: Subject, where: Where, unknown: list[str], rows: int, total: int) -> Answer:
    """The answer for a group with no value, or with an undeclared one, in some columns: as `groups:` says, or none."""
    specs = [subject.groups.get(name) for name in unknown]
    values = where_text(tuple(pair for pair in where if pair[0] in unknown))
    if all(spec is not None and spec.unknown == "report" for spec in specs):
        return LeftOut(where, rows, f"unknown group ({values}), left out by `groups:`", total, unknown=True)
    missing = [name for name in unknown if (name, MISSING) in where]
    if missing:
        columns = " and ".join(f"`{name}`" for name in missing)
        said = (
            f"{have(rows, 'row')} no value of {columns}; fill it in, or say by `unknown:` of `groups:` how they count"
        )
    else:
        which = "" if len(unknown) == len(where) else f" ({values})"
        said = f"{have(rows, 'row')} an unknown group{which}; declare it in `groups:`, or set `unknown:` there"
    return Unanswered(where, said, rows)


def absent_groups(subject: Subject, names: tuple[str, ...], groups: Mapping[Group, Any]) -> Iterator[Unanswered]:
    """Declared values that no row has. Every value of each column must occur, but not every intersection."""
    for position, name in enumerate(names):
        found: Counter[str | None] = Counter()
        for group, stats in groups.items():
            found[group[position]] += stats.rows
        for value in _declared(subject, name):
            if value not in found:
                said = f"the declared group has no rows; there are {_there_are(found)}. {_remedy(subject, name)}"
                yield Unanswered(((name, value),), said, 0)


def _there_are(found: Counter[str | None], most: int = 8) -> str:
    """The values of a column with their rows, the most frequent first."""
    listed = sorted(found.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    shown = ", ".join(
        f"{MISSING if value is None else value} ({counted(rows, 'row')})" for value, rows in listed[:most]
    )
    return f"{shown} and {len(listed) - most} more" if len(listed) > most else shown or "none"


def _remedy(subject: Subject, name: str) -> str:
    spec = subject.groups.get(name)
    key = "groups" if spec and spec.values else "derive"
    return f"Add rows for it, or remove it from `{key}:`"


def unknown_columns(subject: Subject, names: tuple[str, ...], group: Group) -> list[str]:
    """The columns in which a group has no value, or a value that the policy does not declare."""
    return [name for name, value in zip(names, group) if not _known(subject, name, value)]


def where_of(names: tuple[str, ...], group: Group) -> Where:
    """A group as the slice of a finding."""
    return tuple((name, MISSING if value is None else value) for name, value in zip(names, group))


def _sorting(subject: Subject, names: tuple[str, ...]) -> Any:
    orders = [_order(subject, name) for name in names]

    def key(group: Group) -> list[tuple[int, float, str]]:
        return [(order.get(value or "", len(order)), _size(value), value or "") for order, value in zip(orders, group)]

    return key


def _size(value: str | None) -> float:
    """Sorts numbers by size (horizon 2 before horizon 10), and other texts after them."""
    return float(value) if value and _NUMBER.fullmatch(value) else inf


def _order(subject: Subject, name: str) -> dict[str, int]:
    derived = subject.derive.get(name)
    values = derived.labels if derived else _declared(subject, name)
    return {value: position for position, value in enumerate(values)}
