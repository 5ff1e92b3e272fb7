"""What is seen beside the single edits: other shapes of workflows, files they run, git, and hostile files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.diagnose import diagnose
from mlgate.values.diagnosis import Diagnosis

ROOT = Path(__file__).parents[3]
GOOD = Path(__file__).parent / "repositories" / "github" / "good"
POLICY = (GOOD / "policies" / "lending.yaml").read_text()
OWNERS = "* @example/risk\n"
STEPS = "    runs-on: ubuntu-latest\n    steps:\n"
JOB = f"on: [pull_request, merge_group]\njobs:\n  gate:\n{STEPS}"
CLONE = "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1\n        with: {fetch-depth: 0}\n"
GATE = "      - run: mlgate check --policy-ref origin/main\n"


def written(folder: Path, files: Mapping[str, str]) -> Diagnosis:
    """What is found in a repository of some files, beside a policy and owners."""
    for name, text in ({"policies/lending.yaml": POLICY, "CODEOWNERS": OWNERS} | dict(files)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return diagnose(folder)


def ids(found: Diagnosis) -> list[str]:
    """The kinds that are found."""
    return [each.id for each in found.weaknesses]


def test_without_any_workflow_the_first_finding_is_that_nothing_runs_the_gate(tmp_path: Path) -> None:
    found = written(tmp_path, {})
    assert ids(found) == ["no-gate"]
    assert "no workflow of Azure Pipelines, GitHub Actions, GitLab, Jenkins" in found.weaknesses[0].message


def test_workflows_without_the_gate_are_no_calm(tmp_path: Path) -> None:
    found = written(tmp_path, {".github/workflows/ci.yml": f"{JOB}{CLONE}      - run: echo mlgate check\n"})
    assert ids(found) == ["no-gate"]


def test_the_workflow_of_the_readme_is_good_once_its_action_is_pinned(tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- file: \.github/workflows/mlgate\.yml -->\n```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    workflow = found[1]
    assert ids(written(tmp_path, {".github/workflows/mlgate.yml": workflow})) == ["unpinned-action"]
    pinned = workflow.replace("@COMMIT", f"@{'0' * 40}")
    assert ids(written(tmp_path, {".github/workflows/mlgate.yml": pinned})) == []
    queue = pinned.replace(" || github.event.merge_group.base_sha", "")
    assert "no-policy-ref" in ids(written(tmp_path, {".github/workflows/mlgate.yml": queue}))


def test_a_script_of_the_repository_is_followed_and_needs_an_owner(tmp_path: Path) -> None:
    workflow = {".github/workflows/ci.yml": f"{JOB}{CLONE}      - run: ./ci/gate.sh\n"}
    good = {"ci/gate.sh": "#!/bin/bash\nset -e\nmlgate check --policy-ref origin/main\necho done\n"}
    found = written(tmp_path, workflow | good)
    assert (ids(found), found.gates) == ([], ("ci/gate.sh:3",))
    found = written(tmp_path, {"ci/gate.sh": "#!/bin/bash\nmlgate check --policy-ref origin/main\necho done\n"})
    assert [(each.id, each.at) for each in found.weaknesses] == [("exit-code-lost", "ci/gate.sh:2")]
    found = written(tmp_path, good | {"CODEOWNERS": f"{OWNERS}/ci/\n"})
    assert ids(found) == ["no-owner"]


@pytest.mark.parametrize(
    ("makefile", "command", "wanted"),
    [
        ("gate: model\n\tmlgate check --policy-ref origin/main\n\techo done\n", "make gate", []),
        ("gate:\n\t-mlgate check --policy-ref origin/main\n", "make gate", ["exit-code-lost"]),
        ("gate:\n\tmlgate check --policy-ref origin/main || true\n", "make gate", ["exit-code-lost"]),
        ("all: gate\ngate:\n\tmlgate check --policy-ref origin/main\n", "make", []),
        ("gate:\n\tmlgate check --policy-ref origin/main\n", "make gate || true", ["exit-code-lost"]),
        ("other:\n\tmlgate check\n", "make gate", ["no-gate"]),
    ],
)
def test_a_makefile_is_followed(makefile: str, command: str, wanted: list[str], tmp_path: Path) -> None:
    workflow = f"{JOB}{CLONE}      - run: {command}\n"
    assert ids(written(tmp_path, {".github/workflows/ci.yml": workflow, "Makefile": makefile})) == wanted


def test_a_workflow_that_others_call_is_looked_at_with_its_callers(tmp_path: Path) -> None:
    called = JOB.replace("[pull_request, merge_group]", "workflow_call") + CLONE + GATE
    calling = "on: [pull_request, merge_group]\njobs:\n  call:\n    uses: ./.github/workflows/gate.yml\n"
    files = {".github/workflows/gate.yml": called, ".github/workflows/ci.yml": calling}
    assert ids(written(tmp_path, files)) == []
    conditional = calling.replace("    uses", "    if: github.actor != 'bot'\n    uses")
    assert ids(written(tmp_path, {".github/workflows/ci.yml": conditional})) == ["condition"]
    no_queue = calling.replace(", merge_group", "")
    assert ids(written(tmp_path, {".github/workflows/ci.yml": no_queue})) == ["no-merge-group"]
    (tmp_path / ".github/workflows/ci.yml").unlink()
    assert ids(diagnose(tmp_path)) == ["not-on-changes"]


def test_an_action_of_the_repository_is_followed(tmp_path: Path) -> None:
    action = "runs:\n  using: composite\n  steps:\n    - {shell: bash, run: mlgate check --policy-ref origin/main}\n"
    files = {".github/workflows/ci.yml": f"{JOB}{CLONE}      - uses: ./ci/gate\n", "ci/gate/action.yml": action}
    assert ids(written(tmp_path, files)) == []
    lost = action.replace("origin/main}", "origin/main || true}")
    found = written(tmp_path, {"ci/gate/action.yml": lost})
    assert [(each.id, each.at) for each in found.weaknesses] == [("exit-code-lost", "ci/gate/action.yml:4")]


def test_a_second_run_of_the_gate_at_night_is_only_noted(tmp_path: Path) -> None:
    night = f"on:\n  schedule: [{{cron: '0 3 * * *'}}]\njobs:\n  night:\n{STEPS}      - run: mlgate check || true\n"
    found = written(tmp_path, {".github/workflows/ci.yml": JOB + CLONE + GATE, ".github/workflows/night.yml": night})
    assert ids(found) == []
    assert found.notes[0] == ".github/workflows/night.yml runs the gate too, but not on pull requests"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "a: &a {b: *a}\n",
        "jobs: 3\non: {pull_request: 7}\n",
        "jobs: {gate: [1, 2], other: {steps: {a: b}}}\non: null\n",
        "jobs: {gate: {steps: [1, null, {run: [a]}, {uses: {}}]}}\n",
        "on: pull_request\non: push\n",
        "\0",
        "a" * (1 << 20) + "b",
        "x: [" * 100,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi")),
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("name", [".github/workflows/ci.yml", ".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile"])
def test_a_hostile_file_is_no_calm_and_no_crash(name: str, text: str, tmp_path: Path) -> None:
    assert set(ids(written(tmp_path, {name: text}))) <= {"no-gate", "unreadable"}
    assert ids(diagnose(tmp_path))[0] == "no-gate"


def test_a_workflow_that_is_a_link_out_of_the_repository_is_named(tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / ".github/workflows").mkdir(parents=True)
    (tmp_path / "outside.yml").write_text(JOB + CLONE + GATE)
    (here / ".github/workflows/ci.yml").symlink_to(tmp_path / "outside.yml")
    found = written(here, {})
    assert ids(found) == ["no-gate", "unreadable"]
    assert "link out of the repository" in found.weaknesses[1].message


def test_a_policy_that_is_wrong_is_named_at_its_line(tmp_path: Path) -> None:
    files = {
        ".github/workflows/ci.yml": JOB + CLONE + GATE,
        "policies/lending.yaml": "mlgate: 1\npolicy: a\nowner: b\nrulez: []\n",
    }
    (found,) = written(tmp_path, files).weaknesses
    assert (found.id, found.at) == ("unreadable", "policies/lending.yaml:4")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    name = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose branch main has a workflow and owners, and no policies yet."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    workflow = JOB + CLONE + GATE.replace("\n", " --bootstrap\n")
    written(tmp_path, {".github/workflows/ci.yml": workflow})
    git(tmp_path, "add", ".github", "CODEOWNERS")
    git(tmp_path, "commit", "--quiet", "--message", "gate")
    return tmp_path


def test_bootstrap_is_needed_for_the_first_policies_and_is_left_in_after_them(repository: Path) -> None:
    found = diagnose(repository)
    assert (ids(found), found.notes) == ([], ("policies/lending.yaml is not committed yet",))
    git(repository, "add", "policies")
    git(repository, "commit", "--quiet", "--message", "policies")
    found = diagnose(repository)
    assert [(each.id, each.at) for each in found.weaknesses] == [("bootstrap", ".github/workflows/ci.yml:8")]


def test_a_policy_that_git_ignores_is_found(repository: Path) -> None:
    (repository / ".gitignore").write_text("policies/\n")
    assert ids(diagnose(repository)) == ["ignored-policy"]


def test_a_shallow_clone_is_noted(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "another")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", "--depth=1", f"file://{repository}", ".")
    assert any("shallow" in note for note in diagnose(clone).notes)


def test_the_branch_that_changes_merge_into_is_known_by_its_usual_names(repository: Path) -> None:
    assert Checkout(repository).base
    assert Checkout(repository).is_in_base("CODEOWNERS")
    assert not Checkout(repository).is_in_base("policies")


def test_each_kind_that_an_edit_shows_is_on_the_page_of_the_docs() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    edits = (each for file in GOOD.parents[1].glob("*/edits.yaml") for each in yaml.safe_load(file.read_text()))
    kinds = {each["found"] for each in edits} | {"bootstrap", "ignored-policy", "no-gate", "no-policy"}
    assert sorted(kind for kind in kinds if f"| `{kind}` |" not in page) == []
