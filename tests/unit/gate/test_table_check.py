"""A check about a table: exact counts under demands of their own, for a candidate that may have tables alone.

The check is `tests/support/table_check.py`, installed as a plugin. Nothing in mlgate names it.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.newcomer import Newcomer, installed
from support.waiving import IN_FORCE

SOURCE = Path(__file__).parents[2] / "support" / "table_check.py"
CANDIDATE = """\
mlgate: 1
candidate: applicants
tables:
  train: {path: train.csv, key: id}
"""
POLICY = """\
mlgate: 1
policy: data
owner: data@example.com
rules:
  - id: valid
    check: table.valid
    table: train
    columns:
      age: {max_null_share: 0.5}
      sex: {one_of: [F, M], max_nulls: 1}
"""
TRAIN = "id,age,sex\nqx1,20,F\nqx2,,M\nqx3,40,M\nqx4,41,\n"
STRANGE = TRAIN.replace("qx3,40,M", "qx3,40,secretly")


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    """The check, and a candidate of one table that it accepts."""
    files = {"candidate.yaml": CANDIDATE, "policy.yaml": POLICY, "train.csv": TRAIN}
    return installed(tmp_path, {"table.valid": "TableValid"}, SOURCE.read_text(encoding="utf-8"), files)


def outcome(newcomer: Newcomer, *arguments: str) -> Any:
    """The outcome of the only rule."""
    (found,) = newcomer.verdict(*arguments)["outcomes"]
    return found


def test_a_candidate_of_tables_alone_passes(newcomer: Newcomer) -> None:
    found = outcome(newcomer)
    assert (found["status"], found["proof"], found["about"]) == ("PASS", "estimate", "table")
    assert found["message"].startswith("all 3 demands pass")


def test_each_finding_is_judged_by_its_own_demand(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_share: 0.2")
    found = outcome(newcomer)
    share = found["findings"][0]
    assert share["where"] == [["column", "age"], ["key", "max_null_share"]]
    assert (share["status"], share["exact"], share["value"]) == ("FAIL", "1/4", 0.25)
    assert share["own"] == {
        "metric": "share of missing values",
        "demand": "share of missing values ≤ 0.2",
        "at_least": None,
        "at_most": 0.2,
    }
    assert share["message"] == "share of missing values 0.25 (1/4) > 0.2 for column=age, key=max_null_share, 4 rows"
    assert [each["status"] for each in found["findings"]] == ["FAIL", "PASS", "PASS"]


def test_an_exact_share_at_its_bound_passes(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_share: 0.25")
    assert outcome(newcomer)["status"] == "PASS"


def test_what_is_counted_has_no_bounds_unless_a_rule_asks_for_proof(newcomer: Newcomer) -> None:
    counted = outcome(newcomer)["findings"][0]
    assert (counted["lower"], counted["upper"]) == (None, None)
    newcomer.edit("policy.yaml", "    table: train", "    table: train\n    proof: shown")
    shown = outcome(newcomer)
    assert shown["status"] == "INCONCLUSIVE"
    share, nulls, _ = shown["findings"]
    assert 0.25 < share["upper"] < 1
    assert "no bound can be given" in nulls["settle"]


def test_the_proof_of_a_policy_is_about_models(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "rules:", "proof: shown\nrules:")
    assert outcome(newcomer)["proof"] == "estimate"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,age,sex\n", "there are no values to judge"),
        ("id,age,sex\nq1,1,\nq2,2,\n", "every value is missing"),
        ("id,sex\nq1,F\n", "no column `age`"),
    ],
)
def test_a_demand_that_evaluated_nothing_is_an_error(newcomer: Newcomer, table: str, said: str) -> None:
    (newcomer.work / "train.csv").write_text(table)
    found = outcome(newcomer)
    assert found["status"] == "ERROR"
    assert said in json.dumps(found)


def test_a_pattern_that_matches_no_column_is_an_error(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "      age:", "      /lab_.*/:")
    newcomer.edit("policy.yaml", "      sex: {one_of: [F, M], max_nulls: 1}\n", "")
    found = outcome(newcomer)
    assert (found["status"], found["message"]) == ("ERROR", "the columns of train: no column matches")


def test_rows_of_a_table_of_counts_count_as_often_as_it_says(newcomer: Newcomer) -> None:
    (newcomer.work / "answers.csv").write_text("y,age,sex,n\n1,1,F,10\n0,,M,30\n")
    newcomer.edit(
        "candidate.yaml", "tables:",
        'task: binary\npositive: "1"\npredictions: {path: answers.csv, label: y, prediction: age, count: n}\ntables:',
    )  # fmt: skip
    newcomer.edit("policy.yaml", "    table: train\n", "")
    assert outcome(newcomer)["findings"][0]["exact"] == "30/40"


def test_its_nested_keys_are_in_its_page_and_told_at_their_place(newcomer: Newcomer) -> None:
    page = newcomer.run("explain", "table.valid").stdout
    assert "### Each entry of `columns`" in page
    assert "| `max_null_share` | a number from 0 to 1 |" in page
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_shar: 0.5")
    assert "policy.yaml:9:13: unknown key `max_null_shar`" in newcomer.run("lint", "policy.yaml").stderr


def test_lint_lists_its_table_as_the_candidates_and_nothing_of_a_model(newcomer: Newcomer) -> None:
    said = newcomer.run("lint", "policy.yaml").stdout
    assert (
        "the candidate may choose tables.train.path, tables.train.unread_parts, tables.train.key. To fix them" in said
    )
    newcomer.edit("policy.yaml", "    table: train\n", "")
    assert (
        "the candidate may choose predictions.count, predictions.unread_parts, evaluation. To"
        in newcomer.run("lint", "policy.yaml").stdout
    )


def test_a_plan_is_certain_of_what_is_counted(newcomer: Newcomer) -> None:
    page = newcomer.run("plan", "--policy", "policy.yaml").stdout
    assert "the whole gate passes in 100 % of runs" in page
    assert "undeserved pass" not in page


def test_it_is_judged_elsewhere_by_what_was_measured_beside_the_table(newcomer: Newcomer) -> None:
    here = newcomer.verdict()
    assert newcomer.run("measure", "--policy", "policy.yaml", "-o", "facts.json").returncode == 0
    (newcomer.work / "train.csv").unlink()
    assert newcomer.verdict("--facts", "facts.json") == here


REPORTS = ("console", "csv", "json", "junit", "tables")


def reports_of(newcomer: Newcomer) -> dict[str, str]:
    """All reports of a run, and what it prints."""
    targets = [f"--report={report}={report}.txt" for report in REPORTS]
    done = newcomer.run("check", "--policy", "policy.yaml", "-v", *targets)
    assert done.returncode == 1, done.stderr
    found = {report: (newcomer.work / f"{report}.txt").read_text(encoding="utf-8") for report in REPORTS}
    explained = newcomer.run("explain", "json.txt", "data:valid").stdout
    return {**found, "printed": done.stdout + done.stderr, "explained": explained}


def test_no_report_shows_a_value_or_an_id_of_a_row(newcomer: Newcomer) -> None:
    (newcomer.work / "train.csv").write_text(STRANGE)
    for report, text in reports_of(newcomer).items():
        assert "secretly" not in text, report
        assert "qx" not in text, report


@pytest.mark.parametrize(
    ("policy", "rule", "shown"),
    [
        ("", "show_values: true", "for example id=qx3, sex=secretly"),
        ("", "show_values: [sex]", "for example sex=secretly"),
        ("", "show_values: id", "for example id=qx3"),
        ("", "show_values: [age]", ""),
        ("show_values: true", "", "for example id=qx3, sex=secretly"),
        ("show_values: true", "show_values: false", ""),
        ("show_values: false", "show_values: [sex]", "for example sex=secretly"),
    ],
)
def test_reports_show_the_values_of_the_columns_that_a_policy_names(
    newcomer: Newcomer, policy: str, rule: str, shown: str
) -> None:
    (newcomer.work / "train.csv").write_text(STRANGE)
    newcomer.edit("policy.yaml", "rules:", f"{policy}\nrules:")
    newcomer.edit("policy.yaml", "    table: train", f"    table: train\n    {rule}")
    found = reports_of(newcomer)
    for report in ("console", "junit", "printed", "explained"):
        assert (shown or "for example") in found[report] if shown else "for example" not in found[report], report
    *_, strange = json.loads(found["json"])["verdicts"][0]["outcomes"][0]["findings"]
    named = dict(part.split("=") for part in shown.removeprefix("for example ").split(", ")) if shown else {}
    examples = {"columns": list(named), "rows": [list(named.values())], "counts": [1]} if named else None
    assert (strange["status"], strange["examples"]) == ("FAIL", examples)


def test_a_missing_value_is_said_and_equal_rows_are_counted(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_share: 0.1")
    newcomer.edit("policy.yaml", "    table: train", "    table: train\n    show_values: [age]")
    (newcomer.work / "train.csv").write_text("id,age,sex\nq1,20,F\nq2,,M\nq3,,M\n")
    assert "for example age=(missing) (2 rows)" in newcomer.run("check", "--policy", "policy.yaml").stdout


def test_at_most_five_different_rows_are_shown(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "    table: train", "    table: train\n    show_values: [sex]")
    rows = "".join(f"q{i},20,sex{i:02}\n" for i in range(40)) + "r,20,often\ns,20,often\n"
    (newcomer.work / "train.csv").write_text(f"id,age,sex\n{rows}")
    *_, strange = outcome(newcomer)["findings"]
    assert strange["examples"]["rows"] == [["often"], ["sex00"], ["sex01"], ["sex02"], ["sex03"]]
    assert strange["examples"]["counts"] == [2, 1, 1, 1, 1]


def test_a_facts_file_holds_no_value_and_gives_no_examples(newcomer: Newcomer) -> None:
    (newcomer.work / "train.csv").write_text(STRANGE)
    newcomer.edit("policy.yaml", "    table: train", "    table: train\n    show_values: true")
    assert newcomer.run("measure", "--policy", "policy.yaml", "-o", "facts.json").returncode == 0
    assert "secretly" not in (newcomer.work / "facts.json").read_text()
    *_, strange = outcome(newcomer, "--facts", "facts.json")["findings"]
    assert (strange["status"], strange["examples"]) == ("FAIL", None)


def test_values_are_shown_on_request_in_a_terminal_alone(newcomer: Newcomer) -> None:
    (newcomer.work / "train.csv").write_text(STRANGE)
    refused = newcomer.run("check", "--policy", "policy.yaml", "--show-values")
    assert refused.returncode == 2
    assert "--show-values shows values of the data in a terminal only" in refused.stderr
    mine, its = pty.openpty()
    arguments = ["check", "--policy", "policy.yaml", "--show-values", "--report=json=v.json", "--report=console=c.txt"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mlgate", *arguments], cwd=newcomer.work, stdout=its, stderr=its, check=False,
        env=os.environ | {"PYTHONPATH": str(newcomer.site), "NO_COLOR": "1"}, timeout=60,
    )  # fmt: skip
    os.close(its)
    printed = os.read(mine, 1 << 20).decode()
    os.close(mine)
    assert done.returncode == 1, printed
    assert "for example id=qx3, sex=secretly" in printed
    for report in ("v.json", "c.txt"):
        text = (newcomer.work / report).read_text(encoding="utf-8")
        assert "secretly" not in text
        assert "qx" not in text


WAIVER = f"""\
waivers:
  - {{rule: valid, where: {{column: age, key: max_null_share}}, for: applicants, not_above: 0.3, owner: o,
     reason: campaign, {IN_FORCE}}}
"""


def test_a_waiver_names_one_finding_and_is_bounded_by_its_demand(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_share: 0.2")
    newcomer.edit("policy.yaml", "max_nulls: 1}\n", "max_nulls: 1}\n" + WAIVER)
    found = outcome(newcomer)
    assert [each["status"] for each in found["findings"]] == ["WAIVED", "PASS", "PASS"]
    newcomer.edit("policy.yaml", "not_above: 0.3", "not_above: 0.22")
    assert outcome(newcomer)["status"] == "FAIL"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("not_above: 0.3", "not_above: 0.1", "not_above 0.1 is not weaker than the rule's 0.2; raise it"),
        ("key: max_null_share", "key: one_of", "no finding there has a bound that a waiver could weaken"),
        ("where: {column: age, key: max_null_share}, ", "", "no finding there has a bound that a waiver could weaken"),
        ("column: age, ", "", "the rule has no slices by [key]; name a value for each of [column, key]"),
    ],
)
def test_a_waiver_that_no_finding_fits_is_refused(newcomer: Newcomer, old: str, new: str, said: str) -> None:
    newcomer.edit("policy.yaml", "max_null_share: 0.5", "max_null_share: 0.2")
    newcomer.edit("policy.yaml", "max_nulls: 1}\n", "max_nulls: 1}\n" + WAIVER.replace(old, new))
    done = newcomer.run("lint", "policy.yaml")
    assert done.returncode == 2
    assert said in done.stderr
