"""lineage.complete: from the model, everything that it was made from and judged by can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import REQUIRED, accepted_first, drawn, unknown_roles
from mlgate.checks.lineage.unfixed import Unfixed, broken_way, listed, must_be_fixed, unfixed, unread_lists
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.lineage.graph import DATA, EVALUATION_DATA, ROLES, RUN, TRAINING, LineageGraph, LineageNode
from mlgate.lineage.known_gaps import KnownGap
from mlgate.reading.fields import ListOf, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim
from mlgate.values.words import counted, nearest

_ABSENT = (DATA, *ROLES)
"""The roles of what may be accepted."""


@dataclass(frozen=True, kw_only=True)
class LineageComplete(LineageCheck):
    """From the model, everything that it was made from can be reached, and nothing of it can change unseen.

    ## What it does
    Builds one graph from all sources of lineage that the candidate names in `lineage`, or that lie beside it, and
    follows it from the model's file. Every role in `roles` must be there: `code`, `data:train`, `data:evaluation`,
    `features`, `parameters`, `environment` (a lock file), `run`, `base_model`, `evaluation`. Each thing with a role
    must be fixed by a commit or a digest, and so must all else on the way, down to the raw data that nobody has made;
    the message draws the way to what is not. A branch, `latest`, a version and the eight digits that MLflow calls a
    digest fix nothing. A file of which no source has a digest counts if the commit that is checked out has it. What
    judging has made is a result, and need not be fixed unless `roles` ask for `evaluation`.

    A list of packages is an environment if each line fixes one version: requirements of pip with `==` or a hash,
    environments of conda with pins, and the lock files of uv, Poetry, PDM, Pipenv and conda, recognised by their
    content. A line that fixes none may be fixed by another list that the same run has read. Of other files the digest
    counts, and the message says that their versions are not read.

    `accept_unfixed` accepts what may change unseen, by role or by name. A gap that `lineage.yaml` states (`gaps`: what
    is absent, why, who closes it, until when) is named in the message; it passes only with its role in `accept_gaps`,
    and not after its end.

    What judged the model is not what it was made from. A run that only scored it can answer for `data:evaluation` and
    `evaluation`; every other role must be reached through what made the model.

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
    | `lineage.yaml` | runs that `mlgate record` has recorded, and known gaps |

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
    accept_unfixed: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="Things that may change unseen, by their role or by their name, such as `s3://bucket/raw.csv`.",
        tighter="fewer",
    )
    accept_gaps: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="Roles of what may be absent as long as a source says so as a known gap.",
        tighter="fewer",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "lineage of the model"

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Unknown roles."""
        yield from unknown_roles("roles", self.roles)
        yield from unknown_roles("accept_gaps", self.accept_gaps, _ABSENT)
        roles = (each for each in self.accept_unfixed if not {*"./"} & {*each} and nearest(each, _ABSENT))
        yield from unknown_roles("accept_unfixed", roles, _ABSENT)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for every role that is asked for, and one about all else that the model's history has."""
        graph = self.history(subject, facts)
        roles = [self._role(graph, role, subject.as_of) for role in self.roles]
        yield from accepted_first([*roles, *self._others(graph, subject.as_of)])
        yield drawn(graph)

    def _role(self, graph: LineageGraph, role: str, day: date) -> Claim:
        """Whether the history has things with a role, all of which are fixed."""
        where = (("role", role),)
        found = [node for node in graph.answering(role) if node.id != graph.root]
        if not found:
            said = f"{role} is missing: {broken_way(graph, role)}{_of_unknown_use(graph, role)}"
            gap = graph.gap_of((role,))
            if gap and self._accepts(gap, (role,), day):
                return Claim(
                    where, True, f"{role} is missing, which the policy accepts: {gap.said(day)}", accepted=True
                )
            return Claim(where, False, _with_gap(said, "record it, or name its source in `lineage`", gap, day))
        loose = [(node, why) for node in found if role != RUN and (why := unfixed(graph, node, role))]
        wrong, accepted = self._judged(graph, loose, day, role)
        if wrong:
            return Claim(where, False, f"{role} can change unseen: {wrong}")
        said = f"{role} is {listed(node.name for node in found)}{unread_lists(found)}{accepted}"
        return Claim(where, True, said, accepted=bool(accepted))

    def _others(self, graph: LineageGraph, day: date) -> Iterator[Claim]:
        """Whether all else that the model was made from or judged by is fixed, down to what nobody has made."""
        asked = {node.id for role in self.roles for node in graph.answering(role)}
        others = [node for node in graph.history if node.id not in asked and must_be_fixed(graph, node)]
        loose = [(node, why) for node in others if (why := unfixed(graph, node))]
        wrong, accepted = self._judged(graph, loose, day)
        if wrong:
            yield Claim((("role", "all else"),), False, f"the history can change unseen: {wrong}")
        elif others:
            said = f"{counted(len(others), 'further thing')} of the history cannot change unseen{accepted}"
            yield Claim((("role", "all else"),), True, said, accepted=bool(accepted))

    def _judged(
        self, graph: LineageGraph, loose: Iterable[tuple[LineageNode, Unfixed]], day: date, role: str = ""
    ) -> tuple[str, str]:
        """What is wrong with things that are not fixed, empty if the policy accepts all, and, as the end of a message,
        what it accepts."""
        wrong, accepted = list[tuple[LineageNode, Unfixed, KnownGap | None]](), list[str]()
        for node, why in loose:
            roles = (role,) if role else node.roles
            gap = graph.gap_of((*roles, node.name, node.path))
            if node.name in self.accept_unfixed or (roles and {*roles} <= {*self.accept_unfixed}):
                accepted.append(node.name)
            elif gap and self._accepts(gap, roles, day):
                accepted.append(f"{node.name} ({gap.said(day)})")
            else:
                wrong.append((node, why, gap))
        said = ""
        for node, why, gap in wrong[:1]:
            more = f" (and {counted(len(wrong) - 1, 'more thing')})" if wrong[1:] else ""
            said = _with_gap(f"{why.said(graph, node)}{more}", why.remedy, gap, day)
        return said, f"; the policy accepts that {listed(accepted)} can change" if accepted else ""

    def _accepts(self, gap: KnownGap, roles: Iterable[str], day: date) -> bool:
        """Whether the policy accepts a gap that has not ended, in each role that it is about."""
        asked = {*roles}
        return not gap.ended(day) and bool(asked) and asked <= {*self.accept_gaps}


def _with_gap(said: str, remedy: str, gap: KnownGap | None, day: date) -> str:
    """What is wrong, with the gap that a source knows instead of what else to do."""
    return f"{said}; {gap.said(day)}" if gap else f"{said}; {remedy}"


def _of_unknown_use(graph: LineageGraph, role: str) -> str:
    """Data that may be those which are missing, as a part of a message: nothing says what they are for."""
    unknown = [node for node in graph.playing(DATA) if DATA in node.roles]
    if not unknown or role not in (TRAINING, EVALUATION_DATA):
        return ""
    labels = f" ({', '.join(unknown[0].labels)})" if unknown[0].labels else ""
    return f", and nothing says what {unknown[0].name}{labels} is for"
