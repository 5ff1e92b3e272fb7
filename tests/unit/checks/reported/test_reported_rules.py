"""Rules about what others measured: what they say, what they read, and what a policy can fix or refuse."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.policy.load import load_policies
from support.waiving import IN_FORCE

CANDIDATE = "mlgate: 1\ncandidate: churn\n"
POLICY = "mlgate: 1\npolicy: gate\nowner: o@example.com\n"
ACCURATE = "{id: r, check: reported.metric, from: metrics, name: accuracy, at_least: 0.9}"
TESTED = "{id: r, check: reported.tests, from: tests}"
SUITE = (
    '<testsuite name="s" timestamp="2026-11-30T10:00:00Z"><testcase classname="c" name="a"/>'
    '<testcase classname="c" name="b"><failure/></testcase><testcase classname="c" name="d"><skipped/></testcase>'
    "</testsuite>"
)


class Workspace:
    """A workspace with one policy and one candidate, and what the gate says of them."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def write(self, rule: str, *, head: str = "", candidate: str = "", **files: str) -> None:
        Path("policies").mkdir(exist_ok=True)
        Path("policies/gate.yaml").write_text(f"{POLICY}{head}rules:\n  - {rule}\n")
        reports = ", ".join(f"{name}: {name}.report" for name in files)
        Path("candidate.yaml").write_text(f"{CANDIDATE}reports: {{{reports}}}\n{candidate}")
        for name, text in files.items():
            Path(f"{name}.report").write_text(text)

    def says(self, *arguments: str) -> tuple[int, str]:
        code = run(list(arguments))
        return code, "".join(self.capsys.readouterr())

    def outcome(self) -> Any:
        code, _ = self.says("check", "--report", "json=verdict.json")
        verdict = json.loads(Path("verdict.json").read_text())["verdicts"][0]
        assert verdict["exit_code"] == code
        return verdict["outcomes"][-1]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workspace:
    """An empty workspace."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Workspace(capsys)


@pytest.mark.parametrize("value", ["0.91", "0.89"])
def test_every_report_says_that_a_number_was_reported_and_not_measured(work: Workspace, value: str) -> None:
    work.write(ACCURATE, metrics=f'{{"accuracy": {value}}}')
    relation = "≥" if value == "0.91" else "<"
    outcome = work.outcome()
    assert outcome["message"] == f"accuracy in report metrics {value} {relation} 0.9, reported, not measured"
    assert (outcome["about"], outcome["proof"]) == ("report", "estimate")
    for report in ("console", "junit", "json"):
        _, said = work.says("report", "verdict.json", "--report", f"{report}=-")
        assert "reported, not measured" in said, report
    _, said = work.says("explain", "verdict.json", "gate:r")
    assert "Others measured the value" in said
    assert "sample" not in said


def test_a_verdict_of_reported_values_alone_says_what_it_lacks(work: Workspace) -> None:
    work.write(ACCURATE, metrics='{"accuracy": 0.91}')
    code, said = work.says("check")
    assert code == 0
    assert "1 of 1 rule judges values that are reported, not measured; mlgate measured nothing itself" in " ".join(
        said.split()
    )


def test_the_number_is_compared_exactly(work: Workspace) -> None:
    rule = ACCURATE.replace("at_least: 0.9", "at_most: 0.3, range: [0, 1]").replace("accuracy", "share")
    work.write(rule, metrics=json.dumps({"share": 0.1 + 0.2}))
    assert work.outcome()["status"] == "FAIL"
    work.write(rule, metrics='{"share": 0.3}')
    assert work.outcome()["status"] == "PASS"


@pytest.mark.parametrize(
    ("rule", "metrics", "status"),
    [
        ("name: accuracy, at_least: 0.9", "91.2", "ERROR"),
        ("name: accuracy, at_least: 0.9", "0.91", "PASS"),
        ("name: accuracy, at_least: 90, range: [0, 100]", "91.2", "PASS"),
        ("name: accuracy, at_least: 90, range: [0, 100]", "101", "ERROR"),
        ("name: whatever, at_least: 90", "91.2", "PASS"),
        ("name: whatever, at_least: 90, range: [0, 100]", "-1", "ERROR"),
        ("name: whatever, at_least: 90, range: [0, 100]", "0", "FAIL"),
        ("name: whatever, at_least: 90, range: [0, 100]", "100", "PASS"),
    ],
)
def test_a_value_outside_its_range_is_an_error(work: Workspace, rule: str, metrics: str, status: str) -> None:
    name = rule.partition(",")[0].removeprefix("name: ")
    work.write(f"{{id: r, check: reported.metric, from: metrics, {rule}}}", metrics=f'{{"{name}": {metrics}}}')
    assert work.outcome()["status"] == status


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (ACCURATE.replace("}", ", proof: shown}"), "`proof` of rule `r` cannot be `shown`"),
        (ACCURATE.replace("}", ", proof: unrefuted}"), "`proof` of rule `r` cannot be `unrefuted`"),
        (ACCURATE.replace("}", ", min_n: 10}"), "takes no `min_n`, because it judges no rows"),
        (ACCURATE.replace("}", ", confidence: 0.9}"), "takes no `confidence`"),
        (ACCURATE.replace("}", ", looks: 2}"), "takes no `looks`"),
        (ACCURATE.replace("}", ", range: [1, 0]}"), "must have the lower number first"),
        (ACCURATE.replace("}", ", after_training: true}"), "requires `time`"),
        (ACCURATE.replace("}", ", format: toml}"), "must be one of json, yaml, csv"),
        (ACCURATE.replace("accuracy", "x").replace("}", ", range: [1, 2]}"), "does not demand anything possible"),
        (ACCURATE.replace("accuracy", "x").replace("0.9}", "0, range: [0, 1]}"), "does not demand anything possible"),
        (TESTED.replace("}", ", format: toml}"), "must be one of dbt, deepchecks"),
        (TESTED.replace("}", ", at_least_tests: 0}"), "at_least_tests"),
        (TESTED.replace("}", ", at_least: 1}"), "takes no bound"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(work: Workspace, rule: str, said: str) -> None:
    work.write(rule, metrics="{}")
    code, text = work.says("lint")
    assert (code, said in " ".join(text.split())) == (2, True), text


@pytest.mark.parametrize(
    "keys",
    [
        "range: [0, 100], at_most: 0",
        "range: [0, 100], at_least: 100",
        "at_least: 1, after_training: true, time: measured_at",
    ],
)
def test_a_rule_that_some_value_can_meet_and_some_cannot_is_read(tmp_path: Path, keys: str) -> None:
    rule = f"{{id: r, check: reported.metric, from: metrics, name: share, {keys}}}"
    (tmp_path / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules: [{rule}]\n")
    (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
    assert [rule.id for rule in policy.rules] == ["r"]


def test_a_policy_without_a_proof_of_its_own_for_the_rule_keeps_its_default_for_others(work: Workspace) -> None:
    work.write(ACCURATE, head="proof: shown\n", metrics='{"accuracy": 0.91}')
    assert work.outcome()["proof"] == "estimate"


def test_the_tests_of_a_report_are_findings_with_their_own_demands(work: Workspace) -> None:
    work.write(TESTED.replace("}", ", at_least_tests: 3, at_most_skipped: 0, require: [c.a, b]}"), tests=SUITE)
    found = {tuple(map(tuple, each["where"])): each for each in work.outcome()["findings"]}
    assert {where[0][1]: each["status"] for where, each in found.items()} == {
        "failed": "FAIL", "run": "FAIL", "skipped": "FAIL", "c.a": "PASS", "b": "FAIL",
    }  # fmt: skip
    failed = found[(("result", "failed"),)]
    assert failed["message"] == "tests failed 1 > 0, 3 tests, reported, not measured"
    assert failed["note"] == "not passed: `c.b`"
    work.write(TESTED.replace("}", ", at_most_failed: 1, at_least_tests: 2, at_most_skipped: 1}"), tests=SUITE)
    assert work.outcome()["status"] == "PASS"


@pytest.mark.parametrize(
    ("trained", "after", "status"),
    [
        ("", "false", "PASS"),
        ("", "true", "ERROR"),
        ("trained_at: 2026-11-30T09:59:59Z\n", "true", "PASS"),
        ("trained_at: 2026-11-30T10:00:00Z\n", "true", "PASS"),
        ("trained_at: 2026-11-30T10:00:01Z\n", "false", "ERROR"),
        ("trained_at: 2026-11-30T10:30:00+01:00\n", "true", "PASS"),
        ("trained_at: 2026-11-30T09:30:00-01:00\n", "false", "ERROR"),
    ],
)
def test_a_report_from_before_the_training_is_an_error(work: Workspace, trained: str, after: str, status: str) -> None:
    rule = TESTED.replace("}", f", at_most_failed: 1, after_training: {after}}}")
    work.write(rule, candidate=trained, tests=SUITE)
    assert work.outcome()["status"] == status


def test_a_report_without_a_zone_is_not_compared_unless_its_order_must_be_shown(work: Workspace) -> None:
    trained = "trained_at: 2026-12-01T00:00:00Z\n"
    suite = SUITE.replace("10:00:00Z", "10:00:00")
    rule = TESTED.replace("}", ", at_most_failed: 1}")
    work.write(rule, candidate=trained, tests=suite)
    outcome = work.outcome()
    assert outcome["status"] == "PASS"
    assert "which has no zone, so it is not compared" in outcome["findings"][1]["note"]
    work.write(rule.replace("}", ", after_training: true}"), candidate=trained, tests=suite)
    assert work.outcome()["status"] == "ERROR"


def test_the_time_of_the_training_has_a_zone(work: Workspace) -> None:
    work.write(TESTED, candidate="trained_at: 2026-11-30\n", tests=SUITE)
    code, said = work.says("check")
    assert code == 2
    assert "`trained_at` must be a date and time with its zone" in " ".join(said.split())


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_a_number_is_of_the_model_whose_digest_the_file_states(work: Workspace, prefix: str) -> None:
    rule, model = ACCURATE.replace("}", ", model_digest: model}"), "model: {path: model.bin}\n"
    digest = hashlib.sha256(b"weights").hexdigest()
    work.write(rule, candidate=model, metrics=json.dumps({"accuracy": 0.95, "model": prefix + digest}))
    Path("model.bin").write_bytes(b"weights")
    assert work.outcome()["status"] == "PASS"
    Path("model.bin").write_bytes(b"weights of another")
    assert work.outcome()["status"] == "ERROR"
    work.write(rule, candidate=model, metrics='{"accuracy": 0.95}')
    assert "has no `model`" in work.outcome()["message"]
    work.write(rule, metrics=json.dumps({"accuracy": 0.95, "model": digest}))
    assert "the candidate names no model" in work.outcome()["message"]


def test_a_report_is_bound_by_its_digest_and_fixed_by_the_policy(work: Workspace) -> None:
    work.write(ACCURATE, head="expects: {reports: {metrics: metrics.report}}\n", metrics='{"accuracy": 0.91}')
    assert work.outcome()["status"] == "PASS"
    inputs = json.loads(Path("verdict.json").read_text())["verdicts"][0]["inputs"]
    digest = hashlib.sha256(Path("metrics.report").read_bytes()).hexdigest()
    assert ("reports", "metrics.report", digest) in [
        tuple(each[k] for k in ("role", "path", "sha256")) for each in inputs
    ]
    assert "the candidate may choose trained_at. To fix" in work.says("lint")[1]
    work.write(ACCURATE, head="expects: {reports: {metrics: none}}\n", metrics='{"accuracy": 0.91}')
    assert work.says("check")[0] == 1
    work.write(ACCURATE, metrics='{"accuracy": 0.91}')
    assert "reports: {metrics: FILE}" in work.says("lint")[1]


def test_a_report_is_judged_elsewhere_by_what_was_measured_beside_it(work: Workspace) -> None:
    for rule, files in ((ACCURATE, {"metrics": '{"accuracy": 0.91}'}), (TESTED, {"tests": SUITE})):
        work.write(rule, **files)
        here = work.outcome()
        assert work.says("measure", "-o", "facts.json")[0] == 0
        for name in files:
            Path(f"{name}.report").unlink()
        work.says("check", "--facts", "facts.json", "--report", "json=verdict.json")
        assert json.loads(Path("verdict.json").read_text())["verdicts"][0]["outcomes"] == [here]
        Path("facts.json").unlink()


def test_a_waiver_weakens_a_reported_bound(work: Workspace) -> None:
    waiver = f"waivers:\n  - {{rule: r, for: churn, not_below: 0.8, owner: o, reason: why, {IN_FORCE}}}\n"
    work.write(ACCURATE, head=waiver, metrics='{"accuracy": 0.85}')
    assert work.outcome()["status"] == "WAIVED"
    work.write(ACCURATE, head=waiver, metrics='{"accuracy": 0.75}')
    assert work.outcome()["status"] == "FAIL"


@pytest.mark.parametrize(("suite", "status"), [(SUITE, "WAIVED"), (SUITE.replace("skipped", "failure"), "FAIL")])
def test_a_waiver_may_allow_one_failed_test_and_no_second(work: Workspace, suite: str, status: str) -> None:
    dates = f"for: churn, owner: o, reason: why, {IN_FORCE}"
    waiver = f"waivers:\n  - {{rule: r, where: {{result: failed}}, not_above: 1, {dates}}}\n"
    work.write(TESTED, head=waiver, tests=suite)
    assert work.outcome()["status"] == status
