"""governance.preregistered: the policies stood before the predictions were made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.lineage.made_predictions import file_of_predictions, not_fixed, recorded_file, runs_that_made
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.committed_files import CommittedFiles, FilesInCommits
from mlgate.lineage.graph import CODE, COMMIT, LineageGraph, LineageNode
from mlgate.lineage.lineage_question import LineageOf
from mlgate.reading.fields import Choice, param
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import ShownByPass
from mlgate.values.words import counted

PREDICTIONS, TRAINING_RUN = "predictions", "training"


@dataclass(frozen=True, kw_only=True)
class GovernancePreregistered(LineageCheck):
    """The policies stood before the predictions were made.

    ## What it does
    Looks for the run that made the candidate's predictions, as `lineage.predictions` does, and compares the digests of
    the policies that stood when it began with those that judge now: each file of each policy that applies must be the
    same, byte by byte. `mlgate record` writes these digests. Where a source does not have them, the commit that the run
    was started from tells: it must have the same files. With `before: training` the runs that made the model must have
    begun under these policies, too.

    Once this rule passes, each report says that the predictions were made after the policies. It shows that these
    numbers are later than the bar. It cannot show that nobody has seen other numbers before: a run can be repeated, so
    `before: training` is harder to get round, and `mlgate check --earlier` counts the looks.

    ## Why it matters
    A bar that is set once the score is known is not a bar.

    ## Example
    ```yaml
    - id: bar-before-scores
      check: governance.preregistered
      before: training
    ```

    ## Use instead
    `looks` of a rule shares its error level between several models that are judged on the same rows.
    """

    id: ClassVar[str] = "governance.preregistered"
    shows: ClassVar[ShownByPass] = "policies"
    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf, CommittedFiles)

    before: str = param(
        Choice(PREDICTIONS, TRAINING_RUN),
        default=PREDICTIONS,
        doc="What came after the policies: the `predictions`, or the `training`, too.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "order of policies and predictions"

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The policies in the commits that the runs were started from."""
        yield _committed(subject, facts[lineage_of(subject)])

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per run."""
        graph, path = self.history(subject, facts), file_of_predictions(subject.candidate)
        committed: FilesInCommits = facts[_committed(subject, graph)]
        made = recorded_file(graph, path) if subject.policies else None
        if made is None:
            said = f"no source says which run made {path}" if subject.policies else "the policies have no files"
            yield Unanswered((("run", path),), f"{said}; record it by `mlgate record`")
            return
        for arrow in runs_that_made(graph, made):
            run = graph.by_id[arrow.source]
            fault = not_fixed(arrow, made, run, "made")
            said = f"{fault}; run it again, and record that"
            yield Claim((("run", run.name),), False, said) if fault else _stood(subject, graph, run, committed)
        if self.before == TRAINING_RUN:
            yield from self._trained(subject, graph, committed)

    def _trained(
        self, subject: Subject, graph: LineageGraph, committed: FilesInCommits
    ) -> Iterator[Claim | Unanswered]:
        """A claim per run that made the model."""
        makers, root = dict.fromkeys(graph.makers), graph.by_id[graph.root]
        if not makers:
            said = f"no source says which run made {root.name}"
            yield Unanswered((("run", root.name),), f"{said}; record it by `mlgate record`")
        for run in makers:
            yield _stood(subject, graph, run, committed)


def _committed(subject: Subject, graph: LineageGraph) -> CommittedFiles:
    commits = (pin.value for node in graph.nodes if CODE in node.roles for pin in node.pins if pin.kind == COMMIT)
    return CommittedFiles(tuple(dict.fromkeys(commits)), tuple(entry.path for entry in subject.policies))


def _stood(subject: Subject, graph: LineageGraph, run: LineageNode, committed: FilesInCommits) -> Claim:
    """Whether all files of the policies stood when a run began."""
    where = (("run", run.name),)
    commits = {pin.value for node in graph.sources_of(run.id) for pin in node.pins if pin.kind == COMMIT}
    there = {(each.path, each.sha256) for each in committed.found if each.commit in commits}
    missing = [
        entry
        for entry in subject.policies
        if entry.sha256 not in run.policies and (entry.path, entry.sha256) not in there
    ]
    said_in = ", ".join(run.said_in)
    if not missing:
        files = counted(len(subject.policies), "file")
        return Claim(where, True, f"{run.name} began under the policies that judge it: {files}")
    first = missing[0]
    known = run.policies or there
    why = f"other policies stood than {first.path} ({first.sha256[:12]})" if known else "no policy is recorded"
    remedy = "bring the policy back, or judge a new model" if known else "run it by `mlgate record`"
    return Claim(where, False, f"when {run.name} began, {why} ({said_in}); {remedy}")
