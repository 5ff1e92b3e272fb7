"""lineage.predictions: the predictions were made by a run that read this model and the evaluation data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import EVALUATION
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import drawn
from mlgate.checks.lineage.made_predictions import (
    file_of_predictions,
    not_fixed,
    path_of_table,
    recorded_file,
    runs_that_made,
)
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.sources import FileSource
from mlgate.lineage.graph import EVALUATION_DATA, MODEL, LineageArrow, LineageGraph, LineageNode
from mlgate.reading.fields import Flag, Identifier, OneOrMany, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim
from mlgate.values.verdict import ShownByPass

_RECORD = "record it by `mlgate record`, or as a stage of DVC"


@dataclass(frozen=True, kw_only=True)
class LineagePredictions(LineageCheck):
    """The predictions were made by a run that read just this model and the evaluation data.

    ## What it does
    Looks in the graph of `lineage.complete` for the run that made the candidate's file of predictions. The run itself
    must have read the file of the candidate's model, no other model, and the evaluation data; and its source must have
    recorded digests of all three, which are recomputed. Three findings say what is shown:

    | finding | what is demanded |
    |---|---|
    | `predictions` | a run made the file, and it has the recorded digest |
    | `model` | that run read the model, which has the recorded digest, and no other model |
    | `data` | that run read the evaluation data, which have the recorded digest |

    The evaluation data are the candidate's table `evaluation`; without one, what a source calls so. With `tables`, they
    are just those tables. `mlgate record`, DVC, SLSA provenance and OpenLineage (with `sha256:` versions) record
    enough. MLflow does not: it has no digest of a model.

    Once this rule passes, each report of the gate says `predictions: recorded`; without it, `predictions:
    self-reported`. A record can be written by hand, so it protects from mistakes and makes a forgery visible in
    review; only who runs the scoring in the gate's own job knows more.

    ## Why it matters
    A file of predictions does not say which model gave it. The numbers of another model, or of other rows, look just
    as good.

    ## Example
    ```yaml
    - id: own-predictions
      check: lineage.predictions
      tables: evaluation
    ```

    ## Use instead
    `lineage.verified` demands that all that is recorded is true, and `lineage.complete` that nothing is missing.
    """

    id: ClassVar[str] = "lineage.predictions"
    shows: ClassVar[ShownByPass] = "predictions"

    tables: tuple[str, ...] = param(
        OneOrMany(Identifier()),
        default=(),
        doc="The candidate's tables that the run must have read; by default `evaluation` if the candidate has it.",
    )
    data_elsewhere: bool = param(
        Flag(),
        default=False,
        doc="Whether the data may be elsewhere, so that their digest cannot be recomputed.",
        tighter=(True, False),
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "origin of the predictions"

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Up to three claims: the later ones only where the earlier ones are true."""
        graph, path = self.history(subject, facts), file_of_predictions(subject.candidate)
        made = recorded_file(graph, path)
        if made is None:
            yield _claim("predictions", f"no source says which run made {path}", _RECORD)
            return
        for making in runs_that_made(graph, made):
            yield from self._of_run(graph, subject.candidate, made, making)
        yield drawn(graph)

    def _of_run(
        self, graph: LineageGraph, candidate: Candidate, made: LineageNode, making: LineageArrow
    ) -> Iterator[Claim]:
        """What is shown about one run that made the predictions."""
        run, read = graph.by_id[making.source], graph.arrows_from(making.source)
        wrong = _model(graph, run, read)
        yield wrong or Claim(
            (("question", "model"),), True, f"{run.name} read {graph.by_id[graph.root].name}, as it is"
        )
        if wrong:
            return
        fault = not_fixed(making, made, run, "made")
        remedy = "run it again, and record that"
        yield (
            _claim("predictions", fault, remedy)
            if fault
            else Claim((("question", "predictions"),), True, f"{made.name} was made by {run.name}, and {made.why}")
        )
        yield from self._data(graph, candidate, run, read)

    def _data(
        self, graph: LineageGraph, candidate: Candidate, run: LineageNode, read: Iterable[LineageArrow]
    ) -> Iterator[Claim]:
        """Whether the run read the evaluation data."""
        found = [(arrow, graph.by_id[arrow.source]) for arrow in read if arrow.source in graph.by_id]
        for name, path in self._wanted(candidate).items():
            these = [(arrow, node) for arrow, node in found if (node.path == path if path else _evaluates(node))]
            if not these:
                what = f"{path} (table `{name}`)" if path else "data for evaluation, as far as its source says"
                remedy = "record the scoring of just these data, with the role data:evaluation"
                yield _claim("data", f"{run.name} has not read {what}", remedy)
            for arrow, node in these:
                yield self._read(arrow, node, run)

    def _wanted(self, candidate: Candidate) -> dict[str, str]:
        """The paths of the tables that the run must have read; an empty one for any data for evaluation."""
        present = dict(candidate.tables)
        names = self.tables or ((EVALUATION,) if EVALUATION in present else ())
        return {name: _table(candidate, name) for name in names} or {"": ""}

    def _read(self, arrow: LineageArrow, node: LineageNode, run: LineageNode) -> Claim:
        """Whether data are those that the run read."""
        where = (("question", "data"),)
        if self.data_elsewhere and arrow.exact and node.state == "unverified":
            return Claim(where, True, f"{run.name} read {node.name}, which is not here: the policy accepts that")
        fault = not_fixed(arrow, node, run, "read")
        if fault:
            return _claim("data", fault, "score the data that are presented, and record that")
        return Claim(where, True, f"{run.name} read {node.name}, and {node.why}")


def _model(graph: LineageGraph, run: LineageNode, read: Iterable[LineageArrow]) -> Claim | None:
    """What is wrong with the model that a run read; None if it is that of the candidate."""
    root = graph.by_id[graph.root]
    models = [arrow for arrow in read if arrow.source == graph.root]
    named = [graph.by_id[arrow.source] for arrow in read if arrow.source in graph.by_id]
    other = next((node for node in named if MODEL in node.roles and node.id != graph.root), None)
    if other:
        said = f"{run.name} read the model {other.name}" + (f" beside {root.name}" if models else f", not {root.name}")
        return _claim("model", said, "let one run score one model, and record that")
    if not models:
        return _claim("model", f"{run.name}, which made the predictions, has not read {root.name}", _RECORD)
    fault = next(filter(None, (not_fixed(arrow, root, run, "read") for arrow in models)), "")
    return _claim("model", fault, "score this model, and record that") if fault else None


def _claim(question: str, said: str, remedy: str) -> Claim:
    return Claim((("question", question),), False, f"{said}; {remedy}")


def _table(candidate: Candidate, name: str) -> str:
    spec = candidate.table(name)
    if spec is None or not isinstance(spec.source, FileSource):
        said = f"the candidate presents no table `{name}` with a file, which the run must have read"
        raise EvidenceError(f"{said}; add it to `tables`", "tables")
    return path_of_table(candidate, spec.source)


def _evaluates(node: LineageNode) -> bool:
    return node.plays(EVALUATION_DATA)
