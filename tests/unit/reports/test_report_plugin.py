"""A report that somebody else writes: an installed plugin sees what the built-in reports see, and mlgate lists it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlgate.values.errors import Location
from mlgate.values.stored import write
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, Verdicts
from mlgate.values.words import Words

SARIF = """
import json

from mlgate.reports.interface import Report
from mlgate.values.verdict import Status

LEVELS = {Status.FAIL: "error", Status.ERROR: "error", Status.INCONCLUSIVE: "warning", Status.PASS: "none"}


def render(verdicts):
    outcomes = [outcome for verdict in verdicts.verdicts for outcome in verdict.outcomes]
    rules = {
        outcome.name: {
            "id": outcome.name,
            "shortDescription": {"text": outcome.help},
            "fullDescription": {"text": outcome.description},
            "properties": {"owner": outcome.owner, "check": outcome.check},
        }
        for outcome in outcomes
    }
    results = [
        {
            "ruleId": outcome.name,
            "level": LEVELS[finding.status],
            "message": {"text": finding.message},
            "locations": [{"file": outcome.at.file, "line": outcome.at.line}],
            "properties": {outcome.words.part: dict(finding.where), "candidateOwner": verdict.owner},
        }
        for verdict in verdicts.verdicts
        for outcome in verdict.outcomes
        for finding in outcome.findings
    ]
    run = {"tool": {"driver": {"name": "mlgate", "rules": list(rules.values())}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}) + "\\n"


REPORT = Report("acme", "SARIF as ACME wants it", render)
"""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment with a distribution that has the entry point, and a stored verdict beside it."""
    folder = tmp_path / "site" / "acme_reports-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-reports\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[mlgate.reports]\nacme = acme_reports:REPORT\n")
    (tmp_path / "site" / "acme_reports.py").write_text(SARIF, encoding="utf-8")
    findings = (
        Finding((("column", "age"),), Status.FAIL, "age: 3 of 7,214 rows are not between 18 and 120", rows=3),
        Finding((("column", "sex"),), Status.PASS, "sex: every row is one of F, M"),
    )
    outcome = Outcome(
        "credit", "valid", "data.columns", Status.FAIL, findings[0].message, Location("policies/credit.yaml", 12, 5),
        description="Applicants must be real people.", owner="model-risk@example.com",
        help="Values of columns are what a policy says.", findings=findings, words=Words("column", "row"),
    )  # fmt: skip
    verdict = Verdict("credit", "7", "candidate.yaml", "2026-11-24", (outcome,), owner="risk-ml@example.com")
    (tmp_path / "verdict.json").write_text(write(Verdicts((verdict,))), encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path / "site"), "PYTHONIOENCODING": "utf-8"}


def mlgate(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "mlgate", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, encoding="utf-8", timeout=60
    )  # fmt: skip


def test_a_plugin_renders_a_stored_verdict_with_all_that_a_rule_says(tmp_path: Path, installed: dict[str, str]) -> None:
    done = mlgate(tmp_path, installed, "report", "verdict.json", "--report", "acme=out/gate.sarif")
    assert (done.returncode, done.stderr) == (0, "")
    (run,) = json.loads((tmp_path / "out" / "gate.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "credit:valid",
            "shortDescription": {"text": "Values of columns are what a policy says."},
            "fullDescription": {"text": "Applicants must be real people."},
            "properties": {"owner": "model-risk@example.com", "check": "data.columns"},
        }
    ]
    assert [(result["level"], result["properties"]) for result in run["results"]] == [
        ("error", {"column": {"column": "age"}, "candidateOwner": "risk-ml@example.com"}),
        ("none", {"column": {"column": "sex"}, "candidateOwner": "risk-ml@example.com"}),
    ]
    assert run["results"][0]["locations"] == [{"file": "policies/credit.yaml", "line": 12}]


def test_help_errors_and_completion_list_the_plugin(tmp_path: Path, installed: dict[str, str]) -> None:
    assert "acme" in mlgate(tmp_path, installed, "report", "--help").stdout
    assert "did you mean `acme`?" in mlgate(tmp_path, installed, "report", "verdict.json", "--report", "acm=x").stderr
    asked = {"_MLGATE_COMPLETE": "bash_complete", "COMP_WORDS": "mlgate report --report ", "COMP_CWORD": "3"}
    assert "plain,acme=" in mlgate(tmp_path, installed | asked).stdout
