"""The packs and an example have tests of their own, written as users write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.policy.packs import name_and_version, packs

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "packs"
HIRING = ROOT / "examples" / "hiring" / "policies"


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    return ROOT


def test_every_pack_has_tests() -> None:
    tested = {file.name.removesuffix(".test.yaml") for file in TESTS.glob("*.test.yaml")}
    assert tested == {name_and_version(pack)[0] for pack in packs()}


def named(file: Path) -> Any:
    """Personal data of eight kinds are searched for in each test of one pack."""
    slow = file.name.startswith("nist-ai-rmf")
    return pytest.param(file, id=file.name, marks=pytest.mark.slow if slow else ())


@pytest.mark.parametrize("file", [*map(named, sorted(TESTS.glob("*.test.yaml"))), named(HIRING)])
def test_each_rule_of_a_policy_blocks_what_it_is_for(
    file: Path, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["test", str(file.relative_to(inside))])
    assert code == 0, "".join(capsys.readouterr())
