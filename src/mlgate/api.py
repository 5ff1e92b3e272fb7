"""The Python API: the same gate for files and for frames in a notebook."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import index
from pathlib import Path
from typing import Any

from mlgate.candidate.arguments import argument_names, from_arguments
from mlgate.candidate.presented import Candidate
from mlgate.candidate.tasks import BY_NAME
from mlgate.gate import bind
from mlgate.gate.looks import read_earlier
from mlgate.gate.prospects import POWER
from mlgate.gate.run import Settings, judge
from mlgate.lineage.lineage_reader import unfit_server
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.planning.measured import DRAWS, SEED, Drawing, plan_candidate
from mlgate.policy.demanded import Policy
from mlgate.policy.known_failures import load_known, with_known
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.reading.python_values import kind_of_value
from mlgate.values.errors import InputError
from mlgate.values.plan import Plan
from mlgate.values.verdict import Verdict

PathLike = str | Path


class ShownVerdict(Verdict):
    """A verdict that shows itself in a notebook, and in short elsewhere."""

    def __repr__(self) -> str:
        from mlgate.reports.notebook import in_short

        return f"<mlgate.Verdict {in_short(self)}>"

    def _repr_html_(self) -> str:
        from mlgate.reports.notebook import html

        return html(self)


def check(
    *,
    policy: PathLike | Sequence[PathLike],
    candidate: PathLike | None = None,
    as_of: date | None = None,
    roots: PathLike | Sequence[PathLike] = (),
    servers: Mapping[str, str] | None = None,
    earlier: PathLike | Sequence[PathLike] = (),
    known: PathLike | None = None,
    **keys: Any,
) -> ShownVerdict:
    """The verdict on a candidate file, or on a candidate given by the other arguments.

    The other arguments are the keys of a candidate file: `name`, `task`, `positive`, `tables`, `champion`, `risk` and
    so on. The keys of its predictions are arguments too: `label`, `prediction`, `score` and so on. Instead of a table's
    file, give a pandas, polars, pyarrow or DuckDB frame: `predictions=frame`, `tables={"train": frame}`.
    `unit="patient"` is short for `unit={"column": "patient"}`. `history=frame` is short for the table of that name with
    the same `series`, `time` and `label`. `roots` are folders outside the workspace in which files may be read, and
    `servers` those that may be asked for a candidate's source: `{"mlflow": "https://mlflow.example.com"}`. `earlier`
    are stored verdicts, or folders of them: the notes say how often this evaluation data was judged before.
    `known` is a file of known failures, which do not block while they are not worse.

    Raises InputError if the policy, the candidate or the arguments are wrong. Everything else is in the verdict.
    """
    settings = _settings(as_of, roots, servers)
    settings = replace(settings, earlier=read_earlier(_paths("earlier", earlier), settings.workspace))
    policies = _policies(policy, settings.roots)
    if known is not None:
        file = load_known(_path("known", known), workspace=settings.workspace, roots=settings.roots)
        policies = with_known(policies, file)
    presented = _presented(candidate, keys, policies, settings)
    return ShownVerdict(**vars(judge(presented, policies, settings)))


def plan(
    *,
    policy: PathLike | Sequence[PathLike],
    candidate: PathLike | None = None,
    assume: Mapping[str, float | Sequence[float]] | None = None,
    power: float = POWER,
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: date | None = None,
    roots: PathLike | Sequence[PathLike] = (),
    servers: Mapping[str, str] | None = None,
    **keys: Any,
) -> Plan:
    """A plan: the rows that a policy needs, from a candidate's data or from assumed values. It decides nothing.

    The candidate is a file or arguments, as for `check`. With `assume` (values by metric or rule) there is no
    candidate, and `task` is the task of the metrics. Raises InputError if the policy, the candidate or the arguments
    are wrong, EvidenceError if no rule can be answered, and MachineError if something could not run.
    """
    settings = _settings(as_of, roots, servers)
    drawing = Drawing(_number("power", power), _whole("draws", draws), _whole("seed", seed))
    policies = _policies(policy, settings.roots)
    if assume is None:
        return plan_candidate(_presented(candidate, keys, policies, settings), policies, settings, drawing)
    task = keys.pop("task", None) or "binary"
    if task not in tuple(BY_NAME):
        raise InputError(f"`task` must be one of {', '.join(BY_NAME)}, {_not(task)}")
    if candidate is not None or keys:
        raise InputError("values are either assumed (`assume=`) or measured on a candidate; remove one")
    return plan_assumed(policies, _assumed(assume), task, drawing.power)


def load_policy(policy: PathLike | Sequence[PathLike]) -> tuple[Policy, ...]:
    """The policies in one or several files or folders. Raises InputError with all their mistakes."""
    return _policies(policy, ())


def _policies(policy: PathLike | Sequence[PathLike], roots: Sequence[Path]) -> tuple[Policy, ...]:
    return load_policies(_paths("policy", policy), workspace=workspace(Path.cwd()), roots=roots)


def _settings(as_of: date | None, roots: PathLike | Sequence[PathLike], servers: Mapping[str, str] | None) -> Settings:
    found = _paths("roots", roots)
    for path in found:
        if not path.exists() or path.resolve() == Path("/"):
            raise InputError(f"`roots` has `{path}`, which is not a folder with data; correct the path")
    return Settings(
        workspace(Path.cwd()), _day(as_of), roots=found, servers=tuple(_servers({} if servers is None else servers))
    )


def _servers(servers: object) -> Iterator[tuple[str, str]]:
    """The addresses of servers, by what they are."""
    if not isinstance(servers, Mapping):
        raise InputError(f'`servers` must be a dict, as in {{"mlflow": "https://mlflow.example.com"}}, {_not(servers)}')
    for name, address in servers.items():
        if why := unfit_server(str(name), str(address)):
            raise InputError(why)
        yield str(name), str(address)


def _presented(
    file: PathLike | None, keys: Mapping[str, Any], policies: Sequence[Policy], settings: Settings
) -> Candidate:
    """The candidate of a file, or of arguments."""
    given = {key: value for key, value in keys.items() if value is not None}
    if file is None and not given:
        raise InputError(
            "no candidate is given; give `candidate=` (a file), `predictions=` with its columns, or `tables=`"
        )
    if file is None:
        return from_arguments(
            given,
            cwd=Path.cwd(),
            workspace=settings.workspace,
            declared=lambda: bind.declared(policies),
            sourcing=bind.sourced_by(policies, settings.workspace, settings.roots, settings.servers),
        )
    if given:
        raise InputError(f"`candidate=` is a file with all keys; remove `{next(iter(given))}=`")
    return bind.load(_path("candidate", file), policies, settings.workspace, settings.roots, settings.servers)


def _paths(name: str, value: object) -> tuple[Path, ...]:
    """The paths of one argument, which is a path or a list of them."""
    return tuple(_path(name, path) for path in (value if isinstance(value, (list, tuple)) else [value]))


def _path(name: str, value: object) -> Path:
    if not isinstance(value, (str, Path)) or not str(value).strip() or "\0" in str(value):
        raise InputError(f"`{name}` must be the path of a file or folder, {_not(value)}")
    return Path(value)


def _day(value: object) -> date:
    """The date for the verdict; today by default. A datetime is refused, as its day depends on the time zone."""
    if value is None:
        return today()
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InputError(f"`as_of` must be a day, as in datetime.date(2026, 1, 31), {_not(value)}")
    return value


def _whole(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise InputError(f"`{name}` must be a whole number, {_not(value)}") from None


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (int, float)):
        raise InputError(f"`{name}` must be a number, {_not(value)}")
    return value


def _not(value: object) -> str:
    plain = value is None or isinstance(value, (str, bytes, int, float))
    return f"not {value!r}" if plain else f"not {kind_of_value(value)}"


def _assumed(assume: object) -> Assumed:
    if not isinstance(assume, Mapping):
        raise InputError(f"`assume` must be a dict of values by metric or rule, {_not(assume)}")
    return Assumed.of([_assumption(*pair) for pair in assume.items()])


def _assumption(name: str, values: float | Sequence[float]) -> str:
    each = values if isinstance(values, Sequence) else [values]
    return f"{name}={','.join(map(str, each))}"


def _show_arguments(function: Callable[..., Any]) -> None:
    """Make `help` and editors show all arguments, from the declarations of the candidate file."""
    shown = inspect.signature(function)
    named = [of for of in shown.parameters.values() if of.kind is not inspect.Parameter.VAR_KEYWORD]
    further = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Any)
        for name in argument_names()
        if name not in shown.parameters
    ]
    function.__signature__ = shown.replace(parameters=[*named, *further])  # type: ignore[attr-defined]


_show_arguments(check)
_show_arguments(plan)
