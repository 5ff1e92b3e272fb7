"""mlgate init: writes two files that pass, says what to do next, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.authoring.source import ENFORCED_AFTER
from mlgate.cli.main import run
from mlgate.reading.edge import today

ENFORCED = ["check", "--as-of", (today() + ENFORCED_AFTER).isoformat()]
"""The gate on the day from which the first rules block."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of metrics."""
    folder = tmp_path / "churn model"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "metrics.json").write_text('{"test": {"accuracy": 0.912}}')
    monkeypatch.chdir(folder)
    return folder


def test_the_files_pass_on_what_they_are_made_from_and_block_what_is_worse(here: Path) -> None:
    assert run(["init", "metrics.json", "--owner", "ml@example.com"]) == 0
    assert 'owner: "ml@example.com"' in (here / "policies" / "churn-model.yaml").read_text()
    assert run(ENFORCED) == 0
    (here / "metrics.json").write_text('{"test": {"accuracy": 0.911}}')
    assert run(ENFORCED) == 1
    (here / "metrics.json").write_text(json.dumps({"test": {"precision": 0.99}}))
    assert run(ENFORCED) == 1


def test_it_says_what_to_do_next(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "metrics.json", "--name", "credit"]) == 0
    said = capsys.readouterr().out
    for part in (
        "Wrote candidate.yaml, policies/credit.yaml and .github/workflows/mlgate.yml",
        "Name who is responsible",
        "`mlgate check`",
        "reported, not measured",
        "`predictions`",
    ):
        assert part in said
    assert run(ENFORCED) == 0


@pytest.mark.parametrize("taken", ["candidate.yaml", "policies/churn-model.yaml"])
def test_a_file_that_exists_is_not_overwritten_and_nothing_is_written(here: Path, taken: str) -> None:
    (here / "policies").mkdir()
    (here / taken).write_text("mine")
    assert run(["init", "metrics.json"]) == 2
    assert (here / taken).read_text() == "mine"
    assert len([*here.rglob("*.yaml")]) == 1


def test_a_link_in_the_place_of_a_file_is_not_followed(here: Path) -> None:
    (here / "candidate.yaml").symlink_to(here / "elsewhere.yaml")
    assert run(["init", "metrics.json"]) == 2
    assert not (here / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.json"], "no such file"),
        (["../outside.json"], "outside the working folder"),
        (["empty.json"], "is empty"),
        (["text.txt"], "is not one of these"),
        (["table.csv"], "name the columns of predictions by `--label` and `--prediction`, or add `--from-table`"),
        (["odd.csv"], "name the columns of predictions by `--label` and `--prediction`, or add `--from-table`"),
        (["split.csv"], "because `;` and not commas separate the values; write the file with commas"),
        (["split.csv", "--label", "label"], "because `;` and not commas separate the values"),
        (["split.csv", "--from-table"], "because `;` and not commas separate the values"),
        (["metrics.json", "--name", "a b"], "write a-b"),
    ],
)
def test_what_cannot_be_used_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (here.parent / "outside.json").write_text('{"accuracy": 0.9}')
    (here / "empty.json").write_text("")
    (here / "text.txt").write_text("hello\n")
    (here / "table.csv").write_text("age,name\n31,Ann\n42,Bo\n")
    (here / "odd.csv").write_text("Churned?,P(churn)\n1,0.9\n0,0.2\n")
    (here / "split.csv").write_text("label;prediction\n1;1\n0;0\n")
    assert run(["init", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "candidate.yaml").exists()


def test_editors_find_the_schema_of_each_written_file(here: Path) -> None:
    assert run(["init", "metrics.json"]) == 0
    for file, kind in (("candidate.yaml", "candidate"), ("policies/churn-model.yaml", "policy")):
        first = (here / file).read_text().splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        schema = json.loads((here / file).parent.joinpath(named).read_text())
        assert schema["title"] == f"mlgate {kind}"
    assert run(["check"]) == 0


def test_schemas_are_written_again_and_nothing_else_is_overwritten(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "--into", ".mlgate"]) == 0
    schemas = here / ".mlgate"
    assert {"candidate", "policy", "tests", "verdict"} <= {path.name.partition(".")[0] for path in schemas.iterdir()}
    (schemas / "policy.schema.json").write_text('{"title": "mlgate policy"}')
    assert run(["init", "metrics.json"]) == 0
    assert (schemas / "policy.schema.json").read_text() == '{"title": "mlgate policy"}'
    assert run(["schema", "policy", "--into", ".mlgate"]) == 0
    assert json.loads((schemas / "policy.schema.json").read_text())["properties"]["rules"]
    (schemas / "tests.schema.json").write_text("mine")
    assert run(["schema", "--into", ".mlgate"]) == 2
    assert (schemas / "tests.schema.json").read_text() == "mine"
    assert "is not a JSON Schema of mlgate" in capsys.readouterr().err
