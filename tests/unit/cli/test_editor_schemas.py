"""What is written begins with the line by which an editor finds its schema, where it has one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.cli.editor_schemas import with_editor_lines


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("candidate.yaml", ".mlgate/candidate.schema.json"),
        ("models/credit/candidate.yaml", "../../.mlgate/candidate.schema.json"),
        ("b.candidate.yaml", ".mlgate/candidate.schema.json"),
        ("policies/credit.yaml", "../.mlgate/policy.schema.json"),
        ("policies/credit.test.yaml", "../.mlgate/tests.schema.json"),
        ("policies/waivers.yaml", "../.mlgate/waivers.schema.json"),
        ("models.yaml", ".mlgate/register.schema.json"),
    ],
)
def test_a_file_names_its_schema_and_brings_it(file: str, schema: str) -> None:
    written = with_editor_lines({Path(file): "mlgate: 1\n"})
    assert written[Path(file)] == f"# yaml-language-server: $schema={schema}\nmlgate: 1\n"
    (brought,) = set(written) - {Path(file)}
    assert brought.name == Path(schema).name
    assert json.loads(written[brought])["title"].startswith("mlgate ")


@pytest.mark.parametrize(
    "file", [".github/workflows/policy.yml", "policies/owner.yaml", "CODEOWNERS", "policies/README.md", "known.yaml"]
)
def test_other_files_stay_as_they_are(file: str) -> None:
    assert with_editor_lines({Path(file): "a\n"}) == {Path(file): "a\n"}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    Path(".mlgate").symlink_to(tmp_path / "elsewhere")
    assert with_editor_lines({Path("policies/p.yaml"): "a\n"}) == {Path("policies/p.yaml"): "a\n"}


def test_a_schema_that_is_there_is_named_and_not_brought() -> None:
    Path(".mlgate").mkdir()
    for name in ("known", "policy"):
        Path(f".mlgate/{name}.schema.json").write_text("{}")
    assert with_editor_lines({Path("known.yaml"): "a\n", Path("policies/p.yaml"): "b\n"}) == {
        Path("known.yaml"): "# yaml-language-server: $schema=.mlgate/known.schema.json\na\n",
        Path("policies/p.yaml"): "# yaml-language-server: $schema=../.mlgate/policy.schema.json\nb\n",
    }
