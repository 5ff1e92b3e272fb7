"""`mlgate record`: a team without a tracker has a complete history by one line per run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlgate.cli.main import run
from support.history import History, workspace

FILES = {
    "train.csv": "x,y\n1,2\n",
    "test.csv": "x,y\n3,4\n",
    "params.yaml": "lr: 1\n",
    "requirements.txt": "numpy==2.0\n",
    "train.py": "open('m.bin', 'w').write('model')\n",
    "score.py": "open('p.csv', 'w').write('y,p')\n",
}
TRAIN = [
    "--reads",
    "train.csv=data:train",
    "--reads",
    "params.yaml",
    "--makes",
    "m.bin",
    "--",
    sys.executable,
    "train.py",
]
SCORE = ["--reads", "m.bin=model", "--reads", "test.csv=data:evaluation", "--makes", "p.csv", "--", sys.executable]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    found.edit("policy.yaml", ', roles: [code, "data:train", "data:evaluation", parameters]', "")
    found.commit()
    return found


def test_two_lines_make_a_history_complete_and_true(history: History) -> None:
    assert run(["record", *TRAIN]) == 0
    assert run(["record", *SCORE, "score.py"]) == 0
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "environment is requirements.txt" in judged.said("complete")


def test_a_run_takes_the_place_of_the_earlier_one_of_its_name(history: History) -> None:
    assert run(["record", *TRAIN]) == 0
    history.edit("train.py", "model", "better")
    history.commit()
    assert run(["record", *TRAIN]) == 0
    assert (history.folder / "lineage.yaml").read_text().count("- name:") == 1
    assert history.judge().failing == {"complete"}  # it was not evaluated yet


def test_a_changed_checkout_is_recorded_as_such(history: History) -> None:
    history.edit("train.py", "model", "other")
    assert run(["record", *TRAIN]) == 0
    assert "not as in the commit: train.py; the record says so" in history.capsys.readouterr().err
    judged = history.judge()
    assert "verified" in judged.failing
    assert "files differed from those of the commit" in judged.said("verified")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--makes", "m.bin", "--", sys.executable, "-c", "raise SystemExit(7)"], 7, "ended with exit code 7"),
        (["--makes", "m.bin", "--", "no-such-program"], 2, "no-such-program cannot be run"),
        (["--makes", "m.bin", "--", sys.executable, "-c", "1"], 2, "m.bin: no such file"),
        (["--makes", "m.bin=modell", "--", "true"], 2, "`modell` is not a role, did you mean `model`?"),
        (["--reads", "no.csv", "--makes", "m.bin", "--", "true"], 2, "no.csv: no such file"),
        (
            [
                "--reads",
                "train.csv",
                "--makes",
                "m.bin",
                "--",
                sys.executable,
                "-c",
                "open('train.csv', 'w').write('x')",
            ],
            1,
            "train.csv changed while the command ran",
        ),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_recorded(
    history: History, arguments: list[str], code: int, said: str
) -> None:
    assert run(["record", *arguments]) == code
    assert said in history.capsys.readouterr().err
    assert not (history.folder / "lineage.yaml").exists()


def test_a_file_of_somebody_else_is_kept(history: History) -> None:
    (history.folder / "lineage.yaml").write_text("mlgate: 1\nruns: [{name: by hand}]\n")
    assert run(["record", *TRAIN]) == 2
    assert "was not written by `mlgate record` and is kept" in history.capsys.readouterr().err
    assert "by hand" in (history.folder / "lineage.yaml").read_text()
    assert not (history.folder / "m.bin").exists()


@pytest.mark.parametrize("depth", [[], ["--depth", "1"]], ids=["whole", "shallow"])
def test_a_squash_keeps_the_history_when_the_branch_is_gone(
    history: History, depth: list[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.git("checkout", "-q", "-b", "work")
    history.edit("train.py", "model", "better")
    history.commit("train")
    assert run(["record", *TRAIN]) == 0
    assert run(["record", *SCORE, "score.py"]) == 0
    history.commit("record")
    history.git("checkout", "-q", "main")
    (history.folder / "NOTES.md").write_text("meanwhile\n")
    history.commit("something else")
    history.git("merge", "-q", "--squash", "work")
    history.commit("squashed")
    clone = tmp_path_factory.mktemp("fresh") / "clone"
    address = history.folder.as_uri()
    history.git("clone", "-q", *depth, "--single-branch", "--branch", "main", address, str(clone))
    monkeypatch.chdir(clone)
    judged = History(clone, history.capsys).judge()
    assert judged.failing == set(), judged.said()
    assert "its code is that of commit" in judged.said("verified")


def recorded(history: History) -> str:
    return (history.folder / "lineage.yaml").read_text()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_change_that_git_was_told_not_to_see_is_one(history: History, flag: str) -> None:
    history.git("update-index", flag, "score.py")
    history.edit("score.py", "y,p", "y,q")
    assert run(["record", *TRAIN]) == 0
    assert "clean: false" in recorded(history)


def test_code_that_changes_while_the_command_runs_is_not_that_of_the_commit(history: History) -> None:
    change = "open('train.py', 'a').write('#'); open('m.bin', 'w').write('x')"
    assert run(["record", "--makes", "m.bin", "--", sys.executable, "-c", change]) == 0
    assert "clean: false" in recorded(history)


def test_a_path_may_have_an_equals_sign(history: History) -> None:
    (history.folder / "day=1").mkdir()
    (history.folder / "day=1/train.csv").write_text("x\n")
    assert run(["record", "--reads", "day=1/train.csv", *TRAIN[4:]]) == 0
    assert "path: day=1/train.csv" in recorded(history)


@pytest.mark.parametrize("more", [["--name", "a\x1b[31m"], ["--output", "no/such/lineage.yaml"]])
def test_a_record_that_could_not_be_kept_is_refused_before_the_command_runs(history: History, more: list[str]) -> None:
    assert run(["record", *more, *TRAIN]) == 2
    assert not (history.folder / "m.bin").exists()


def test_approvals_that_people_have_added_are_kept(history: History) -> None:
    assert run(["record", *TRAIN]) == 0
    path = history.folder / "lineage.yaml"
    entry = f"approvals:\n- by: alice@example.com\n  model: '{'0' * 64}'\n  at: '2026-11-21T09:00:00Z'\n"
    path.write_text(path.read_text() + entry)
    assert run(["record", *SCORE, "score.py"]) == 0
    assert path.read_text().count("- name:") == 2
    assert entry in path.read_text()


@pytest.mark.parametrize("made", ["m.bin", "folder"])
def test_a_command_that_has_not_written_what_it_should_make_records_nothing(history: History, made: str) -> None:
    (history.folder / "folder").mkdir()
    (history.folder / "folder/weights.bin").write_text("earlier")
    (history.folder / "m.bin").write_text("earlier")
    assert run(["record", "--makes", made, "--", "true"]) == 1
    assert f"the command has not written {made}, which is as it was before" in history.capsys.readouterr().err
    assert not (history.folder / "lineage.yaml").exists()


def test_a_command_that_makes_the_same_bytes_again_is_recorded(history: History) -> None:
    assert run(["record", *TRAIN]) == 0
    assert run(["record", *TRAIN]) == 0


def test_what_another_record_has_made_is_no_change_unless_it_changed_since(history: History) -> None:
    for name in ("a", "b", "c"):
        (history.folder / name).mkdir()
    make = [sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write('model')"]
    assert run(["record", "-o", "a/lineage.yaml", "--makes", "a/m.bin", "--", *make, "a/m.bin"]) == 0
    assert run(["record", "-o", "b/lineage.yaml", "--makes", "b/m.bin", "--", *make, "b/m.bin"]) == 0
    assert "clean: true" in (history.folder / "b/lineage.yaml").read_text()
    (history.folder / "a/m.bin").write_text("other")
    assert run(["record", "-o", "c/lineage.yaml", "--makes", "c/m.bin", "--", *make, "c/m.bin"]) == 0
    assert "not as in the commit: a/m.bin;" in history.capsys.readouterr().err
    assert "clean: false" in (history.folder / "c/lineage.yaml").read_text()


def test_a_file_that_an_earlier_version_wrote_is_continued(history: History) -> None:
    assert run(["record", *TRAIN]) == 0
    first = recorded(history).splitlines()[0]
    history.edit("lineage.yaml", first, "# Written by `mlgate record`; run it again.")
    assert run(["record", *SCORE, "score.py"]) == 0
    assert recorded(history).startswith(first)
    assert recorded(history).count("- name:") == 2
