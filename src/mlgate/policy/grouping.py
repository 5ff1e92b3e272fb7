"""The groups of a policy: bands cut from numeric columns, and the declared values of columns."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, cast

from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.policy.policy_keys import GroupKeys, PolicyKeys, Written
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.words import counted


def read_derive(keys: PolicyKeys, node: Mapping, report: ProblemReport) -> dict[str, Bands]:
    """The bands that one file derives, by name."""
    derived = {}
    names = {name for name, _ in keys.derive}
    for name, given in keys.derive:
        at = node.place_of("derive", name, "column")
        if given.column in names:
            said = f"`derive.{name}` cuts `{given.column}`, which is itself derived"
            report.add(at, f"{said}; name a column of the data")
        below = report.inside(f"derive.{name}")
        _validate_edges(given.edges, node, name, below)
        labels = given.labels or _labels(given.edges)
        if len(labels) != len(given.edges) + 1:
            wanted = f"{len(given.edges) + 1} labels for {counted(len(given.edges), 'edge')}"
            below.refuse(node.place_of("derive", name, "labels"), f"needs {wanted}, not {len(labels)}")
        derived[name] = Bands(name, given.column, tuple(edge.value for edge in given.edges), labels)
    return derived


def _validate_edges(edges: tuple[Written, ...], node: Mapping, name: str, report: ProblemReport) -> None:
    for low, high in pairwise(edges):
        if low.value >= high.value:
            at = node.place_of("derive", name, "edges")
            report.refuse(at, f"has the edge {high.text} after {low.text}; write the edges in increasing order")


def _labels(edges: tuple[Written, ...]) -> tuple[str, ...]:
    inner = (f"[{low.text},{high.text})" for low, high in pairwise(edges))
    return (f"<{edges[0].text}", *inner, f">={edges[-1].text}")


def read_groups(keys: PolicyKeys) -> dict[str, GroupSpec]:
    """The groups that one file declares, by column."""
    return {name: _group(given) for name, given in keys.groups}


def _group(given: GroupKeys) -> GroupSpec:
    unknown = cast(Literal["block", "own_group", "report"], given.unknown)
    return GroupSpec(given.values, unknown)


def validate_groups(
    groups: dict[str, GroupSpec], derive: dict[str, Bands], node: Mapping, report: ProblemReport
) -> None:
    """The groups of a derived column must be among its bands; report any other value."""
    for name, group in groups.items():
        bands = derive[name].labels if name in derive else group.values
        for value in group.values:
            if value not in bands:
                at = node.place_of("groups", name, "values")
                report.add(at, f"`groups.{name}` names `{value}`, which is not a band; write one of {', '.join(bands)}")
