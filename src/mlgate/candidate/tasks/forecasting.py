"""Forecasting: a number for each time of a series, predicted some steps ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlgate.candidate.key_order import misplaced
from mlgate.candidate.presented import Candidate, TableSpec
from mlgate.candidate.roles import Predictions
from mlgate.candidate.tasks.task import Misfit, Task
from mlgate.evidence.tables.forecast_rows import Forecasts
from mlgate.evidence.tables.recipe import Recipe

FORECASTS, HISTORY = "forecasts", "history"


@dataclass(frozen=True)
class ForecastingTask(Task):
    """Forecasts of series, which may have a history."""

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """The history must have the series' keys and a column of values."""
        history = candidate.table(HISTORY)
        if candidate.predictions is not None and history is not None:
            yield from _history(candidate.predictions, history)

    def computed(self, candidate: Candidate, table: str) -> Iterator[tuple[str, Recipe]]:
        """The forecasts, joined with naive forecasts from the history and with the faults of each."""
        predictions = candidate.predictions
        if predictions is not None and predictions.time and predictions.horizon:
            yield FORECASTS, _forecasts(candidate, predictions, predictions.time, predictions.horizon, table)

    def further_roles(self, candidate: Candidate) -> Iterator[tuple[str, str]]:
        """The history's column of values."""
        history = candidate.table(HISTORY)
        if history is not None:
            yield HISTORY, history.label or ""

    def cautions(self, candidate: Candidate) -> Iterator[str]:
        """Without `unit`, bounds treat the correlated forecasts of a series as independent."""
        predictions = candidate.predictions
        if predictions is None or candidate.unit is not None:
            return
        named = f"`unit: {{column: {predictions.series[0]}}}`" if len(predictions.series) == 1 else "`unit:`"
        said = "forecasts of one series are correlated; bounds that assume independence are too narrow"
        yield f"{said}; if there are 20 series or more, add {named}"


def _history(predictions: Predictions, history: TableSpec) -> Iterator[Misfit]:
    if not history.label:
        yield ("tables", HISTORY), "`tables.history` has no `label`; add the column of the values"
    wanted = len(predictions.series) + 1
    if len(history.key) != wanted:
        named = ", ".join((*predictions.series, predictions.time or "the time"))
        said = f"`tables.history.key` names {len(history.key)} of the {wanted} required columns"
        yield ("tables", HISTORY, "key"), f"{said}; name those of the series, then of the time, as in [{named}]"
    elif predictions.time and (wrong := misplaced((*predictions.series, predictions.time), history.key)):
        yield ("tables", HISTORY, "key"), f"`tables.history.key` {wrong}"


def _forecasts(candidate: Candidate, predictions: Predictions, time: str, horizon: str, table: str) -> Forecasts:
    evaluation, history = candidate.evaluation, candidate.table(HISTORY)
    judged_by = evaluation.label if evaluation and evaluation.label else None
    found = Forecasts(
        table,
        predictions.series,
        time,
        horizon,
        predictions.cutoff,
        label=judged_by or predictions.label,
        own="predictions." if evaluation else "",
        own_label=judged_by is None,
    )
    if history is None or history.label is None:
        return found
    return replace(found, history=HISTORY, key=history.key, value=history.label)


TASK = ForecastingTask(
    requires={"time": "is the time that is forecast", "horizon": "is the number of steps ahead"},
    refuses={"count": "each forecast must be one row; remove it"},
    labelled=(HISTORY,),
    makes=(FORECASTS,),
)
