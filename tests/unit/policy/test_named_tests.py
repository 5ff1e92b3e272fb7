"""Tests of policies lie beside the policies: nobody asks them as policies, and no policy hides among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.policy.load import load_policies
from mlgate.values.errors import InputError

POLICY = """\
mlgate: 1
policy: p
owner: o
rules: [{check: performance.metric, metric: accuracy, at_least: 0.85}]
"""
TESTS = "mlgate: 1\ntests: [{test: a, verdict: allowed}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "p.yaml").write_text(POLICY)
    return policies


@pytest.mark.parametrize("name", ["p.test.yaml", "p.test.yml", "p.TEST.YAML"])
def test_tests_beside_policies_are_left_alone_and_listed(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(TESTS)
    assert [policy.name for policy in load_policies([Path("policies")], workspace=Path())] == ["p"]
    assert run(["lint"]) == 0
    assert f"policies/{name}: tests of policies, which `mlgate test` runs\n" in capsys.readouterr().out


def test_tests_cannot_be_all_that_is_named(folder: Path) -> None:
    (folder / "p.test.yaml").write_text(TESTS)
    with pytest.raises(InputError, match="matches only tests of policies"):
        load_policies([Path("policies/p.test.yaml")], workspace=Path())


@pytest.mark.parametrize("end", ["", "a: [\n"], ids=["sound", "broken"])
def test_a_policy_that_is_named_as_tests_is_refused(folder: Path, end: str) -> None:
    (folder / "strict.test.yaml").write_text(POLICY.replace("policy: p", "policy: strict") + end)
    with pytest.raises(InputError, match=r"policies/strict\.test\.yaml:2:1: this is a policy, and .* rename it"):
        load_policies([Path("policies")], workspace=Path())
