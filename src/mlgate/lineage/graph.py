"""The graph of a model's history: things, what fixes each of them, and what was made from what."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from mlgate.lineage.approvals import Approval
from mlgate.lineage.known_gaps import KnownGap
from mlgate.lineage.package_list import PackageList
from mlgate.values.instants import zoned_instant

MODEL, CODE, RUN, DATA = "model", "code", "run", "data"
TRAINING, EVALUATION_DATA = "data:train", "data:evaluation"
FEATURES, PARAMETERS, ENVIRONMENT = "features", "parameters", "environment"
BASE_MODEL, EVALUATION = "base_model", "evaluation"
ROLES = (CODE, TRAINING, EVALUATION_DATA, FEATURES, PARAMETERS, ENVIRONMENT, RUN, BASE_MODEL, EVALUATION)
"""What a model's history may be asked for."""
_OF_JUDGING = (EVALUATION_DATA, EVALUATION)
"""The roles that a run which judges the model may answer for; the others are of what the model was made from."""
State = Literal["verified", "unverified", "contradicted", "missing"]
Cleanliness = Literal["clean", "dirty", "unknown"]
_LONGEST_WAY = 20
"""The most things of a way that is drawn; the middle of a longer one is left out."""
_CLEANLINESS: tuple[Cleanliness, ...] = ("clean", "unknown", "dirty")
"""A commit is as clean as the last of these that a run or a source says about it; silence is unknown."""
_STATES: tuple[State, ...] = ("missing", "unverified", "verified", "contradicted")
"""From the weakest to what has the last word where two sources describe one thing."""
COMMIT, SHA256, MD5, DVC_FOLDER = "commit", "sha256", "md5", "dvc folder"
"""What fixes a thing: a commit, the digest of a file (of a folder: of its manifest), DVC's digest of a folder."""
COMMIT_ID = "commit:"
"""How the id of a commit begins."""
PART = "part of a folder"
"""What fixes a file of which only the folder has a digest: that of the folder."""
_FORMS = {
    COMMIT: re.compile("[0-9a-f]{40}|[0-9a-f]{64}"),
    SHA256: re.compile("[0-9a-f]{64}"),
    MD5: re.compile("[0-9a-f]{32}"),
    DVC_FOLDER: re.compile("[0-9a-f]{32}[.]dir"),
}
OF_FILES = (SHA256, MD5, DVC_FOLDER)
"""What fixes the content of a file or folder."""


@dataclass(frozen=True, order=True)
class Pin:
    """What a thing is for ever, by its digest."""

    kind: str
    value: str

    @property
    def whole(self) -> bool:
        """Whether the value is one that its kind can have. A branch, or a part of a digest, fixes nothing."""
        form = _FORMS.get(self.kind)
        return bool(form.fullmatch(self.value)) if form else bool(self.value)

    def __str__(self) -> str:
        return f"{self.kind} {self.value[:12]}"


@dataclass(frozen=True)
class LineageNode:
    """One thing in a history, as its sources describe it together."""

    id: str
    """Its name in the graph's arrows."""
    name: str
    """What people call it: a path, the name of a run."""
    roles: tuple[str, ...] = ()
    """What it is for the model; `data` alone where no source says for what."""
    path: str = ""
    """A file or folder, from the workspace; empty for what is not here."""
    pins: tuple[Pin, ...] = ()
    """What fixes it. Without any it can change unseen."""
    labels: tuple[str, ...] = ()
    """What only names it: a branch, a version, the eight digits of MLflow."""
    said_in: tuple[str, ...] = ()
    """Where each source says so: "dvc.lock: stages.train"."""
    started: str = ""
    """Of a run: when it began, with its zone."""
    ended: str = ""
    """Of a run: when it ended; of anything else, when it was made."""
    tree: Cleanliness = "unknown"
    """Of a commit: whether the files were those of the commit when it was used."""
    by: str = ""
    """Of a run: who started it."""
    policies: tuple[str, ...] = ()
    """Of a run: the SHA-256 of each file of the policies that stood when it began."""
    licences: tuple[str, ...] = ()
    """Under which licences it may be used, as sources write them; all of them hold."""
    code: tuple[str, ...] = ()
    """Of a commit: the recorded digests of its code files, by which it is known after a squash; one, if all agree."""
    content: str = ""
    """Of data and the model: the SHA-256 of what is here now, by which they are compared; empty for nothing."""
    state: State = "unverified"
    """Whether what fixes it was recomputed. *Missing* is what is not here and of which nothing is recorded."""
    why: str = ""
    """What was compared with what."""
    parts: tuple[tuple[str, str], ...] = ()
    """Of a folder whose source lists its files: each path with its SHA-256, by which the one that differs is named."""

    packages: PackageList | None = None
    """Of an environment that is here: the packages that it lists; None where they cannot be read."""
    described: bool = True
    """Whether a source describes it. What one only names, as a part of something else, is missing."""

    @property
    def pinned(self) -> bool:
        """Whether something fixes it for ever."""
        return bool(self.pins)

    def plays(self, role: str) -> bool:
        """Whether it has a role. Data for evaluation are an answer to "any data", but not the other way round."""
        return role in self.roles


def commit_node(commit: str, said: str, tree: Cleanliness = "unknown", code: Iterable[str] = ()) -> LineageNode:
    """A commit that a source names, with the digests of its code. A branch or a short name is only a label."""
    pin = Pin(COMMIT, commit)
    pins, labels = ((pin,), ()) if pin.whole else ((), (commit,))
    name, codes = f"commit {commit[:12]}", tuple(filter(None, code))
    return LineageNode(f"{COMMIT_ID}{commit}", name, (CODE,), "", pins, labels, (said,), tree=tree, code=codes)


@dataclass(frozen=True)
class LineageArrow:
    """From a thing to what it was made from; `judged`: from a model to what judged it."""

    made: str
    source: str
    judged: bool = False
    pins: tuple[Pin, ...] = ()
    """Of what a run has read or made: what fixes it by the words of the source that says so; empty if nothing does."""

    @property
    def exact(self) -> bool:
        """Whether the source says which content it was."""
        return any(pin.whole and pin.kind in OF_FILES for pin in self.pins)


def has_read(run: str, node: LineageNode) -> LineageArrow:
    """That a run has read a thing as it is described."""
    return LineageArrow(run, node.id, pins=node.pins)


def has_made(run: str, node: LineageNode) -> LineageArrow:
    """That a run has made a thing as it is described."""
    return LineageArrow(node.id, run, pins=node.pins)


@dataclass(frozen=True)
class LineageProblem:
    """What is wrong with a part of a source, which counts only for a model whose history needs that part."""

    said: str
    run: str = ""
    """The id of the run that it is about."""
    makes: tuple[str, ...] = ()
    """What that run should have made, by paths from the workspace."""
    reads: tuple[str, ...] = ()
    """What it should have read; it counts where the model is one of these."""
    always: bool = False
    """Whether it counts for every model, because nobody knows what the run makes."""

    def counts(self, graph: LineageGraph) -> bool:
        """Whether the run is in the model's history, should have made a part of it, or should have read the model."""
        made = (node for node in graph.history if node.path and any(_alike(path, node.path) for path in self.makes))
        run = graph.by_id.get(self.run)
        model = graph.by_id[graph.root].path
        return (
            self.always
            or (run is not None and graph.reaches(run))
            or any(made)
            or any(_alike(path, model) for path in self.reads)
        )


def _alike(one: str, other: str) -> bool:
    """Whether two paths are one, or one lies in the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


@dataclass(frozen=True)
class LineageRecord:
    """What one source says."""

    nodes: tuple[LineageNode, ...]
    """Things; one that several parts of the source describe stands here several times."""
    arrows: tuple[LineageArrow, ...] = ()
    problems: tuple[str, ...] = ()
    """What is wrong with the source itself: a part of a digest."""
    contradictions: tuple[str, ...] = ()
    """What it says that contradicts itself, or the candidate: a metric of other data."""
    approvals: tuple[Approval, ...] = ()
    """Approvals that it states, of this model or others."""
    of_parts: tuple[LineageProblem, ...] = ()
    """What is wrong with parts of the source: a stage that its lock does not have."""
    gaps: tuple[KnownGap, ...] = ()
    """What it says to be absent."""


def recorded(
    items: Iterable[LineageNode | LineageArrow | Approval | KnownGap],
    problems: Iterable[str] = (),
    contradictions: Iterable[str] = (),
    of_parts: Iterable[LineageProblem] = (),
) -> LineageRecord:
    """A record of things, arrows, approvals and gaps in any order. A thing that is described twice stays twice, to be
    compared."""
    every = tuple(items)
    nodes = tuple(item for item in every if isinstance(item, LineageNode))
    arrows = tuple(item for item in every if isinstance(item, LineageArrow))
    approvals = tuple(item for item in every if isinstance(item, Approval))
    gaps = tuple(item for item in every if isinstance(item, KnownGap))
    return LineageRecord(nodes, arrows, tuple(problems), tuple(contradictions), approvals, tuple(of_parts), gaps)


@dataclass(frozen=True)
class LineageGraph:
    """All that the sources say together. `root` is the id of the model."""

    root: str
    nodes: tuple[LineageNode, ...]
    arrows: tuple[LineageArrow, ...]
    problems: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    sources: tuple[str, ...] = ()
    """The paths of the sources that were read."""
    gaps: tuple[KnownGap, ...] = ()
    """What the sources say to be absent."""

    @cached_property
    def by_id(self) -> Mapping[str, LineageNode]:
        """Each node by its id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def made(self) -> frozenset[tuple[str, str]]:
        """The ids of each thing and of what it was made from."""
        return frozenset((arrow.made, arrow.source) for arrow in self.arrows if not arrow.judged)

    @cached_property
    def _below(self) -> Mapping[str, tuple[LineageArrow, ...]]:
        found: dict[str, list[LineageArrow]] = {}
        for arrow in self.arrows:
            found.setdefault(arrow.made, []).append(arrow)
        return {made: tuple(arrows) for made, arrows in found.items()}

    def arrows_from(self, made: str) -> tuple[LineageArrow, ...]:
        """The arrows to what a thing was made from or judged by."""
        return self._below.get(made, ())

    def sources_of(self, made: str) -> Iterator[LineageNode]:
        """What a thing was made from or judged by."""
        yield from (self.by_id[arrow.source] for arrow in self._below.get(made, ()) if arrow.source in self.by_id)

    @cached_property
    def _reached_from(self) -> Mapping[str, str]:
        """For each thing in the model's history, the thing before it on the shortest way from the model, as ids."""
        found = {self.root: ""} if self.root in self.by_id else {}
        edge = deque(found)
        while edge:
            here = edge.popleft()
            for node in self.sources_of(here):
                if node.id not in found:
                    found[node.id] = here
                    edge.append(node.id)
        return found

    @cached_property
    def history(self) -> tuple[LineageNode, ...]:
        """The things in the model's history, the model first."""
        return tuple(self.by_id[name] for name in self._reached_from)

    def reaches(self, node: LineageNode) -> bool:
        """Whether a thing is in the model's history."""
        return node.id in self._reached_from

    def before(self, node: LineageNode) -> str:
        """The id of the thing before one on the shortest way from the model; empty for the model."""
        return self._reached_from[node.id]

    @cached_property
    def _gaps(self) -> Mapping[str, KnownGap]:
        """Of the gaps of each thing or role the one that ends last."""
        return {gap.of: gap for gap in sorted(self.gaps, key=lambda gap: gap.until)}

    def gap_of(self, names: Collection[str]) -> KnownGap | None:
        """What the sources say about an absence, by the roles and names of what is absent: the gap that ends last."""
        found = (self._gaps[name] for name in names if name in self._gaps)
        return max(found, key=lambda gap: gap.until, default=None)

    def playing(self, role: str) -> tuple[LineageNode, ...]:
        """The things with a role in the model's history."""
        return tuple(node for node in self.history if node.plays(role))

    @cached_property
    def _made_from(self) -> frozenset[str]:
        """The ids of the model and of all that it was made from, without what only judged it."""
        found = {self.root} & self.by_id.keys()
        edge = deque(found)
        while edge:
            for arrow in self.arrows_from(edge.popleft()):
                if not arrow.judged and arrow.source in self.by_id and arrow.source not in found:
                    found.add(arrow.source)
                    edge.append(arrow.source)
        return frozenset(found)

    @cached_property
    def _makes(self) -> Mapping[str, tuple[LineageNode, ...]]:
        """For each thing, what was made from it on the way to the model, as ids."""
        found: dict[str, list[LineageNode]] = {}
        for arrow in self.arrows:
            if arrow.made in self._made_from and not arrow.judged:
                found.setdefault(arrow.source, []).append(self.by_id[arrow.made])
        return {source: tuple(made) for source, made in found.items()}

    def made_of(self, node: LineageNode) -> tuple[LineageNode, ...]:
        """The runs and things that a thing was read by, or part of, when the model was made."""
        return self._makes.get(node.id, ())

    def only_result(self, node: LineageNode) -> bool:
        """Whether a thing is no more than a result of judging the model, which a run has made."""
        return node.roles == (EVALUATION,) and node.id not in self._made_from and any(self.sources_of(node.id))

    @cached_property
    def makers(self) -> tuple[LineageNode, ...]:
        """The runs that have made the model."""
        runs = (node for node in self.sources_of(self.root) if RUN in node.roles)
        return tuple(dict.fromkeys(run for run in runs if (self.root, run.id) in self.made))

    @property
    def trained(self) -> datetime | None:
        """When the last run that made the model ended, as far as a source says."""
        stated = [self.by_id[self.root].ended, *(run.ended for run in self.makers)]
        return max(filter(None, map(zoned_instant, stated)), default=None)

    def answers_for(self, node: LineageNode, role: str) -> bool:
        """Whether a thing has a role for the model: what only judged it can answer for no more than its evaluation."""
        return node.plays(role) and (node.id in self._made_from or (role in _OF_JUDGING and self.reaches(node)))

    def answering(self, role: str) -> tuple[LineageNode, ...]:
        """The things in the model's history that have a role for the model."""
        return tuple(node for node in self.history if self.answers_for(node, role))

    def way_to(self, node: LineageNode) -> str:
        """The way from the model to a thing, as a drawn path; a long one without its middle."""
        names, at = list[str](), node.id
        while at:
            names.append(self.by_id[at].name)
            at = self._reached_from[at]
        names.reverse()
        if len(names) > _LONGEST_WAY:
            names[_LONGEST_WAY // 2 : -_LONGEST_WAY // 2] = [f"({len(names) - _LONGEST_WAY} more)"]
        return " <- ".join(names)

    @property
    def dangling(self) -> tuple[str, ...]:
        """What an arrow names and no source describes."""
        known = {node.id for node in self.nodes if node.described}
        return tuple(dict.fromkeys(arrow.source for arrow in self.arrows if arrow.source not in known))

    @property
    def circle(self) -> tuple[str, ...]:
        """The names of things that were made from one another in a circle; empty if there is none."""
        from graphlib import CycleError, TopologicalSorter

        made: dict[str, set[str]] = {}
        for arrow in self.arrows:
            if not arrow.judged:
                made.setdefault(arrow.made, set()).add(arrow.source)
        try:
            TopologicalSorter(made).prepare()
        except CycleError as error:
            return tuple(self.by_id[name].name if name in self.by_id else name for name in error.args[1])
        return ()


def merged(records: Iterable[LineageRecord]) -> LineageRecord:
    """What several sources say together: things at one path, or with one digest or commit, are one thing.

    The first source that says something has the first word; a second digest of the same kind stays beside the first, so
    that both are compared.
    """
    every = tuple(_sound(record) for record in records)
    nodes = [node for record in every for node in record.nodes]
    same = _same(nodes)
    found: dict[str, list[LineageNode]] = {}
    for node in nodes:
        found.setdefault(same[node.id], []).append(node)
    arrows = dict.fromkeys(
        replace(arrow, made=same.get(arrow.made, arrow.made), source=same.get(arrow.source, arrow.source))
        for record in every
        for arrow in record.arrows
    )
    problems = tuple(problem for record in every for problem in record.problems)
    contradictions = tuple(said for record in every for said in record.contradictions)
    approvals = tuple(approval for record in every for approval in record.approvals)
    of_parts = tuple(problem for record in every for problem in record.of_parts)
    gaps = tuple(gap for record in every for gap in record.gaps)
    things = tuple(_joined(name, of) for name, of in found.items())
    return LineageRecord(things, tuple(arrows), problems, contradictions, approvals, of_parts, gaps)


def _sound(record: LineageRecord) -> LineageRecord:
    """A record in which only whole digests and commits fix a thing."""
    nodes = tuple(map(_fixed, record.nodes))
    broken = [(node, pin) for node in record.nodes for pin in node.pins if not pin.whole]
    said = (
        f"{', '.join(node.said_in)}: `{pin.value[:80]}` of {node.name} is not a whole {pin.kind}; record all of it"
        for node, pin in broken
    )
    return replace(record, nodes=nodes, problems=(*record.problems, *dict.fromkeys(said)))


def _fixed(node: LineageNode) -> LineageNode:
    pins = tuple(pin for pin in node.pins if pin.whole)
    labels = tuple(f"{pin.kind} {pin.value[:80]}" for pin in node.pins if not pin.whole)
    return replace(node, pins=pins, labels=(*node.labels, *labels))


def _same(nodes: Iterable[LineageNode]) -> dict[str, str]:
    """For each id, the id of the first node that is the same thing."""
    leader: dict[str, str] = {}

    def of(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    first: dict[object, str] = {}
    for node in nodes:
        leader.setdefault(node.id, node.id)
        for key in _keys(node):
            other = first.setdefault(key, node.id)
            leader[of(node.id)] = of(other)
    return {name: of(name) for name in leader}


def _keys(node: LineageNode) -> Iterator[object]:
    """What makes two nodes one: a path; without a path, a digest or commit. Two files may have the same bytes."""
    if node.path:
        yield "path", node.path
    elif RUN not in node.roles:
        yield from ((pin.kind, pin.value) for pin in node.pins)


def _joined(name: str, every: Sequence[LineageNode]) -> LineageNode:
    """One thing as several sources, or parts of one, describe it."""
    if len(every) == 1:
        return replace(every[0], id=name)
    roles = dict.fromkeys(role for node in every for role in node.roles)
    state = max(every, key=lambda node: _STATES.index(node.state))
    return replace(
        every[0],
        id=name,
        roles=tuple(role for role in roles if role != DATA or len(roles) == 1),
        pins=tuple(dict.fromkeys(pin for node in every for pin in node.pins)),
        labels=tuple(dict.fromkeys(label for node in every for label in node.labels)),
        parts=next((node.parts for node in every if node.parts), ()),
        said_in=tuple(dict.fromkeys(said for node in every for said in node.said_in)),
        started=next((node.started for node in every if node.started), ""),
        ended=next((node.ended for node in every if node.ended), ""),
        by=next((node.by for node in every if node.by), ""),
        licences=tuple(dict.fromkeys(licence for node in every for licence in node.licences)),
        tree=max((node.tree for node in every), key=_CLEANLINESS.index),
        code=tuple(dict.fromkeys(code for node in every for code in node.code)),
        state=state.state,
        why=next((node.why for node in every if node.state == state.state and node.why), ""),
    )
