"""mlgate init: writes a first gate from a file that a team has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mlgate.authoring.first_repository import CANDIDATE, POLICIES, FirstRepository
from mlgate.authoring.source import FileToStart, first_files, unasked
from mlgate.cli.new_files import UNNAMED, checked_name, path_here, refuse_taken, write_new
from mlgate.cli.output import emit_page, on_terminal
from mlgate.reading.placeholders import says_nothing
from mlgate.reports.safe_text import visible
from mlgate.values.errors import InputError

SYSTEMS = ("github", "gitlab", "azure", "jenkins", "none")
ROLES = ("label", "prediction", "score", "positive")


@click.command("init")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--from-table", is_flag=True, help="FILE is a table: make rules for its columns and rows.")
@click.option("--owner", default="", metavar="OWNER", help="Who is responsible for the policy: @login or an address.")
@click.option("--name", default="", metavar="NAME", help="The candidate's name. Default: the folder's.")
@click.option("--label", default="", metavar="COLUMN", help="The column with the true value.")
@click.option("--prediction", default="", metavar="COLUMN", help="The column with the predicted class or number.")
@click.option("--score", default="", metavar="COLUMN", help="The column with the score of the positive class.")
@click.option("--positive", default="", metavar="CLASS", help="The positive class.")
@click.option(
    "--champion", type=click.Path(path_type=Path), metavar="FILE",
    help="The answers of an earlier model on the same rows, to be compared with by id.",
)  # fmt: skip
@click.option(
    "--table", "tables", multiple=True, metavar="NAME=FILE",
    help="A further table, such as train=train.csv: make rules for it too; may be repeated.",
)  # fmt: skip
@click.option("--mlflow", default="", metavar="RUN", help="The run of MLflow that made the model.")
@click.option("--ci", type=click.Choice(SYSTEMS), default="github", help="For which system a workflow is written.")
@click.option("--organisation", is_flag=True, help="Also write the register of models, and tests of the policy.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what can be seen.")
def command(
    file: Path,
    from_table: bool,
    owner: str,
    name: str,
    champion: Path | None,
    tables: Sequence[str],
    mlflow: str,
    ci: str,
    organisation: bool,
    yes: bool,
    **roles: str,
) -> int:
    """Write a first gate for FILE, which passes on it: candidate.yaml, a policy, a workflow and owners.

    FILE is a table of predictions with their labels, a file of metrics (JSON, YAML or CSV), or with --from-table a
    table that is profiled; it is in the working folder or below. The columns of predictions are known by their names;
    in a terminal, what cannot be seen is asked. The bounds are what these rows show, and warn for two weeks before they
    block. The policy is policies/NAME.yaml. A file that exists is not overwritten.
    """
    here = Path.cwd()
    called = checked_name(name, here.name)
    policy = Path(POLICIES) / f"{called}.yaml"
    refuse_taken((Path(CANDIDATE), policy))
    if says_nothing(owner) and owner:
        raise InputError(f"`--owner {owner}` says nothing; write who is responsible: @login, a team or an address")
    ask = unasked if yes or not on_terminal() else _ask
    wanted = FileToStart(
        path_here(file), called, owner or ask("Who is responsible for the policy (@login or address)?", (), UNNAMED),
        workspace=here, roles={key: value for key, value in roles.items() if value},
        champion=path_here(champion) if champion else "", tables=dict(map(_table, tables)), mlflow=mlflow, ask=ask,
    )  # fmt: skip
    _write(wanted, policy, "table" if from_table else "", ci, organisation=organisation)
    return 0


def _write(wanted: FileToStart, policy: Path, source: str, ci: str, *, organisation: bool) -> None:
    """Write all files of a first gate, and say what to do next."""
    drafted = first_files(wanted, source)
    around = FirstRepository(wanted, drafted).around(ci, organisation=organisation)
    texts = {Path(CANDIDATE): drafted.candidate, policy: drafted.policy}
    texts |= {_from_here(around.top / path, wanted.workspace): text for path, text in around.files.items()}
    write_new(texts)
    unnamed = [f"Name who is responsible as `owner` in {policy}."] * (wanted.owner == UNNAMED)
    *most, last = map(str, texts)
    steps = (f"Wrote {', '.join(most)} and {last}.", *unnamed, *drafted.next_steps, *around.steps)
    emit_page(visible("".join(f"{step}\n" for step in steps)))


def _from_here(path: Path, here: Path) -> Path:
    return path.relative_to(here.resolve()) if path.is_relative_to(here.resolve()) else path


def _ask(question: str, answers: Sequence[str], default: str) -> str:
    kind = click.Choice(answers) if answers else None
    found: str = click.prompt(question, default=default or None, type=kind, err=True)
    return found


def _table(given: str) -> tuple[str, str]:
    name, equals, path = given.partition("=")
    if not equals or not name or not path:
        raise InputError(f"--table {given}: write NAME=FILE, as in --table train=train.csv")
    if checked_name(name, name) != name:
        raise InputError(f"--table {given}: `{name}` is not a name of letters, digits, `.`, `_` and `-`")
    return name, path_here(Path(path))
