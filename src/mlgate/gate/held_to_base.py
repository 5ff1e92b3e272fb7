"""Judges a change by the policies of the commit that it is held to as well, so that it cannot weaken its own gate.

Each candidate is judged under the policies here, and under those of the base where they are others. Where it is
somebody else here than it was there (by its name, risk, label or evaluation), it is also judged as who it was. All must
allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from mlgate.candidate.presented import Candidate, completed
from mlgate.candidate.roles import ANSWERS, EVALUATION, ROLES
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.gate.base_commit import BaseCommit
from mlgate.gate.batch import Case, judge_cases
from mlgate.gate.run import Opening, Settings, opened_tables
from mlgate.policy.demanded import Policy, Waiver, shown
from mlgate.policy.selector import matches
from mlgate.reading.fields import params
from mlgate.values.errors import EvidenceError, InputError, MlgateError
from mlgate.values.verdict import Verdicts, where_text
from mlgate.values.words import counted

_WHO = ("name", "tags", "risk", "task", "positive", "classes", "unit", "champion", "champions")
"""The fields of a candidate that say who it is, besides its evaluation table and the roles of its columns."""
_AS_BOTH = "; it is judged as both"
_SHARED = tuple(key for key in ROLES if key not in ANSWERS)
"""The roles of the predictions that are not the model's answers."""


def judge_held(
    paths: Sequence[Path],
    policies: Sequence[Policy],
    base: BaseCommit,
    at_base: Sequence[Policy],
    settings: Settings,
    opening: Opening = opened_tables,
    notes: tuple[str, ...] = (),
    must_be_covered: bool = False,
) -> Verdicts:
    """One verdict or refusal per candidate file, and per set of policies and identity that it must satisfy.

    `at_base` are the policies of the base; without any, it has none yet, and those here decide alone.
    """
    held = _Held(tuple(policies), base, tuple(at_base), settings, must_be_covered)
    return judge_cases([case for path in paths for case in held.cases(path, notes)], settings, opening)


@dataclass(frozen=True)
class _Held:
    """A change and the commit that it is held to."""

    policies: tuple[Policy, ...]
    base: BaseCommit
    at_base: tuple[Policy, ...]
    settings: Settings
    must_be_covered: bool

    def cases(self, path: Path, notes: tuple[str, ...]) -> Iterator[Case]:
        """What must allow a candidate. Only one that no policy covered at the base, as it is, need not be covered."""
        here = cache(lambda: self._loaded(path, self.policies))
        changes = tuple(self._changes(path, here)) if self.at_base else ()
        told = (*notes, *self._news, *changes)
        covered = self.must_be_covered or bool(self.at_base and (changes or not self._uncovered_before(path, here)))
        yield Case(path, here, self.policies, notes=told, must_be_covered=covered)
        if self.at_base and not self._same:
            there = cache(lambda: self._loaded(path, self.at_base))
            yield Case(path, there, self.at_base, f"the policies of {self.base}", told, covered)
        if any(each.endswith(_AS_BOTH) for each in changes):
            under = f"the policies of {self.base}, as what it was there"
            yield Case(path, lambda: self._as_before(path, here()), self.at_base, under, told)

    def _uncovered_before(self, path: Path, here: Callable[[], Candidate]) -> bool:
        """Whether the base has the candidate, and no policy there applies to it; not for one that cannot be read."""
        try:
            before = self.base.candidate(path, self._known, here())
        except MlgateError:
            return False
        return before is not None and not any(matches(policy.applies_to, before) for policy in self.at_base)

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
        """Whether the policies here are those of the base, to the letter."""
        return _letters(self.policies) == _letters(self.at_base)

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

    def _changes(self, path: Path, here: Callable[[], Candidate]) -> Iterator[str]:
        """How a candidate is another here than at the base, as one sentence; nothing if it is not, or is new."""
        try:
            now = dict(_identity(here()))
        except MlgateError:  # judging it says what is wrong with it
            return
        try:
            before = self.base.candidate(path, self._known, here())
        except InputError as error:
            first = str(error).partition("\n")[0]
            yield f"what the candidate was at {self.base} is not compared, because its file there is wrong: {first}"
            return
        was = dict(_identity(before)) if before else now
        keys = [key for key in {**was, **now} if was.get(key) != now.get(key)]
        said = [f"{key} was {was.get(key, 'left out')} and is {now.get(key, 'left out')}" for key in keys]
        if said:
            yield f"since {self.base}, {'; '.join(said)}{_AS_BOTH}"

    def _as_before(self, path: Path, here: Candidate) -> Candidate:
        """The candidate with its model and answers, as who it was at the base."""
        before = self.base.candidate(path, self._known, here)
        if before is None:
            return here
        if before.task != here.task:
            said = f"the task was {before.task or 'none'} at {self.base} and is {here.task or 'none'}"
            raise EvidenceError(
                f"{said}, so it cannot be judged as what it was; present another task as a new candidate"
            )
        tables = {name: table for name, table in here.tables if name != EVALUATION}
        tables |= {EVALUATION: before.evaluation} if before.evaluation else {}
        predictions = here.predictions
        if predictions and before.predictions:
            roles: dict[str, Any] = {key: getattr(before.predictions, key) for key in _SHARED}
            predictions = replace(predictions, **roles)
        who: dict[str, Any] = {key: getattr(before, key) for key in _WHO}
        return completed(replace(here, **who, tables=tuple(tables.items()), predictions=predictions))


def _letters(policies: Iterable[Policy]) -> frozenset[tuple[str, str]]:
    """The files of policies with their digests."""
    return frozenset((entry.path, entry.sha256) for policy in policies for entry in policy.inputs)


def _terms(policy: Policy, waiver: Waiver) -> tuple[object, ...]:
    """What a waiver allows, for whom and until when, wherever it stands."""
    bounds = (waiver.not_below, waiver.not_above)
    return policy.name, waiver.rule, waiver.where, *bounds, waiver.applies_to, waiver.granted, waiver.expires


def _identity(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """The keys of a candidate file that say who the candidate is, with their values as text."""
    for entry in params(Candidate):
        if entry.attribute in _WHO:
            yield from _said(entry.key, getattr(candidate, entry.attribute))
    yield from _said(f"tables.{EVALUATION}", candidate.evaluation)
    if candidate.predictions:
        for key in _SHARED:
            yield from _said(f"predictions.{key}", getattr(candidate.predictions, key))


def _said(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Each part of a value that is given, by its dotted key."""
    if isinstance(value, FileSource):
        yield key, value.path
    elif is_dataclass(value):
        for entry in params(type(value)):
            yield from _said(f"{key}.{entry.key}", getattr(value, entry.attribute))
    elif (
        isinstance(value, tuple) and value and all(isinstance(each, tuple) and is_dataclass(each[1]) for each in value)
    ):
        for name, below in value:
            yield from _said(f"{key}.{name}", below)
    elif value not in (None, "", ()):
        yield key, shown(value)
