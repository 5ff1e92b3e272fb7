"""governance.owner: somebody owns, approves, watches and fixes the model, and the policy knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.presented import Candidate
from mlgate.checks.base import Check, Wrong
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import Choice, Flag, ListOf, OneOrMany, Record, Text, param
from mlgate.reading.placeholders import says_nothing, visible
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim
from mlgate.values.words import Words, did_you_mean

OWNS, APPROVES, WATCHES, FIXES = "owns", "approves", "watches", "fixes"
DUTIES = (OWNS, APPROVES, WATCHES, FIXES)
_MOST, _LONGEST = 100, 80
_Names = tuple[str, ...]
_ADDRESS = re.compile(r"<([^<>@\s]+@[^<>@\s]+)>\Z")


@dataclass(frozen=True)
class Responsible:
    """Who answers for the model, beside its `owner`: persons or teams."""

    approves: _Names = param(OneOrMany(Text(), max=_MOST), default=(), doc="Who approves it for use.")
    watches: _Names = param(OneOrMany(Text(), max=_MOST), default=(), doc="Who watches it in use.")
    fixes: _Names = param(OneOrMany(Text(), max=_MOST), default=(), doc="Who repairs it, or takes it out of use.")


@dataclass(frozen=True)
class ResponsibleKeys:
    """Who answers for the model."""

    responsible: Responsible | None = param(
        Record(Responsible, min=1), default=None, doc="Who approves, watches and fixes the model; `owner` owns it."
    )


@dataclass(frozen=True, kw_only=True)
class GovernanceOwner(Check):
    """Somebody owns, approves, watches and fixes the model, and the policy knows them.

    ## What it does
    Asks the candidate who has each of the `duties`:

    | duty | key of the candidate | who |
    |---|---|---|
    | `owns` | `owner` | answers for the model |
    | `approves` | `responsible.approves` | approves it for use |
    | `watches` | `responsible.watches` | watches it in use |
    | `fixes` | `responsible.fixes` | repairs it, or takes it out of use |

    A missing name is a FAIL, and so is one that says nothing: `TBD`, `unknown`, `someone`. With `known`, every name
    must be in that list, in letters of either case; an entry `@example.com` is every address of that domain. With
    `independent: true`, nobody who approves the model also owns or fixes it.

    ## Why it matters
    When a model does harm, somebody must notice, be able to stop it, and answer for it. A name that nobody knows is the
    same as none.

    ## Example
    ```yaml
    # candidate: owner: credit@example.com
    #            responsible: {approves: risk@example.com, watches: mlops@example.com, fixes: credit@example.com}
    - id: somebody-answers
      check: governance.owner
      known: [credit@example.com, risk@example.com, mlops@example.com]
      independent: true
    ```

    ## Use instead
    `expects: {owner: ...}` of a policy fixes who owns the model.
    """

    id: ClassVar[str] = "governance.owner"
    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar = ResponsibleKeys

    duties: tuple[str, ...] = param(
        ListOf(Choice(*DUTIES), unique=True), default=DUTIES, doc="What somebody must do.", tighter="more"
    )
    known: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="All persons and teams that may be named; `@example.com` for all addresses of a domain.",
    )
    independent: bool = param(
        Flag(),
        default=False,
        doc="Whether nobody who owns or fixes the model may be the one who approves it.",
        tighter=(False, True),
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "who answers for the model"

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    def words(self, _subject: Subject) -> Words:
        """A finding is about one duty."""
        return Words("duty", improve="the candidate file")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """An entry of `known` that is nobody or everybody, and independence of somebody who is not asked for."""
        for entry in self.known:
            if says_nothing(entry):
                yield "known", f"names `{entry}`, which is nobody; name a person, a team or `@` and a domain"
        if self.independent and APPROVES not in self.duties:
            yield "independent", "is about who approves the model; add `approves` to `duties`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """None: the candidate names them."""
        return ()

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per duty."""
        for duty in self.duties:
            wrong = self._wrong(subject.candidate, duty)
            named = ", ".join(_shown(name) for name in _named(subject.candidate, duty))
            yield Claim((("duty", duty),), not wrong, wrong or f"{named} {duty} the model")

    def _wrong(self, candidate: Candidate, duty: str) -> str:
        """Why nobody who may have a duty has it; empty if somebody does."""
        names, key = _named(candidate, duty), _KEYS[duty]
        at = candidate.look_at([key]) if candidate.written else ""
        where = f" ({at})" if at else ""
        if not names:
            return f"nobody {duty} the model; name a person or team in `{key}` of the candidate"
        empty = next((name for name in names if says_nothing(name)), "")
        if empty:
            return f"`{_shown(empty)}` {duty} the model, which is nobody{where}; name a person or team"
        stranger = next((name for name in names if self.known and not _is_known(name, self.known)), "")
        if stranger:
            hint = did_you_mean(stranger, self.known) or "; name one of them, or let the policy's owner add it"
            return f"`{_shown(stranger)}` {duty} the model and is not in `known` of the policy{where}{hint}"
        dependent = self._dependent(candidate, names) if duty == APPROVES else ""
        return dependent and dependent + where

    def _dependent(self, candidate: Candidate, names: _Names) -> str:
        """Why those who approve are not independent; empty if they are."""
        for duty in (OWNS, FIXES) if self.independent else ():
            others = {_identity(name) for name in _named(candidate, duty)}
            both = next((name for name in names if _identity(name) in others), "")
            if both:
                return f"`{_shown(both)}` approves the model and also {duty} it, so let somebody else approve it"
        return ""


_KEYS = {OWNS: "owner", **{duty: f"responsible.{duty}" for duty in (APPROVES, WATCHES, FIXES)}}


def _named(candidate: Candidate, duty: str) -> _Names:
    """Those who have a duty, as the candidate names them."""
    if duty == OWNS:
        return (candidate.owner,) if candidate.owner else ()
    given = candidate.of(ResponsibleKeys).responsible
    found: _Names = getattr(given, duty) if given else ()
    return found


def _is_known(name: str, known: Iterable[str]) -> bool:
    """Whether a name is in a list, or is an address of a domain that is."""
    own = _identity(name)
    person, _, domain = own.partition("@")
    allowed = {_identity(entry) for entry in known}
    return bool(person) and (own in allowed or f"@{domain}" in allowed)


def _identity(name: str) -> str:
    """What two ways to write a name have in common: the address, where it has one, in small letters."""
    folded = " ".join(visible(name).casefold().split())
    address = _ADDRESS.search(folded)
    return address.group(1) if address else folded


def _shown(name: str) -> str:
    return name[:_LONGEST]
