"""mlgate diff: what a change of policies loosens."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from mlgate.cli.appearance import look
from mlgate.cli.output import emit, emit_page
from mlgate.policy.demanded import Policy
from mlgate.reading.edge import workspace
from mlgate.values.errors import InputError

FORMATS = ("text", "markdown", "json")


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path())
@click.argument("new", metavar="[NEW]", type=click.Path(), required=False)
@click.option(
    "--policy", "policies", multiple=True, metavar="FILE|FOLDER", type=click.Path(),
    help="Where a commit has its policies, and the work tree, if NEW is left out; may be repeated. Default: policies/.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="Default: text.")
def command(old: str, new: str | None, policies: tuple[str, ...], form: str) -> int:
    """Compare two versions of policies: what is looser, tighter, added, removed, or cannot be compared.

    OLD and NEW are files, folders, or commits such as origin/main. NEW is the work tree if left out. The exit code is 1
    if anything became looser, or cannot be compared, and the new policy has no reason for it under `reasons:`.
    """
    from mlgate.policy.loosening import compared
    from mlgate.reports.policy_diff_page import as_json, as_markdown, as_text
    from mlgate.values.policy_change import PolicyDiff

    named = [Path(path) for path in policies or ("policies",)]
    with ExitStack() as opened:
        before = _version(old, named, opened)
        after = _version(new, named, opened) if new else _here(named)
        found = PolicyDiff(old, new or "the work tree", compared(before, after))
    if form == "json":
        emit(as_json(found))
    else:
        emit_page(as_text(found, look()) if form == "text" else as_markdown(found))
    return found.exit_code


def _version(name: str, policies: list[Path], opened: ExitStack) -> tuple[Policy, ...]:
    """The policies of a file, a folder or a commit. Raises InputError for a name that is both."""
    from mlgate.gate.base_commit import base_commit
    from mlgate.git.repository import Repository

    top = workspace(Path.cwd())
    repository = Repository.at(top)
    commit = repository.commit_of(name) if repository else ""
    if commit and Path(name).exists():
        said = f"`{name}` is a path here and a commit"
        raise InputError(f"{said}; write ./{name} for the path, or {commit[:12]} for the commit")
    if Path(name).exists():
        return _here([Path(name)])
    if not commit:
        said = f"`{name}` is neither a file, nor a folder, nor a commit of this clone"
        raise InputError(f"{said}; correct it, or fetch it")
    return opened.enter_context(base_commit(name, top, named=policies)).policies(policies, bootstrap=True)


def _here(paths: list[Path]) -> tuple[Policy, ...]:
    from mlgate.policy.load import load_policies

    return load_policies(paths, workspace=workspace(Path.cwd()))
