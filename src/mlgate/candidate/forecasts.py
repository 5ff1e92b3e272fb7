"""What must fit together in the candidate file of a forecaster."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.file import CandidateKeys, PredictionsKeys, TableKeys

Said = tuple[tuple[str, ...], str]
"""A problem: the path of keys that it stands at, and the message."""
ROLES = ("series", "time", "horizon", "cutoff")
NEEDED = {"time": "the time that is forecast", "horizon": "how many steps ahead"}
HISTORY = "history"


def of_forecasts(keys: CandidateKeys) -> Iterator[Said]:
    """What does not fit together, or is named for another task."""
    predictions = keys.predictions
    if predictions is None or not keys.task:
        return
    if keys.task != "forecasting":
        for role in ROLES:
            if getattr(predictions, role):
                said = f"`predictions.{role}` is for forecasting tasks, not {keys.task}"
                yield ("predictions", role), f"{said}; remove it"
        return
    for role, meaning in NEEDED.items():
        if not getattr(predictions, role):
            said = f"`predictions.{role}` is missing: a forecast says {meaning}"
            yield ("predictions",), f"{said}; name its column"
    if predictions.count:
        said = "`predictions.count` of a forecasting task: a forecast of one time is one row"
        yield ("predictions", "count"), f"{said}; remove it"
    history = dict(keys.tables).get(HISTORY)
    if history is not None:
        yield from _history(predictions, history)


def _history(predictions: PredictionsKeys, history: TableKeys) -> Iterator[Said]:
    if not history.label:
        yield ("tables", HISTORY), "`tables.history` has no `label`: add the column of the values"
    wanted = len(predictions.series) + 1
    if len(history.key) != wanted:
        named = ", ".join((*predictions.series, predictions.time or "the time"))
        said = f"`tables.history.key` names {len(history.key)} of the {wanted} columns that are due"
        yield ("tables", HISTORY, "key"), f"{said}: those of the series, then that of the time, as in [{named}]"
