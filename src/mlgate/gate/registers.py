"""Holds candidates to the registers of models, here and at the commit that a change is held to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from mlgate.candidate.presented import Candidate
from mlgate.gate import bind
from mlgate.gate.batch import Case
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import flow
from mlgate.policy.register import FILE_NAME, Register, RegisterEntry
from mlgate.policy.registered import as_registered, identity_claims, policy_claims, registered_policy
from mlgate.reading import locate
from mlgate.values.errors import EvidenceError, NotCoveredError, Problem
from mlgate.values.file_search import before_pattern, covers, is_glob
from mlgate.values.verdict import Refusal


@dataclass(frozen=True)
class Registers:
    """The register of the work tree, and that of the commit that the change is held to, where there are any."""

    here: Register | None = None
    base: Register | None = None
    workspace: Path = Path()
    named: str = ""
    """What the commit is called."""

    def __bool__(self) -> bool:
        return self.here is not None or self.base is not None

    def of(self, path: Path, *, at_base: bool = False) -> RegisterEntry | None:
        """The entry of a candidate file here or at the base; that of the other one where there is no register, and
        where the model is new at the base.
        """
        name = self._name(path)
        first, second = (self.base, self.here) if at_base else (self.here, self.base)
        found = first.entries.get(name) if first else None
        if found is None and second and (first is None or at_base):
            return second.entries.get(name)
        return found

    def differ(self, path: Path) -> bool:
        """Whether the entry of a candidate is another here than at the base."""
        here, base = self.of(path), self.of(path, at_base=True)
        return here is not None and base is not None and here.model != base.model

    def knows(self, path: Path) -> bool:
        """Whether a candidate file is registered here, or need not be."""
        return not self or self.of(path) is not None

    def watched(self, path: Path) -> tuple[str, ...]:
        """The globs of further files that a candidate rests on, here and at the base."""
        entries = (self.of(path), self.of(path, at_base=True))
        return tuple(dict.fromkeys(glob for entry in entries if entry for glob in entry.model.watch))

    def pins_rows(self, path: Path) -> bool:
        """Whether the register of the base says how many evaluation rows there must be at least."""
        entry = self.base.entries.get(self._name(path)) if self.base else None
        return bool(entry and entry.model.evaluation and entry.model.evaluation.min_rows)

    def news(self, path: Path) -> Iterator[str]:
        """What a reader must know about the registers, against each other."""
        if self.base is None:
            return
        if self.here is None:
            yield f"{FILE_NAME} of {self.named} is not here, and it still decides who the candidate is"
        elif self.differ(path):
            yield f"its entry of {FILE_NAME} is not that of {self.named}, so it is judged as both"

    def candidate(self, candidate: Candidate, path: Path) -> Candidate:
        """A candidate as who it is registered; as it is without a register or an entry."""
        entry = self.of(path) if self else None
        return as_registered(entry, candidate) if entry else candidate

    def as_it_was(self, candidate: Candidate, path: Path) -> Candidate:
        """A candidate of the base as who it was registered there. A register that the change brings does not count."""
        entry = self.base.entries.get(self._name(path)) if self.base else None
        return as_registered(entry, candidate) if entry else candidate

    def held(self, case: Case, *, at_base: bool = False) -> Case:
        """A case in which the candidate is who it is registered, and is held to that; as it is without a register."""
        if not self:
            return case
        entry = self.of(case.path, at_base=at_base)

        @cache
        def found() -> tuple[Candidate, Policy]:
            candidate = case.load()
            if entry is None:
                raise EvidenceError(self._missing(candidate, case.path))
            also = [each for each in (self.of(case.path), self.of(case.path, at_base=True)) if each]
            claims = list(identity_claims(entry, also, candidate))
            registered = as_registered(entry, candidate)
            self._require_coverage(registered, case)
            claims += policy_claims(entry, case.policies, registered)
            register = next(each for each in self._in_order(at_base) if entry in each.entries.values())
            return registered, registered_policy(register, entry, claims, self.named if register is self.base else "")

        return replace(case, load=lambda: found()[0], register=lambda: found()[1], must_be_covered=True)

    def _in_order(self, at_base: bool) -> list[Register]:
        order = (self.base, self.here) if at_base else (self.here, self.base)
        return [each for each in order if each is not None]

    def _require_coverage(self, candidate: Candidate, case: Case) -> None:
        """Raise NotCoveredError, with what to merge first for a model that is new in the register."""
        try:
            bind.applying(case.policies, candidate)
        except NotCoveredError as error:
            new = self.base is not None and self._name(case.path) not in self.base.entries
            first = (
                f"; {FILE_NAME} at {self.named} does not have it, so first merge {self._entry(candidate)}"
                if new
                else ""
            )
            raise NotCoveredError(f"{error}{first}", candidate.name) from error

    def _missing(self, candidate: Candidate, path: Path) -> str:
        """What is wrong with a candidate that has no entry."""
        said, register = f"{self._name(path)} is not in {FILE_NAME}", self._in_order(at_base=False)[0]
        if same := next(register.named(candidate.name), None):
            known = f"which has `{candidate.name}` as {same.path} ({same.at('')})"
            return f"{said}, {known}; move it back, or first merge {self._entry(candidate)}"
        return f"{said}; add {self._entry(candidate)}"

    def _entry(self, candidate: Candidate) -> str:
        """The entry of a candidate, as the register has it on one line."""
        keys = ("name", "owner", "tags", "risk", "task", "positive")
        given = {key: value for key in keys if (value := getattr(candidate, key))}
        return f"its entry there: `{flow({candidate.file: given})[1:-1]}`"

    def gone(
        self, asked: Sequence[Path], presented: Sequence[Path], was_there: Callable[[Path], bool], day: date
    ) -> tuple[Refusal, ...]:
        """The registered candidates in some files, folders or globs that are not among the `presented` files.

        The file of such a one is gone, is a folder, leads to the file of another model, or lies where a search does not
        look. `was_there` says whether the commit has a path of the work tree; a model that is new there may follow its
        entry.
        """
        found = {Path(os.path.abspath(path)) for path in presented}
        entries = {path: entry for each in self._in_order(at_base=False) for path, entry in each.entries.items()}
        return tuple(
            self._refused(entry)
            for entry in entries.values()
            if (file := self.workspace / entry.path) not in found
            and not entry.is_retired(day)
            and any(_asks_for(path, file) for path in asked)
            and was_there(file)
        )

    def _refused(self, entry: RegisterEntry) -> Refusal:
        at = entry.places[""]
        there = os.path.lexists(self.workspace / entry.path)
        why = "what lies there is not judged as a file of its own" if there else "the file is gone"
        said = f"{entry.path} is registered as `{entry.model.name}`, and {why}"
        remedy = "restore it, or first merge `retired: DATE` in its entry"
        return Refusal(entry.path, 1, (Problem(at, f"{said}; {remedy}"),), entry.model.name)

    def _name(self, path: Path) -> str:
        return locate.shown(path, self.workspace)


NO_REGISTERS = Registers()


def _asks_for(asked: Path, file: Path) -> bool:
    """Whether a file is asked for by itself, a folder around it, or a pattern: of what is gone, the folder before the
    pattern tells.
    """
    whole = Path(os.path.abspath(asked))
    if not is_glob(str(asked)) or whole.exists():
        return file.is_relative_to(whole)
    return covers(whole.parts, file.parts) if os.path.lexists(file) else file.is_relative_to(before_pattern(whole))
