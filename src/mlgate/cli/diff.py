"""mlgate diff: what a change of policies loosens."""

from __future__ import annotations

from collections.abc import Iterable
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
@click.option(
    "--known", type=click.Path(), metavar="FILE", help="The file of known failures, where both versions have it."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="Default: text.")
def command(old: str, new: str | None, policies: tuple[str, ...], known: str | None, form: str) -> int:
    """Compare two versions of policies: what is looser, tighter, added, removed, or cannot be compared.

    OLD and NEW are files, folders, or commits such as origin/main. NEW is the work tree if left out. The exit code is 1
    if anything became looser, or cannot be compared, and the new policy has no reason for it under `reasons:`.
    """
    from mlgate.policy.loosening import compared
    from mlgate.reports.policy_diff_page import as_json, as_markdown, as_text
    from mlgate.values.policy_change import PolicyDiff

    named = [Path(path) for path in policies or ("policies",)]
    with ExitStack() as opened:
        file = Path(known) if known else None
        before = _version(old, named, opened, file)
        after = _version(new, named, opened, file) if new else _here(named, file)
        if file:
            _require_known(file, (*before, *after))
        found = PolicyDiff(old, new or "the work tree", compared(before, after))
    if form == "json":
        emit(as_json(found))
    else:
        emit_page(as_text(found, look()) if form == "text" else as_markdown(found))
    return found.exit_code


def _version(name: str, policies: list[Path], opened: ExitStack, known: Path | None) -> tuple[Policy, ...]:
    """The policies of a file, a folder or a commit. Raises InputError for a name that is both."""
    from mlgate.gate.base_commit import base_commit
    from mlgate.git.repository import Repository
    from mlgate.policy.known_failures import with_known

    top = workspace(Path.cwd())
    repository = Repository.at(top)
    commit = repository.commit_of(name) if repository else ""
    if commit and Path(name).exists():
        said = f"`{name}` is a path here and a commit"
        raise InputError(f"{said}; write ./{name} for the path, or {commit[:12]} for the commit")
    if Path(name).exists():
        return _here([Path(name)], known)
    if not commit:
        said = f"`{name}` is neither a file, nor a folder, nor a commit of this clone"
        raise InputError(f"{said}; correct it, or fetch it")
    base = opened.enter_context(base_commit(name, top, named=[*policies, *([known] if known else [])]))
    found = base.policies(policies, bootstrap=True)
    return with_known(found, base.known(known)) if known else found


def _here(paths: list[Path], known: Path | None) -> tuple[Policy, ...]:
    from mlgate.policy.known_failures import load_known, with_known
    from mlgate.policy.load import load_policies

    top = workspace(Path.cwd())
    found = load_policies(paths, workspace=top)
    return with_known(found, load_known(known, workspace=top)) if known and known.exists() else found


def _require_known(known: Path, versions: Iterable[Policy]) -> None:
    """Raise InputError where neither version has the file of known failures."""
    if not any(policy.known_in for policy in versions):
        raise InputError(f"neither version has the known failures {known}; correct the path, or leave out --known")
