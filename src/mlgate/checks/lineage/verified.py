"""lineage.verified: what is recorded of the model's history is true, as far as it can be recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import (
    drawn,
    in_history,
    unknown_roles,
)
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.lineage.graph import CODE, COMMIT, DATA, MODEL, ROLES, LineageNode
from mlgate.reading.fields import Flag, ListOf, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered

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

    After a squash or a rebase the recorded commit is not in the history any more, and one with the same code files is.
    Where the commit is gone too, its code is known by the digest that `mlgate record` writes.
    What lies on another machine or was not fetched is unverified, and so is a digest that nobody can compute.

    The files of a commit that was recorded must have been those of the commit, not changed ones: `dirty` is a FAIL, and
    so is a source that does not say it, unless `cleanliness_unknown: true` accepts that. A lock of DVC must be that of
    its `dvc.yaml`. A clone too shallow to look a commit up is exit code 3, with the command that fetches the rest.

    ## Why it matters
    A program records what it is asked to record. A digest that nobody recomputes proves nothing.

    ## Example
    ```yaml
    - id: true-record
      check: lineage.verified
      accept_unverified: [data:train]   # it lies in a bucket
    ```

    ## Use instead
    `lineage.complete` asks whether the history is recorded at all.
    """

    id: ClassVar[str] = "lineage.verified"

    accept_unverified: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="Roles of things that need not be recomputed; `data` without a known use, too.",
    )
    cleanliness_unknown: bool = param(
        Flag(), default=False, doc="Whether a source need not say that the files were those of the commit."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "recorded lineage of the model"

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Unknown roles."""
        yield from unknown_roles("accept_unverified", self.accept_unverified, (MODEL, DATA, *ROLES))

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for each thing in the history, and one for each mistake of a source."""
        graph = self.history(subject, facts)
        if len(graph.history) == 1:
            said = f"no source knows how {graph.history[0].name} was made, so nothing was compared"
            yield Unanswered((("thing", graph.history[0].name),), f"{said}; record it, or name its source in `lineage`")
        for problem in graph.problems:
            yield Claim((("thing", "source"),), False, problem)
        for node in in_history(graph):
            yield self._claim(node)
        yield drawn(graph)

    def _claim(self, node: LineageNode) -> Claim:
        where, said = (("thing", node.name),), ", ".join(node.said_in) or "the candidate"
        unclean = self._unclean(node)
        if unclean:
            remedy = "run it from a clean checkout, and record that"
            return Claim(where, False, f"{node.name}: {unclean} ({said}); {remedy}")
        if node.state == "verified":
            return Claim(where, True, f"{node.name} is verified: {node.why}")
        if node.state == "unverified" and set(node.roles) & {*self.accept_unverified}:
            return Claim(where, True, f"{node.name} is unverified, which the policy accepts: {node.why} ({said})")
        remedy = "correct the record, or the file" if node.state == "contradicted" else _UNVERIFIED
        return Claim(where, False, f"{node.name} is {node.state}: {node.why} ({said}); {remedy}")

    def _unclean(self, node: LineageNode) -> str:
        """Why the files of a commit may not be those that were used; empty if they are, or it is not a commit."""
        if node.tree == "dirty":
            return "files differed from those of the commit"
        if not node.plays(CODE) or not any(pin.kind == COMMIT for pin in node.pins) or node.tree == "clean":
            return ""
        return "" if self.cleanliness_unknown else "nothing says that the files were those of the commit"
