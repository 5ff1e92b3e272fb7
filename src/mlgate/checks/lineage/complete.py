"""lineage.complete: from the model, everything that it was made from and judged by can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import REQUIRED, drawn, unknown_roles
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.lineage.graph import (
    COMMIT_ID,
    DATA,
    EVALUATION,
    EVALUATION_DATA,
    RUN,
    TRAINING,
    LineageGraph,
    LineageNode,
)
from mlgate.reading.fields import ListOf, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim


@dataclass(frozen=True, kw_only=True)
class LineageComplete(LineageCheck):
    """From the model, everything that it was made from can be reached, and nothing of it can change unseen.

    ## What it does
    Builds one graph from all sources of lineage that the candidate names in `lineage`, or that lie beside it, and
    follows it from the model's file. Every role in `roles` must be there: `code`, `data:train`, `data:evaluation`,
    `features`, `parameters`, `environment` (a lock file), `run`, `base_model`, `evaluation`. Each thing with a role
    must be fixed by a commit or a digest. A branch, `latest`, a version and the eight digits that MLflow calls a digest
    fix nothing. A file of which no source has a digest counts if the commit that is checked out has it.

    The role of a file is what its source says. DVC does not say it: there the tables of the candidate tell (`train`,
    `evaluation`), then the name of the file (`train.py`, `requirements.txt`). Other data of the stage that made the
    model are for training, and those of a stage that reads the model for evaluation.

    | source | what it is |
    |---|---|
    | `dvc.lock`, `dvc.yaml`, `.dvc` | DVC: stages, and data that were added or imported |
    | `mlflow.db`, `mlruns`, a server | MLflow: the run that logged the model |
    | SLSA provenance | in-toto statements, also in DSSE envelopes; `lineage.verified` can demand signatures |
    | `model.sig` | a signature by `model_signing`: the digest of each file of the model |
    | CycloneDX | an ML-BOM: the model, its datasets, commits and ancestors |
    | Croissant | the digests of a data set's files |
    | a card of the Hugging Face Hub | the base model, data sets and metrics in its front matter |
    | OpenLineage events | runs that are complete, with their datasets, commits and parameters |
    | `lineage.yaml` | runs that `mlgate record` has recorded |

    ## Why it matters
    A model whose data, code or parameters nobody can name cannot be repeated, corrected or taken back.

    ## Example
    ```yaml
    - id: traceable
      check: lineage.complete
      roles: [code, data:train, parameters]
    ```

    ## Use instead
    `lineage.verified` demands that what is recorded is true.
    """

    id: ClassVar[str] = "lineage.complete"

    roles: tuple[str, ...] = param(
        ListOf(Text(), unique=True), default=REQUIRED, doc="What must be reachable from the model.", tighter="more"
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "lineage of the model"

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Unknown roles."""
        yield from unknown_roles("roles", self.roles)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for every role that is asked for."""
        graph = self.history(subject, facts)
        for role in self.roles:
            yield _claim(graph, role)
        yield drawn(graph)


def _claim(graph: LineageGraph, role: str) -> Claim:
    """Whether the history has things with a role, all of which are fixed."""
    where = (("role", role),)
    found = [node for node in graph.playing(role) if node.id != graph.root]
    if not found:
        said = f"{role} is missing: {_broken(graph, role)}{_of_unknown_use(graph, role)}"
        return Claim(where, False, f"{said}; record it, or name its source in `lineage`")
    loose = next((node for node in found if not node.pinned and role != RUN), None)
    if loose:
        return Claim(where, False, f"{role} can change unseen: {_loose(graph, loose)}")
    names = ", ".join(node.name for node in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return Claim(where, True, f"{role} is {names}")


def _loose(graph: LineageGraph, node: LineageNode) -> str:
    """Why nothing fixes a thing, and what to do."""
    names = ", ".join(node.labels)
    if node.id.startswith(COMMIT_ID) and names:
        said = f"the commit of {graph.way_to(node)} is named by {names}, a branch, a tag or a part of its name"
        return f"{said}, which may move; record the whole name"
    only = f" but {names}" if names else ""
    return f"nothing fixes {graph.way_to(node)}{only}; record its digest, or its commit"


def _of_unknown_use(graph: LineageGraph, role: str) -> str:
    """Data that may be those which are missing, as a part of a message: nothing says what they are for."""
    unknown = [node for node in graph.playing(DATA) if DATA in node.roles]
    if not unknown or role not in (TRAINING, EVALUATION_DATA):
        return ""
    labels = f" ({', '.join(unknown[0].labels)})" if unknown[0].labels else ""
    return f", and nothing says what {unknown[0].name}{labels} is for"


def _broken(graph: LineageGraph, role: str) -> str:
    """The way from the model to where the role should be."""
    root = graph.by_id[graph.root]
    makers = [node for node in graph.sources_of(graph.root) if RUN in node.roles]
    made_by = next((node for node in makers if (graph.root, node.id) in graph.made), None)
    if made_by is None:
        return f"no source knows how {root.name} was made"
    of_judging = role in (EVALUATION, EVALUATION_DATA)
    return f"{root.name} <- no {role}" if of_judging else f"{graph.way_to(made_by)} <- no {role}"
