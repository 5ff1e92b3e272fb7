"""Approvals of a model as sources state them, and when two names are one person's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

ApprovalSource = Literal["lineage", "git", "mlflow", "statement"]
APPROVAL_SOURCES: tuple[ApprovalSource, ...] = ("lineage", "git", "mlflow", "statement")
_ADDRESS = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<email>[^<>\s]+)>\s*")
_HIDDEN_ADDRESS = re.compile(r"(?:[0-9]+\+)?(?P<login>[^@]+)@users\.noreply\.github\.com")


@dataclass(frozen=True)
class Approval:
    """What one source says about who has approved which model, and when."""

    by: str
    """Who: `Alice <alice@example.com>`, an address, or `@login`."""
    model: str
    """The SHA-256 of the model that it is for; empty where it names none."""
    at: str
    """When, with its zone."""
    said_in: str
    """Where the source says so."""
    source: ApprovalSource
    """What kind of source it is."""
    role: str = ""
    """In which role, where the source says it."""
    signed: str = ""
    """The key by which its signature was verified; empty for one that is not signed."""


@dataclass(frozen=True)
class Person:
    """Somebody by the names that a source gives."""

    said: str

    @cached_property
    def names(self) -> frozenset[str]:
        """The address, the name, and the login on GitHub as `@login`; each alone tells who it is."""
        found = _ADDRESS.fullmatch(plain_name(self.said))
        stated = {found["email"], found["name"]} if found else {plain_name(self.said)}
        hidden = {f"@{login['login']}" for each in stated if (login := _HIDDEN_ADDRESS.fullmatch(each))}
        return frozenset((stated | hidden) - {""})

    @cached_property
    def _words(self) -> frozenset[str]:
        """Names of one word: those of an account, as MLflow records them, and of a login."""
        return frozenset(each.removeprefix("@") for each in self.names if "@" not in each[1:] and " " not in each)

    @cached_property
    def _accounts(self) -> frozenset[str]:
        """What stands before the `@` of an address."""
        return frozenset(each.partition("@")[0] for each in self.names if "@" in each[1:])

    def may_be(self, other: Person) -> bool:
        """Whether two may be one person: one name in common is enough, and an account that an address begins with."""
        alike = self.names & other.names or self._words & (other._accounts | other._words)
        return bool(alike or self._accounts & other._words)

    def listed_in(self, people: Iterable[str]) -> bool:
        """Whether a list names the person, by a whole address, login or name."""
        return any(plain_name(each) in self.names for each in people)


def plain_name(text: str) -> str:
    """A name without what nobody sees, in lower case."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.casefold().split())


def distinct_people(people: Iterable[str]) -> tuple[str, ...]:
    """The people of a list without those who may be one that comes before."""
    found: list[Person] = []
    for person in map(Person, people):
        if not any(person.may_be(other) for other in found):
            found.append(person)
    return tuple(person.said for person in found)
