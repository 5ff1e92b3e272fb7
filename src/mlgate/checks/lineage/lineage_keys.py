"""What the checks about a model's history have in common."""

from __future__ import annotations

from collections.abc import Iterable

from mlgate.candidate.lineage_sources import presented_by
from mlgate.checks.base import Wrong
from mlgate.checks.subject import Subject
from mlgate.lineage.graph import (
    CODE,
    ENVIRONMENT,
    EVALUATION_DATA,
    PARAMETERS,
    ROLES,
    RUN,
    TRAINING,
    LineageGraph,
    LineageNode,
)
from mlgate.lineage.lineage_question import LineageOf
from mlgate.values.estimate import Claim, Published
from mlgate.values.pictures import Graph, GraphNode
from mlgate.values.words import did_you_mean

REQUIRED = (CODE, TRAINING, EVALUATION_DATA, ENVIRONMENT, PARAMETERS)
"""The roles of a history that a rule asks for by default."""
_DRAWN = 200


def lineage_of(subject: Subject) -> LineageOf:
    """The question for the history of the candidate's model. Raises EvidenceError where it names no model."""
    return LineageOf(presented_by(subject.candidate))


def unknown_roles(key: str, roles: Iterable[str], known: Iterable[str] = ROLES) -> Iterable[Wrong]:
    """Mistakes in a list of roles."""
    names = tuple(known)
    for role in roles:
        if role not in names:
            yield key, f"names `{role}`, which is not a role{did_you_mean(role, names) or f'; roles: {_listed(names)}'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def accepted_first(claims: Iterable[Claim]) -> list[Claim]:
    """Claims in an order in which the message of a rule that passes names what its policy accepts."""
    return sorted(claims, key=lambda claim: not claim.accepted)


def drawn(graph: LineageGraph) -> Published:
    """The history as a picture, with what is wrong with each thing."""
    shown = graph.history[:_DRAWN]
    names = {node.id for node in shown}
    nodes = tuple(GraphNode(node.id, node.name, wrong(node)) for node in shown)
    arrows = tuple((a.made, a.source) for a in graph.arrows if a.made in names and a.source in names)
    return Published(Graph("Lineage", nodes, arrows))


def wrong(node: LineageNode) -> str:
    """What is wrong with a thing; empty if it was recomputed."""
    return "" if node.state == "verified" else f"{node.state}: {node.why}" if node.why else node.state


def in_history(graph: LineageGraph) -> tuple[LineageNode, ...]:
    """The things in the model's history that can be compared; runs are only what ties them together."""
    return tuple(node for node in graph.history if node.roles != (RUN,))
