"""lineage.restorable: the earlier model and its data are still there, so that going back is possible."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import Candidate
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest, DigestFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.sources import FileSource
from mlgate.lineage.kept_files import KeptFile, KeptFiles, KeptModel
from mlgate.reading.fields import Choice, ListOf, OneOrMany, Record, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, NotAsked, Unanswered
from mlgate.values.verdict import Proof
from mlgate.values.words import Words

MODEL, MOST_ARCHIVES = "model", 100
_NOT_DATA = (MODEL, "card", "lineage", "rollback")


@dataclass(frozen=True)
class Rollback:
    """The model to go back to."""

    verdict: FileSource | None = param(
        FilePath(), default=None, doc="The stored JSON verdict on it; by default `champion.verdict`."
    )
    archive: tuple[FileSource, ...] = param(
        ListOf(FilePath(), max=MOST_ARCHIVES), default=(), doc="Files and folders in which its files may lie."
    )


@dataclass(frozen=True)
class RollbackKeys:
    """The model to go back to, and where its files are."""

    rollback: Rollback | None = param(
        Record(Rollback), default=None, doc="The earlier model that could be taken back, for `lineage.restorable`."
    )


@dataclass(frozen=True, kw_only=True)
class LineageRestorable(Check):
    """The earlier model and its data are still there, so that going back to it is possible.

    ## What it does
    Reads the JSON verdict on the earlier model, which the candidate names in `rollback.verdict` or `champion.verdict`.
    It has the digest of each file that it was given on. A file with each digest must still be there:

    | where | what is looked at |
    |---|---|
    | at its path | the file or folder as it is now |
    | in a commit | its path in the last 1,000 commits that changed it; of Git LFS the file itself, if it was fetched |
    | in `rollback.archive` | each file in these folders, such as a cache of DVC, and each folder directly in them |

    Every digest is recomputed. The verdict must have allowed that model, must name the model's file, and must be about
    another model than the candidate's. `parts` names the inputs of the verdict that are required; by default all but
    policies and the candidate file, with data among them. The inputs of a verdict are the files that its candidate
    named: training data that only a source of lineage names are not among them, so name them as a table, `train`, and
    write `parts: [model, train]`. With `parts: [model]` no data are asked for. With `first_run: allow`, a
    candidate without an earlier model skips the rule.

    ## Why it matters
    When a new model fails in use, the only quick remedy is the one before. It must not have been overwritten.

    ## Example
    ```yaml
    - id: way-back
      check: lineage.restorable
      parts: [model, evaluation]
    ```

    ## Use instead
    `performance.champion` compares the candidate with the earlier model.
    """

    id: ClassVar[str] = "lineage.restorable"
    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar = RollbackKeys
    own_needs: ClassVar[tuple[type[Need], ...]] = (KeptFiles,)

    parts: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The inputs of the verdict that are required: `model`, the names of tables."
    )
    first_run: str = param(
        Choice("allow", "block"), default="block", doc="What happens to a candidate that names no earlier model."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "files of the earlier model"

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    def words(self, _subject: Subject) -> Words:
        """A finding is about one file."""
        return Words("file", improve="the archive")

    def advice(self, _proof: Proof) -> Iterable[str]:
        """A first run that can be skipped for ever."""
        if self.first_run == "allow":
            said = "says `first_run: allow`, so leaving the earlier model out skips it"
            yield f"{said}; write `block` after the first merge"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """Where the files are, and the digest of the candidate's model."""
        yield self._kept(subject.candidate)
        yield _own(subject.candidate)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim per file."""
        kept: KeptModel = facts[self._kept(subject.candidate)]
        own: DigestFact = facts[_own(subject.candidate)]
        name = f"{kept.candidate} {kept.version}".strip()
        if not kept.allowed:
            said = f"the verdict on {name} blocks it, so it is not a model to go back to"
            raise EvidenceError(f"{said}; name the verdict on the model in use", "rollback", "champion.verdict")
        models = [file for file in kept.files if file.role == MODEL]
        if any(file.sha256 == own.sha256 for file in models):
            said = f"the verdict is on the candidate's own model ({own.sha256[:12]})"
            raise EvidenceError(f"{said}; name the verdict on the model before it", "rollback", "champion.verdict")
        for part in self.parts or (MODEL,):
            if not any(file.role == part for file in kept.files):
                known = ", ".join(dict.fromkeys(file.role for file in kept.files)) or "none"
                said = f"the verdict on {name} has no input `{part}` (it has: {known})"
                yield Unanswered((("file", part),), f"{said}; name it in the candidate when that model is judged")
        if not self.parts and not any(map(_is_data, kept.files)):
            said = f"the verdict on {name} has no data among its inputs, so only its model was looked for"
            yield Unanswered((("file", "data"),), f"{said}; write `parts: [model]` if the model alone is enough")
        for file in kept.files:
            if not self.parts or file.role in self.parts:
                yield _claim(file, name)

    def _kept(self, candidate: Candidate) -> KeptFiles:
        """The question. Raises EvidenceError, or NotAsked on a first run, where the candidate names no verdict."""
        rollback = candidate.of(RollbackKeys).rollback or Rollback()
        stored = [each.verdict for each in candidate.opponents.values() if each.verdict]
        verdict = rollback.verdict or (stored[0] if len(stored) == 1 else None)
        if verdict is None and self.first_run == "allow" and not candidate.opponents:
            raise NotAsked("the candidate names no earlier model, and the rule says `first_run: allow`")
        if verdict is None:
            said = "the candidate names no verdict on an earlier model"
            raise EvidenceError(f"{said}; add `rollback: {{verdict: ...}}`", "rollback", "champion")
        archives = tuple(posixpath.normpath(candidate.path_of(each)) for each in rollback.archive)
        return KeptFiles(candidate.path_of(verdict), candidate.name, archives)


def _is_data(file: KeptFile) -> bool:
    return file.role not in _NOT_DATA and not file.role.startswith("champion")


def _own(candidate: Candidate) -> Digest:
    if candidate.model is None:
        raise EvidenceError("the candidate names no model, so nothing comes after another; add `model`", "model")
    return Digest(MODEL, candidate.path_of(candidate.model.source))


def _claim(file: KeptFile, name: str) -> Claim:
    where, said = (("file", file.role),), f"{file.role} of {name}, {file.path} ({file.sha256[:12]}),"
    if file.found:
        return Claim(where, True, f"{said} is {file.found}")
    return Claim(where, False, f"{said} is neither there, nor in a commit, nor in an archive; fetch it, or keep it")
