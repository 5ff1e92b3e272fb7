"""The named grid: which populations each metric entry's interval is measured on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mlgate.metrics.kinds.above_median import AboveMedian
from mlgate.metrics.kinds.calibration import Calibration
from mlgate.metrics.kinds.curve import Curve
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import Melded, MeldedShares
from mlgate.metrics.kinds.one_label import OneLabel
from mlgate.metrics.kinds.over_queries import OverQueries
from mlgate.metrics.kinds.quantile import Quantile
from mlgate.metrics.kinds.ranked import Ranked
from mlgate.metrics.kinds.reliability import Reliability
from mlgate.metrics.kinds.sampled import FBeta, Sampled
from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.kinds.smooth import Smooth
from mlgate.metrics.kinds.worst import Worst
from mlgate.metrics.metric import Metric
from mlgate.metrics.registry import metrics
from mlgate.stats.linearised import LOG

from . import counts, forecasting, labels, rankings, reliability, scores, sums, texts, units
from .base import Scenario

OF_MEANS: Mapping[str, tuple[Scenario, ...]] = {
    "log_loss": sums.LOG_LOSS,
    "brier_score": sums.BRIER,
    "smape": sums.WITHIN_TWO,
    "mean": (*sums.BOUNDED, *sums.SKEWED),
    "mean_error": sums.BOUNDED,
    "mase": forecasting.PANELS,
    "mean_prediction": sums.BOUNDED,
}
"""Means that are not those of an error's size."""
OF_KINDS: Mapping[type, tuple[Scenario, ...]] = {
    HitShare: (*counts.TWO, *counts.SURVEY),
    Melded: (*counts.TWO, *counts.SURVEY),
    MeldedShares: (*counts.MANY, *counts.MANY_SURVEY),
    FBeta: counts.TWO,
    Sampled: counts.MANY,
    Ranked: scores.RANKED,
    Curve: scores.CURVES,
    Quantile: scores.ORDERED,
    Worst: scores.ORDERED[:1],
    Smooth: sums.ERRORS,
    Calibration: sums.CALIBRATION,
    Reliability: reliability.RECALIBRATED,
    AboveMedian: scores.GROUPS,
    OverQueries: rankings.QUERIES,
}


def entry_name(metric: Metric) -> str:
    """An entry's name on the grid: `multiclass precision (macro)`."""
    return f"{metric.for_tasks.replace(' · ', '/')} {metric.name}" + (f" ({metric.average})" if metric.average else "")


def scenarios_of(metric: Metric) -> tuple[Scenario, ...]:
    """The populations a metric is measured on; empty for a kind that nobody wrote any for."""
    rolled = forecasting.ROLLED if metric.name in ("mase", "relative_mae") else ()
    of_units = units.OF_KINDS.get(type(metric.kind), ())
    if isinstance(metric.kind, Smooth) and metric.kind.link is not LOG:
        of_units = ()
    return (*_of_rows(metric), *of_units, *rolled)


def _of_rows(metric: Metric) -> tuple[Scenario, ...]:
    """Those of independent rows."""
    if isinstance(metric.kind, Share):
        over_classes = "multiclass" in metric.tasks and metric.average != "class"
        return (*counts.MANY, *counts.MANY_SURVEY) if over_classes else (*counts.TWO, *counts.SURVEY)
    if isinstance(metric.kind, OneLabel):
        return scenarios_of(replace(metric, kind=metric.kind.kind, tasks=("binary",)))
    of_rows = isinstance(metric.kind, Mean) and metric.name in labels.OF_ROWS
    if "multilabel" in metric.tasks and (of_rows or isinstance(metric.kind, Smooth)):
        return labels.SEVERAL
    if metric.tasks == ("text",) and isinstance(metric.kind, (Mean, Smooth)):
        return texts.TRANSCRIPTS
    if metric.name == "brier_skill":
        return reliability.RECALIBRATED
    if isinstance(metric.kind, Mean):
        bounded = metric.range[1] < math.inf or metric.name == "smape"
        heavy = () if bounded else sums.HEAVY
        return (*OF_MEANS.get(metric.name, sums.SKEWED), *sums.WEIGHTED_VALUES, *heavy)
    own = forecasting.PANELS if metric.name == "relative_mae" else ()
    return (*own, *OF_KINDS.get(type(metric.kind), ()))


def grid() -> Iterator[tuple[str, Metric, Scenario]]:
    """Every entry with every scenario it is measured on."""
    for entries in metrics().values():
        for metric in entries:
            for scenario in scenarios_of(metric):
                yield entry_name(metric), metric, scenario
