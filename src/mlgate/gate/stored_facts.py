"""Evidence that was measured elsewhere: `mlgate measure` writes it beside private data, `mlgate check --facts` judges.

A facts file holds digests of everything that it was measured from: the policies, the candidate file, the model and
the data. Those that are available when it is judged must be unchanged. A digest of the facts themselves reveals an
edit. But whoever can write the file can also write that digest, so trust facts only as far as you trust their source.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgate.candidate.derivation import tables
from mlgate.candidate.presented import Candidate
from mlgate.evidence.codec import decode_facts, encode_facts
from mlgate.evidence.evidence import Progress
from mlgate.evidence.files import by_glob
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.digest import Digest, digest
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.row_digest import RowDigest
from mlgate.evidence.questions.table_schema import SchemaFact, TableSchema
from mlgate.evidence.questions.unread_parts import UnreadParts
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.gate.run import FactSource, Opening, Settings, measured
from mlgate.policy.demanded import Policy
from mlgate.reading import locate
from mlgate.values.errors import EvidenceError, InputError, MachineError, MlgateError
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.json_text import parse, safe
from mlgate.values.provenance import Input
from mlgate.values.reach import Reach
from mlgate.values.words import counted

FORMAT = 1
_FOR_NOTES = (RowDigest, UnreadParts)
"""Questions that the gate asks for its notes. A facts file of an earlier mlgate lacks some of them."""


@dataclass(frozen=True)
class StoredFacts:
    """The stored facts of one candidate. It answers needs by look-up."""

    candidate: str
    inputs: tuple[Input, ...]
    answers: Mapping[Need, Any]
    engine_version: str = ""
    """The engine that measured them, with its version; empty in a file of an mlgate that did not record it."""

    def begin(self, needs: Iterable[Need]) -> None:
        """Nothing: all answers are there."""

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds as measured. Raises EvidenceError if they are not stored."""
        found = Facts(self.answers).get(TableSchema(name))
        if not isinstance(found, SchemaFact):
            raise EvidenceError(f"the facts file has no table `{name}`; run `mlgate measure` again")
        return found

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """The stored fact for every need, or an EvidenceError that it is missing."""
        missing = EvidenceError(
            "the facts file does not answer this rule, because the policy or candidate has changed; run "
            "`mlgate measure` again"
        )
        return Facts({need: self.answers.get(need, missing) for need in needs})


def measure_all(paths: Sequence[Path], policies: Sequence[Policy], settings: Settings) -> str:
    """The facts of some candidates as JSON. Raises InputError for a wrong file, MachineError if the machine failed."""
    entries = [
        _entry(bind.load(path, policies, settings.workspace, settings.roots, settings.servers), policies, settings)
        for path in paths
    ]
    document = {"mlgate": FORMAT, "kind": "facts", "candidates": entries, "sha256": _sealed(entries)}
    return safe(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)) + "\n"


def _sealed(entries: Any) -> str:
    """The digest of all entries. It does not depend on the file's indentation."""
    text = json.dumps(entries, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> dict[str, Any]:
    found = _measured(candidate, policies, settings)
    # What only notes read stops nothing where it could not be measured.
    read = (fact for need, fact in found.answers.items() if not isinstance(need, _FOR_NOTES))
    broken = next((fact for fact in read if isinstance(fact, MachineError)), None)
    if broken is not None:
        raise MachineError(f"facts could not be measured: {broken}") from broken
    return {
        "candidate": found.candidate,
        "engine": found.engine_version,
        "inputs": [vars(entry) for entry in found.inputs],
        "facts": encode_facts(Facts(found.answers), _own_needs(policies)),
    }


def _measured(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> StoredFacts:
    """All facts about a candidate, from its tables. A fact that could not be measured is an error in its place."""
    with measured(candidate, policies, settings) as found:
        schemas: dict[Need, Any] = {TableSchema(name): _schema(found.evidence, name) for name in tables(candidate)}
        answers = {**found.facts.answers, **schemas}
        return StoredFacts(candidate.file, found.inputs.found, answers, found.evidence.engine_version)


def _own_needs(policies: Iterable[Policy]) -> list[type[Need]]:
    """The types of questions that only checks of these policies ask."""
    found = dict.fromkeys(need for policy in policies for rule in policy.rules for need in rule.check.own_needs)
    return list(found)


def _schema(evidence: FactSource, name: str) -> SchemaFact | MlgateError:
    try:
        return evidence.schema(name)
    except MlgateError as error:
        return error


def read_facts(file: Path, policies: Iterable[Policy], workspace: Path) -> Mapping[str, StoredFacts]:
    """The facts of a file by the path of their candidate. Raises InputError if the file has no facts."""
    shown = locate.shown(file, workspace)
    text = locate.json_text(file, shown, f"`mlgate measure --output {shown}` writes it")
    return {entry.candidate: entry for entry in _read(text, shown, _own_needs(policies))}


def stored_evidence(file: Path, policies: Iterable[Policy], workspace: Path, *, verify: bool = False) -> Opening:
    """The opening that answers from the facts of a file.

    With `verify`, it measures again and answers from that, and the file must hold exactly the same facts. Raises
    InputError if the file has no facts.
    """
    stored = read_facts(file, policies, workspace)

    @contextmanager
    def opened(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> Iterator[FactSource]:
        facts = stored.get(candidate.file)
        if facts is None:
            known = ", ".join(sorted(stored))
            raise EvidenceError(
                f"the facts file has nothing about {candidate.file}, only about: {known}; run `mlgate measure` on it"
            )
        _require_unchanged(facts, candidate, policies, settings)
        yield _verified(facts, candidate, policies, settings) if verify else facts

    return opened


def _verified(stored: StoredFacts, candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> StoredFacts:
    """The facts measured again, all of them: what the file says must not choose which of them are compared or judged.

    Raises EvidenceError where the file has another fact, one more or one less, or MachineError.
    """
    found = _measured(candidate, policies, settings)
    for need, fact in found.answers.items():
        if isinstance(fact, MachineError):
            raise fact
        if isinstance(fact, EvidenceError) and isinstance(need, Digest):
            raise EvidenceError(f"the facts cannot be verified: {fact}")
    for need, fact in found.answers.items():
        older = isinstance(need, _FOR_NOTES) and need not in stored.answers
        if not older and not _equal(stored.answers.get(need), fact):
            raise EvidenceError(
                f"the stored fact `{need.name}` about {need.about} is not what the data give; run `mlgate measure` "
                "again"
            )
    _require_no_more(stored, found)
    return found


def _require_no_more(stored: StoredFacts, found: StoredFacts) -> None:
    """Raise EvidenceError where the file has a fact or an input that was not measured."""
    extra = [f"the fact `{need.name}` about {need.about}" for need in stored.answers if need not in found.answers]
    extra += [f"the input {entry.role} {entry.path}" for entry in stored.inputs if entry not in found.inputs]
    if extra:
        raise EvidenceError(
            f"the facts file has {extra[0]}, for which this candidate's policies do not ask; run `mlgate measure` "
            "again with the same policies"
        )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(other, EvidenceError):
        return isinstance(one, EvidenceError) and str(one) == str(other)
    return bool(one == other)


def _read(text: str, shown: str, others: Collection[type[Need]]) -> tuple[StoredFacts, ...]:
    """The facts of a file. Raises InputError for another file, EvidenceError for one that was edited."""
    try:
        document = parse(text)
        if document["mlgate"] != FORMAT or document["kind"] != "facts":
            raise ValueError("another version of mlgate wrote it")
        if document["sha256"] != _sealed(document["candidates"]):
            raise EvidenceError("the facts were edited after they were measured")
        found = tuple(_stored(entry, others) for entry in document["candidates"])
        _require_one_each(found)
        return found
    except EvidenceError as error:
        raise EvidenceError(f"{shown}: {error}; run `mlgate measure` again") from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{shown} is not a file of `mlgate measure` ({error}); run `mlgate measure` again") from error


def _require_one_each(found: Iterable[StoredFacts]) -> None:
    """Raise EvidenceError where a file has two entries about one candidate."""
    names: set[str] = set()
    for entry in found:
        if entry.candidate in names:
            raise EvidenceError(f"the facts have two entries about {entry.candidate}")
        names.add(entry.candidate)


def _stored(entry: Mapping[str, Any], others: Collection[type[Need]]) -> StoredFacts:
    inputs = tuple(Input(**found) for found in entry["inputs"])
    answers = decode_facts(entry["facts"], others).answers
    for need, fact in answers.items():
        if not isinstance(fact, Exception) and (wrong := _impossible(need, fact)):
            raise EvidenceError(f"the fact `{need.name}` about {need.about} cannot be true: {wrong}")
    _require_one_size(answers)
    return StoredFacts(entry["candidate"], inputs, answers, str(entry.get("engine", "")))


def _impossible(need: Need, fact: Any) -> str:
    """Why no data can have a fact; empty if some can."""
    try:
        return need.impossible(fact)
    except (ArithmeticError, TypeError, ValueError, LookupError) as error:
        return f"it cannot be checked ({type(error).__name__}: {error})"


def _require_one_size(answers: Mapping[Need, Any]) -> None:
    """Raise EvidenceError where two counts of the same rows have different totals."""
    sizes: dict[tuple[str, str, str], int] = {}
    for need, fact in answers.items():
        if isinstance(need, Counts) and isinstance(fact, CountsFact):
            first = sizes.setdefault((need.table, need.where, need.count), fact.rows)
            if first != fact.rows:
                raise EvidenceError(f"the facts count {counted(first, 'row')} of {need.table}, and also {fact.rows:,}")


def _require_unchanged(
    stored: StoredFacts, candidate: Candidate, policies: Sequence[Policy], settings: Settings
) -> None:
    """Raise EvidenceError unless the facts come from these policies, this candidate and the files that are here."""
    recorded = {(entry.role, entry.path): entry.sha256 for entry in stored.inputs}
    now = [entry for policy in policies for entry in policy.inputs]
    now.append(Input("candidate", candidate.file, candidate.sha256))
    roots = bind.roots(candidate, policies, settings.workspace, settings.roots)
    now += _at_hand(candidate, Reach.of(settings.workspace, roots))
    for entry in now:
        found = recorded.get((entry.role, entry.path))
        if found != entry.sha256:
            what = "was not measured" if found is None else "has changed since the facts were measured"
            raise EvidenceError(f"{entry.role} {entry.path} {what}; run `mlgate measure` again")


def _at_hand(candidate: Candidate, reach: Reach) -> list[Input]:
    """The model, which must be here, and those files of tables that are here."""
    found = []
    for need in bind.digests(candidate, reach.workspace):
        try:
            found.append(Input(need.role, need.path, _sha256(need, reach)))
        except EvidenceError:
            if need.role == "model" or _there(reach.workspace / need.path, reach):
                raise
    return found


def _there(path: Path, reach: Reach) -> bool:
    """Whether anything, readable or not, is at a path or matches it as a glob."""
    if os.path.lexists(path) or not is_glob(str(path)):
        return os.path.lexists(path)
    start = before_pattern(path)
    if reach.why_not(start, str(start)):
        return os.path.lexists(start)
    try:
        return any(True for _ in by_glob(path, reach))
    except EvidenceError:  # a link that may not be followed
        return True


def _sha256(need: Digest, reach: Reach) -> str:
    return digest(FileSource(need.path, reach.workspace), reach).sha256
