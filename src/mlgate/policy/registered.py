"""What a register of models says about one candidate: who it is, and the rule that holds it to that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from mlgate.candidate.presented import CHAMPION, Candidate
from mlgate.candidate.roles import EVALUATION, ChampionSpec
from mlgate.checks.base import Check
from mlgate.checks.data.freshness import DataFreshness
from mlgate.checks.data.table_rows import joined
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import Policy, Rule, shown
from mlgate.policy.register import FILE_NAME, Register, RegisteredChampion, RegisteredEvaluation, RegisterEntry
from mlgate.policy.selector import unmet
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Estimate
from mlgate.values.verdict import REGISTERED
from mlgate.values.words import Words, counted, did_you_mean

_WHO: dict[str, str] = {"candidate": "name", "tags": "tags", "risk": "risk", "task": "task", "positive": "positive"}
"""The keys of a candidate file that say who it is, each with the key of a register."""
_MEASURED_BY = ("task", "positive")
"""Those without which no answer of the model can be read."""


def identity_claims(entry: RegisterEntry, also: Sequence[RegisterEntry], candidate: Candidate) -> Iterator[Claim]:
    """Whether a candidate says about itself what its entry says, or an entry in `also`: a register that changes.

    Raises EvidenceError where its answers cannot be read as those of the registered model.
    """
    wrong: list[str] = []
    for key, name in _WHO.items():
        said = _comparable(getattr(candidate, name))
        met = any(said == _comparable(getattr(each.model, name)) for each in (entry, *also))
        claim = _claimed(entry, key, name, getattr(entry.model, name), getattr(candidate, name), met=met)
        wrong += [claim.said] if not met and key in _MEASURED_BY else []
        yield claim
    if entry.model.owner and candidate.owner:
        met = candidate.owner in (entry.model.owner, *(each.model.owner for each in also))
        yield _claimed(entry, "owner", "owner", entry.model.owner, candidate.owner, met=met)
    if wrong:
        raise EvidenceError(f"{'; '.join(wrong)}, so it cannot be judged as the registered model")


def _comparable(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value or None


def _claimed(entry: RegisterEntry, key: str, name: str, registered: Any, said: Any, *, met: bool) -> Claim:
    here = shown(said) if said not in (None, "", ()) else "none"
    there = shown(registered) if registered not in (None, "", ()) else "none"
    message = f"the candidate has {key}: {here}" + ("" if met else f", and {entry.at(name)} registers {there}")
    return Claim((("key", key),), met, message)


def policy_claims(entry: RegisterEntry, policies: Iterable[Policy], candidate: Candidate) -> Iterator[Claim]:
    """Whether the policies apply that the register requires."""
    known = {policy.name: policy for policy in policies}
    for name in entry.model.policies:
        where = (("key", f"policies: {name}"),)
        if name not in known:
            said = f"{entry.at('policies')} requires the policy `{name}`, and there is no such policy"
            yield Claim(where, False, f"{said}{did_you_mean(name, known) or '; add it'}")
        elif why := next(unmet(known[name].applies_to, candidate), ""):
            yield Claim(where, False, f"{entry.at('policies')} requires the policy `{name}`, which is {why}")
        else:
            yield Claim(where, True, f"the policy `{name}` applies")


def as_registered(entry: RegisterEntry, candidate: Candidate) -> Candidate:
    """The candidate with the name, owner, tags, risk, task and positive class of its entry."""
    of = entry.model
    return replace(
        candidate,
        name=of.name,
        owner=of.owner or candidate.owner,
        tags=of.tags,
        risk=of.risk,
        task=of.task,
        positive=of.positive,
    )


@dataclass(frozen=True)
class Registered(Check):
    """The candidate is the registered model, and is judged on the registered rows."""

    id: ClassVar[str] = REGISTERED
    bounded: ClassVar[bool] = False

    entry: RegisterEntry
    claims: tuple[Claim, ...]
    """What is known without reading its data."""

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "what the register of models says about the candidate"

    @property
    def source(self) -> str:
        """It is about no table of its own."""
        return ""

    def words(self, _subject: Subject) -> Words:
        """Each finding is about one key of the register."""
        return Words("key")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The digests of the files, the number of rows and the age of the newest one, as far as they are registered."""
        yield from self._digests(subject.candidate).values()
        own = self.entry.model.evaluation
        if own and own.min_rows and self._presents(subject.candidate, own):
            yield from joined(subject, own.table)
            yield self._rows(subject, own)
        if (fresh := self._fresh) and own and self._presents(subject.candidate, own):
            yield from fresh.needs(subject, alphas)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per key."""
        candidate = subject.candidate
        yield from self.claims
        own = self.entry.model.evaluation
        if own:
            yield from self._of_evaluation(candidate, own)
        for name, champion in self._champions.items():
            yield from self._of_champion(candidate, name, champion)
        for key, digest in self._digests(candidate).items():
            allowed = self._allowed(key)
            found = facts[digest].sha256
            said = f"{digest.path} has the digest {found[:12]}"
            more = "" if found in allowed else f", and {self.entry.at(f'{key}.sha256')} registers {_digests(allowed)}"
            yield Claim((("key", f"{key}.sha256"),), found in allowed, f"{said}{more}")
        if own and own.min_rows and self._presents(candidate, own):
            rows = facts[self._rows(subject, own)].of
            said = f"{counted(rows, 'row')} in {own.table}"
            more = "" if rows >= own.min_rows else f", fewer than {own.min_rows:,} ({self._at('min_rows')})"
            yield Claim((("key", "evaluation.min_rows"),), rows >= own.min_rows, f"{said}{more}")
        if (fresh := self._fresh) and own and self._presents(candidate, own):
            for answer in fresh.answers(subject, facts, alphas):
                yield self._aged(answer, own) if isinstance(answer, Estimate) else answer

    def _of_evaluation(self, candidate: Candidate, own: RegisteredEvaluation) -> Iterator[Claim]:
        """Whether the rows with labels are the registered ones, by their file, key and label."""
        table, predictions = candidate.evaluation, candidate.predictions
        if not self._presents(candidate, own):
            has = "a table `evaluation`" if table else "no table `evaluation`"
            said = f"the candidate has {has}, and {self._at('table')} registers the labels of {own.table}"
            yield Claim((("key", EVALUATION),), False, said)
            return
        found: dict[str, Any] = {}
        if own.table == EVALUATION and table:
            path = candidate.path_of(table.source) if isinstance(table.source, FileSource) else None
            found = {"path": path, "key": table.key, "label": table.label}
        elif predictions:
            found = {"key": predictions.identity, "label": predictions.label}
        for key, here in found.items():
            wanted = getattr(own, key)
            if wanted:
                yield self._equal(f"{EVALUATION}.{key}", wanted, here)

    def _of_champion(self, candidate: Candidate, name: str, champion: RegisteredChampion) -> Iterator[Claim]:
        key = CHAMPION if name == CHAMPION else f"champions.{name}"
        source = _source(candidate.opponents.get(name))
        if source is None:
            said = f"the candidate has no file for {key}, and {self.entry.at(key)} registers one"
            yield Claim((("key", key),), False, said)
        elif champion.path:
            yield self._equal(f"{key}.path", champion.path, candidate.path_of(source))

    def _equal(self, key: str, wanted: Any, here: Any) -> Claim:
        """Whether a key below the entry has the registered value."""
        found = shown(here) if here not in (None, ()) else "none"
        said = f"the candidate has {key}: {found}"
        more = "" if wanted == here else f", and {self.entry.at(key)} registers {shown(wanted)}"
        return Claim((("key", key),), wanted == here, f"{said}{more}")

    @property
    def _champions(self) -> dict[str, RegisteredChampion]:
        of = self.entry.model
        return ({CHAMPION: of.champion} if of.champion else {}) | dict(of.champions)

    @property
    def _fresh(self) -> DataFreshness | None:
        own = self.entry.model.evaluation
        return DataFreshness(table=own.table, column=own.recorded_at) if own and own.recorded_at else None

    def _presents(self, candidate: Candidate, own: RegisteredEvaluation) -> bool:
        """Whether the labels are where they are registered."""
        return (candidate.evaluation is not None) == (own.table == EVALUATION)

    def _rows(self, subject: Subject, own: RegisteredEvaluation) -> MatchingRows:
        return subject.matching(own.table, "")

    def _at(self, key: str) -> str:
        return self.entry.at(f"{EVALUATION}.{key}")

    def _aged(self, age: Estimate, own: RegisteredEvaluation) -> Claim:
        most = own.max_age_days or 0
        said = f"the newest row of {own.table} is {counted(int(age.value), 'day')} old"
        met = (age.exact if age.exact is not None else Fraction(age.value)) <= most
        more = "" if met else f", more than {most:,} ({self._at('max_age_days')})"
        return Claim((("key", "evaluation.max_age_days"),), met, f"{said}{more}")

    def _allowed(self, key: str) -> tuple[str, ...]:
        """The registered digests of a file."""
        of = self.entry.model
        if key == EVALUATION:
            return of.evaluation.sha256 if of.evaluation else ()
        return self._champions[key.removeprefix("champions.")].sha256

    def _digests(self, candidate: Candidate) -> dict[str, Digest]:
        """The question for the digest of each file whose digest is registered, by its key."""
        of, found = self.entry.model, dict[str, Digest]()
        table = candidate.evaluation
        if of.evaluation and of.evaluation.sha256 and table and isinstance(table.source, FileSource):
            found[EVALUATION] = Digest(EVALUATION, candidate.path_of(table.source))
        for name, champion in self._champions.items():
            source = _source(candidate.opponents.get(name))
            if champion.sha256 and source:
                key, role = (CHAMPION, CHAMPION) if name == CHAMPION else (f"champions.{name}", f"champion {name}")
                found[key] = Digest(role, candidate.path_of(source))
        return found


def _source(champion: ChampionSpec | None) -> FileSource | None:
    """The file of a champion's answers, or of its verdict."""
    found = (champion.source or champion.verdict) if champion else None
    return found if isinstance(found, FileSource) else None


def _digests(allowed: tuple[str, ...]) -> str:
    return " or ".join(each[:12] for each in allowed)


def registered_policy(register: Register, entry: RegisterEntry, claims: Iterable[Claim], base: str = "") -> Policy:
    """The one rule of a register about a candidate, as a policy. `base` is the commit that the register is of."""
    at = entry.places[""]
    rule = Rule(FILE_NAME, "registered", Registered(entry, tuple(claims)), Demand(), at)
    role = f"{register.input.role} of {base}" if base else register.input.role
    return Policy(FILE_NAME, register.owner, FILE_NAME, (rule,), inputs=(replace(register.input, role=role),))
