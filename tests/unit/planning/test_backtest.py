"""A backtest says which past versions a policy would have blocked, by which rule, and which of them by noise alone."""

from __future__ import annotations

from typing import Any

import pytest

from mlgate.cli.main import run
from support.past import CANDIDATE, POLICY, Past, rows


def answers(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The day of each version, and the rules with a status that is not PASS."""
    return [
        (
            version["as_of"],
            [f"{rule['rule']} {rule['status']}" for rule in version["rules"] if rule["status"] != "PASS"],
        )
        for version in found["versions"]
    ]


def test_versions_of_the_history_are_judged_on_their_days_as_if_all_was_enforced(past: Past) -> None:
    code, found = past.tested("--history", "main")
    assert code == 0
    assert answers(found) == [
        ("2026-03-01", []),
        ("2026-04-01", ["accurate INCONCLUSIVE"]),
        ("2026-05-01", ["accurate FAIL", "spares FAIL"]),
    ]
    assert (found["judged"], found["blocked"], found["by_noise"]) == (3, 2, 1)


def test_a_rule_has_its_blocks_and_how_many_are_noise(past: Past) -> None:
    _, found = past.tested("--history", "main")
    accurate, spares = found["rules"]
    assert (accurate["rule"], accurate["severity"]) == ("accurate", "block")
    assert [accurate[key] for key in ("asked", "blocked", "by_noise", "errors", "as_good")] == [3, 2, 1, 0, 2]
    assert 0 < accurate["chance"] < 1
    assert (spares["severity"], spares["blocked"], spares["by_noise"]) == ("warn", 1, 0)


def test_a_rule_that_only_warns_blocks_no_version(past: Past) -> None:
    past.write(policy=POLICY.replace("at_least: 0.9,", "at_least: 0.1,"))
    page = past.page("--history", "main")
    assert "0 of 3 versions would have been blocked" in page
    assert "1 more would have been blocked if the rules that only warn blocked, too" in page
    assert "p:spares FAIL (warns)" in page


def test_the_work_tree_and_files_that_are_not_of_the_commit_are_not_read(past: Past) -> None:
    past.write(rows=rows(400), candidate=CANDIDATE.replace("rows.csv", "none.csv"))
    assert [version["rules"] != [] for version in past.tested("--history", "main")[1]["versions"]] == [True] * 3


def test_without_history_what_is_here_is_judged(past: Past) -> None:
    _, found = past.tested("--as-of", "2026-08-01")
    assert answers(found) == [("2026-08-01", ["accurate FAIL", "spares FAIL"])]
    assert found["versions"][0]["found"] == "here"


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        (["--since", "2026-04-01"], ["2026-04-01", "2026-05-01"]),
        (["--most", "1"], ["2026-05-01"]),
        (["--as-of", "2026-07-01"], ["2026-07-01"] * 3),
        (["candidate.yaml"], ["2026-03-01", "2026-04-01", "2026-05-01"]),
    ],
)
def test_versions_are_chosen_by_day_and_number(past: Past, arguments: list[str], days: list[str]) -> None:
    assert [day for day, _ in answers(past.tested("--history", "main", *arguments)[1])] == days


def test_a_commit_that_changes_neither_candidate_nor_data_is_no_version(past: Past) -> None:
    past.write(readme="x")
    past.commit()
    past.write(rows=rows(10))
    past.commit("2026-06-02")
    assert [day for day, _ in answers(past.tested("--history", "main")[1])] == [
        "2026-03-01",
        "2026-04-01",
        "2026-05-01",
    ]


def test_a_version_that_cannot_be_judged_says_why_and_is_not_counted_as_allowed(past: Past) -> None:
    past.write(candidate=CANDIDATE.replace("task: binary", "task: binray"))
    past.commit("2026-06-02")
    past.write(candidate=CANDIDATE)
    (past.folder / "data/rows.csv").unlink()
    past.commit("2026-06-03")
    code, found = past.tested("--history", "main")
    assert (code, found["judged"]) == (0, 3)
    why = [version["why_not"] for version in found["versions"] if version["why_not"]]
    assert "did you mean `binary`?" in why[0]
    assert "data/rows.csv" in why[1]
    assert "2 versions could not be judged" in past.page("--history", "main")


def test_nothing_that_could_be_judged_is_exit_code_1(past: Past) -> None:
    past.write(policy=POLICY.replace("owner:", "for: {tags: other}\nowner:"))
    code, found = past.tested("--history", "main")
    assert (code, found["judged"]) == (1, 0)
    assert "no policy applies to candidate `c`" in found["versions"][0]["why_not"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--history", ""], 2),
        (["--history", "nowhere"], 3),
        (["--history", "main", "none.yaml"], 2),
        (["--history", "main", "--since", "2030-01-01"], 2),
        (["--since", "2026-01-01"], 2),
        (["none.yaml"], 2),
        (["--facts", "none.json"], 2),
    ],
)
def test_a_wrong_command_line_is_no_backtest(past: Past, arguments: list[str], code: int) -> None:
    assert run(["backtest", *arguments]) == code


def test_facts_that_were_measured_under_other_bounds_answer_for_new_ones(past: Past) -> None:
    assert run(["measure", "--output", "facts.json"]) == 0
    past.write(policy=POLICY.replace("0.9,", "0.7,"), candidate=CANDIDATE.replace('"1"\ntask', '"2"\ntask'))
    (past.folder / "data/rows.csv").unlink()
    _, found = past.tested("--facts", "facts.json")
    assert [(each["found"], each["version"]) for each in found["versions"]] == [("facts.json", "1")]
    assert answers(found)[0][1] == ["spares FAIL"]


def test_facts_do_not_answer_for_rules_that_did_not_ask_them(past: Past) -> None:
    run(["measure", "--output", "facts.json"])
    past.write(policy=POLICY.replace("metric: accuracy", "metric: accuracy, by: [id]"))
    _, found = past.tested("--facts", "facts.json")
    statuses = {rule["rule"]: (rule["status"], rule["said"]) for rule in found["versions"][0]["rules"]}
    assert statuses["accurate"][0] == "ERROR"
    assert "the facts file does not answer this rule" in statuses["accurate"][1]


def test_markdown_has_the_same_answers(past: Past) -> None:
    text = past.page("--history", "main", "--format", "markdown")
    assert "- 2 of 3 versions would have been blocked, 1 by noise alone" in text
    assert "| p:accurate | accuracy ≥ 0.9 | 3 | 2 | 1 | 0 |" in text
