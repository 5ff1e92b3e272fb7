"""`mlgate lint --show`: a composed policy as one file, which asks the same when it is read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.policy.composed_text import composed_text
from mlgate.policy.load import load_pack, load_policies
from mlgate.policy.loosening import compared
from mlgate.policy.packs import packs
from mlgate.policy.policy_keys import PolicyKeys
from mlgate.reading.fields import keys

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    path
    for path in ROOT.glob("examples/**/*.yaml")
    if path.read_text(encoding="utf-8").partition("policy:")[0].count("\n") < 3 and "\nrules:" in path.read_text()
)
WRITTEN = {
    "mlgate", "policy", "owner", "description", "cannot_check", "for", "expects", "derive", "groups", "roots",
    "servers", "reported", "vocabulary", "rules", "max_waiver_days", "waivers", "reasons", "approver",
}  # fmt: skip
INTO_RULES = {"extends", "confidence", "proof", "severity", "enforce_from", "locked", "show_values", "variables", "set"}
BASE = """\
mlgate: 1
policy: b
owner: o
locked: true
expects: {evaluation: {key: id}}
derive: {age_band: {column: age, edges: [25, 40]}}
rules:
  - {id: r, check: performance.metric, metric: recall, at_least: 0.7, by: [age_band], confidence: 0.9}
  - {check: lineage.complete, table: t}
"""
OWN = """\
mlgate: 1
policy: a
owner: o
description: "Says \\"so\\": {a, b} # no comment, \\u200b, \\U0001F600"
for: {any: [{tags: [x, "NO"]}, {name: "a-*", not: {risk: low}}]}
extends: b.yaml
severity: warn
enforce_from: 2027-01-01
expects: {evaluation: {label: "y"}, positive: "007"}
approver: other
vocabulary: {tags: [x, "NO", "y"]}
groups: {sex: {values: ["", "~", NO, "a, b", -], unknown: report}}
rules:
  - {id: r, at_least: 0.80}
  - {id: own, check: performance.metric, metric: mae, at_most: 1e-3, when: {tags: "y"}, show_values: [age]}
waivers:
  - {rule: own, for: "null", not_above: 0.5, owner: o, reason: "RISK-7: a", granted: 2026-01-01, expires: 2026-02-01}
"""


def again(text: str, folder: Path, **more: Any) -> Any:
    (folder / "again.yaml").write_text(text, encoding="utf-8")
    (policy,) = load_policies([folder / "again.yaml"], workspace=folder, **more)
    return policy


def assert_same(policy: Any, other: Any) -> None:
    assert compared([policy], [other]) == ()
    assert getattr(policy.vocabulary, "words", None) == getattr(other.vocabulary, "words", None)
    for part in (
        "approver",
        "owner",
        "description",
        "applies_to",
        "derive",
        "groups",
        "reasons",
        "servers",
        "cannot_check",
    ):
        assert getattr(policy, part) == getattr(other, part)
    assert [(rule.id, rule.check, rule.show_values) for rule in policy.rules] == [
        (rule.id, rule.check, rule.show_values) for rule in other.rules
    ]


@pytest.mark.parametrize("name", packs())
def test_a_pack_asks_the_same_when_it_is_read_again(name: str, tmp_path: Path) -> None:
    pack = load_pack(name)
    assert_same(pack, again(composed_text(pack), tmp_path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_example_asks_the_same_when_it_is_read_again(path: Path, tmp_path: Path) -> None:
    (policy,) = load_policies([path], workspace=ROOT)
    assert_same(policy, again(composed_text(policy), tmp_path))


def test_each_rule_has_the_place_that_it_comes_from(folder: Any, checks: Any, tmp_path: Path) -> None:
    folder.write(a=OWN, b=BASE)
    (policy,) = folder.load("a.yaml")
    text = composed_text(policy)
    assert_same(policy, again(text, tmp_path, checks=checks))
    assert [line.strip() for line in text.splitlines() if " # " in line or line.startswith("  #")] == [
        'description: "Says \\"so\\": {a, b} # no comment, \\u200b, 😀"',
        'evaluation: {key: id, label: "y"} # b.yaml:5',
        "age_band: {column: age, edges: [25, 40]} # b.yaml:6",
        "# a.yaml:14, a change of b.yaml:8",
        "locked: true # b.yaml:4",
        "# b.yaml:9",
        "# a.yaml:15",
    ]
    assert "severity: block" in text.partition("id: own")[0]
    assert "severity: warn" in text.partition("id: own")[2]
    assert "enforce_from: 2027-01-01" in text.partition("id: own")[2]


def test_every_key_of_a_policy_is_shown_or_written_into_its_rules() -> None:
    assert set(keys(PolicyKeys)) - WRITTEN - INTO_RULES == set()


def test_the_command_prints_only_yaml(
    folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = "rules: [{id: r, check: performance.metric, metric: recall, at_least: 0.7}]\n"
    folder.write(policies__a=f"mlgate: 1\npolicy: a\nowner: o\n{rules}")
    assert run(["lint", "--show"]) == 0
    shown = capsys.readouterr().out
    assert again(shown, tmp_path).name == "a"
    folder.write(policies__b=f"mlgate: 1\npolicy: b\nowner: o\n{rules}")
    assert run(["lint", "--show"]) == 2
    assert "--show prints one policy, and 2 are named; choose one, such as policies/a.yaml" in capsys.readouterr().err
    assert run(["lint", "--show", "policies/b.yaml", "--candidate", "c.yaml"]) == 2
    assert "--show prints a policy alone; leave out --candidate" in capsys.readouterr().err
