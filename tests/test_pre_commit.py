"""The hooks for pre-commit pass on sound policies, fail on others, and run on this repository itself."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
OWN: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repo["hooks"]
}
ENVIRONMENT = os.environ | {"PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the policies of an example, and their tests."""
    shutil.copytree(ROOT / "examples" / "hiring", tmp_path / "repository")
    subprocess.run(["git", "init", "-q", tmp_path / "repository"], check=True)
    return tmp_path / "repository"


def run(hook: dict[str, Any], folder: Path) -> int:
    """The exit code of a hook as pre-commit calls it: in the top folder, with its arguments and no files."""
    command = [*shlex.split(hook["entry"]), *hook.get("args", ())]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False).returncode


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_hooks_pass_on_sound_policies(repository: Path) -> None:
    assert {name: run(hook, repository) for name, hook in HOOKS.items()} == {"mlgate-lint": 0, "mlgate-test": 0}


def test_lint_fails_on_a_mistake(repository: Path) -> None:
    edit(repository / "policies/hiring.yaml", "proof: estimate", "prof: estimate")
    assert run(HOOKS["mlgate-lint"], repository) == 2


def test_test_fails_on_a_rule_that_no_longer_blocks(repository: Path) -> None:
    edit(repository / "policies/hiring.yaml", "proof: estimate\n", "proof: estimate\n    severity: warn\n")
    assert run(HOOKS["mlgate-lint"], repository) == 0
    assert run(HOOKS["mlgate-test"], repository) == 1


def test_this_repository_runs_the_same_commands() -> None:
    assert set(OWN) == set(HOOKS)
    for name, hook in OWN.items():
        assert hook["entry"] == f".venv/bin/{HOOKS[name]['entry']}"
        assert all((ROOT / path).is_dir() for path in hook["args"])
        assert hook["pass_filenames"] is HOOKS[name]["pass_filenames"] is False


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pre-commit"), reason="pre-commit is not installed")
def test_pre_commit_runs_them_on_this_repository() -> None:
    subprocess.run(["pre-commit", "run", "--all-files"], cwd=ROOT, env=ENVIRONMENT, check=True)
