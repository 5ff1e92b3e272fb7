"""A change is held to the policies of another repository at the commit that the base names, not one of its choice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgate.cli.main import run
from support.change import POLICY, Change, rows, under

SHARED = POLICY.replace("policy: p", "policy: shared").replace("for: {tags: credit}\n", "")


def committed(folder: Path, text: str) -> str:
    """The name of a commit of the shared repository with a policy."""
    folder.mkdir(exist_ok=True)
    (folder / "shared.yaml").write_text(text)
    named = ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*named, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, timeout=60)
    return done.stdout.decode().strip()


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the shared repository, which may be fetched into a cache of its own."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(elsewhere / "cache"))
    monkeypatch.setenv("MLGATE_GIT_PROTOCOLS", "file")
    return elsewhere / "shared"


def extending(shared: Path, commit: str) -> dict[str, str]:
    entry = f"{{git: file://{shared}, path: shared.yaml, digest: {commit}}}"
    return {"policies/p.yaml": f"mlgate: 1\npolicy: p\nowner: o\nextends: {entry}\n"}


def test_a_change_cannot_choose_an_older_and_looser_commit(change: Change, shared: Path) -> None:
    loose = committed(shared, SHARED.replace("0.9,", "0.1,"))
    strict = committed(shared, SHARED)
    change.write(extending(shared, strict))
    change.merge()
    assert change.judge()[0] == 0
    change.write({"rows.csv": rows(20)})
    change.edit("policies/p.yaml", strict, loose)
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert run(["diff", "main"]) == 1
    assert "LOOSER  p:accurate  at_least: 0.9 -> 0.1" in change.capsys.readouterr().out


def test_a_verdict_under_another_repository_is_reproduced(change: Change, shared: Path) -> None:
    change.write(extending(shared, committed(shared, SHARED)))
    assert run(["check", "--report", "json=verdict.json"]) == 0
    committed(shared, SHARED.replace("0.9,", "0.99,"))
    assert run(["check", "--reproduce", "verdict.json"]) == 0
