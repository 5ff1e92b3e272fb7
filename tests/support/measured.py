"""The values of a metric by the path that the gate takes: from a table through the evidence to estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.metrics.kinds.mean import Numbers
from mlgate.metrics.kinds.over_queries import OfQueries
from mlgate.metrics.kinds.smooth import Smooth
from mlgate.metrics.metric import Metric, StagedKind, Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.metrics.sums import Sums
from mlgate.stats.linearised import BELOW_ONE
from mlgate.values.estimate import Estimate
from support.guarded import guarded
from support.tables import Frame

ROUNDING = 2.0**-50


@dataclass(frozen=True)
class Measured:
    """What the gate makes of one group: None where the metric is undefined."""

    estimate: Estimate | None
    rounding: float = 0.0
    """How far the rounding of the whole table's values may move the estimate."""


@contextmanager
def opened(frame: Frame, metric: Metric, options: Options) -> Iterator[tuple[OpenEvidence, Question]]:
    """The evidence of a table, and the question that asks it for a metric by group."""
    tables = frame.tables()
    judged = list(tables)[-1]
    with open_evidence(tables, Path(), threads=1) as evidence:
        rows = Rows(judged, "the predictions", evidence.schema(judged))
        column = "value" if "column" in metric.takes else None
        yield (
            evidence,
            Question(
                rows,
                frame.task,
                frame.roles,
                replace(options, column=column),
                (rows.column("g", "by").term,),
                positive_class=frame.positive,
                classes=frame.classes,
                scores=frame.scores,
                separator="|",
            ),
        )


def answers(evidence: OpenEvidence, needs: Iterable[Need]) -> Facts:
    """The facts of these needs, which their guards do not refuse, and of no others, as stored facts hold no others."""
    wanted = tuple(needs)
    measured = guarded(wanted, evidence.measure(wanted))
    return Facts({need: measured.answers[need] for need in asked_by(wanted)})


def measured(metric: Metric, frame: Frame, options: Options) -> dict[str, Measured]:
    """The metric of every group of a table."""
    kind: Any = metric.kind
    with opened(frame, metric, options) as (evidence, question):
        facts = answers(evidence, kind.needs(question))
        if isinstance(kind, StagedKind):
            later = answers(evidence, kind.later(question, facts))
            facts = Facts({**facts.answers, **later.answers})
        groups = kind.groups(question, facts)
    return {str(group[0]): _measured(metric, question, stats) for group, stats in groups.items()}


def _measured(metric: Metric, question: Question, stats: Any) -> Measured:
    found = estimate(metric.kind, question, stats)
    if found is None:
        return Measured(None)
    sums = stats.of if isinstance(stats, OfQueries) else stats
    sums = sums.sums if isinstance(sums, Numbers) else sums
    return Measured(found, ROUNDING * _sensitivity(metric, found.value, sums) if isinstance(sums, Sums) else 0.0)


def estimate(kind: Any, question: Question, stats: Any) -> Estimate | None:
    """A kind's estimate, None where it is undefined."""
    try:
        found: Estimate = kind.estimate(question, stats)
    except Undefined:
        return None
    return found


def _sensitivity(metric: Metric, value: float, stats: Sums) -> float:
    """How much a value moves with the sums, in units of the table's range."""
    reach, values = [float(found) for found in stats.of_rows.reaches], stats.summed.values
    if isinstance(metric.kind, Smooth) and metric.kind.link == BELOW_ONE:
        return (reach[0] + (1 - value) * reach[1] ** 2) / float(stats.square(values[1]))
    moved = reach[0]
    if len(reach) == 2:
        moved = (reach[0] + abs(value) * reach[1]) * stats.rows / float(stats.total(values[1]))
    return moved / (2 * value) if getattr(metric.kind, "root", False) and value else moved
