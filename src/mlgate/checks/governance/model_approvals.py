"""Approvals of the candidate's model: which there are, and which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import ClassVar

from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest, DigestFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.approvals import Approval, Person
from mlgate.lineage.commits_question import CommitsAbout, SaidByCommits
from mlgate.lineage.graph import CODE, COMMIT, LineageGraph, LineageNode
from mlgate.lineage.lineage_question import LineageOf
from mlgate.reading.placeholders import says_nothing
from mlgate.values.instants import zoned_instant
from mlgate.values.words import Words


@dataclass(frozen=True)
class ModelApprovals:
    """What all sources say about who has approved a model."""

    graph: LineageGraph
    sha256: str
    """The digest of the model, recomputed."""
    commits: SaidByCommits
    day: date
    """The day of the verdict."""
    signed: tuple[Approval, ...] = ()
    """Those of signed statements, each with the key that signed it."""

    @property
    def model(self) -> str:
        """The model in words."""
        return f"{self.graph.by_id[self.graph.root].name} ({self.sha256[:12]})"

    @cached_property
    def found(self) -> tuple[Approval, ...]:
        """All approvals, of this model and of others."""
        signed = {each.said_in for each in self.signed}
        unsigned = (each for each in self.graph.approvals if each.said_in not in signed)
        return (*self.signed, *unsigned, *self.commits.approvals)

    @cached_property
    def makers(self) -> tuple[LineageNode, ...]:
        """The runs that have made the model."""
        return self.graph.makers

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Who has made the model: who started its training, and wrote its commits."""
        return tuple(dict.fromkeys((*(run.by for run in self.makers if run.by), *self.commits.authors)))

    @property
    def authors_known(self) -> bool:
        """Whether somebody is named who has made the model."""
        return not all(map(names_nobody, self.authors))

    @cached_property
    def trained(self) -> datetime | None:
        """When the training ended, as far as a source says."""
        return self.graph.trained

    def age(self, approval: Approval) -> int:
        """The days since an approval with a time."""
        when = zoned_instant(approval.at)
        return (self.day - when.astimezone(UTC).date()).days if when else 0

    def refused(self, approval: Approval, *, not_author: bool) -> str:
        """Why an approval does not count, as the end of a sentence about it; empty if it does."""
        when = zoned_instant(approval.at)
        if approval.model != self.sha256:
            return f"is for another model, {approval.model[:12] or 'which it does not name'}"
        if names_nobody(approval.by):
            return "names nobody"
        if when is None:
            return f"was given at {approval.at!r}, which is not a moment with a zone"
        if when.astimezone(UTC).date() > self.day:
            return f"was given at {approval.at}, after the day of the verdict, {self.day}"
        if self.trained and when < self.trained:
            return f"was given at {approval.at}, before the training ended at {self.trained.isoformat()}"
        author = next((each for each in self.authors if Person(each).may_be(Person(approval.by))), "")
        return f"is by who made the model ({author})" if not_author and author else ""


def nearest_of(stated: Iterable[Approval], sha256: str) -> Approval | None:
    """Of approvals that do not count, the one that lacks least: one of the model itself, if there is one."""
    return min(stated, key=lambda each: each.model != sha256, default=None)


def names_nobody(person: str) -> bool:
    """Whether a name is that of nobody: `TBD`, `someone`, `-`, `@team`."""
    return all(says_nothing(name.removeprefix("@")) for name in Person(person).names)


def said_of(approval: Approval) -> str:
    """An approval in a message."""
    how = f"signed by {approval.signed}" if approval.signed else "unsigned"
    return f"{approval.by} ({approval.said_in}, {how})"


@dataclass(frozen=True, kw_only=True)
class ApprovalCheck(LineageCheck):
    """A check that reads the approvals of the candidate's model."""

    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf, CommitsAbout)

    @property
    def reads_commits(self) -> bool:
        """Whether it asks what the commits of the repository say."""
        return True

    def words(self, _subject: Subject) -> Words:
        """A finding is about one question."""
        return Words("question", improve="the record")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The history, and the digest of the model."""
        yield lineage_of(subject)
        yield _digest(subject)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """What the commits say."""
        if self.reads_commits:
            yield _commits(subject, facts)

    def approvals_of(self, subject: Subject, facts: Facts) -> ModelApprovals:
        """The approvals of the candidate's model."""
        fact: DigestFact = facts[_digest(subject)]
        commits = facts[_commits(subject, facts)] if self.reads_commits else SaidByCommits()
        return ModelApprovals(facts[lineage_of(subject)], fact.sha256, commits, subject.as_of)


def _digest(subject: Subject) -> Digest:
    return Digest("model", lineage_of(subject).presented.model)


def _commits(subject: Subject, facts: Facts) -> CommitsAbout:
    graph: LineageGraph = facts[lineage_of(subject)]
    fact: DigestFact = facts[_digest(subject)]
    return CommitsAbout(lineage_of(subject).presented.model, fact.sha256, tuple(dict.fromkeys(_started_from(graph))))


def _started_from(graph: LineageGraph) -> Iterator[str]:
    """The commits that the runs which made the model were started from."""
    code = (node for run in graph.makers for node in graph.sources_of(run.id) if CODE in node.roles)
    yield from (pin.value for node in code for pin in node.pins if pin.kind == COMMIT)
