"""lineage.verified: what is recorded of the model's history is true, as far as it can be recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.lineage_sources import presented_by
from mlgate.checks.base import Wrong
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import (
    accepted_first,
    drawn,
    in_history,
    unknown_roles,
)
from mlgate.checks.lineage.signature_claims import signature_claims, signed_claim
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.graph import CODE, COMMIT, DATA, MODEL, ROLES, LineageNode
from mlgate.lineage.lineage_question import LineageOf
from mlgate.lineage.public_key import why_no_key
from mlgate.lineage.signed_statements import Signatures, SignaturesFact, signed_roles
from mlgate.reading.fields import FileBeside, Flag, ListOf, Text, TextBeside, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered

_MOST_KEYS = 50
_UNVERIFIED = "record or fetch it, or accept its role by `accept_unverified`"


@dataclass(frozen=True, kw_only=True)
class LineageVerified(LineageCheck):
    """What is recorded of the model's history is true: digests are recomputed, and commits are looked up.

    ## What it does
    Builds the graph of `lineage.complete`, and recomputes what can be recomputed. Every thing in the model's history
    has one of these states:

    | state | meaning |
    |---|---|
    | verified | the file has the recorded digest; the commit, or one with the same code, is in the history of HEAD |
    | contradicted | another digest, no such commit, other parameters: a FAIL |
    | unverified | nothing can be compared here: a FAIL, unless `accept_unverified` names its role |
    | missing | a source names it, it is not here, and nothing else of it is recorded: a FAIL like unverified |

    After a squash or a rebase the recorded commit is not in the history any more, and one with the same code files is.
    Where the commit is gone too, its code is known by the digest that `mlgate record` writes; where it is there, its
    code must have that digest.

    A file of which no source has a digest is verified if the commit that is checked out has it, and each run that read
    it started from a commit that has the same file. What a run has made without a digest is unverified.
    What lies on another machine or was not fetched is unverified, and so is a digest that nobody can compute.

    The files of a commit that was recorded must have been those of the commit, not changed ones: `dirty` is a FAIL, and
    so is a run or a source that does not say it, even beside another that does, unless `cleanliness_unknown: true`
    accepts that. A lock of DVC must be that of its `dvc.yaml`, with its loops and variables written out, in each stage
    that the history needs. A clone too shallow to look a commit up is exit code 3, with the command that fetches the
    rest.

    With `signed_by`, every statement of the sources (SLSA provenance) must be in a DSSE envelope that one of these
    keys has signed, and signed statements alone must say what the model is. Name further roles in `signed`: then they
    must say these things, too, with their digests. Other sources may add to that and never take its place. Keys are
    PEM files beside the policy: Ed25519, ECDSA or RSA. They are inputs of the verdict, like the policy. A certificate
    of Sigstore (signing without a key) cannot be verified without its log, so that is a FAIL. Signatures need
    `pip install 'mlgate[signatures]'`; without it they are exit code 3.

    ## Why it matters
    A program records what it is asked to record. A digest that nobody recomputes proves nothing.

    ## Example
    ```yaml
    - id: true-record
      check: lineage.verified
      accept_unverified: [data:train]   # it lies in a bucket
      signed_by: [keys/build.pem]       # the public key of the build, beside this policy
      signed: [model, code, data:train]
    ```

    ## Use instead
    `lineage.complete` asks whether the history is recorded at all.
    """

    id: ClassVar[str] = "lineage.verified"
    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf, Signatures)

    accept_unverified: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="Roles of things that need not be recomputed; `data` without a known use, too.",
        tighter="fewer",
    )
    cleanliness_unknown: bool = param(
        Flag(),
        default=False,
        doc="Whether a source need not say that the files were those of the commit.",
        tighter=(True, False),
    )

    signed_by: tuple[TextBeside, ...] = param(
        ListOf(FileBeside(), unique=True, max=_MOST_KEYS),
        default=(),
        doc="Public keys, as files beside this policy; one of them must have signed each statement.",
    )
    signed: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(MODEL,),
        tighter="more",
        doc="Roles of things that signed statements must say. Without it, the model alone.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "recorded lineage of the model"

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Unknown roles, files that are not keys, and roles to be signed by nobody."""
        yield from unknown_roles("accept_unverified", self.accept_unverified, (MODEL, DATA, *ROLES))
        yield from unknown_roles("signed", self.signed, (MODEL, DATA, *ROLES))
        for key in self.signed_by:
            why = why_no_key(key.text)
            if why:
                yield "signed_by", f"{key.path} {why}"
        if self.signed != (MODEL,) and not self.signed_by:
            yield "signed", "no key is named that signs them; add `signed_by`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The history, and its signatures where they are asked for."""
        yield from super().needs(subject, alphas)
        if self.signed_by:
            yield self._signatures(subject)

    def _signatures(self, subject: Subject) -> Signatures:
        return Signatures(presented_by(subject.candidate), self.signed_by)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for each thing in the history, and one for each mistake of a source."""
        graph = self.history(subject, facts)
        if len(graph.history) == 1:
            said = f"no source knows how {graph.history[0].name} was made, so nothing was compared"
            yield Unanswered((("thing", graph.history[0].name),), f"{said}; record it, or name its source in `lineage`")
        for problem in graph.problems:
            yield Claim((("thing", "source"),), False, problem)
        # Of what no source describes nothing is recorded that could be true.
        yield from accepted_first(self._claim(node) for node in in_history(graph) if node.described)
        if self.signed_by:
            fact: SignaturesFact = facts[self._signatures(subject)]
            yield from signature_claims(fact)
            roles = signed_roles(graph, fact, presented_by(subject.candidate))
            yield from (signed_claim(graph, role, roles) for role in self.signed)
        yield drawn(graph)

    def _claim(self, node: LineageNode) -> Claim:
        where, said = (("thing", node.name),), ", ".join(node.said_in) or "the candidate"
        unclean = self._unclean(node)
        if unclean:
            remedy = "run it from a clean checkout, and record that"
            return Claim(where, False, f"{node.name}: {unclean} ({said}); {remedy}")
        if node.state == "verified":
            return Claim(where, True, f"{node.name} is verified: {node.why}")
        if node.state in ("unverified", "missing") and set(node.roles) & {*self.accept_unverified}:
            return Claim(
                where,
                True,
                f"{node.name} is {node.state}, which the policy accepts: {node.why} ({said})",
                accepted=True,
            )
        remedy = "correct the record, or the file" if node.state == "contradicted" else _UNVERIFIED
        return Claim(where, False, f"{node.name} is {node.state}: {node.why} ({said}); {remedy}")

    def _unclean(self, node: LineageNode) -> str:
        """Why the files of a commit may not be those that were used; empty if they are, or it is not a commit."""
        if node.tree == "dirty":
            return "files differed from those of the commit"
        if not node.plays(CODE) or not any(pin.kind == COMMIT for pin in node.pins) or node.tree == "clean":
            return ""
        return "" if self.cleanliness_unknown else "nothing says that the files were those of the commit"
