"""mlgate backtest: what policies would have done to past versions of candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from mlgate.cli.appearance import look
from mlgate.cli.output import emit, emit_page
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.cli.shared_options import AsOf, candidates_argument, policy_option, running_options
from mlgate.gate.run import Settings
from mlgate.planning.measured import Drawing
from mlgate.planning.past_versions import Past
from mlgate.policy.demanded import Policy
from mlgate.values import plain
from mlgate.values.backtest import Backtest
from mlgate.values.errors import InputError
from mlgate.values.json_text import to_text
from mlgate.values.stored_answers import Flips

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("text", "markdown", "json")
DRAWS = 100


@dataclass(frozen=True)
class Sought:
    """Where past versions are looked for."""

    candidates: tuple[str, ...]
    history: str | None
    since: date | None
    most: int
    facts: tuple[str, ...]

    def pasts(self, policies: Sequence[Policy], settings: Settings) -> list[Past]:
        """The past versions. Raises InputError where there is none."""
        found = self.measured(policies, settings)
        if self.history is not None:
            found += self._in_history(self.history, settings)
        elif self.candidates or not self.facts:
            found += self._here(settings)
        if not found:
            raise InputError("there is no past version in this time; name an earlier day by --since, or leave it out")
        return found

    def measured(self, policies: Sequence[Policy], settings: Settings) -> list[Past]:
        """The candidates of files of facts."""
        from mlgate.planning.past_versions import stored

        return [past for file in self.facts for past in stored(Path(file), policies, settings)]

    def _here(self, settings: Settings) -> list[Past]:
        from mlgate.planning.past_versions import here

        return here(find_presented(self.candidates), settings)

    def _in_history(self, name: str, settings: Settings) -> list[Past]:
        from mlgate.gate.base_commit import found_commit
        from mlgate.planning.past_versions import PastOfBranch

        repository, commit = found_commit(name, settings.workspace, "--history")
        history = PastOfBranch(repository, commit, self.since, self.most)
        paths = [Path(path) for path in self.candidates or ("candidate.yaml",)]
        return [past for path in paths for past in history.versions(path, settings)]


_SOUGHT: Sequence[Callable[[Any], Any]] = (
    click.option(
        "--history", metavar="REF",
        help="Judge the versions of the candidate files in the history of a branch or commit, such as main.",
    ),
    click.option("--since", type=AsOf(), metavar="DATE", help="With --history: only versions from this day on."),
    click.option(
        "--most", type=click.IntRange(1, 1000), default=50,
        help="With --history: the most versions per candidate, the newest ones. Default: 50.",
    ),
    click.option(
        "--facts", multiple=True, type=click.Path(), metavar="FILE",
        help="Judge the facts that `mlgate measure` wrote then; may be repeated.",
    ),
)  # fmt: skip


def sought_options(command: F) -> F:
    """The options about where past versions are. The command gets them and the candidates as one value, `sought`."""

    @wraps(command)
    def collected(candidates: tuple[str, ...], history: str | None, since: date | None, **given: Any) -> Any:
        if history is not None and not history.strip():
            raise InputError("--history is empty, as a variable that is not set is; name a branch or a commit")
        if since and history is None:
            raise InputError("--since is about --history; add --history REF, or remove it")
        return command(sought=Sought(candidates, history, since, given.pop("most"), given.pop("facts")), **given)

    for option in reversed(_SOUGHT):
        collected = option(collected)
    return cast("F", collected)


@click.command("backtest")
@candidates_argument
@policy_option
@sought_options
@click.option(
    "--verdicts", multiple=True, type=click.Path(path_type=Path), metavar="FOLDER|VERDICT.json",
    help="List which stored verdicts would be others now, from their findings or, with --facts, from facts.",
)  # fmt: skip
@click.option(
    "--draws", type=click.IntRange(1, 100_000), default=DRAWS,
    help=f"How often counts are drawn again per version. Default: {DRAWS}.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="Default: text.")
@running_options("as_of", "engine", "threads", "roots", "servers")
def command(
    policies: tuple[str, ...],
    sought: Sought,
    verdicts: tuple[Path, ...],
    draws: int,
    form: str,
    running: Running,
) -> int:
    """Run policies over past versions of candidates: which they would have blocked, by which rule, and how often by
    noise.

    CANDIDATE is as for `mlgate check`; with --history, a candidate file of the repository. Rules with `enforce_from`
    count as enforced. A version of the history is judged on the day of its commit, unless --as-of gives a day.

    With --verdicts, stored verdicts are judged again by the policies that are here, as far as their values and bounds
    tell: where only bounds, proof, severity or waivers are others. The policies as they were are read from git.

    A backtest decides nothing: exit code 0 means that something could be judged, and 1 that nothing could.
    """
    if verdicts and (sought.candidates or sought.history is not None):
        raise InputError("--verdicts judges what is stored; remove CANDIDATE and --history")
    demanded = load_demanded(policies, running.roots)
    with running.settings() as settings:
        found: Backtest | Flips
        if verdicts:
            found = _flips(verdicts, sought, demanded, settings)
        else:
            found = _backtest(sought, demanded, settings, Drawing(draws=draws), running.as_of)
    _deliver(found, form)
    return found.exit_code


def _backtest(
    sought: Sought, policies: Sequence[Policy], settings: Settings, drawing: Drawing, as_of: date | None
) -> Backtest:
    from mlgate.planning.backtesting import backtest

    return backtest(sought.pasts(policies, settings), policies, settings, drawing, as_of)


def _flips(verdicts: Sequence[Path], sought: Sought, policies: Sequence[Policy], settings: Settings) -> Flips:
    from mlgate.planning.flipping import flips
    from mlgate.reading.verdict_file import verdict_files

    files = verdict_files(verdicts, settings.workspace, "--verdicts")
    return flips(files, policies, settings, sought.measured(policies, settings))


def _deliver(found: Backtest | Flips, form: str) -> None:
    if form == "json":
        emit(to_text(plain.write(type(found), found)))
    elif form == "markdown":
        emit_page(_markdown(found))
    else:
        emit_page(_text(found))


def _markdown(found: Backtest | Flips) -> str:
    from mlgate.reports import backtest_page, flips_page

    return flips_page.as_markdown(found) if isinstance(found, Flips) else backtest_page.as_markdown(found)


def _text(found: Backtest | Flips) -> str:
    from mlgate.reports import backtest_page, flips_page

    return flips_page.as_text(found, look()) if isinstance(found, Flips) else backtest_page.as_text(found, look())
