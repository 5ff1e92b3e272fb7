"""The entries of `extends:`: the name of a pack, the path of a file, or a file of another git repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.reading.fields import ListOf, Missing, ProblemReport, Record, Text, param, place
from mlgate.reading.strict_yaml import Mapping, Node, Sequence
from mlgate.values.errors import Location
from mlgate.values.plain import Schema

MOST_EXTENDED = 100


@dataclass(frozen=True, kw_only=True)
class GitPolicyKeys:
    """A policy of another git repository, held to a commit."""

    git: str = param(Text(), doc="The address of the repository: `https://...`, `ssh://...` or `git@host:path`.")
    path: str = param(Text(), doc="The policy's file, from the top of the repository.")
    ref: str = param(
        Text(), default="HEAD", doc="The branch or tag whose history has the commit; if left out, the default branch."
    )
    digest: str = param(
        Text(),
        default="",
        doc="The whole name of the commit. Without it the policy is refused, with the name to write.",
    )
    at: Location = place()


Extended = str | GitPolicyKeys


@dataclass(frozen=True)
class ExtendedEntry:
    """One entry of `extends:`."""

    noun: str = "a text, or a mapping with the keys git, path, ref and digest"

    def read(self, node: Node, report: ProblemReport) -> Extended | Missing:
        """A name or path as text, or the keys of a policy in git; MISSING with the problem in the report."""
        found: Extended | Missing
        found = (Record(GitPolicyKeys) if isinstance(node, Mapping) else Text()).read(node, report)
        return found

    def schema(self) -> Schema:
        """A text, or the keys of a policy in git."""
        return {"anyOf": [Text().schema(), Record(GitPolicyKeys).schema()]}


@dataclass(frozen=True)
class ExtendsList:
    """One entry of `extends:`, or a list of distinct ones; read as a tuple in both cases."""

    noun: str = "a pack, a file, a policy in git, or a list of them"
    _list: ClassVar[ListOf[Extended]] = ListOf(ExtendedEntry(), max=MOST_EXTENDED, unique=True)

    def read(self, node: Node, report: ProblemReport) -> tuple[Extended, ...] | Missing:
        """The entries, or MISSING if one of them is wrong."""
        if isinstance(node, Sequence):
            return self._list.read(node, report)
        entry = ExtendedEntry().read(node, report)
        return entry if isinstance(entry, Missing) else (entry,)

    def schema(self) -> Schema:
        """An entry, or an array of them."""
        return {"anyOf": [*ExtendedEntry().schema()["anyOf"], self._list.schema()]}
