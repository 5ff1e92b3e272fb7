"""A candidate file is read whole, or refused with every problem at its place (before which ▸ stands)."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.candidate.presented import Candidate, ModelFile, TableSpec, Unit
from mlgate.candidate.read import find_candidates, left_unread, load_candidate, search_candidates
from mlgate.candidate.roles import Predictions
from mlgate.evidence.sources import FileSource
from mlgate.reading.locate import MOST_LOOKED_INTO
from mlgate.values.errors import InputError, MachineError

MARK = "▸"
WHOLE = """\
mlgate: 1
candidate: credit-default
version: 2026.10
owner: risk-ml@example.com
tags: [credit, NO]
risk: high
task: binary
positive: "1"
classes: [0, 1]
model: {path: model.onnx}
predictions: {path: predictions.parquet, id: application_id, prediction: decision, score: probability}
tables:
  train: {path: train.parquet, key: application_id}
  evaluation: {path: eval.parquet, key: application_id, label: defaulted}
"""


def load(folder: Path, text: str) -> Candidate:
    (folder / "candidate.yaml").write_text(text, encoding="utf-8")
    return load_candidate(folder / "candidate.yaml", workspace=folder)


def test_the_whole_file_is_read(tmp_path: Path) -> None:
    candidate = load(tmp_path, WHOLE)

    def source(path: str) -> FileSource:
        return FileSource(path, tmp_path)

    assert candidate == Candidate(
        name="credit-default",
        task="binary",
        file="candidate.yaml",
        version="2026.10",
        owner="risk-ml@example.com",
        tags=("credit", "NO"),
        risk="high",
        positive="1",
        classes=("0", "1"),
        model=ModelFile(source("model.onnx")),
        predictions=Predictions(
            source=source("predictions.parquet"),
            id=("application_id",),
            prediction="decision",
            score="probability",
        ),
        tables=(
            ("train", TableSpec(source("train.parquet"), ("application_id",))),
            ("evaluation", TableSpec(source("eval.parquet"), ("application_id",), "defaulted")),
        ),
        sha256=hashlib.sha256(WHOLE.encode()).hexdigest(),
    )


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("{column: patient}", Unit(("patient",))),
        ("{column: [site, patient], score: mean}", Unit(("site", "patient"), "mean")),
    ],
)
def test_what_rows_belong_together_by(tmp_path: Path, unit: str, expected: Unit) -> None:
    assert load(tmp_path, WHOLE + f"unit: {unit}\n").unit == expected


def test_a_folder_means_its_candidate_file(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "candidate.yaml").write_text(WHOLE)
    candidate = load_candidate(tmp_path / "m", workspace=tmp_path)
    assert candidate.file == "m/candidate.yaml"
    assert candidate.model is not None
    assert candidate.model.source.root == tmp_path / "m"


def test_scores_follow_the_order_of_the_classes(tmp_path: Path) -> None:
    text = f"{MULTICLASS}classes: [b, a]\npredictions: {{path: p.csv, label: y, scores: {{a: p_a, b: p_b}}}}\n"
    predictions = load(tmp_path, text).predictions
    assert predictions is not None
    assert predictions.scores == (("b", "p_b"), ("a", "p_a"))


def test_scores_declare_the_classes_where_nothing_else_does(tmp_path: Path) -> None:
    text = f"{MULTICLASS}predictions: {{path: p.csv, label: y, scores: {{a: p_a, b: p_b}}}}\n"
    assert load(tmp_path, text).classes == ("a", "b")


HEAD = "mlgate: 1\ncandidate: c\n"
BINARY = HEAD + "task: binary\npositive: 1\n"
MULTICLASS = HEAD + "task: multiclass\n"
MULTILABEL = HEAD + "task: multilabel\n"
REGRESSION = HEAD + "task: regression\n"
FORECASTING = (
    HEAD + "task: forecasting\npredictions: {path: p.csv, series: shop, time: day, horizon: h, prediction: p}\n"
)
BOTH = "predictions: {path: p.csv, labels: {a: x, b: y}, decisions: {a: p, b: q}}\n"
EVALUATION = "tables: {evaluation: {path: e.csv, key: id, label: y}}\n"

TWINS = [
    BINARY + "predictions: {path: p.csv, label: y, prediction: d, score: s}\n",
    BINARY + "predictions: {path: p.csv, id: id, prediction: d}\n" + EVALUATION,
    BINARY + "predictions: {path: p.csv, label: y, prediction: d, count: n}\n",
    BINARY + "predictions: {path: p.csv, id: [a, b], label: y, prediction: d, weight: w}\n",
    BINARY
    + "predictions: {path: p.csv, id: [a, b], prediction: y}\ntables: {evaluation: {path: e.csv, key: [k, l], label: y}}\n",
    MULTICLASS + "classes: [a, b, c]\npredictions: {path: p.csv, label: y, prediction: d}\n",
    REGRESSION + "predictions: {path: p.csv, label: y, prediction: d, lower: l, upper: u}\n",
    HEAD + "task: binary\npredictions: {path: latency.csv}\n",
    HEAD + "task: binary\nmodel: {path: m.onnx}\n",
    REGRESSION + "tables: {train: {path: t.csv}}\n",
    REGRESSION + "tables: {evaluation: {path: e.csv, key: id}}\n",
    FORECASTING + "tables: {evaluation: {path: e.csv, key: [store, day, h], label: y}}\n",
    FORECASTING + "tables: {history: {path: e.csv, key: [store, day], label: y}}\n",
    MULTILABEL + BOTH + "champion: {decisions: {b: ob, a: oa}}\n",
    MULTILABEL + BOTH.replace("}}", "}, separator: '|'}") + "champion: {prediction: old}\n",
]


@pytest.mark.parametrize("text", TWINS)
def test_the_twins_pass(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).name == "c"


REFUSED = [
    ("▸", ["the file is empty"]),
    ("▸- a\n", ["a candidate file must be a mapping with the keys mlgate, candidate, task, version, owner, tags, risk, positive, classes, source, model, predictions, unit, champion, champions, tables"]),
    ("mlgate: ▸2\nnew: x\n", ["`mlgate` is 2, but this mlgate reads version 1; update mlgate"]),
    ("▸▸▸owner: o\n", ["missing key `candidate`; it must be a name of letters, digits, `.`, `_` and `-`",
                      "missing key `mlgate`; it must be the number 1, the version of this file's format",
                      "the candidate presents nothing; add `predictions`, `tables` or `model`"]),
    ("▸" + REGRESSION, ["the candidate presents nothing; add `predictions`, `tables` or `model`"]),
    (HEAD + "task: ▸clustering\n", ["`task` must be one of binary, multiclass, multilabel, regression, ranking, forecasting, text, not `clustering`"]),
    (HEAD + "risk: ▸hihg\n" + "task: regression\nmodel: {path: m}\n", ["`risk` must be one of low, medium, high, critical, not `hihg`, did you mean `high`?"]),
    (BINARY + "▸predictons: {path: p.csv}\n", ["unknown key `predictons`, did you mean `predictions`?"]),
    (BINARY + "predictions: {path: p.csv, ▸lable: y}\n", ["unknown key `lable` in `predictions`, did you mean `label`?"]),
    (BINARY + "predictions: ▸{label: y}\n", ["missing key `path` in `predictions`; it must be a text"]),
    (BINARY + "predictions: {path: p.csv, ▸label: }\n", ["`predictions.label` is empty; it must be a text"]),
    (BINARY + "▸predictions:\n", ["`predictions` is empty; it must be a mapping"]),
    (BINARY + "▸lineag: dvc.lock\nmodel: {path: m}\n",
     ["unknown key `lineag`; choose one of mlgate, candidate, task, version, owner, tags, risk, positive, classes, source, model, predictions, unit, champion, champions, tables"]),
    ("mlgate: 1\n▸policy: p\nrules: []\n", ["this is a policy, and a candidate file is required; name it by `--policy`"]),
    (HEAD + "▸task: binary\npredictions: {path: p.csv, score: s}\n", ['a binary candidate must name its `positive` class; add it, as in positive: "1"']),
    (REGRESSION + "▸positive: 1\nmodel: {path: m}\n", ["`positive` is for binary tasks, not regression; remove it"]),
    (MULTICLASS + "▸positive: 1\nmodel: {path: m}\n", ["`positive` is for binary tasks, not multiclass; remove it"]),
    (REGRESSION + "▸classes: [0, 1]\nmodel: {path: m}\n", ["`classes` is for binary, multiclass and multilabel tasks, not regression; remove it"]),
    (MULTICLASS + "classes: ▸[a]\nmodel: {path: m}\n", ["`classes` must be a list with at least 2 entries"]),
    (MULTICLASS + "classes: [a, ▸a]\nmodel: {path: m}\n", ["`classes` names `a` twice, first at line 4; keep one"]),
    (BINARY + "▸classes: [0, 1, 2]\nmodel: {path: m}\n", ["a binary task has exactly 2 classes, not 3; use task: multiclass"]),
    (HEAD + "task: binary\n▸positive: 1.0\nclasses: [0, 1]\nmodel: {path: m}\n", ["`positive` is `1.0`, which is not in `classes`; write one of 0, 1"]),
    (MULTICLASS + "predictions: {path: p.csv, ▸score: s}\n", ["`predictions.score` is for binary and ranking tasks, not multiclass; use `scores`"]),
    (REGRESSION + "predictions: {path: p.csv, ▸score: s}\n", ["`predictions.score` is for binary and ranking tasks, not regression; remove it"]),
    (BINARY + "predictions: {path: p.csv, ▸scores: {0: a, 1: b}}\n", ["`predictions.scores` is for multiclass and multilabel tasks, not binary; remove it"]),
    (MULTICLASS + "predictions: {path: p.csv, scores: ▸{a: x}}\n", ["`predictions.scores` must have 2 entries or more"]),
    (MULTICLASS + "classes: [a, b]\npredictions: {path: p.csv, ▸scores: {a: x, c: y}}\n", ["`predictions.scores` and `classes` differ in b, c; make them equal"]),
    (REGRESSION + "predictions: {path: e.csv, id: i, ▸prediction: y, lower: l, upper: u}\ntables: {evaluation: {path: x/../e.csv, key: i, label: y}}\n", ["column `y` of the same data is the `label` of `tables.evaluation`, so every answer would be right; name the column of the model's answers"]),
    (REGRESSION + "predictions: {path: p.csv, id: i, prediction: p}\nchampion: {path: e.csv, ▸prediction: y}\ntables: {evaluation: {path: e.csv, key: i, label: y}}\n", ["column `y` of the same data is the `label` of `tables.evaluation`, so every answer would be right; name the column of the model's answers"]),
    (MULTILABEL + "predictions: {path: p/, id: i, ▸decisions: {a: x, b: y}}\ntables: {evaluation: {path: p/e.csv, key: i, labels: {a: x, b: z}}}\n", ["column `x` of the same data is the `labels` of `tables.evaluation`, so every answer would be right; name the column of the model's answers"]),
    (MULTILABEL + "predictions: {path: p.csv, labels: {a: x, b: y}, ▸decisions: {a: p, c: q}}\n", ["`predictions.decisions` and `predictions.labels` differ in b, c; make them equal"]),
    (MULTILABEL + "classes: [a, b]\npredictions: {path: p.csv, ▸labels: {a: x, c: y}}\n", ["`predictions.labels` and `classes` differ in b, c; make them equal"]),
    (MULTILABEL + "classes: [a, b]\n▸predictions: {path: p.csv, label: x, prediction: y}\n", ['a text with several classes requires `separator`; add it, as in `separator: "|"`']),
    (MULTILABEL + "classes: [a, b]\npredictions: {path: p.csv, label: x, prediction: y, ▸separator: a}\n", ["the separator `a` occurs in the class `a`; choose another separator"]),
    (MULTILABEL + 'classes: [a, b]\npredictions: {path: p.csv, label: x, prediction: y, ▸separator: "||"}\n', ["the separator `||` ends as it begins, which is ambiguous; choose another separator"]),
    (MULTILABEL + "predictions: {path: p.csv, labels: {a: x, b: y}, decisions: {a: p, b: q}, ▸separator: ';'}\n", ["`predictions.separator` requires a `label` or `prediction` with several classes; remove it"]),
    (MULTILABEL + "▸predictions: {path: p.csv, label: z, labels: {a: x, b: y}, separator: ';'}\n", ["labels are given both by `label` (one text) and by `labels` (one column per class); keep one"]),
    (MULTILABEL + "predictions: {path: p.csv, labels: {a: x, b: y}, ▸decisions: {a: p, b: x}}\n", ["column `x` is both `labels` and `decisions` of the predictions; name one column for each"]),
    (BINARY + "predictions: {path: p.csv, label: y, ▸separator: '|'}\n", ["`predictions.separator` is for multilabel tasks, not binary; remove it"]),
    (MULTICLASS + "predictions: {path: p.csv, ▸decisions: {a: x, b: y}}\n", ["`predictions.decisions` is for multilabel tasks, not multiclass; remove it"]),
    (BINARY + "predictions: {path: p.csv, ▸lower: l, ▸upper: u}\n", ["`predictions.lower` is for regression and forecasting tasks, not binary; remove it",
                                                                  "`predictions.upper` is for regression and forecasting tasks, not binary; remove it"]),
    (REGRESSION + "predictions: {path: p.csv, ▸lower: l}\n", ["`predictions.lower` requires `upper`; name both ends of the interval"]),
    (BINARY + "predictions: {path: p.csv, count: n, ▸weight: w}\n", ["`predictions.weight` cannot be combined with `count`: rows have either counts or weights; keep one"]),
    (BINARY + "predictions: {path: p.csv, id: i, ▸count: n}\n", ["`predictions.count` cannot be combined with `id`: a row with an id is a single row; keep one"]),
    (BINARY + "predictions: {path: p.csv, label: y, ▸prediction: y}\n", ["column `y` is both `label` and `prediction` of the predictions; name one column for each"]),
    (MULTICLASS + "predictions: {path: p.csv, ▸scores: {a: x, b: x}}\n", ["column `x` is twice in `scores` of the predictions; name one column for each"]),
    (BINARY + "▸predictions: {path: p.csv, score: s}\n" + EVALUATION, ["`predictions.id` is missing, by which rows are joined to `tables.evaluation`; add it"]),
    (BINARY + "predictions: {path: p.csv, ▸count: n}\n" + EVALUATION, ["`predictions.count` cannot be combined with `tables.evaluation`, as counted rows have no id; remove one"]),
    (BINARY + "predictions: {path: p.csv, id: [a, b]}\ntables: {evaluation: {path: e.csv, ▸key: id, label: y}}\n", ["the id of the predictions has 2 columns (a, b), and `tables.evaluation.key` has 1 column (id); name equally many"]),
    (BINARY + "predictions: {path: p.csv, id: [a, b]}\ntables: {evaluation: {path: e.csv, ▸key: [b, a], label: y}}\n", ["`tables.evaluation.key` names `b` as column 1 of the key, not 2; write [a, b]"]),
    (BINARY + "predictions: {path: p.csv, id: [a, b]}\ntables: {evaluation: {path: e.csv, ▸key: [b, c], label: y}}\n", ["`tables.evaluation.key` names `b` as column 1 of the key, not 2; name the columns in the same order"]),
    (FORECASTING + "tables: {evaluation: {path: e.csv, ▸key: [day, shop, h], label: y}}\n", ["`tables.evaluation.key` names `day` as column 1 of the key, not 2; write [shop, day, h]"]),
    (FORECASTING + "tables: {history: {path: e.csv, ▸key: [day, shop], label: y}}\n", ["`tables.history.key` names `day` as column 1 of the key, not 2; write [shop, day]"]),
    (FORECASTING + "champion: {path: o.csv, ▸id: [shop, h, day], prediction: p}\n", ["`id` of the champion names `h` as column 2 of the key, not 3; write [shop, day, h]"]),
    (BINARY + "predictions: {path: p.csv, id: [a, b]}\nchampion: {path: o.csv, ▸id: [l, k], prediction: p}\ntables: {evaluation: {path: e.csv, key: [k, l], label: y}}\n", ["`id` of the champion names `l` as column 1 of the key, not 2; write [k, l]"]),
    (REGRESSION + "predictions: {path: p.csv, label: y, prediction: p}\nchampion: {▸prediction: y}\n", ["column `y` is both `label` of the predictions and `prediction` of the champion; name one column for each"]),
    (REGRESSION + "predictions: {path: p.csv, id: i, label: y, prediction: p}\nchampion: {path: p.csv, ▸prediction: y}\n", ["column `y` is both `label` of the predictions and `prediction` of the champion; name one column for each"]),
    (REGRESSION + "predictions: {path: p.csv, label: y, prediction: p, lower: l, upper: u}\nchampion: {▸prediction: l}\n", ["column `l` is both `lower` of the predictions and `prediction` of the champion; name one column for each"]),
    (MULTILABEL + BOTH + "champion: {▸decisions: {b: q, a: old}}\n", ["`decisions` is the candidate's own column `q`, so it would be compared with itself; name the earlier model's column"]),
    (MULTILABEL + BOTH + "champion: {▸decisions: {a: x, b: old}}\n", ["column `x` is both `labels` of the predictions and `decisions` of the champion; name one column for each"]),
    (MULTILABEL + BOTH + "champion: {▸decisions: {a: old, b: old}}\n", ["column `old` is twice in `decisions` of the champion; name one column for each"]),
    (MULTILABEL + BOTH + "champion: {▸prediction: t, decisions: {a: oa, b: ob}}\n", ["a champion is given both by `prediction` (one text) and by `decisions` (one column per class); keep one"]),
    (BINARY + "predictions: {path: p.csv, id: i, ▸label: y}\n" + EVALUATION, ["the label is given twice, by `predictions.label` and `tables.evaluation.label`; remove one"]),
    (BINARY + "predictions: {path: p.csv, prediction: p, id: i}\ntables: {▸evaluation: {path: e.csv, label: y}}\n", ["`tables.evaluation` has no `key`, by which rows are joined; add the id column"]),
    (BINARY + "tables: {evaluation: {path: e.csv, key: y, ▸label: y}}\n", ["column `y` is both `key` and `label` of `tables.evaluation`; name one column for each"]),
    (BINARY + "tables: {train: {path: t.csv, ▸label: y}}\n", ["`tables.train.label` is not used, because only `evaluation` has a label; remove it"]),
    (REGRESSION + "tables: {▸predictions: {path: t.csv}, ▸evaluated: {path: t.csv}}\n", ["the table name `predictions` is reserved; choose another",
                                                                                    "the table name `evaluated` is reserved; choose another"]),
    (REGRESSION + "tables: {▸units: {path: t.csv}}\n", ["the table name `units` is reserved; choose another"]),
    (BINARY + "model: {path: m}\n▸unit: {column: u}\n", ["`unit` requires `predictions`, whose rows it groups; remove it"]),
    (BINARY + "predictions: {path: p.csv, label: y, count: n}\n▸unit: {column: u}\n", ["`unit` cannot be combined with `predictions.count`, whose rows have no unit; remove one"]),
    (BINARY + "predictions: {path: p.csv, label: y, weight: w}\n▸unit: {column: u}\n", ["`unit` cannot be combined with `predictions.weight` yet; remove one"]),
    (BINARY + "predictions: {path: p.csv, label: y}\nunit: {column: u, ▸score: max}\n", ["`unit.score: max` rolls up scores and requires `predictions.score`; add it, or remove `unit.score`"]),
    (BINARY + "predictions: {path: p.csv, label: y}\nunit: {▸column: [u, y]}\n", ["column `y` is the `label` of the predictions and cannot identify a unit; name another column"]),
    (REGRESSION + "tables: {▸a b: {path: t.csv}}\n", ["`tables` must be a name of letters, digits, `.`, `_` and `-`, starting with a letter or digit, not `a b`"]),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "messages"), REFUSED)
def test_a_file_is_refused(tmp_path: Path, marked: str, messages: list[str]) -> None:
    before = [marked[: match.start()].replace(MARK, "") for match in re.finditer(MARK, marked)]
    places = [(text.count("\n") + 1, len(text) - text.rfind("\n")) for text in before]
    with pytest.raises(InputError) as caught:
        load(tmp_path, marked.replace(MARK, ""))
    assert [str(problem) for problem in caught.value.problems] == [
        f"candidate.yaml:{line}:{column}: {said}" for (line, column), said in zip(places, messages, strict=True)
    ]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_label_presented_as_prediction_is_found_behind_a_link(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "e.csv").write_text("id,y\n1,1\n", encoding="utf-8")
    link(tmp_path / "e.csv", tmp_path / "p.csv")
    tables = "tables: {evaluation: {path: e.csv, key: id, label: y}}\n"
    with pytest.raises(InputError, match="column `y` of the same data is the `label`"):
        load(tmp_path, REGRESSION + "predictions: {path: p.csv, id: id, prediction: y}\n" + tables)
    assert load(tmp_path, REGRESSION + "predictions: {path: p.csv, id: id, prediction: yhat}\n" + tables)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^x\.yaml:1:1: this file does not exist; correct the path$"):
        load_candidate(tmp_path / "x.yaml", workspace=tmp_path)
    with pytest.raises(InputError, match=r"^candidate\.yaml:1:1: this file does not exist"):
        load_candidate(tmp_path, workspace=tmp_path)


def test_a_file_that_cannot_be_read_is_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "candidate.yaml").write_text(WHOLE)

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(MachineError, match=r"^candidate\.yaml cannot be read: Permission denied$"):
        load_candidate(tmp_path, workspace=tmp_path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b/candidate.yaml",
        "a/x.candidate.yaml",
        "a/other.yaml",
        "a/.hidden/candidate.yaml",
        "node_modules/x/candidate.yaml",
        "env/lib/candidate.yaml",
        "env/pyvenv.cfg",
        "c/README.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("home = /usr/bin\n" if name.endswith(".cfg") else WHOLE)
    return tmp_path


FOUND = [
    (["."], ["a/x.candidate.yaml", "b/candidate.yaml"]),
    ([".", "node_modules"], ["a/x.candidate.yaml", "b/candidate.yaml", "node_modules/x/candidate.yaml"]),
    (["a/.hidden"], ["a/.hidden/candidate.yaml"]),
    (["a/.*/candidate.yaml"], ["a/.hidden/candidate.yaml"]),
    (["env/*"], ["env/lib/candidate.yaml"]),
    (["node_modules/**/candidate.yaml"], ["node_modules/x/candidate.yaml"]),
    (["b", "b/candidate.yaml", "./b"], ["b/candidate.yaml"]),
    (["a/other.yaml"], ["a/other.yaml"]),
    (["*/*.candidate.yaml"], ["a/x.candidate.yaml"]),
    (["**/candidate.yaml", "a"], ["a/x.candidate.yaml", "b/candidate.yaml"]),
    (["*"], ["a/x.candidate.yaml", "b/candidate.yaml"]),
]


@pytest.mark.parametrize(("arguments", "names"), FOUND)
def test_candidates_are_found_sorted_and_once(tree: Path, arguments: list[str], names: list[str]) -> None:
    assert [path.relative_to(tree).as_posix() for path in find_candidates(arguments, tree)] == names


def test_an_argument_that_matches_nothing_is_an_error(tree: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_candidates(["b", "c", "*.json", "", "nowhere/candidate.yaml"], tree)
    kind = "candidate (candidate.yaml or *.candidate.yaml)"
    assert [problem.message for problem in caught.value.problems] == [
        f"`{argument}` matches no {kind}; correct the path or pattern"
        for argument in ("*.json", "", "c", "nowhere/candidate.yaml")
    ]
    with pytest.raises(InputError, match=r"no candidate .* is named"):
        find_candidates([], tree)


def test_a_loop_of_links_ends(tree: Path) -> None:
    (tree / "b" / "loop").symlink_to(tree, target_is_directory=True)
    assert len(find_candidates(["."], tree)) == 2


def test_a_search_does_not_follow_links_out_of_the_workspace(tree: Path) -> None:
    (tree / "b" / "machine").symlink_to("/", target_is_directory=True)
    assert len(find_candidates([".", "b/*", "b"], tree)) == 2


@pytest.mark.parametrize("text", [b"", b"x", b"homely = 1\n", b"# home = /usr\n", b"home =\n"])
def test_a_file_that_is_called_pyvenv_cfg_does_not_hide_a_candidate(tree: Path, text: bytes) -> None:
    (tree / "b" / "pyvenv.cfg").write_bytes(text)
    assert tree / "b" / "candidate.yaml" in find_candidates(["."], tree)


def test_a_link_that_is_called_pyvenv_cfg_does_not_hide_a_candidate(tree: Path) -> None:
    for target in ("nowhere", tree / "env" / "pyvenv.cfg"):
        (tree / "b" / "pyvenv.cfg").symlink_to(target)
        assert tree / "b" / "candidate.yaml" in find_candidates(["."], tree)
        (tree / "b" / "pyvenv.cfg").unlink()


def test_candidates_in_folders_that_are_left_out_are_named(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "candidate.yaml").write_text(WHOLE)
    (tree / "b" / "linked").symlink_to(outside, target_is_directory=True)
    found = search_candidates(["."], tree)
    names = [path.relative_to(tree).as_posix() for path in found.passed_over]
    assert names == [
        "a/.hidden/candidate.yaml",
        "b/linked/candidate.yaml",
        "env/lib/candidate.yaml",
        "node_modules/x/candidate.yaml",
    ]
    (said,) = left_unread(found, tree)
    assert said.startswith(
        "a/.hidden/candidate.yaml, b/linked/candidate.yaml, env/lib/candidate.yaml and 1 more are not"
    )
    assert "; name such a file to judge it" in said


@pytest.mark.parametrize("argument", ["*/candidate.yaml", "**/candidate.yaml"])
def test_a_pattern_that_passes_over_a_candidate_names_it(tree: Path, argument: str) -> None:
    (tree / "env" / "candidate.yaml").write_text(WHOLE)
    assert tree / "env" / "candidate.yaml" in search_candidates([argument], tree).passed_over


def test_a_candidate_that_is_judged_is_not_said_to_be_left_out(tree: Path) -> None:
    found = search_candidates([".", "a/.hidden", "env/lib", "node_modules"], tree)
    assert found.passed_over == ()
    assert left_unread(found, tree) == ()


def test_a_search_looks_into_few_of_the_folders_that_it_leaves_out(tree: Path) -> None:
    for at in range(MOST_LOOKED_INTO):
        (tree / ".venv" / f"p{at:04}").mkdir(parents=True)
    (tree / ".venv" / "zz").mkdir()
    (tree / ".venv" / "zz" / "candidate.yaml").write_text(WHOLE)
    (tree / ".venv" / "candidate.yaml").write_text(WHOLE)
    names = [path.relative_to(tree).as_posix() for path in search_candidates(["."], tree).passed_over]
    assert ".venv/candidate.yaml" in names
    assert ".venv/zz/candidate.yaml" not in names


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(WHOLE.splitlines()), max_size=14).map("\n".join),
        st.tuples(st.integers(0, len(WHOLE)), st.text(max_size=4)).map(
            lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] + 1 :]
        ),
    )
)
def test_arbitrary_text_gives_a_candidate_or_an_input_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        load_candidate(file, workspace=tmp_path)
    except InputError as error:
        unplaced = [problem for problem in error.problems if problem.at is None]
        assert not unplaced
