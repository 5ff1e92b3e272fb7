"""Two weeks before a waiver ends, or a rule begins to block, a verdict announces it and counts what would block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.load import load_policies
from mlgate.values.announcement import Announcement

TODAY = date(2026, 6, 1)
ROWS = "id,y,p\n" + "".join(f"{at},1,{int(at % 4 > 0)}\n" for at in range(200))
"""The recall is 0.75."""


def rule(name: str, at_least: str, more: str = "") -> str:
    return f"  - {{id: {name}, check: performance.metric, metric: recall, at_least: {at_least}{more}}}\n"


def waiver(name: str, days: int, bound: str = "0.6") -> str:
    last = TODAY + timedelta(days)
    keys = f"for: c, not_below: {bound}, owner: o, reason: RISK-7, granted: 2026-05-01, expires: {last}"
    return f"  - {{rule: {name}, {keys}}}\n"


def announced(folder: Path, rules: Sequence[str], waivers: Sequence[str] = ()) -> tuple[Announcement, ...]:
    """What the verdict of some rules announces, which allows the candidate."""
    listed = f"waivers:\n{''.join(waivers)}" if waivers else ""
    (folder / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n{''.join(rules)}{listed}")
    (folder / "rows.csv").write_text(ROWS)
    (folder / "candidate.yaml").write_text(
        'mlgate: 1\ncandidate: c\ntask: binary\npositive: "1"\nclasses: ["0", "1"]\n'
        "predictions: {path: rows.csv, id: id, label: y, prediction: p}\n"
    )
    policies = load_policies([folder / "p.yaml"], workspace=folder)
    (verdict,) = judge_all([folder / "candidate.yaml"], policies, Settings(folder, TODAY)).verdicts
    assert verdict.allowed
    return verdict.announced


def begins(days: int, severity: str = "block") -> str:
    return f", severity: {severity}, enforce_from: {TODAY + timedelta(days)}"


@pytest.mark.parametrize(("days", "said"), [
    (0, "waivers of 1 rule end today (2026-06-01); 1 rule would block: p:a"),
    (1, "waivers of 1 rule end in 1 day (2026-06-02); 1 rule would block: p:a"),
    (14, "waivers of 1 rule end in 14 days (2026-06-15); 1 rule would block: p:a"),
    (15, ""),
])  # fmt: skip
def test_the_end_of_a_waiver_is_announced_two_weeks_before(tmp_path: Path, days: int, said: str) -> None:
    found = announced(tmp_path, [rule("a", "0.95")], [waiver("a", days)])
    assert [each.said for each in found] == ([said] if said else [])


def test_a_waiver_that_is_not_needed_ends_without_harm(tmp_path: Path) -> None:
    (found,) = announced(tmp_path, [rule("a", "0.65")], [waiver("a", 9)])
    assert (found.rules, found.blocking) == (("p:a",), ())
    assert found.said == "waivers of 1 rule end in 9 days (2026-06-10); none would block"


def test_waivers_that_end_on_one_day_are_announced_together(tmp_path: Path) -> None:
    rules = [rule("a", "0.95"), rule("b", "0.9"), rule("c", "0.65"), rule("d", "0.9", ", severity: warn")]
    found = announced(tmp_path, rules, [waiver("a", 9), waiver("b", 9), waiver("c", 9), waiver("d", 3)])
    assert [each.said for each in found] == [
        "waivers of 1 rule end in 3 days (2026-06-04); none would block",
        "waivers of 3 rules end in 9 days (2026-06-10); 2 rules would block: p:a, p:b",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (begins(14), "1 rule begins to block in 14 days (2026-06-15); 1 rule would block: p:a"),
        (begins(1), "1 rule begins to block in 1 day (2026-06-02); 1 rule would block: p:a"),
        (begins(15), ""),
        (begins(9, "warn"), ""),
        (", severity: warn", ""),
    ],
)
def test_a_rule_that_begins_to_block_is_announced(tmp_path: Path, more: str, said: str) -> None:
    found = announced(tmp_path, [rule("ok", "0.1"), rule("a", "0.95", more)])
    assert [each.said for each in found] == ([said] if said else [])


def test_a_rule_that_is_met_begins_to_block_without_harm(tmp_path: Path) -> None:
    (found,) = announced(tmp_path, [rule("a", "0.65", begins(9))])
    assert found.said == "1 rule begins to block in 9 days (2026-06-10); none would block"


def test_what_would_block_is_judged_on_the_day_itself(tmp_path: Path) -> None:
    """The waiver ends before the rule begins to block, or still holds then, or ends while the rule only warns."""
    rules = [rule("ok", "0.1"), rule("a", "0.95", begins(9))]
    ends_before = announced(tmp_path, rules, [waiver("a", 5)])
    assert [(each.what, each.days, each.blocking) for each in ends_before] == [
        ("waivers end", 5, ()),
        ("rules begin to block", 9, ("p:a",)),
    ]
    holds = announced(tmp_path, rules, [waiver("a", 12)])
    assert [(each.what, each.days, each.blocking) for each in holds] == [
        ("rules begin to block", 9, ()),
        ("waivers end", 12, ("p:a",)),
    ]


def test_the_end_of_known_failures_is_announced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    announced(tmp_path, [rule("ok", "0.1"), rule("a", "0.95", ", severity: warn")])
    policy = tmp_path / "p.yaml"
    policy.write_text(policy.read_text().replace(", severity: warn", ""))
    monkeypatch.chdir(tmp_path)
    day = ("--as-of", str(TODAY))
    assert run(["check", "--policy", "p.yaml", *day, "--report", "json=v.json"]) == 1
    answered = ("--owner", "ann@example.com", "--reason", "RISK-9", "--days", "10")
    assert run(["known", "v.json", *answered, *day, "--output", "known.yaml"]) == 0
    assert run(["check", "--policy", "p.yaml", *day, "--known", "known.yaml"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "! known failures of 1 rule end in 10 days (2026-06-11); 1 rule would block: p:a" in said


def test_only_some_of_many_rules_are_named(tmp_path: Path) -> None:
    (found,) = announced(tmp_path, [rule(f"r{at}", "0.95", begins(2)) for at in range(8)] + [rule("ok", "0.1")])
    assert found.said.endswith("8 rules would block: p:r0, p:r1, p:r2, p:r3, p:r4 and 3 more")
    assert len(found.blocking) == 8
