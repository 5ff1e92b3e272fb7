"""Judges a change by the policies of the commit that it is held to as well, so that it cannot weaken its own gate.

Each candidate is judged under the policies here, and under those of the base where they are others. Where it is
somebody else here than it was there (by its name, risk, label or evaluation), it is also judged as who it was. All must
allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path

from mlgate.candidate.presented import Candidate
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.gate.base_commit import BaseCommit
from mlgate.gate.batch import Case, judge_cases
from mlgate.gate.earlier_rows import EarlierRows, earlier_rows, with_evaluation
from mlgate.gate.identity import IdentityChange, as_it_was, differences
from mlgate.gate.registers import NO_REGISTERS, Registers
from mlgate.gate.run import Opening, Settings, opened_tables
from mlgate.policy.demanded import Policy, Waiver
from mlgate.policy.selector import matches
from mlgate.values.errors import InputError, MlgateError
from mlgate.values.verdict import Verdicts, where_text
from mlgate.values.words import counted


def judge_held(
    paths: Sequence[Path],
    policies: Sequence[Policy],
    base: BaseCommit,
    at_base: Sequence[Policy],
    settings: Settings,
    opening: Opening = opened_tables,
    notes: tuple[str, ...] = (),
    must_be_covered: bool = False,
    registers: Registers = NO_REGISTERS,
) -> Verdicts:
    """One verdict or refusal per candidate file, and per set of policies and identity that it must satisfy.

    `at_base` are the policies of the base; without any, it has none yet, and those here decide alone.
    """
    held = _Held(tuple(policies), base, tuple(at_base), settings, must_be_covered, registers)
    cases = [case for path in paths for case in held.cases(path, notes)]
    return judge_cases(cases, replace(settings, roots=(*settings.roots, base.folder)), opening)


@dataclass(frozen=True)
class _Earlier:
    """What a candidate was at the base, as far as that is known."""

    candidate: Candidate | None = None
    """None for a new one, and where that is not known."""
    changes: tuple[IdentityChange, ...] = ()
    """How the candidate is another here."""
    unknown: str = ""
    """Why nothing is compared, though the base has its file."""

    def told(self, base: BaseCommit) -> Iterator[str]:
        """What a reader must know about it."""
        if self.changes:
            yield f"since {base}, {'; '.join(map(str, self.changes))}; it is judged as both"
        if self.unknown:
            yield (f"what the candidate was at {base} is not compared, because its file there is wrong: {self.unknown}")


@dataclass(frozen=True)
class _Held:
    """A change and the commit that it is held to."""

    policies: tuple[Policy, ...]
    base: BaseCommit
    at_base: tuple[Policy, ...]
    settings: Settings
    must_be_covered: bool
    registers: Registers

    def cases(self, path: Path, notes: tuple[str, ...]) -> Iterator[Case]:
        """What must allow a candidate. Only one that no policy covered at the base, as it is, need not be covered."""
        here = cache(lambda: self._loaded(path, self.policies))
        earlier = self._earlier(path, here) if self.at_base else _Earlier()
        rows, pinned = self._rows(earlier, here), self.registers.pins_rows(path)
        told = (*notes, *self._news, *self.registers.news(path), *earlier.told(self.base), *rows.told(pinned))
        covered = self.must_be_covered or bool(self.at_base and not self._was_uncovered(earlier))
        yield self.registers.held(Case(path, here, self.policies, notes=told, must_be_covered=covered))
        if self.at_base and (not self._same or self.registers.differ(path)):
            there = cache(lambda: self._loaded(path, self.at_base))
            case = Case(path, there, self.at_base, f"the policies of {self.base}", told, covered)
            yield self.registers.held(case, at_base=True)
        before, evaluation = earlier.candidate, rows.evaluation if rows.counts(pinned) else None
        if before and (earlier.changes or evaluation):
            under = f"the policies of {self.base}, as what it was there"
            was = cache(lambda: self._as_it_was(path, here(), before, evaluation))
            as_input = partial(self.base.as_input, workspace=self.settings.workspace)
            yield Case(path, was, self.at_base, under, told, former=True, as_input=as_input)

    def _as_it_was(self, path: Path, here: Candidate, before: Candidate, evaluation: FileSource | None) -> Candidate:
        """A candidate as who it was at the base, with the evaluation rows of the base if these are given."""
        found = self.registers.as_it_was(as_it_was(here, before, str(self.base)), path)
        return with_evaluation(found, evaluation, self.base.top) if evaluation else found

    def _rows(self, earlier: _Earlier, here: Callable[[], Candidate]) -> EarlierRows:
        if earlier.candidate is None:
            return EarlierRows()
        return earlier_rows(here(), earlier.candidate, self.base, self._known, self.settings)

    def _earlier(self, path: Path, here: Callable[[], Candidate]) -> _Earlier:
        try:
            now = here()
        except MlgateError:  # judging it says what is wrong with it
            return _Earlier()
        try:
            before = self.base.candidate(path, self._known, now)
        except InputError as error:
            return _Earlier(unknown=str(error).partition("\n")[0])
        return _Earlier(before, differences(before, now)) if before else _Earlier()

    def _was_uncovered(self, earlier: _Earlier) -> bool:
        """Whether the candidate is who it was, and no policy of the base applies to it."""
        before = earlier.candidate
        if before is None or earlier.changes:
            return False
        return not any(matches(policy.applies_to, before) for policy in self.at_base)

    def _loaded(self, path: Path, policies: tuple[Policy, ...]) -> Candidate:
        """A candidate here, whose source is asked where some policies allow it."""
        of = self.settings
        sourcing = bind.sourced_by(policies, of.workspace, of.roots, of.servers)
        return bind.load(path, self._known, of.workspace, of.roots, of.servers, sourcing)

    @property
    def _known(self) -> tuple[Policy, ...]:
        return (*self.policies, *self.at_base)

    @cached_property
    def _same(self) -> bool:
        """Whether the policies here are those of the base, to the letter, and their waivers granted by the same."""
        return _letters(self.policies) == _letters(self.at_base) and _grants(self.policies) == _grants(self.at_base)

    @cached_property
    def _news(self) -> tuple[str, ...]:
        """What a reader must know about the policies here, against those of the base."""
        if not self.at_base:
            return (f"{self.base} has no policies yet, so that those of this change decide alone (--bootstrap)",)
        if self._same:
            return (f"the policies are those of {self.base}",)
        return (f"the policies are not those of {self.base}, so both must allow", *self._gone(), *self._new_waivers())

    def _gone(self) -> Iterator[str]:
        here = {rule.name for policy in self.policies for rule in policy.rules}
        gone = [rule.name for policy in self.at_base for rule in policy.rules if rule.name not in here]
        if gone:
            are = "is" if len(gone) == 1 else "are"
            yield f"{counted(len(gone), 'rule')} of {self.base} {are} not here: {', '.join(gone)}"

    def _new_waivers(self) -> Iterator[str]:
        known = {_terms(policy, waiver) for policy in self.at_base for waiver in policy.waivers}
        for policy in self.policies:
            for waiver in policy.waivers:
                if _terms(policy, waiver) not in known:
                    where = f" in {where_text(waiver.where)}" if waiver.where else ""
                    said = f"the waiver of {policy.name}:{waiver.rule}{where} ({waiver.at.file}:{waiver.at.line})"
                    yield f"{said} is not at {self.base}, so it does not count before it is merged"


def _letters(policies: Iterable[Policy]) -> frozenset[tuple[str, str]]:
    """The files of policies with their digests."""
    return frozenset((entry.path, entry.sha256) for policy in policies for entry in policy.inputs)


def _grants(policies: Iterable[Policy]) -> frozenset[tuple[object, ...]]:
    """Who granted each waiver of some policies: the same file may have been committed again by somebody else."""
    return frozenset(
        (*_terms(policy, each), each.granted_by, each.ungranted) for policy in policies for each in policy.waivers
    )


def _terms(policy: Policy, waiver: Waiver) -> tuple[object, ...]:
    """What a waiver allows, for whom and until when, wherever it stands."""
    bounds = (waiver.not_below, waiver.not_above)
    return policy.name, waiver.rule, waiver.where, *bounds, waiver.applies_to, waiver.granted, waiver.expires
