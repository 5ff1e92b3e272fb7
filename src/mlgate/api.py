"""The Python API: the same gate for files and for frames in a notebook."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from mlgate.candidate.arguments import argument_names, from_arguments
from mlgate.candidate.presented import Candidate
from mlgate.gate import bind
from mlgate.gate.prospects import POWER
from mlgate.gate.run import Settings, judge
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.planning.measured import DRAWS, SEED, Drawing, plan_candidate
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
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
    as_of: date | None = None,
    **keys: Any,
) -> ShownVerdict:
    """The verdict on a candidate file, or on what the other arguments present.

    The other arguments are the keys of a candidate file: `name`, `task`, `positive`, `tables`, `champion`, `risk`
    and so on, and the keys of its predictions by themselves: `label`, `prediction`, `score`, ... . Wherever the file
    names a table, a pandas, polars, pyarrow or DuckDB frame may stand: `predictions=frame`,
    `tables={"train": frame}`. `unit="patient"` is short for `unit={"column": "patient"}`, and `history=frame` for
    the table of that name with the same `series`, `time` and `label`.

    Raises InputError where the policy, the candidate or the arguments are wrong; everything else is in the verdict.
    """
    where = workspace(Path.cwd())
    policies = load_policy(policy)
    presented = _presented(candidate, keys, policies, where)
    return ShownVerdict(**vars(judge(presented, policies, Settings(where, as_of or today()))))


def plan(
    *,
    policy: PathLike | Sequence[PathLike],
    candidate: PathLike | None = None,
    assume: Mapping[str, float | Sequence[float]] | None = None,
    power: float = POWER,
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: date | None = None,
    **keys: Any,
) -> Plan:
    """The rows that a policy requires of a candidate's data, or if assumed rates are the truth; it decides nothing.

    The candidate is a file or arguments, as for `check`; with `assume` (rates by metric or rule) there is none, and
    `task` says which metrics are meant. Raises InputError where the policy, the candidate or the arguments are wrong,
    EvidenceError where no rule can be answered, and MachineError where something could not be run.
    """
    where = workspace(Path.cwd())
    policies = load_policy(policy)
    if assume is not None:
        task = keys.pop("task", "binary")
        if candidate is not None or keys:
            raise InputError("rates are assumed (`assume=`) or measured on a candidate, not both: leave one out")
        return plan_assumed(policies, Assumed.of([_assumption(*pair) for pair in assume.items()]), task, power)
    presented = _presented(candidate, keys, policies, where)
    return plan_candidate(presented, policies, Settings(where, as_of or today()), Drawing(power, draws, seed))


def load_policy(policy: PathLike | Sequence[PathLike]) -> tuple[Policy, ...]:
    """The policies of a file, a folder, or several. Raises InputError with all their problems."""
    paths = [policy] if isinstance(policy, (str, Path)) else policy
    return load_policies([Path(path) for path in paths], workspace=workspace(Path.cwd()))


def _presented(file: PathLike | None, keys: Mapping[str, Any], policies: Sequence[Policy], where: Path) -> Candidate:
    """The candidate of a file, or of arguments."""
    given = {key: value for key, value in keys.items() if value is not None}
    if file is None and not given:
        raise InputError(
            "give either `candidate=` (a file), or what such a file says: `predictions=` with its columns, or `tables=`"
        )
    if file is None:
        return from_arguments(given, cwd=Path.cwd(), workspace=where, declared=lambda: bind.declared(policies))
    if given:
        raise InputError(f"`candidate=` is a file that says all of it: remove `{next(iter(given))}=`")
    return bind.load(Path(file), policies, where)


def _assumption(name: str, values: float | Sequence[float]) -> str:
    each = values if isinstance(values, Sequence) else [values]
    return f"{name}={','.join(map(str, each))}"


def _show_arguments(function: Callable[..., Any]) -> None:
    """Let `help` and editors show every argument, from the declarations of the candidate file."""
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
