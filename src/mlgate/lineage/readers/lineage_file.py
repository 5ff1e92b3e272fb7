"""`lineage.yaml`: mlgate's own record of runs, for teams without a tracker and for what other tools cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from mlgate.lineage.approvals import Approval
from mlgate.lineage.graph import (
    BASE_MODEL,
    CODE,
    DATA,
    ENVIRONMENT,
    EVALUATION,
    EVALUATION_DATA,
    FEATURES,
    MODEL,
    PARAMETERS,
    ROLES,
    RUN,
    SHA256,
    TRAINING,
    Cleanliness,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    commit_node,
    has_made,
    has_read,
    recorded,
)
from mlgate.lineage.known_gaps import KnownGap
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.source_file import SourceFile, outside
from mlgate.reading.fields import (
    Choice,
    Date,
    Flag,
    FormatVersion,
    ListOf,
    ProblemReport,
    Record,
    Text,
    param,
    place,
    read_record,
)
from mlgate.reading.placeholders import says_nothing
from mlgate.reading.strict_yaml import parse
from mlgate.values.errors import EvidenceError, Location
from mlgate.values.words import did_you_mean

NAME = "lineage.yaml"
MOST = 10_000
_FILE_ROLES = (DATA, TRAINING, EVALUATION_DATA, CODE, FEATURES, PARAMETERS, ENVIRONMENT, BASE_MODEL, MODEL, EVALUATION)
_GAPS = (DATA, *ROLES)
"""The roles that can be absent."""


@dataclass(frozen=True)
class RecordedFile:
    """A file or folder that a run has read or made."""

    path: str = param(Text(), doc="Its path from this file; or a name, for what is not a file here.")
    sha256: str = param(Text(), default="", doc="Its digest; of a folder that of its manifest.")
    role: str = param(Choice(*_FILE_ROLES), default=DATA, doc="What it is for the model.")
    version: str = param(Text(), default="", doc="Its version, where it has one.")


@dataclass(frozen=True)
class RecordedCode:
    """The commit that a run was started from."""

    commit: str = param(Text(), doc="The whole name of the commit.")
    clean: bool | None = param(Flag(), default=None, doc="Whether the files were those of the commit.")
    files: str = param(Text(), default="", doc="The digest of the code files of the commit, which a squash keeps.")


@dataclass(frozen=True)
class RecordedPolicy:
    """A file of a policy as it was when a run began."""

    path: str = param(Text(), doc="Its path, or the name of a pack.")
    sha256: str = param(Text(), doc="Its digest.")


@dataclass(frozen=True)
class RecordedRun:
    """One run of a program."""

    name: str = param(Text(), doc="The run's name.")
    code: RecordedCode | None = param(Record(RecordedCode), default=None, doc="The commit it was started from.")
    inputs: tuple[RecordedFile, ...] = param(
        ListOf(Record(RecordedFile), max=MOST), default=(), doc="What the run has read."
    )
    outputs: tuple[RecordedFile, ...] = param(
        ListOf(Record(RecordedFile), max=MOST), default=(), doc="What the run has made."
    )
    started: str = param(Text(), default="", doc="When it began, with the zone.")
    ended: str = param(Text(), default="", doc="When it ended, with the zone.")
    by: str = param(Text(), default="", doc="Who started it.")
    policies: tuple[RecordedPolicy, ...] = param(
        ListOf(Record(RecordedPolicy), max=MOST), default=(), doc="The policies that stood when it began."
    )


@dataclass(frozen=True)
class RecordedApproval:
    """That somebody has approved a model."""

    by: str = param(Text(), doc="Who: `Name <address>`, an address, or `@login`.")
    model: str = param(Text(), doc="The SHA-256 of the model's file; of a folder that of its manifest.")
    at: str = param(Text(), doc="When, with the zone.")
    role: str = param(Text(), default="", doc="In which role.")


@dataclass(frozen=True)
class RecordedLicence:
    """Under which licence data or a model may be used."""

    path: str = param(Text(), doc="The file or folder, by its path from this file; or its address.")
    licence: str = param(Text(), doc="The licence: an SPDX id or expression, or a name.")


@dataclass(frozen=True, kw_only=True)
class RecordedGap:
    """That something is known to be absent, or not to be fixed."""

    of: str = param(Text(), doc="A role, or the name of a thing: its path from this file, or its address.")
    why: str = param(Text(), doc="Why it is absent.")
    owner: str = param(Text(), doc="Who closes the gap.")
    until: date = param(Date(), doc="The last day on which the gap is known.")
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class LineageFile:
    """The runs by which a model and its evaluation were made, approvals of the model, licences, and known gaps."""

    mlgate: int = param(FormatVersion(), default=1, required=True, doc="The version of this file's format: 1.")
    runs: tuple[RecordedRun, ...] = param(
        ListOf(Record(RecordedRun), max=MOST), default=(), doc="The runs, in any order."
    )
    approvals: tuple[RecordedApproval, ...] = param(
        ListOf(Record(RecordedApproval), max=MOST), default=(), doc="The approvals, in any order."
    )
    licences: tuple[RecordedLicence, ...] = param(
        ListOf(Record(RecordedLicence), max=MOST), default=(), doc="The licences of data and models."
    )
    gaps: tuple[RecordedGap, ...] = param(
        ListOf(Record(RecordedGap), max=MOST), default=(), doc="What is known to be absent; a policy may accept it."
    )


def _recognises(source: SourceFile) -> bool:
    return source.name == NAME or source.name.endswith(f".{NAME}")


def _read(source: SourceFile) -> LineageRecord:
    found = read_lineage_file(source)
    names = [run.name for run in found.runs]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise EvidenceError(f"{source.path} has two runs `{twice}`; give each its own name", "lineage")
    if not any((found.runs, found.approvals, found.licences, found.gaps)):
        raise EvidenceError(f"{source.path} has no runs, approvals, licences or gaps, so it records nothing", "lineage")
    approvals = (_approval(source, each) for each in found.approvals)
    licences = (_licence(source, each) for each in found.licences)
    gaps = (_gap(source, each) for each in found.gaps)
    return recorded((*(item for run in found.runs for item in _run(source, run)), *approvals, *licences, *gaps))


def _gap(source: SourceFile, of: RecordedGap) -> KnownGap:
    name = of.of if of.of in _GAPS or outside(of.of) else source.from_here(of.of)
    return KnownGap(name, of.why, of.owner, of.until.isoformat(), f"{source.path}:{of.at.line}")


def _unsaid(gap: RecordedGap) -> str:
    """What is wrong with a gap; empty if nothing is."""
    for key, text in (("why", gap.why), ("owner", gap.owner)):
        if says_nothing(text):
            wanted = "who closes the gap" if key == "owner" else "why it is absent"
            return f"`{key}` of the gap `{gap.of}` is `{text}`, which says nothing; write {wanted}"
    hint = "" if {*"./"} & {*gap.of} or gap.of in _GAPS else did_you_mean(gap.of, _GAPS)
    return f"the gap `{gap.of}` is not a role{hint}" if hint else ""


def _licence(source: SourceFile, of: RecordedLicence) -> LineageNode:
    return replace(_file(source, RecordedFile(of.path), f"{source.path}: licences"), licences=(of.licence,))


def _approval(source: SourceFile, of: RecordedApproval) -> Approval:
    return Approval(of.by, _sha256(of.model), of.at, source.path, "lineage", of.role)


def read_lineage_file(source: SourceFile) -> LineageFile:
    """The runs in a file. Raises EvidenceError with its mistakes."""
    report = ProblemReport()
    node = parse(source.text().encode(), source.path, report.problems)
    found = read_record(LineageFile, node, report) if node is not None else None
    for gap in found.gaps if found else ():
        if wrong := _unsaid(gap):
            report.add(gap.at, wrong)
    if report.problems or found is None:
        raise EvidenceError("; ".join(map(str, report.problems[:5])), "lineage")
    return found


def _run(source: SourceFile, run: RecordedRun) -> Iterator[LineageNode | LineageArrow]:
    name, said = f"lineage:{source.path}:{run.name}", f"{source.path}: {run.name}"
    stood = tuple(_sha256(policy.sha256) for policy in run.policies)
    yield LineageNode(
        name,
        f"run {run.name}",
        (RUN,),
        said_in=(said,),
        started=run.started,
        ended=run.ended,
        by=run.by,
        policies=stood,
    )
    if run.code:
        yield _commit(run.code, said)
        yield LineageArrow(name, f"commit:{run.code.commit}")
    for entry in run.inputs:
        node = _file(source, entry, said)
        yield node
        yield has_read(name, node)
    for entry in run.outputs:
        node = _file(source, entry, said, run.ended)
        yield node
        yield has_made(name, node)


def _commit(code: RecordedCode, said: str) -> LineageNode:
    tree: Cleanliness = "unknown" if code.clean is None else "clean" if code.clean else "dirty"
    return commit_node(code.commit, said, tree, (code.files,))


def _file(source: SourceFile, entry: RecordedFile, said: str, ended: str = "") -> LineageNode:
    elsewhere = outside(entry.path)
    path = "" if elsewhere else source.from_here(entry.path)
    pins = (Pin(SHA256, _sha256(entry.sha256)),) if entry.sha256 else ()
    labels = (f"version {entry.version}",) if entry.version else ()
    name = f"url:{entry.path}" if elsewhere else f"file:{path}"
    return LineageNode(name, path or entry.path, (entry.role,), path, pins, labels, (said,), ended=ended)


def _sha256(text: str) -> str:
    return text.lower().removeprefix("sha256:")


READER = LineageReader("mlgate", "a lineage.yaml of mlgate", (NAME,), _recognises, _read)
