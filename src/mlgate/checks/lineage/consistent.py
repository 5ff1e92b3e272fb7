"""lineage.consistent: the sources of a model's history agree with each other, and nothing in it is impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import accepted_first, drawn
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.lineage.approvals import Approval
from mlgate.lineage.assembled import folders_above
from mlgate.lineage.graph import (
    DVC_FOLDER,
    EVALUATION_DATA,
    PART,
    RUN,
    SHA256,
    TRAINING,
    LineageGraph,
    LineageNode,
    Pin,
)
from mlgate.reading.fields import Choice, ListOf, param
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.instants import zoned_instant
from mlgate.values.words import counted


@dataclass(frozen=True, kw_only=True)
class LineageConsistent(LineageCheck):
    """The sources of the model's history agree with each other, and nothing that they say is impossible.

    ## What it does
    Judges the graph of `lineage.complete` by five questions, each a finding of its own:

    | finding | what is demanded |
    |---|---|
    | `agreement` | two sources that have a digest of one thing, by the same method, have the same one |
    | `references` | every thing that a source names is described by some source |
    | `order` | nothing was made from itself, by however many steps |
    | `times` | a run begins after what it has read was there, and ends later; then the model is approved |
    | `data` | training and evaluation data are different things, with different digests |

    What no source names is not compared, so there is no finding `data` without both, and none about times that nobody
    recorded. `lineage.complete` demands that the data are there. Data of which no two digests can be compared are an
    ERROR, unless `accept_unknown` names the role of those without a digest, such as data in a bucket, and they have
    another name and address than the others. Different addresses alone show nothing: a copy has another address, too.

    ## Why it matters
    Each source is written by another tool, and each alone can look right. A model that was judged on its training data
    looks good, too.

    ## Example
    ```yaml
    - id: sources-agree
      check: lineage.consistent
    ```

    ## Use instead
    `data.leakage` looks for evaluation rows in the training data, whatever their files are called.
    """

    id: ClassVar[str] = "lineage.consistent"

    accept_unknown: tuple[str, ...] = param(
        ListOf(Choice(TRAINING, EVALUATION_DATA), unique=True),
        default=(),
        doc="Roles of data of which no digest need be known, such as those in a bucket: `data:train`, "
        "`data:evaluation`.",
        tighter="fewer",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "sources of the model's lineage"

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per question."""
        graph = self.history(subject, facts)
        if len(graph.history) == 1 and not graph.contradictions:
            said = f"no source knows how {graph.history[0].name} was made, so nothing was compared"
            yield Unanswered((("question", "agreement"),), f"{said}; record it, or name its source in `lineage`")
            return
        found = (_agreement(graph), _references(graph), _order(graph), *_times(graph))
        of_data = list(_data(graph, self.accept_unknown))
        yield from (each for each in of_data if isinstance(each, Unanswered))
        yield from accepted_first([*found, *(each for each in of_data if isinstance(each, Claim))])
        yield drawn(graph)


def _agreement(graph: LineageGraph) -> Claim:
    where = (("question", "agreement"),)
    if graph.contradictions:
        return Claim(where, False, graph.contradictions[0])
    for node in graph.history:
        kinds = [pin.kind for pin in node.pins]
        twice = next((kind for kind in kinds if kinds.count(kind) > 1), "")
        if twice:
            values = " and ".join(pin.value[:12] for pin in node.pins if pin.kind == twice)
            return Claim(
                where, False, f"{node.name} has two of {twice}: {values} ({', '.join(node.said_in)}); correct one"
            )
    return Claim(where, True, f"no two sources contradict each other about {counted(len(graph.history), 'thing')}")


def _references(graph: LineageGraph) -> Claim:
    where = (("question", "references"),)
    if graph.dangling:
        return Claim(where, False, f"no source describes {graph.dangling[0]}, which one names; record it")
    return Claim(where, True, "every thing that a source names is described")


def _order(graph: LineageGraph) -> Claim:
    where = (("question", "order"),)
    if graph.circle:
        return Claim(where, False, f"a thing was made from itself: {' <- '.join(graph.circle)}; correct the record")
    return Claim(where, True, "nothing was made from itself")


def _times(graph: LineageGraph) -> Iterator[Claim]:
    where = (("question", "times"),)
    timed = [node for node in graph.history if node.started or node.ended]
    approvals = _approvals(graph)
    said = ((_impossible(node, graph), ", ".join(node.said_in)) for node in timed)
    of_approvals = ((_too_early(each, graph), each.said_in) for each in approvals)
    for wrong, place in (*said, *of_approvals):
        if wrong:
            yield Claim(where, False, f"{wrong} ({place}); correct the record")
            return
    if timed or approvals:
        also = f" and {counted(len(approvals), 'approval')}" if approvals else ""
        yield Claim(where, True, f"the times of {counted(len(timed), 'thing')}{also} are in order")


def _approvals(graph: LineageGraph) -> list[Approval]:
    """The approvals of this model, by its digest; those of another say nothing about its history."""
    model = graph.by_id[graph.root]
    own = {model.content, *(pin.value for pin in model.pins if pin.kind == SHA256)} - {""}
    return [each for each in graph.approvals if each.model in own]


def _too_early(approval: Approval, graph: LineageGraph) -> str:
    """What is impossible about the time of an approval; empty if nothing is."""
    when, name = zoned_instant(approval.at), graph.by_id[graph.root].name
    if when is None:
        return f"{approval.by} approved {name} at {approval.at or 'no time'}, which is not a moment with a zone"
    if graph.trained and when < graph.trained:
        return f"{approval.by} approved {name} at {approval.at}, before it was there at {graph.trained.isoformat()}"
    return ""


def _impossible(node: LineageNode, graph: LineageGraph) -> str:
    """What is impossible about the times of a thing; empty if nothing is, or a time has no zone."""
    for name, text in (("start", node.started), ("end", node.ended)):
        if text and zoned_instant(text) is None:
            return f"the {name} of {node.name} is {text}, which is not a moment with a zone"
    began, ended = zoned_instant(node.started), zoned_instant(node.ended)
    if began and ended and ended < began:
        return f"{node.name} ended at {node.ended}, before it began at {node.started}"
    for source in graph.sources_of(node.id):
        for when in _made_at(source, graph):
            made = zoned_instant(when)
            if began and made and made > began:
                return f"{node.name} began at {node.started}, before {source.name} was there at {when}"
    return ""


def _made_at(node: LineageNode, graph: LineageGraph) -> list[str]:
    """When a thing was there: at the time it states, or else when the runs ended that made it."""
    if node.ended or RUN in node.roles:
        return [node.ended]
    return [maker.ended for maker in graph.sources_of(node.id) if (node.id, maker.id) in graph.made]


def _data(graph: LineageGraph, accepted: Collection[str]) -> Iterator[Claim | Unanswered]:
    """Whether training and evaluation data differ; nothing where no source names both."""
    where = (("question", "data"),)
    training, evaluation = graph.playing(TRAINING), graph.playing(EVALUATION_DATA)
    both = next((node for node in training if node.plays(EVALUATION_DATA)), None)
    if both:
        said = f"{both.name} is both training and evaluation data; name the tables `train` and `evaluation`"
        yield Claim(where, False, said)
        return
    if not training or not evaluation:
        return
    alike, every = _alike(training, evaluation), _unknown(training, evaluation)
    apart = _named_apart(training, evaluation)
    unknown = next((pair for pair in every if not (apart and _accepted(pair, accepted))), ())
    if alike:
        yield Claim(where, False, alike)
    elif unknown:
        said = f"nothing shows that {unknown[0].name} and {unknown[1].name} differ: no digest of both is known"
        other = ", or let `accept_unknown` name the role of what is remote" if apart else ""
        yield Unanswered(where, f"{said}; fetch them, or record their digests{other}")
    elif every:
        said = f"no digest shows that {every[0][0].name} and {every[0][1].name} differ, which the policy accepts"
        yield Claim(where, True, said, accepted=True)
    else:
        yield Claim(where, True, "training and evaluation data are different things")


def _alike(training: Iterable[LineageNode], evaluation: Iterable[LineageNode]) -> str:
    """In what training data are evaluation data; empty if nothing shows it."""
    by_path = {node.path: node for node in evaluation if node.path}
    by_digest = {pin: node for node in evaluation for pin in _digests(node)}
    within = {above: node for node in by_path.values() for above in folders_above(node.path)}
    for one in training:
        outer = (by_path[above] for above in folders_above(one.path) if above in by_path)
        other = next(outer, within.get(one.path) if one.path else None)
        if other:
            said = f"{one.name} is training data and {other.name} evaluation data, and one lies in the other"
            return f"{said}; name the tables `train` and `evaluation`, and keep them apart"
        same = min((pin for pin in _digests(one) if pin in by_digest), default=None)
        if same:
            said = f"{one.name} and {by_digest[same].name} have the same {same}"
            return f"training and evaluation data are the same: {said}; judge on other rows"
    return ""


def _unknown(
    training: Iterable[LineageNode], evaluation: Iterable[LineageNode]
) -> tuple[tuple[LineageNode, LineageNode], ...]:
    """Training and evaluation data of which no digests of one kind are known, one pair for each pair of kinds."""
    ones, others = ({_kinds(node): node for node in nodes} for nodes in (training, evaluation))
    return tuple((ones[one], others[other]) for one in ones for other in others if not one & other)


def _accepted(unknown: tuple[LineageNode, LineageNode], accepted: Collection[str]) -> bool:
    """Whether a policy accepts that no digest of one of two data is known, by the role of that which has none."""
    without = [role for role, node in zip((TRAINING, EVALUATION_DATA), unknown, strict=True) if not _digests(node)]
    return bool(without) and {*without} <= {*accepted}


def _named_apart(training: Iterable[LineageNode], evaluation: Iterable[LineageNode]) -> bool:
    """Whether no training data have the name of evaluation data, without the version behind it."""
    ones, others = ({node.name for node in nodes} for nodes in (training, evaluation))
    return not ones & others


def _kinds(node: LineageNode) -> frozenset[str]:
    return frozenset(pin.kind for pin in _digests(node))


def _digests(node: LineageNode) -> set[Pin]:
    """The digests of data by themselves; that of a folder says nothing about a file in it."""
    own = {pin for pin in node.pins if pin.kind not in (DVC_FOLDER, PART)}
    return own | ({Pin(SHA256, node.content)} if node.content else set())
