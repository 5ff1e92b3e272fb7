"""Every example gives the verdict that its story tells, through the command line, in a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
STORIES = sorted(folder.parent for folder in EXAMPLES.glob("*/candidate.yaml"))


def judged(story: Path, work: Path) -> tuple[int, dict[str, Any]]:
    """The exit code and the stored verdict of an example, run as its README says."""
    shutil.copytree(story, work, ignore=shutil.ignore_patterns("out"))
    for script in ("prepare.py", "train.py"):
        if (work / script).exists():
            subprocess.run([sys.executable, "-W", "error", script], cwd=work, check=True)
    several = list(work.glob("*.candidate.yaml"))
    command = [
        sys.executable,
        "-P",
        "-m",
        "mlgate",
        "check",
        "--report",
        "json=verdict.json",
        *(["."] if several else []),
    ]
    code = subprocess.run(command, cwd=work).returncode
    return code, json.loads((work / "verdict.json").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_example_gives_the_verdict_its_story_tells(story: Path, tmp_path: Path) -> None:
    code, report = judged(story, tmp_path / story.name)
    several = len(report["verdicts"]) > 1
    statuses = {
        f"{verdict['candidate'] + ':' if several else ''}{entry['policy']}:{entry['rule']}": entry["status"]
        for verdict in report["verdicts"]
        for entry in verdict["outcomes"]
    }
    found = {"exit_code": code, "statuses": statuses}
    assert found == json.loads((story / "expected.json").read_text())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_example_has_a_readme_that_names_every_undecided_rule(story: Path) -> None:
    readme = (story / "README.md").read_text()
    statuses = json.loads((story / "expected.json").read_text())["statuses"]
    undecided = [name.partition(":")[2] for name, status in statuses.items() if status == "INCONCLUSIVE"]
    assert [rule for rule in undecided if f"`{rule}`" not in readme] == []


def test_examples_show_allowed_blocked_and_undecided() -> None:
    expected = [json.loads((story / "expected.json").read_text()) for story in STORIES]
    assert {entry["exit_code"] for entry in expected} == {0, 1}
    statuses = {status for entry in expected for status in entry["statuses"].values()}
    assert {"PASS", "FAIL", "INCONCLUSIVE"} <= statuses


def test_compas_report_shows_the_published_rates(tmp_path: Path) -> None:
    _, report = judged(EXAMPLES / "compas", tmp_path / "compas")
    found = {
        (outcome["metric"], finding["where"][0][1]): (finding["exact"], finding["value"])
        for outcome in report["verdicts"][0]["outcomes"]
        for finding in outcome["findings"]
        if finding["exact"] and finding["status"] != "SKIPPED"
    }
    found = {key: (exact, f"{100 * value:.2f} %") for key, (exact, value) in found.items()}
    assert found == {
        ("false_positive_rate", "African-American"): ("805/1795", "44.85 %"),
        ("false_positive_rate", "Caucasian"): ("349/1488", "23.45 %"),
        ("false_positive_rate", "Hispanic"): ("87/405", "21.48 %"),
        ("false_positive_rate", "Other"): ("36/244", "14.75 %"),
        ("false_negative_rate", "African-American"): ("532/1901", "27.99 %"),
        ("false_negative_rate", "Caucasian"): ("461/966", "47.72 %"),
        ("false_negative_rate", "Hispanic"): ("129/232", "55.60 %"),
        ("false_negative_rate", "Other"): ("90/133", "67.67 %"),
    }
