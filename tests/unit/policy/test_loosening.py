"""What a change of policies loosens: recognised key by key, and never said to be harmless without being so."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.cli.main import run
from mlgate.gate.decide import decide
from mlgate.policy.demanded import Policy, Rule, Selector
from mlgate.policy.load import load_policies
from mlgate.policy.loosening import compared
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate

BASE = """\
mlgate: 1
policy: p
owner: o
for: {tags: [credit, fraud]}
expects: {risk: high}
rules:
  - {id: acc, check: performance.metric, metric: accuracy, at_least: 0.8}
  - {id: rec, check: performance.metric, metric: recall, by: sex, at_least: 0.6, min_n: 20, proof: unrefuted}
  - {id: mae, check: reported.tests, from: report, at_most_failed: 1, require: [a, b]}
  - {id: made, check: lineage.complete, roles: [code, run]}
"""
WAIVER = """\
waivers:
  - {rule: acc, for: c, not_below: 0.7, owner: o, reason: RISK-7, granted: 2026-01-01, expires: 2026-03-01}
"""


def loaded(folder: Path, name: str, text: str) -> tuple[Policy, ...]:
    (folder / name).mkdir()
    (folder / name / "p.yaml").write_text(text)
    return load_policies([folder / name], workspace=folder)


def changes(folder: Path, old: str, new: str) -> list[tuple[str, str, str]]:
    found = compared(loaded(folder, "old", old), loaded(folder, "new", new))
    return [(change.what, change.key, change.direction) for change in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("at_least: 0.8", "at_least: 0.7", ("acc", "at_least", "looser")),
        ("at_least: 0.8", "at_least: 0.9", ("acc", "at_least", "tighter")),
        ("at_least: 0.8", "between: [0.8, 0.9]", ("acc", "at_most", "tighter")),
        ("at_least: 0.8}", "at_least: 0.8, proof: estimate}", ("acc", "proof", "looser")),
        ("proof: unrefuted", "proof: shown", ("rec", "proof", "tighter")),
        ("proof: unrefuted", "proof: estimate", ("rec", "proof", "not comparable")),
        ("at_least: 0.8}", "at_least: 0.8, confidence: 0.9}", ("acc", "confidence", "looser")),
        ("at_least: 0.8}", "at_least: 0.8, confidence: 0.99}", ("acc", "confidence", "tighter")),
        ("proof: unrefuted", "proof: unrefuted, confidence: 0.99", ("rec", "confidence", "looser")),
        ("at_least: 0.8}", "at_least: 0.8, looks: 5}", ("acc", "looks", "tighter")),
        ("at_least: 0.8}", "at_least: 0.8, severity: warn}", ("acc", "severity", "looser")),
        ("at_least: 0.8}", "at_least: 0.8, enforce_from: 2027-01-01}", ("acc", "enforce_from", "looser")),
        ("at_least: 0.8}", "at_least: 0.8, when: {risk: high}}", ("acc", "when", "looser")),
        ("min_n: 20", "min_n: 50", ("rec", "min_n", "looser")),
        ("min_n: 20", "min_n: 5", ("rec", "min_n", "not comparable")),
        ("min_n: 20", "min_n: 20, at_most_left_out: 0.1", ("rec", "at_most_left_out", "tighter")),
        ("by: sex", "by: age", ("rec", "by", "not comparable")),
        ("by: sex", "by: sex, where: {town: x}", ("rec", "where", "not comparable")),
        ("metric: accuracy", "metric: informedness", ("acc", "metric", "not comparable")),
        ("at_most_failed: 1", "at_most_failed: 2", ("mae", "at_most_failed", "looser")),
        ("at_most_failed: 1", "at_most_failed: 1, at_most_skipped: 3", ("mae", "at_most_skipped", "tighter")),
        ("require: [a, b]", "require: [a]", ("mae", "require", "looser")),
        ("require: [a, b]", "require: [b, a, c]", ("mae", "require", "tighter")),
        ("require: [a, b]", "require: [a, c]", ("mae", "require", "not comparable")),
        ("check: lineage.complete, roles: [code, run]", "check: lineage.verified", ("made", "check", "not comparable")),
        ("roles: [code, run]", "roles: [code]", ("made", "roles", "looser")),
        ("{tags: [credit, fraud]}", "{tags: credit}", ("for", "", "looser")),
        ("for: {tags: [credit, fraud]}\n", "", ("for", "", "tighter")),
        ("{tags: [credit, fraud]}", "{tags: [credit, fraud], not: {name: x}}", ("for", "", "not comparable")),
        ("{tags: [credit, fraud]}", "{tags: [credit, fraud], risk: high}", ("for", "", "looser")),
        ("expects: {risk: high}\n", "", ("expects", "risk", "looser")),
        ("{risk: high}", "{risk: low}", ("expects", "risk", "not comparable")),
        ("{risk: high}", "{risk: high, task: binary}", ("expects", "task", "tighter")),
        ("expects:", "roots: [/data]\nexpects:", ("roots", "", "looser")),
        ("expects:", "groups: {sex: {values: [f, m]}}\nexpects:", ("groups", "sex", "not comparable")),
        ("  - {id: acc, check: performance.metric, metric: accuracy, at_least: 0.8}\n", "", ("acc", "", "removed")),
        ("rules:", "rules:\n  - {check: lineage.consistent}", ("lineage.consistent", "", "added")),
        ("id: acc", "id: other", ("other", "id", "renamed")),
        ("policy: p\n", "policy: q\n", ("policy", "", "removed")),
    ],
)
def test_each_difference_is_recognised(tmp_path: Path, old: str, new: str, expected: tuple[str, str, str]) -> None:
    assert old in BASE
    found = changes(tmp_path, BASE, BASE.replace(old, new, 1))
    assert expected in found
    others = [change for change in found if change[2] in ("looser", "removed", "not comparable")]
    assert others == ([expected] if expected[2] in ("looser", "removed", "not comparable") else [])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", WAIVER, [("acc", "waiver", "looser")]),
        (WAIVER, "", [("acc", "waiver", "tighter")]),
        (WAIVER, WAIVER.replace("0.7", "0.6"), [("acc", "waiver: not_below", "looser")]),
        (WAIVER, WAIVER.replace("2026-03-01", "2026-03-31"), [("acc", "waiver: expires", "looser")]),
        (WAIVER, WAIVER.replace("2026-03-01", "2026-02-28"), [("acc", "waiver: expires", "tighter")]),
        (WAIVER, WAIVER.replace("for: c", "for: d"), [("acc", "waiver", "looser"), ("acc", "waiver", "tighter")]),
        (WAIVER, WAIVER.replace("owner: o", "owner: p"), []),
        (WAIVER, "max_waiver_days: 91\n" + WAIVER, [("waivers", "max_waiver_days", "looser")]),
        (WAIVER, "max_waiver_days: 60\n" + WAIVER, [("waivers", "max_waiver_days", "tighter")]),
        (WAIVER, "max_waiver_days: 90\n" + WAIVER, []),
        ("approver: other\n", "", [("waivers", "approver", "looser")]),
        ("", "approver: other\n", [("waivers", "approver", "tighter")]),
    ],
)
def test_waivers_are_compared(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    assert changes(tmp_path, BASE + old, BASE + new) == expected


def test_what_decides_nothing_is_no_change(tmp_path: Path) -> None:
    new = BASE.replace("owner: o", "owner: other\ndescription: d\nshow_values: true").replace("0.8}", "0.80}")
    assert changes(tmp_path, BASE, new) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("", "", 1, "has no reason"),
        ("", "reasons: {acc: 'The new test set is harder, see RISK-12'}\n", 0, "each that loosens has a reason"),
        ("", "reasons: {acc: TODO}\n", 1, "has no reason"),
        ("", "reasons: {acc: asdf}\n", 1, "has no reason"),
        ("", "reasons: {rec: The new test set is harder}\n", 1, "has no reason"),
        ("reasons: {acc: Of last year}\n", "reasons: {acc: Of last year}\n", 1, "has no reason"),
    ],
)
def test_a_loosening_needs_a_reason_of_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded(tmp_path, "old", BASE + old)
    loaded(tmp_path, "new", BASE.replace("0.8}", "0.7}") + new)
    assert run(["diff", "old", "new"]) == code
    page = capsys.readouterr().out
    assert said in page
    assert "LOOSER  p:acc  at_least: 0.8 -> 0.7" in page
    assert run(["diff", "old", "new", "--format", "markdown"]) == code
    assert "| looser | p:acc | at\\_least: 0.8 -\\> 0.7 | new/p.yaml:7 |" in capsys.readouterr().out
    assert run(["diff", "old", "new", "--format", "json"]) == code
    stored = json.loads(capsys.readouterr().out)
    assert (stored["exit_code"], stored["changes"][0]["direction"]) == (code, "looser")


def test_a_commit_is_compared_with_the_work_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded(tmp_path, "policies", BASE)
    named = ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*named, *arguments], cwd=tmp_path, check=True, timeout=60)
    assert run(["diff", "main"]) == 0
    assert "nothing changed in what is demanded" in capsys.readouterr().out
    (tmp_path / "policies" / "p.yaml").write_text(BASE.replace("0.8}", "0.9}"))
    assert run(["diff", "main"]) == 0
    assert "1 tighter; nothing is looser" in capsys.readouterr().out
    assert run(["diff", "nowhere"]) == 2


def estimate(hits: int, rows: int, town: str) -> Estimate:
    bounds = partial(clopper_pearson_lower, hits, rows), partial(clopper_pearson_upper, hits, rows)
    return Estimate((("town", town),), hits / rows, rows, rows, *bounds, exact=Fraction(hits, rows))


def drawn_rule(dice: random.Random) -> Rule:
    """A rule with drawn demands and drawn ways to decide."""
    low, high = (Fraction(dice.randrange(10, 90, 5), 100) for _ in "lh")
    bounds = dice.choice([(low, None), (None, high), (min(low, high), max(low, high))])
    keys: dict[str, Any] = {
        "proof": dice.choice(["shown", "unrefuted", "estimate"]),
        "confidence": dice.choice([Fraction(9, 10), Fraction(19, 20), Fraction(99, 100)]),
        "severity": dice.choice(["block", "block", "warn"]),
        "enforce_from": dice.choice([None, None, date(2026, 1, 1), date(2027, 1, 1)]),
        "min_n": dice.choice([0, 0, 20, 60]),
        "looks": dice.choice([1, 1, 4]),
        "at_most_left_out": dice.choice([None, None, Fraction(1, 2)]),
    }
    check = PerformanceMetric(metric="accuracy", by=(("town",),))
    demand = Demand(*bounds, *("" if bound is None else f"{float(bound):g}" for bound in bounds))
    return Rule("p", "r", check, demand, Location("p.yaml", 3, 1), **keys)


def test_what_is_not_looser_lets_nothing_pass_that_a_demand_blocked() -> None:
    dice = random.Random(7)
    compared_pairs = 0
    for _ in range(3000):
        old = drawn_rule(dice)
        keys = ("proof", "confidence", "severity", "enforce_from", "min_n", "looks", "at_most_left_out", "demand")
        other = drawn_rule(dice)
        new = replace(old, **{key: getattr(other, key) for key in dice.sample(keys, dice.randrange(1, 4))})
        policies = [Policy("p", "o", "p.yaml", (each,), applies_to=Selector()) for each in (old, new)]
        if any(change.loosens for change in compared(policies[:1], policies[1:])):
            continue
        compared_pairs += 1
        for _ in range(4):
            rows = [dice.choice([8, 30, 90, 300]) for _ in "ab"]
            answers = [estimate(dice.randint(0, n), n, town) for n, town in zip(rows, "ab", strict=True)]
            before, after = (decide(each, answers, as_of=date(2026, 11, 30))[0] for each in (old, new))
            assert not before.blocking or after.blocking, (old, new, answers)
    assert compared_pairs > 300


def test_a_waiver_that_is_prolonged_needs_a_new_reason(tmp_path: Path) -> None:
    longer = WAIVER.replace("2026-03-01", "2026-03-31")
    reasoned = longer.replace("RISK-7", "RISK-9 until the spring campaign")
    old = loaded(tmp_path, "old", BASE + WAIVER)
    (change,) = compared(old, loaded(tmp_path, "same", BASE + longer))
    assert change.unreasoned
    (change,) = compared(old, loaded(tmp_path, "other", BASE + reasoned))
    assert change.reason == "RISK-9 until the spring campaign"


def test_a_path_does_not_stand_in_for_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded(tmp_path, "policies", BASE)
    named = ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*named, *arguments], cwd=tmp_path, check=True, timeout=60)
    loaded(tmp_path, "main", BASE.replace("0.8}", "0.1}"))
    (tmp_path / "policies" / "p.yaml").write_text(BASE.replace("0.8}", "0.1}"))
    assert run(["diff", "main"]) == 2
    assert "`main` is a path here and a commit" in capsys.readouterr().err
    assert run(["diff", "./main"]) == 0
