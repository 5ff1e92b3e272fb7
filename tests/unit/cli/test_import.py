"""mlgate import: writes a policy that lints clean and judges, names what it leaves out, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.cli.main import run

FILES = {
    "great-expectations": (
        '{"expectations": [{"type": "expect_nothing", "kwargs": {}},'
        ' {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "min_value": 18}}]}'
    ),
    "dbt": (
        "models:\n  - name: people\n"
        "    columns: [{name: age, tests: [{dbt_utils.accepted_range: {min_value: 18}}, nothing]}]"
    ),
    "odcs": (
        "apiVersion: v3.1.0\nschema:\n  - name: people\n    properties:\n"
        "      - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 18, nothing: 1}}"
    ),
    "jsonschema": '{"properties": {"age": {"type": "integer", "minimum": 18, "nothing": 1}}}',
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table and a candidate."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "people.csv").write_text("age\n20\n30\n")
    (tmp_path / "candidate.yaml").write_text("mlgate: 1\ncandidate: c\ntables: {people: {path: people.csv}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("source", FILES)
def test_the_policy_lints_clean_and_judges(here: Path, capsys: pytest.CaptureFixture[str], source: str) -> None:
    (here / "rules.x").write_text(FILES[source])
    table = ["--table", "people"] if source in ("great-expectations", "jsonschema") else []
    assert run(["import", source, "rules.x", "--owner", "data@example.com", *table]) == 0
    said = capsys.readouterr().out
    assert "Wrote policies/rules.yaml" in said
    assert "Not carried over: 1 rule.\n  rules.x:" in said
    assert "nothing" in said
    assert run(["lint", "policies/rules.yaml"]) == 0
    assert "no problems" in capsys.readouterr().out
    assert run(["check"]) == 0
    (here / "people.csv").write_text("age\n20\n17\n")
    assert run(["check"]) == 1


def test_a_policy_that_exists_is_not_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "rules.x").write_text(FILES["dbt"])
    (here / "policies").mkdir()
    (here / "policies" / "rules.yaml").write_text("mine")
    assert run(["import", "dbt", "rules.x"]) == 2
    assert "policies/rules.yaml exists already" in capsys.readouterr().err
    assert (here / "policies" / "rules.yaml").read_text() == "mine"
    assert run(["import", "dbt", "rules.x", "--name", "other"]) == 0
    assert "Name who is responsible" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dbt", "nothing.yml"], "no such file"),
        (["dbt", "../outside.yml"], "outside the working folder"),
        (["soda", "rules.x"], "is not one of"),
        (["dbt", "rules.x", "--name", "a b"], "write a-b"),
        (["odcs", "rules.x"], "it is not a data contract"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (here / "rules.x").write_text(FILES["dbt"])
    assert run(["import", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "policies").exists()
