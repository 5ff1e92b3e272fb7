"""governance.approval: enough people who did not make the model have approved just this model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mlgate.candidate.lineage_sources import presented_by
from mlgate.checks.base import Wrong
from mlgate.checks.governance.model_approvals import ApprovalCheck, ModelApprovals, nearest_of, said_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.approvals import APPROVAL_SOURCES, Approval, Person, distinct_people, plain_name
from mlgate.lineage.commits_question import CommitsAbout
from mlgate.lineage.lineage_question import LineageOf
from mlgate.lineage.public_key import why_no_key
from mlgate.lineage.signed_statements import Signatures, SignaturesFact
from mlgate.reading.fields import (
    Choice,
    FileBeside,
    Flag,
    Identifier,
    Integer,
    MapOf,
    OneOrMany,
    Text,
    TextBeside,
    param,
)
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import Proof
from mlgate.values.words import counted

MOST_APPROVALS, MOST_DAYS = 100, 36_500


@dataclass(frozen=True, kw_only=True)
class GovernanceApproval(ApprovalCheck):
    """Enough people who did not make the model have approved just this model.

    ## What it does
    Collects approvals from all sources, and counts those that are for this model: the SHA-256 that they state must be
    that of the model's file, which is recomputed.

    | source | what counts |
    |---|---|
    | `lineage` | an entry of `approvals` in `lineage.yaml`: `by`, `model` (the SHA-256), `at`, perhaps `role` |
    | `git` | `Approved-by:` or `Reviewed-by:` of a commit that made the model's file, or that names its SHA-256 |
    | `mlflow` | a run with the tags `mlgate.approved_by`, `mlgate.approved_at` and `mlgate.approved_sha256` |
    | `statement` | an in-toto statement with the predicate `urn:mlgate:approval:1` |

    An alias or a stage of MLflow does not count: it says neither who set it, nor when, nor for which bytes.

    An approval does not count if it was given before the training ended, or after the day of the verdict, or by who
    made the model: who started the training, and the authors of the commits that made the model's file or that the
    training started from. Nor does one whose `by` names nobody, such as `TBD` or `someone`. Two names with the same
    address, login or full name are one person. If nobody is known to have made the model, that is an ERROR. With
    `roles`, only the people that the policy lists count, and each role needs one of them. With `code_owners: true`,
    only owners of the model's file in CODEOWNERS count; mlgate cannot know who is in a team, so name people there.

    An approval that is not signed shows what somebody has written, not who has written it: each message says
    `unsigned`. Protect the branch, so that a review of the file is a review by that person; or demand signatures: with
    `signed_by`, only statements in DSSE envelopes count, each signed by the key of the person that it names. The keys
    are PEM files beside the policy (Ed25519, ECDSA or RSA), and inputs of the verdict. They need
    `pip install 'mlgate[signatures]'`; without it a rule that demands them is exit code 3.

    ## Why it matters
    Four eyes see more than two, and an approval of an earlier model says nothing about this one.

    ## Example
    ```yaml
    - id: approved
      check: governance.approval
      approvals: 2
      roles:
        risk: [alice@example.com, bob@example.com]
        product: "@carol"
    ```

    ## Use instead
    `governance.expires` demands that an approval is not too old.
    """

    id: ClassVar[str] = "governance.approval"
    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf, CommitsAbout, Signatures)

    approvals: int = param(
        Integer(min=1, max=MOST_APPROVALS), default=1, doc="How many people must have approved.", tighter="higher"
    )
    roles: tuple[tuple[str, tuple[str, ...]], ...] = param(
        MapOf(OneOrMany(Text()), key=Identifier()),
        default=(),
        doc="Roles, each with the people who may approve in it; one of them must have approved.",
    )
    code_owners: bool = param(
        Flag(), default=False, doc="Whether only owners of the model's file in CODEOWNERS may approve."
    )
    sources: tuple[str, ...] = param(
        OneOrMany(Choice(*APPROVAL_SOURCES)), default=APPROVAL_SOURCES, key="from", doc="The sources that count."
    )
    days: int | None = param(
        Integer(min=1, max=MOST_DAYS),
        default=None,
        doc="The most days since an approval that counts; by default any.",
        tighter="at_most",
    )
    signed_by: tuple[tuple[str, TextBeside], ...] = param(
        MapOf(FileBeside(), max=MOST_APPROVALS),
        default=(),
        doc="People, each with the public key that must have signed the statement; then nothing else counts.",
    )
    not_author: bool = param(
        Flag(), default=True, doc="Whether who made the model may not approve it.", tighter=(False, True)
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "approvals of the model"

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """A role, or the number of approvals."""
        return (("role",), ("question",))

    @property
    def reads_commits(self) -> bool:
        """Whether approvals, authors or owners are read from the repository."""
        return self.not_author or self.code_owners or "git" in self.sources

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Files that are not keys, and keys that nothing could be signed by."""
        for _, key in self.signed_by:
            if why := why_no_key(key.text):
                yield "signed_by", f"{key.path} {why}"
        if self.signed_by and "statement" not in self.sources:
            yield "from", "leaves out `statement`, and `signed_by` accepts nothing else; add it"

    def advice(self, _proof: Proof) -> Iterable[str]:
        """Who may approve."""
        if not self.roles and not self.code_owners:
            yield "counts an approval by anybody: list who may approve by `roles`, or write `code_owners: true`"

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim about the number of approvals, and one per role."""
        found = replace(self.approvals_of(subject, facts), signed=tuple(self._signed(subject, facts)))
        if self.not_author and not found.authors_known:
            said = f"nobody is known to have made {found.model}, so an approval may be by who did"
            yield Unanswered((("question", "author"),), f"{said}; record `by` of its run, or the commit")
            return
        if self.code_owners and not found.commits.owners.owners:
            where = found.commits.owners.said_in or "the commit that is checked out has no CODEOWNERS"
            raise EvidenceError(f"no owner of {found.model} is known: {where}; add a line for its file")
        stated = [each for each in found.found if each.source in self.sources]
        counting = [each for each in stated if not self._refused(found, each)]
        yield self._number(found, stated, counting)
        for role, people in self.roles:
            yield _of_role(role, people, counting)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """What the approvals are read from, and their signatures where they are asked for."""
        yield from super().needs(subject, alphas)
        if self.signed_by:
            yield self._signatures(subject)

    def _signatures(self, subject: Subject) -> Signatures:
        return Signatures(presented_by(subject.candidate), tuple(dict.fromkeys(key for _, key in self.signed_by)))

    def _signed(self, subject: Subject, facts: Facts) -> Iterator[Approval]:
        """The approvals of signed statements."""
        fact: SignaturesFact = facts[self._signatures(subject)] if self.signed_by else SignaturesFact((), ())
        for statement in fact.statements:
            yield from (replace(each, signed=statement.key) for each in statement.record.approvals if statement.key)

    def _unsigned(self, approval: Approval) -> str:
        """Why an approval is not signed by who gives it; empty if it is, or need not be."""
        if not self.signed_by:
            return ""
        if not approval.signed:
            return "is not signed by a key of `signed_by`"
        owners = [name for name, key in self.signed_by if key.path == approval.signed]
        return "" if Person(approval.by).listed_in(owners) else f"is signed by the key of {', '.join(owners)}"

    def _refused(self, found: ModelApprovals, approval: Approval) -> str:
        """Why an approval does not count; empty if it does."""
        if refused := found.refused(approval, not_author=self.not_author):
            return refused
        if self.days is not None and found.age(approval) > self.days:
            return f"is {counted(found.age(approval), 'day')} old, more than {self.days:,}"
        if unsigned := self._unsigned(approval):
            return unsigned
        listed = [each for _, people in self.roles for each in people]
        if listed and not Person(approval.by).listed_in(listed):
            return "is by nobody whom `roles` of the rule lists"
        owners = found.commits.owners
        if self.code_owners and not Person(approval.by).listed_in(owners.owners):
            return f"is not by an owner of the file ({', '.join(owners.owners)}, {owners.said_in})"
        return ""

    def _number(self, found: ModelApprovals, stated: Sequence[Approval], counting: Sequence[Approval]) -> Claim:
        where = (("question", "approvals"),)
        people = distinct_people(each.by for each in counting)
        if len(people) >= self.approvals:
            shown = [next(each for each in counting if each.by == person) for person in people]
            said = f"{counted(len(people), 'person')} approved {found.model}: {', '.join(map(said_of, shown[:3]))}"
            return Claim(where, True, said)
        have = f"{len(people)} of {counted(self.approvals, 'required approval')} of {found.model}"
        return Claim(where, False, f"{have}: {self._why_not(found, stated, counting)}")

    def _why_not(self, found: ModelApprovals, stated: Sequence[Approval], counting: Sequence[Approval]) -> str:
        """What the nearest approval that does not count lacks, and what to do."""
        ask = "let somebody else approve it" if counting else "let somebody approve it"
        short = nearest_of((each for each in stated if each not in counting), found.sha256)
        if short is not None:
            return f"that by {said_of(short)} {self._refused(found, short)}; {ask} by its SHA-256"
        if counting:
            return f"the only one is by {said_of(counting[0])}; {ask}"
        place = "in `approvals` of lineage.yaml, or by `Approved-by:` in a commit that names its SHA-256"
        return f"no source has one; {ask} {place}"


def _of_role(role: str, people: tuple[str, ...], counting: Sequence[Approval]) -> Claim:
    """Whether one of the people who may do so has approved in a role."""
    where = (("role", role),)
    same = [each for each in counting if not each.role or plain_name(each.role) == plain_name(role)]
    by = next((each for each in same if Person(each.by).listed_in(people)), None)
    if by is None:
        said = f"no approval by {role} ({', '.join(people[:5])}) counts"
        return Claim(where, False, f"{said}; let one of them approve the model")
    return Claim(where, True, f"{role} is approved by {said_of(by)}")
