"""The Python API: the same gate for files and for frames in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from mlgate.candidate.load import load_candidate
from mlgate.candidate.model import CHAMPION, ROLL_UPS, Candidate, ChampionSpec, Predictions, TableSpec, Unit
from mlgate.evidence.sources import FrameSource
from mlgate.gate.bind import HISTORY
from mlgate.gate.prospects import POWER
from mlgate.gate.run import Settings, judge
from mlgate.metrics.base import TASKS
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.planning.measured import DRAWS, SEED, Drawing, plan_candidate
from mlgate.policy.load import load_policies
from mlgate.policy.model import Policy
from mlgate.reading.edge import today, workspace
from mlgate.values.errors import InputError
from mlgate.values.plan import Plan
from mlgate.values.verdict import Verdict

PathLike = str | Path


class ShownVerdict(Verdict):
    """A verdict that shows itself in a notebook."""

    def _repr_html_(self) -> str:
        from mlgate.reports.notebook import html

        return html(self)


def check(
    *,
    policy: PathLike | Sequence[PathLike],
    candidate: PathLike | None = None,
    predictions: Any = None,
    task: str | None = None,
    label: str | None = None,
    prediction: str | None = None,
    score: str | None = None,
    scores: Mapping[str, str] | None = None,
    positive: str | None = None,
    classes: Sequence[str] = (),
    id: str | Sequence[str] = (),  # noqa: A002 - the word of the candidate file
    lower: str | None = None,
    upper: str | None = None,
    count: str | None = None,
    weight: str | None = None,
    query: str | None = None,
    item: str | None = None,
    unit: str | Sequence[str] | Mapping[str, Any] | None = None,
    champion: Mapping[str, Any] | None = None,
    series: str | Sequence[str] = (),
    time: str | None = None,
    horizon: str | None = None,
    cutoff: str | None = None,
    history: Any = None,
    name: str = "notebook",
    tags: Sequence[str] = (),
    as_of: date | None = None,
) -> ShownVerdict:
    """The verdict on a candidate file, or on a pandas, polars, pyarrow or DuckDB frame of predictions.

    With `candidate` everything is read from that file; with `predictions` the other arguments say what its columns
    are, as the keys of a candidate file do; `unit` is the column by which rows belong together, several, or
    {"column": ..., "score": "max"} to roll them up; `champion` names those that are an earlier model's answers, and the
    `history` of forecasts is a frame with their columns of series, time and label. Raises InputError where the policy,
    the candidate or the arguments are wrong; everything else is in the verdict.
    """
    if (candidate is None) == (predictions is None):
        raise InputError("give either `candidate=` (a file) or `predictions=` (a frame)")
    where = workspace(Path.cwd())
    if candidate is not None:
        presented = load_candidate(Path(candidate), workspace=where)
    else:
        roles = Predictions(
            FrameSource(predictions, "predictions"), _names(id) or tuple(filter(None, (query, item))), label,
            prediction, score, tuple((scores or {}).items()), lower, upper, count, weight,
            _names(series), time, horizon, cutoff, query, item,
        )  # fmt: skip
        alone = _from_frame(name, task, positive, tuple(classes), tuple(tags), roles, _unit(unit, roles))
        presented = replace(alone, champions=_champions(champion, roles))
        if history is not None:
            presented = replace(presented, tables={HISTORY: _history(history, roles)})
    settings = Settings(where, as_of or today())
    return ShownVerdict(**vars(judge(presented, load_policy(policy), settings)))


def plan(
    *,
    policy: PathLike | Sequence[PathLike],
    candidate: PathLike | None = None,
    assume: Mapping[str, float | Sequence[float]] | None = None,
    task: str = "binary",
    power: float = POWER,
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: date | None = None,
) -> Plan:
    """The rows that a policy takes of a candidate's data, or if assumed rates are the truth; it decides nothing.

    Raises InputError where the policy, the candidate or the arguments are wrong, EvidenceError where no rule can be
    answered, and MachineError where something could not be run.
    """
    if (candidate is None) == (assume is None):
        raise InputError("give either `candidate=` (a file) or `assume=` (rates by metric or rule)")
    where, drawing = workspace(Path.cwd()), Drawing(power, draws, seed)
    policies = load_policy(policy)
    if candidate is not None:
        presented = load_candidate(Path(candidate), workspace=where)
        return plan_candidate(presented, policies, Settings(where, as_of or today()), drawing)
    return plan_assumed(policies, Assumed.of([_assumption(*pair) for pair in (assume or {}).items()]), task, power)


def _assumption(name: str, values: float | Sequence[float]) -> str:
    each = values if isinstance(values, Sequence) else [values]
    return f"{name}={','.join(map(str, each))}"


def _history(frame: Any, roles: Predictions) -> TableSpec:
    if roles.time is None or roles.label is None:
        raise InputError("a `history=` has values of the same `label=` at each `time=`: name both columns")
    return TableSpec(HISTORY, FrameSource(frame, HISTORY), (*roles.series, roles.time), roles.label)


def load_policy(policy: PathLike | Sequence[PathLike]) -> tuple[Policy, ...]:
    """The policies of a file, a folder, or several. Raises InputError with all their problems."""
    paths = [policy] if isinstance(policy, (str, Path)) else policy
    return load_policies([Path(path) for path in paths], workspace=workspace(Path.cwd()))


def _unit(given: str | Sequence[str] | Mapping[str, Any] | None, predictions: Predictions) -> Unit | None:
    if given is None:
        return None
    keys = dict(given) if isinstance(given, Mapping) else {"column": given}
    column, score = _names(keys.pop("column", ())), keys.pop("score", None)
    if keys or not column or not all(isinstance(name, str) and name for name in column):
        raise InputError('`unit=` is a column, several, or {"column": ..., "score": "max"}')
    if score not in (None, *ROLL_UPS):
        raise InputError(f"`score` of `unit=` is one of {', '.join(ROLL_UPS)}, not {score!r}")
    if score and not predictions.score:
        raise InputError("`score` of `unit=` rolls scores up: name their column, `score=`")
    if predictions.count or predictions.weight:
        raise InputError("`unit=` excludes `count=` and `weight=`: rows that belong together are rows, one by one")
    return Unit(column, score)


def _names(columns: str | Sequence[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _champions(given: Mapping[str, Any] | None, own: Predictions) -> dict[str, ChampionSpec]:
    """The only champion, as columns of the frame."""
    if given is None:
        return {}
    known = ("label", "prediction", "score", "scores", "lower", "upper")
    strange = [key for key in given if key not in known]
    if strange or not given:
        found = f"not {strange[0]!r}" if strange else "and none is given"
        raise InputError(f"`champion=` names columns of the frame by {', '.join(known)}, {found}")
    columns = {**given, "scores": tuple(dict(given.get("scores") or {}).items())}
    for role, column in columns.items():
        if role != "label" and column and column == getattr(own, role):
            raise InputError(
                f"`champion=` names the candidate's own {role}: that compares it with itself; name the earlier model's"
            )
    return {CHAMPION: ChampionSpec(CHAMPION, **columns)}


def _from_frame(
    name: str,
    task: str | None,
    positive: str | None,
    classes: tuple[str, ...],
    tags: tuple[str, ...],
    predictions: Predictions,
    unit: Unit | None,
) -> Candidate:
    if task not in TASKS:
        raise InputError(f"`task=` is one of {', '.join(TASKS)}, not {task!r}")
    if task == "binary" and positive is None:
        raise InputError('a binary task needs `positive=`, the class that counts as positive, as text: positive="1"')
    if positive is not None and not isinstance(positive, str):
        raise InputError(f'`positive=` is the class as text: positive="{positive}"')
    if (task == "ranking") != bool(predictions.query and predictions.item):
        raise InputError("a ranking names its columns of query and item, `query=` and `item=`, and no other task does")
    if task == "ranking" and (predictions.prediction or predictions.count or predictions.weight):
        raise InputError("a ranking takes no `prediction=`, `count=` or `weight=`: items rank by `score=`, each once")
    if task == "ranking" and unit is not None and unit.score:
        raise InputError("`score` of `unit=` rolls rows up, and items of a ranking are not one")
    if predictions.count and (predictions.weight or predictions.id):
        raise InputError("`count=` excludes `weight=` and `id=`: a row that stands for several has no id")
    if task == "forecasting" and not (predictions.time and predictions.horizon):
        raise InputError("a forecasting task needs `time=` and `horizon=`, the columns of the time and the steps ahead")
    if predictions.scores and not classes:
        classes = tuple(name for name, _ in predictions.scores)
    return Candidate(name, task, "", tags=tags, positive=positive, classes=classes, predictions=predictions, unit=unit)
