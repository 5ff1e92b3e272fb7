"""The keys of a file with tests of policies, declared once. `mlgate test` reads a file with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from mlgate.policy.demanded import NOTHING, Nothing
from mlgate.reading.fields import (
    MISSING,
    Choice,
    Date,
    Either,
    Flag,
    FormatVersion,
    Integer,
    ListOf,
    MapOf,
    Missing,
    OneOrMany,
    ProblemReport,
    Raw,
    Record,
    Text,
    param,
    place,
)
from mlgate.reading.strict_yaml import Mapping, Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.plain import Schema
from mlgate.values.verdict import Status

MOST_FILES, MOST_TESTS, MOST_EDITS = 100, 2_000, 100
MOST_REPEATS = 1_000_000
"""The most rows that are written from the counts of one table."""
Answered = Literal["allowed", "blocked", "refused", "not covered"]
_STATUS = Choice(*(status.value for status in Status))


@dataclass(frozen=True)
class FileKeys:
    """What a file of a test holds. It has one of `text` and `from`."""

    text: str = param(Text(empty=True), default="", doc="The text itself, such as the rows of a CSV file.")
    copy_of: str = param(
        Text(), default="", key="from", doc="A file to copy, relative to this file and in its repository."
    )
    repeat: str = param(
        Text(),
        default="",
        doc="The column of a table that counts rows: each row is written so many times, without this column.",
    )
    number: str = param(Text(), default="", doc="A new first column of a table, which numbers the rows from 1.")
    at: Location = place()


@dataclass(frozen=True)
class FileContent:
    """A file of a test: a text, a mapping of `FileKeys`, or the word `none` where the good candidate's file goes."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a text, a mapping with `text` or `from`, or none"

    def read(self, node: Node, report: ProblemReport) -> FileKeys | Nothing | Missing:
        """The file, NOTHING for the word `none`, or MISSING."""
        if is_none(node):
            return NOTHING
        if isinstance(node, Scalar) and not node.null:
            return FileKeys(node.text, at=node.at)
        if not isinstance(node, Mapping):
            return report.refuse(node.at, f"must be {self.noun}, not {node}")
        found = Record(FileKeys).read(node, report)
        if not isinstance(found, Missing) and (node.get("text") is None) == (node.get("from") is None):
            return report.refuse(node.at, "must have either `text` or `from`")
        return found

    def schema(self) -> Schema:
        """A text or a mapping."""
        exactly_one = {"oneOf": [{"required": ["text"]}, {"required": ["from"]}]}
        return {"anyOf": [{"type": "string"}, Record(FileKeys).schema() | exactly_one]}


def is_none(node: Node) -> bool:
    """Whether a value is the plain word `none`, which takes away what the good candidate has."""
    return isinstance(node, Scalar) and not node.quoted and node.text == "none"


@dataclass(frozen=True)
class EditKeys:
    """One change of a file. It has exactly one of `set`, `drop`, `rename`, `shuffle`, `remove`, `repeat`, `replace`."""

    file: str = param(Text(), key="in", doc="The file to change, as `files` names it.")
    set: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)), default=(), doc='New values by column; "" makes a value missing.'
    )
    drop: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Columns to leave out.")
    rename: tuple[tuple[str, str], ...] = param(MapOf(Text()), default=(), doc="New names of columns, by the old ones.")
    shuffle: tuple[str, ...] = param(
        OneOrMany(Text()),
        default=(),
        doc="Columns whose values move to other rows, always in the same way.",
    )
    remove: str = param(Choice("rows"), default="", doc="`rows`: leave rows out.")
    repeat: str = param(Choice("rows"), default="", doc="`rows`: write rows a second time, at the end.")
    replace: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)), default=(), doc="New texts by old ones, each of which must be in the file."
    )
    where: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)), default=(), doc="The rows to change, by exact values of columns; all rows if left out."
    )
    rows: int | None = param(Integer(min=1), default=None, doc="How many of these rows to change, from the first on.")
    at: Location = place()


OPERATIONS = ("set", "drop", "rename", "shuffle", "remove", "repeat", "replace")
OF_ROWS = ("set", "shuffle", "remove", "repeat")
"""Operations that `where` and `rows` can narrow."""


@dataclass(frozen=True)
class ExpectedKeys:
    """What a rule must come to."""

    status: str = param(_STATUS, doc="The status of the rule, or of the finding that `where` names.")
    message: str = param(Text(), default="", doc="A part of what it must say.")
    where: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)), default=(), doc="One of its findings, by the values of its columns."
    )
    at: Location = place()


@dataclass(frozen=True)
class Expected:
    """A status, or a mapping of `ExpectedKeys`."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return f"{_STATUS.noun}, or a mapping with `status`"

    def read(self, node: Node, report: ProblemReport) -> ExpectedKeys | Missing:
        """What a rule must come to, or MISSING."""
        if isinstance(node, Mapping):
            return Record(ExpectedKeys).read(node, report)
        status = _STATUS.read(node, report)
        return MISSING if isinstance(status, Missing) else ExpectedKeys(status, at=node.at)

    def schema(self) -> Schema:
        """An enum or an object."""
        return Either(_STATUS, Record(ExpectedKeys)).schema()


_CANDIDATE: Any = Raw("a mapping with keys of a candidate file")
_FILES: Any = MapOf(FileContent(), max=MOST_FILES)
_EXPECT: Any = MapOf(Expected())


@dataclass(frozen=True, kw_only=True)
class ChangeKeys:
    """How a test differs from the good candidate of its file."""

    candidate: Node | None = param(
        _CANDIDATE,
        default=None,
        doc="Keys of the candidate file that differ. Mappings are merged, and `none` takes a key away.",
    )
    files: tuple[tuple[str, FileKeys | Nothing], ...] = param(
        _FILES, default=(), doc="Files that differ or are new, by their paths; `none` takes a file away."
    )
    edit: tuple[EditKeys, ...] = param(
        ListOf(Record(EditKeys), max=MOST_EDITS), default=(), doc="Changes of files, one after the other."
    )
    keep_digests: bool = param(
        Flag(),
        default=False,
        doc="Whether `${sha256:FILE}` and `${commit}` stay those of the good candidate, as after a change that nobody "
        "recorded.",
    )
    as_of: date | None = param(Date(), default=None, doc="The day of the verdict.")
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class PolicyTestKeys(ChangeKeys):
    """A candidate, and what the policies must answer. It has `verdict`, `expect` or both."""

    test: str = param(Text(), doc="What it shows, in a few words.")
    verdict: Answered | Literal[""] = param(
        Choice(*get_args(Answered)),
        default="",
        doc="The whole answer. `refused`: the candidate file is wrong. `not covered`: no policy applies.",
    )
    message: str = param(Text(), default="", doc="A part of why it is refused; only with `verdict: refused`.")
    expect: tuple[tuple[str, ExpectedKeys], ...] = param(
        _EXPECT, default=(), doc="What rules must come to, by their ids, or by `policy:rule` where ids repeat."
    )


@dataclass(frozen=True, kw_only=True)
class MutationKeys(ChangeKeys):
    """A change of the good candidate that the policies must catch: each rule of `caught_by` blocks it, and none of them
    blocks the good candidate.
    """

    mutation: str = param(Text(), doc="What goes wrong, in a few words.")
    caught_by: tuple[str, ...] = param(OneOrMany(Text()), doc="The rule or rules that must block it.")
    expect: tuple[tuple[str, ExpectedKeys], ...] = param(
        _EXPECT, default=(), doc="What further rules must come to, by their ids."
    )


@dataclass(frozen=True, kw_only=True)
class PolicyTestFileKeys:
    """Tests of policies: a good candidate, and what becomes of it and of candidates that differ from it."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    policies: tuple[str, ...] = param(
        OneOrMany(Text()),
        default=(),
        doc="The policies to test: files, folders or globs relative to this file, or packs as "
        "`mlgate/<name>@<version>`. If left out, the policy beside this file: `credit.yaml` for `credit.test.yaml`.",
    )
    as_of: date | None = param(Date(), default=None, doc="The day of the verdicts; by default that of `--as-of`.")
    candidate: Node | None = param(
        _CANDIDATE,
        default=None,
        doc="The good candidate, with the keys of a candidate file; `mlgate` and `candidate` may be left out.",
    )
    files: tuple[tuple[str, FileKeys | Nothing], ...] = param(
        _FILES,
        default=(),
        doc="The files that the candidate names, by their paths from it. `${sha256:FILE}` in a text is the digest of "
        "another one, and `${commit}` a commit of all others.",
    )
    tests: tuple[PolicyTestKeys, ...] = param(
        ListOf(Record(PolicyTestKeys), max=MOST_TESTS), default=(), doc="Candidates, and what must become of them."
    )
    mutations: tuple[MutationKeys, ...] = param(
        ListOf(Record(MutationKeys), max=MOST_TESTS),
        default=(),
        doc="Changes of the good candidate, which must be caught.",
    )
