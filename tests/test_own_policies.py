"""The packs and an example have tests of their own, written as users write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

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


def test_their_files_are_as_the_schema_says() -> None:
    validator = Draft202012Validator(json.loads((ROOT / "schemas" / "tests.schema.json").read_text()))
    for file in (*TESTS.glob("*.test.yaml"), *HIRING.glob("*.test.yaml")):
        found = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))
        assert [f"{file.name}: {error.json_path}" for error in validator.iter_errors(found)] == []


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
