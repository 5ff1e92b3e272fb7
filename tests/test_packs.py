"""Every pack: an example that it allows and a twin that it blocks, a source for each rule, and its page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.cli.main import run
from mlgate.policy.demanded import Policy, Variable
from mlgate.policy.load import load_pack, load_policies
from mlgate.policy.loosening import compared
from mlgate.policy.packs import name_and_version, packs
from mlgate.reference.pack_pages import NO_ADVICE, pack_page
from mlgate.values.errors import InputError

EXAMPLES = Path(__file__).parents[1] / "examples" / "packs"
PACKS = sorted(packs())
OF_A_LAW = ("four-fifths", "nyc-local-law-144", "eu-ai-act-high-risk", "sr-11-7", "nist-ai-rmf")
BLOCKED_BY = {
    "baseline": {"better-than-chance"},
    "data-baseline": {"no-row-of-the-training"},
    "lineage": {"traceable", "true-record", "sources-agree", "own-predictions"},
    "model-card": {"card-is-written"},
    "four-fifths": {"four-fifths-by-sex"},
    "nyc-local-law-144": {"categories-are-recorded", "audit-of-selections"},
    "eu-ai-act-high-risk": {
        "technical-documentation", "information-for-deployers", "data-are-documented", "accuracy-is-declared",
    },
    "sr-11-7": {"validated-by-others", "reviewed-within-a-year"},
    "nist-ai-rmf": {"roles-are-documented"},
}  # fmt: skip
"""The rules that block the twin of each pack's example."""


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLES, tmp_path / "packs")
    subprocess.run(["git", "init", "-q", tmp_path / "packs"], check=True)
    monkeypatch.chdir(tmp_path / "packs")
    return tmp_path / "packs"


def judged(name: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The verdicts on the allowed and on the blocked example of a pack."""
    candidates = [f"{name}/allowed.yaml", f"{name}/blocked.yaml"]
    arguments = ["--policy", f"{name}/policy.yaml", "--as-of", "2026-11-30", "--report", "json=verdict.json"]
    code = run(["check", *arguments, *candidates])
    said = "".join(capsys.readouterr())
    assert code == 1, said
    return sorted(json.loads(Path("verdict.json").read_text())["verdicts"], key=lambda each: str(each["path"]))


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_allows_its_example_and_blocks_its_twin(
    pack: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _ = name_and_version(pack)
    allowed, blocked = judged(name, capsys)
    statuses = {each["rule"]: each["status"] for each in allowed["outcomes"] if each["severity"] == "block"}
    assert allowed["exit_code"] == 0, statuses
    assert set(statuses.values()) <= {"PASS", "SKIPPED", "LISTED"}
    assert "PASS" in statuses.values()
    assert {rule.id for rule in load_pack(pack).rules} <= {each["rule"] for each in allowed["outcomes"]}
    if name in OF_A_LAW:
        rules = [each for each in allowed["outcomes"] if each["rule"] != "expects"]
        assert [each["rule"] for each in rules if " Source: " not in each["description"]] == []
    at_fault = {
        each["rule"]
        for each in blocked["outcomes"]
        if each["severity"] == "block" and each["status"] not in ("PASS", "SKIPPED", "LISTED")
    }
    assert at_fault == BLOCKED_BY[name]


def test_the_twin_differs_in_one_line() -> None:
    for folder in sorted(path.parent for path in EXAMPLES.glob("*/policy.yaml")):
        why, *blocked = (folder / "blocked.yaml").read_text().splitlines()
        allowed = (folder / "allowed.yaml").read_text().splitlines()
        assert why.startswith("# Blocked: ")
        assert sum(one != other for one, other in zip(allowed, blocked, strict=True)) == 1, folder.name


def test_every_pack_has_a_version_and_an_example() -> None:
    assert [pack for pack in PACKS if not re.fullmatch(r"[a-z0-9-]+@[1-9][0-9]*", pack)] == []
    folders = {path.parent.name for path in EXAMPLES.glob("*/policy.yaml")}
    assert folders == {name_and_version(pack)[0] for pack in PACKS} == set(BLOCKED_BY)


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_tells_why_from_where_and_what_it_cannot_check(pack: str) -> None:
    policy, page = load_pack(pack), pack_page(pack)
    assert policy.name == name_and_version(pack)[0]
    assert policy.cannot_check
    assert [rule.id for rule in policy.rules if not rule.description] == []
    if policy.name in OF_A_LAW:
        assert [rule.id for rule in policy.rules if not rule.source] == []
    for said in (NO_ADVICE, *policy.cannot_check, *(rule.reason for rule in policy.rules)):
        assert said in page
    assert f"extends: [mlgate/{pack}]" in page
    for variable in policy.variables:
        assert f"| `{variable.name}` |" in page


SETTINGS = [(pack, variable) for pack in PACKS for variable in load_pack(pack).variables]


def of_a_pack(pack: str, name: str, value: str, folder: Path) -> Policy:
    """A policy that extends a pack and sets one variable."""
    file = folder / "policy.yaml"
    file.write_text(f"mlgate: 1\npolicy: own\nowner: o\nextends: mlgate/{pack}\nset: {{{name}: {value}}}\n")
    (found,) = load_policies([file], workspace=folder)
    return found


@pytest.mark.parametrize(("pack", "variable"), SETTINGS, ids=lambda each: getattr(each, "name", each))
def test_a_pack_lets_a_policy_name_its_columns_and_only_tighten_its_numbers(
    pack: str, variable: Variable, tmp_path: Path
) -> None:
    assert variable.description
    before = load_pack(pack)
    if variable.type == "column":
        after = of_a_pack(pack, variable.name, "another", tmp_path)
        assert any("`another`" in rule.reason for rule in after.rules)
        return
    lower = variable.name.startswith(("most", "smallest"))
    value = float(variable.value)
    tighter, looser = (f"{value * (0.9 if down else 1.1) or (-0.1 if down else 0.1):g}" for down in (lower, not lower))
    if variable.type == "integer":
        tighter, looser = f"{float(tighter):.0f}", f"{float(looser):.0f}"
    after = of_a_pack(pack, variable.name, tighter, tmp_path)
    changes = compared([replace(before, name="own")], [after])
    found = {change.direction for change in changes if change.key != "policy"}
    assert found <= {"tighter", "not comparable"}
    assert found
    with pytest.raises(InputError, match=rf"policy.yaml:5:.* `set.{variable.name}` .*{looser}"):
        of_a_pack(pack, variable.name, looser, tmp_path)


@pytest.mark.parametrize("pack", PACKS)
def test_the_columns_by_which_a_pack_slices_can_be_set(pack: str, tmp_path: Path) -> None:
    policy = load_pack(pack)
    columns = {variable.value for variable in policy.variables if variable.type == "column"}
    by = {column for rule in policy.rules for columns in getattr(rule.check, "by", ()) for column in columns}
    assert by <= columns


def test_no_pack_shows_values_or_waives_or_lets_reports_pass_for_measurements() -> None:
    for pack, file in packs().items():
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert not {"waivers", "show_values", "for", "severity", "proof", "roots"} & set(document), pack
        assert not any("reported." in rule["check"] for rule in document["rules"]), pack


def test_lint_prints_what_a_policy_of_ones_own_cannot_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "mlgate: 1\npolicy: p\nowner: o\nextends: mlgate/lineage@1\ncannot_check: [Whether it rains.]\n"
    Path("p.yaml").write_text(text)
    assert run(["lint", "p.yaml"]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "not checked" in line]
    assert said == ["p.yaml: not checked: Whether it rains."]


@pytest.mark.parametrize("topic", ["four-fifths", "four-fifths@1", "mlgate/four-fifths", "mlgate/four-fifths@1"])
def test_explain_prints_a_pack_by_each_of_its_names(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", topic]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# mlgate/four-fifths@1")
    assert "29 CFR 1607.4(D)" in said


def test_packs_lists_every_pack_with_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packs"]) == 0
    said = capsys.readouterr().out
    assert [pack for pack in PACKS if f"`mlgate/{pack}`" not in said] == []
    assert "not legal advice" in said


@pytest.mark.parametrize("topic", ["four-fifth", "four-fifths@2", "mlgate/nothing"])
def test_a_pack_that_there_is_not_is_an_error(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", topic]) == 2
    assert "unknown check, metric, report or pack" in capsys.readouterr().err
