"""`expects:`: which values of a candidate meet it, and what follows from the columns that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.policy.expects import expected_rules

RULE = "rules: [{id: r, check: lineage.complete, table: t}]"
CANDIDATE = """\
mlgate: 1
candidate: m
task: binary
positive: "1"
predictions: {path: p.csv, id: id, label: y, score: s}
"""
EVALUATION = "tables: {evaluation: {path: e.csv, key: id}}\n"
CHAMPION = "champion: {path: c.csv, score: s}\n"
TWO = "champions: {v1.2: {path: c.csv, score: s}, anchor: {path: a.csv, score: s}}\n"
TRAIN = "tables: {train: {path: t.csv, key: id}}\n"
CLASSES = """\
mlgate: 1
candidate: m
task: multiclass
classes: [a, b, c]
predictions: {path: p.csv, id: id, label: y, prediction: p}
"""
WEIGHTED = CANDIDATE.replace("label: y", "label: y, weight: none")


def met(one: Any, folder: Path, expects: str, candidate: str) -> bool:
    """Whether a candidate has all that a policy expects."""
    (folder / "m.yaml").write_text(candidate)
    policy = one(f"mlgate: 1\npolicy: p\nowner: o\nexpects: {expects}\n{RULE}\n")
    (rule,) = expected_rules(policy)
    subject = Subject(load_candidate(folder / "m.yaml", workspace=folder))
    return all(claim.met for claim in rule.check.answers(subject, Facts({}), (0.05,)))


CASES = [
    # The word `none` is a key word: nothing with that name meets it.
    ("{predictions: {weight: none}}", CANDIDATE, True),
    ("{predictions: {weight: none}}", WEIGHTED, False),
    ("{predictions: {weight: none}}", WEIGHTED.replace("weight: none", "weight: 'none'"), False),
    ("{predictions: {id: none}}", CANDIDATE.replace("id: id", "id: none"), False),
    ("{predictions: {path: none}}", CANDIDATE.replace("p.csv", "none"), False),
    ("{unit: none}", CANDIDATE, True),
    ("{unit: none}", CANDIDATE + "unit: {column: none}\n", False),
    ("{unit: {column: patient, score: none}}", CANDIDATE + "unit: {column: patient, score: max}\n", False),
    ("{unit: {column: patient, score: none}}", CANDIDATE + "unit: {column: patient}\n", True),
    ("{evaluation: none}", CANDIDATE + EVALUATION, False),
    ("{evaluation: none}", CANDIDATE, True),
    ("{tables: {train: {path: t.csv, key: id}}}", CANDIDATE + TRAIN, True),
    ("{tables: {train: {path: ./t.csv}}}", CANDIDATE + TRAIN, True),
    ("{tables: {train: {path: other.csv}}}", CANDIDATE + TRAIN, False),
    ("{tables: {train: {key: none}}}", CANDIDATE + TRAIN, False),
    ("{tables: {train: none}}", CANDIDATE + TRAIN, False),
    ("{tables: {train: none}}", CANDIDATE, True),
    ("{tables: none}", CANDIDATE + TRAIN, False),
    ("{tables: {train: {path: t.csv}}}", CANDIDATE, False),
    # The order of classes decides some metrics, and so does their number.
    ("{classes: [a, b, c]}", CLASSES, True),
    ("{classes: [a, c, b]}", CLASSES, False),
    ("{classes: [a, b, c]}", CLASSES.replace("c]", "c, d]"), False),
    # A list is not the name that its entries spell.
    ("{unit: {column: [a, b]}}", CANDIDATE + 'unit: {column: "a, b"}\n', False),
    ("{unit: {column: 'a, b'}}", CANDIDATE + "unit: {column: [a, b]}\n", False),
    ("{unit: {column: [a, b]}}", CANDIDATE + "unit: {column: [a, b]}\n", True),
    ("{tags: ['a, b']}", CANDIDATE + "tags: [a, b]\n", False),
    # A path may be written with `./`.
    ("{predictions: {path: p.csv}}", CANDIDATE.replace("p.csv", "./p.csv"), True),
    ("{predictions: {path: p.csv}}", CANDIDATE.replace("p.csv", "x/p.csv"), False),
    # If `x` is a link, `x/..` is not this folder.
    ("{predictions: {path: p.csv}}", CANDIDATE.replace("p.csv", "x/../p.csv"), False),
    # From the top of the workspace, wherever the candidate file is.
    ("{predictions: {path: /p.csv}}", CANDIDATE, True),
    ("{predictions: {path: /p.csv}}", CANDIDATE.replace("p.csv", "./x/../p.csv"), True),
    ("{predictions: {path: /x/p.csv}}", CANDIDATE, False),
    ("{champion: {path: /c.csv}}", CANDIDATE + CHAMPION, True),
    ("{predictions: {path: /p.csv}}", CANDIDATE.replace("p.csv", "../p.csv"), False),
    # Who names columns of the predictions, or the unit, does not read them from another table.
    ("{predictions: {label: y}}", CANDIDATE + EVALUATION, False),
    ("{predictions: {label: y}}", CANDIDATE, True),
    ("{predictions: {label: y}, evaluation: {key: id}}", CANDIDATE + EVALUATION, True),
    ("{unit: {column: patient}}", CANDIDATE + EVALUATION + "unit: {column: patient}\n", False),
    ("{predictions: {weight: none}}", CANDIDATE + EVALUATION, True),
    ("{positive: '1'}", CANDIDATE + EVALUATION, True),
    # A champion that is described must be there, and is joined by the id of the predictions.
    ("{champion: {path: c.csv}}", CANDIDATE + CHAMPION, True),
    ("{champion: {path: c.csv}}", CANDIDATE + CHAMPION.replace("score", "id: other, score"), False),
    ("{champion: {path: c.csv, id: other}}", CANDIDATE + CHAMPION.replace("score", "id: other, score"), True),
    ("{champion: {label: none}}", CANDIDATE, False),
    ("{champion: none}", CANDIDATE + CHAMPION, False),
    ("{champion: none}", CANDIDATE, True),
    ("{champions: none}", CANDIDATE + TWO, False),
    ("{champions: {v1.2: {path: c.csv}, anchor: {path: a.csv}}}", CANDIDATE + TWO, True),
    ("{champions: {v1.2: {path: c.csv}, anchor: {path: b.csv}}}", CANDIDATE + TWO, False),
    ("{champions: {v1.2: {path: c.csv}}}", CANDIDATE + TWO.replace("c.csv, ", "c.csv, id: x, "), False),
    ("{champions: {v1: {path: c.csv}}}", CANDIDATE + TWO, False),
    ("{champions: {v1: none}}", CANDIDATE + TWO, True),
    ("{champions: {anchor: none}}", CANDIDATE + TWO, False),
    ("{champions: {anchor: {verdict: none}}}", CANDIDATE, False),
]  # fmt: skip


def test_a_path_from_the_top_of_the_machine_is_not_one_from_the_top_of_the_workspace(one: Any, tmp_path: Path) -> None:
    other, own = tmp_path.parent / "elsewhere.csv", tmp_path / "p.csv"
    expects = f"{{predictions: {{path: {other}}}}}"
    assert not met(one, tmp_path, expects, CANDIDATE.replace("p.csv", str(other)))
    assert met(one, tmp_path, "{predictions: {path: /p.csv}}", CANDIDATE.replace("p.csv", str(own)))


@pytest.mark.parametrize(("expects", "candidate", "right"), CASES)
def test_a_candidate_meets_what_is_expected_or_not(
    one: Any, tmp_path: Path, expects: str, candidate: str, right: bool
) -> None:
    assert met(one, tmp_path, expects, candidate) is right


def test_a_table_with_a_label_is_fixed_by_its_own_name(refuses: Any) -> None:
    marked = f"mlgate: 1\npolicy: p\nowner: o\nexpects: {{tables: {{▸evaluation: {{path: e.csv}}}}}}\n{RULE}\n"
    refuses(marked, ["the table `evaluation` is fixed by `expects.evaluation`; write it there"])
