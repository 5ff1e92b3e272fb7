"""Facts that travel: what `mlgate measure` writes beside private data, and `mlgate check --facts` judges elsewhere.

A facts file is bound to what it was measured from by digests: the policies, the candidate file, the model and the
data. Whatever of these is at hand when it is judged must still be the same. A digest of its own says that it was not
edited; whoever can write the file can write that digest too, so that facts are trusted as far as where they come from.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgate.candidate.presented import Candidate
from mlgate.candidate.tables import tables
from mlgate.evidence.codec import MALFORMED, decode_facts, encode_facts, parse
from mlgate.evidence.facts import Facts, SchemaFact
from mlgate.evidence.files import digest
from mlgate.evidence.measure import Evidence, Progress, open_evidence
from mlgate.evidence.needs import Digest, Need, Schema
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.gate.run import Settings, conclude, measure, or_refusal, run_all, together
from mlgate.policy.model import Policy
from mlgate.reading import locate
from mlgate.values.errors import EvidenceError, InputError, MachineError, MlgateError
from mlgate.values.verdict import Input, Refusal, Verdict, Verdicts

FORMAT = 1


@dataclass(frozen=True)
class StoredFacts:
    """One candidate's facts as they were measured; answers needs by look-up."""

    candidate: str
    inputs: tuple[Input, ...]
    answers: Mapping[Need, Any]

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds as measured. Raises EvidenceError where they were not, or could not be."""
        found = Facts(self.answers).get(Schema(name))
        if not isinstance(found, SchemaFact):
            raise EvidenceError(f"the facts hold no table `{name}`: measure again")
        return found

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """The stored fact of every need, or an EvidenceError that says it is not there."""
        missing = EvidenceError("the facts do not answer this rule: the policy or candidate has changed, measure again")
        return Facts({need: self.answers.get(need, missing) for need in needs})


def measure_all(paths: Sequence[Path], policies: Sequence[Policy], settings: Settings) -> str:
    """The facts of some candidates as JSON. Raises InputError where a file is wrong, MachineError where the machine
    failed."""
    entries = [_measured(bind.load(path, policies, settings.workspace), policies, settings) for path in paths]
    document = {"mlgate": FORMAT, "kind": "facts", "candidates": entries, "sha256": _sealed(entries)}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _sealed(entries: Any) -> str:
    """The digest of all entries, however the file is indented."""
    text = json.dumps(entries, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _measured(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> dict[str, Any]:
    opened = tables(candidate)
    with open_evidence(opened, settings.workspace, settings.threads, settings.memory_limit) as evidence:
        measured = measure(candidate, bind.applying(policies, candidate), evidence, settings)
        answers: dict[Need, Any] = dict(measured.facts.answers)
        answers |= {Schema(name): _schema(evidence, name) for name in opened}
    broken = next((fact for fact in answers.values() if isinstance(fact, MachineError)), None)
    if broken is not None:
        raise MachineError(f"facts could not be measured: {broken}") from broken
    inputs = [vars(entry) for entry in measured.inputs]
    return {"candidate": candidate.file, "inputs": inputs, "facts": encode_facts(Facts(answers))}


def _schema(evidence: Evidence, name: str) -> SchemaFact | MlgateError:
    try:
        return evidence.schema(name)
    except MlgateError as error:
        return error


def judge_facts(paths: Sequence[Path], policies: Sequence[Policy], file: Path, settings: Settings) -> Verdicts:
    """A verdict on every candidate from the facts of a file. Raises InputError where the file holds none."""
    shown = locate.shown(file, settings.workspace)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown}: the facts cannot be read: {error}") from error
    stored = {entry.candidate: entry for entry in read(text, shown)}

    def one(path: Path, each: Settings) -> Verdict | Refusal:
        return or_refusal(path, each, lambda: _judged(path, policies, stored, each))

    return together(run_all(one, paths, settings))


def _judged(path: Path, policies: Sequence[Policy], stored: Mapping[str, StoredFacts], settings: Settings) -> Verdict:
    candidate = bind.load(path, policies, settings.workspace)
    chosen = bind.applying(policies, candidate)
    facts = stored.get(candidate.file)
    if facts is None:
        raise EvidenceError(f"the facts hold nothing of {candidate.file}; they are of: {', '.join(sorted(stored))}")
    held_to(facts, candidate, chosen, settings.workspace)
    return conclude(candidate, chosen, measure(candidate, chosen, facts, settings), settings)


def read(text: str, shown: str) -> tuple[StoredFacts, ...]:
    """The facts of a file. Raises InputError for a file that is none, EvidenceError for one that was edited."""
    try:
        document = parse(text)
        if document["mlgate"] != FORMAT or document["kind"] != "facts":
            raise ValueError("they are of another version of mlgate")
        if document["sha256"] != _sealed(document["candidates"]):
            raise EvidenceError(f"{shown}: the facts were edited after they were measured; measure again")
        return tuple(_stored(entry) for entry in document["candidates"])
    except MALFORMED as error:
        raise InputError(f"{shown}: no facts that `mlgate measure` wrote ({error}); measure again") from error


def _stored(entry: Mapping[str, Any]) -> StoredFacts:
    inputs = tuple(Input(**found) for found in entry["inputs"])
    return StoredFacts(entry["candidate"], inputs, decode_facts(entry["facts"]).answers)


def held_to(stored: StoredFacts, candidate: Candidate, policies: Iterable[Policy], workspace: Path) -> None:
    """Raise EvidenceError unless the facts were measured from these policies, this candidate and what is at hand."""
    recorded = {(entry.role, entry.path): entry.sha256 for entry in stored.inputs}
    now = [entry for policy in policies for entry in policy.inputs]
    now.append(Input("candidate", candidate.file, candidate.sha256))
    now += _at_hand(candidate, workspace)
    for entry in now:
        found = recorded.get((entry.role, entry.path))
        if found != entry.sha256:
            what = "was not measured" if found is None else "has changed since the facts were measured"
            raise EvidenceError(f"{entry.role} {entry.path} {what}: measure again")


def _at_hand(candidate: Candidate, workspace: Path) -> list[Input]:
    """The model, which must be here, and the tables' files that are."""
    found = []
    for need in bind.digests(candidate, workspace):
        try:
            found.append(Input(need.role, need.path, _sha256(need, workspace)))
        except EvidenceError:
            if need.role == "model" or _there(workspace / need.path):
                raise
    return found


def _there(path: Path) -> bool:
    """Whether anything is at a path or matches it as a glob, readable or not."""
    return os.path.lexists(path) or bool(glob.glob(str(path), recursive=True))


def _sha256(need: Digest, workspace: Path) -> str:
    return digest(FileSource(need.path, workspace), workspace).sha256
