"""`expects:`: which values of a candidate meet it, and what follows from the columns that it names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.read import load_candidate
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import NOTHING, Expectation, FixedPath
from mlgate.policy.expects import Expectations, expected_rules
from mlgate.reading.fields import Integer, ListOf, Record, param
from mlgate.values.errors import Location
from mlgate.values.estimate import Claim

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


def claims(one: Any, folder: Path, expects: str, candidate: str) -> list[Any]:
    """What is claimed of a candidate by a policy's `expects:`."""
    (folder / "m.yaml").write_text(candidate)
    policy = one(f"mlgate: 1\npolicy: p\nowner: o\nexpects: {expects}\n{RULE}\n")
    (rule,) = expected_rules(policy)
    subject = Subject(load_candidate(folder / "m.yaml", workspace=folder))
    return list(rule.check.answers(subject, Facts({}), (0.05,)))


def met(one: Any, folder: Path, expects: str, candidate: str) -> bool:
    """Whether a candidate has all that a policy expects."""
    return all(claim.met for claim in claims(one, folder, expects, candidate))


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
    # A column or a class is no path.
    ("{classes: [a, b, c]}", CLASSES.replace("[a, b, c]", "[./a, b, c]"), False),
    ("{predictions: {label: y}}", CANDIDATE.replace("label: y", "label: ./y"), False),
    # Who names columns of the predictions, or the unit, does not read them from another table.
    ("{predictions: {label: y}}", CANDIDATE + EVALUATION, False),
    ("{predictions: {label: y}}", CANDIDATE, True),
    ("{positive: '1', predictions: {label: y}}", CANDIDATE + EVALUATION, False),
    ("{predictions: {label: y}, evaluation: {key: id}}", CANDIDATE + EVALUATION, True),
    ("{unit: {column: patient}}", CANDIDATE + EVALUATION + "unit: {column: patient}\n", False),
    ("{predictions: {weight: none}}", CANDIDATE + EVALUATION, True),
    ("{positive: '1'}", CANDIDATE + EVALUATION, True),
    # A champion that is described must be there, and is joined by the id of the predictions.
    ("{champion: {path: c.csv}}", CANDIDATE + CHAMPION, True),
    ("{champion: {path: c.csv}}", CANDIDATE + CHAMPION.replace("score", "id: other, score"), False),
    ("{positive: '1', champion: {path: c.csv}}", CANDIDATE + CHAMPION.replace("score", "id: other, score"), False),
    ("{positive: '1'}", CANDIDATE + CHAMPION.replace("score", "id: other, score"), True),
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


def test_a_path_from_the_top_is_met_only_if_it_is_known_where_the_top_is(one: Any, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(CANDIDATE)
    candidate = load_candidate(tmp_path / "m.yaml", workspace=tmp_path)
    policy = one(
        f"mlgate: 1\npolicy: p\nowner: o\nexpects: {{predictions: {{path: /{tmp_path.name}/p.csv}}}}\n{RULE}\n"
    )
    (rule,) = expected_rules(policy)
    for folder, right in ((tmp_path.name, True), ("elsewhere", False)):
        subject = Subject(replace(candidate, file=f"{folder}/m.yaml"))
        assert [claim.met for claim in rule.check.answers(subject, Facts({}), (0.05,))] == [right]


@pytest.mark.parametrize(
    ("expects", "said"),
    [
        ("{risk: high}", "the candidate does not have risk; the policy expects high"),
        ("{predictions: {label: z}}", "the candidate has predictions.label: y; the policy expects z"),
        ("{predictions: {label: y}}", "the candidate has predictions.label: y"),
        ("{predictions: {label: /y}}", "the candidate has predictions.label: y; the policy expects /y"),
        ("{predictions: {path: q.csv}}", "the candidate has predictions.path: p.csv; the policy expects q.csv"),
        (
            "{predictions: {path: /x/p.csv}}",
            "the candidate has predictions.path: p.csv; the policy expects /x/p.csv, from the workspace's top",
        ),
        ("{unit: none}", "the candidate does not have unit"),
        (
            "{predictions: {label: none}}",
            "the candidate has predictions.label: y; the policy expects none, so remove it",
        ),
        (
            "{champion: {score: s}}",
            "the candidate does not have champion; the policy expects one, with champion.score: s",
        ),
    ],
)
def test_a_claim_says_what_the_candidate_has_and_what_the_policy_expects(
    one: Any, tmp_path: Path, expects: str, said: str
) -> None:
    assert [claim.said for claim in claims(one, tmp_path, expects, CANDIDATE)] == [said]


@dataclass(frozen=True)
class Box:
    """Keys below a key of a check, one of which is called as one of `expects:`."""

    unread_parts: int = param(Integer(), default=0, doc="A number.")


@dataclass(frozen=True)
class Cards:
    """The keys of a check: some files, a number, and further keys."""

    cards: tuple[FileSource, ...] = param(ListOf(FilePath()), default=(), doc="Model cards.")
    most: int = param(Integer(), default=3, doc="A number.")
    box: Box | None = param(Record(Box), default=None, doc="Further keys.")


AT = Location("p.yaml", 1, 1)


def right(tmp_path: Path, entry: Expectation, **given: Any) -> bool:
    """Whether a candidate that gives the keys of `Cards` has what is expected."""
    (tmp_path / "m.yaml").write_text(CANDIDATE)
    candidate = load_candidate(tmp_path / "m.yaml", workspace=tmp_path)
    (claim,) = Expectations((entry,)).answers(
        Subject(replace(candidate, declared={Cards: Cards(**given)})), Facts({}), ()
    )
    assert isinstance(claim, Claim)
    return claim.met


@pytest.mark.parametrize(
    ("expected", "given", "met"),
    [
        (("a.md", "b.md"), ("a.md", "./b.md"), True),
        (("a.md", "/b.md"), ("a.md", "b.md"), True),
        (("a.md", "b.md"), ("a.md", "c.md"), False),
        (("a.md", "b.md"), ("a.md",), False),
        (("a.md",), ("a.md", "b.md"), False),
    ],
)
def test_every_file_of_a_list_is_the_expected_one(
    tmp_path: Path, expected: tuple[str, ...], given: tuple[str, ...], met: bool
) -> None:
    entry = Expectation(("cards",), tuple(map(FixedPath, expected)), AT, Cards)
    assert right(tmp_path, entry, cards=tuple(FileSource(path, tmp_path) for path in given)) is met


@pytest.mark.parametrize(
    ("value", "given", "met"), [(NOTHING, 3, True), (NOTHING, 4, False), (3, 3, True), (4, 3, False)]
)
def test_a_key_of_a_check_that_has_its_default_is_left_out(tmp_path: Path, value: Any, given: int, met: bool) -> None:
    assert right(tmp_path, Expectation(("most",), value, AT, Cards), most=given) is met


@pytest.mark.parametrize(("given", "met"), [(3, True), (4, False)])
def test_a_key_of_a_check_may_have_the_name_of_that_for_files_that_are_not_read(
    tmp_path: Path, given: int, met: bool
) -> None:
    entry = Expectation(("box", "unread_parts"), 3, AT, Cards)
    assert right(tmp_path, entry, box=Box(given)) is met


def test_an_empty_list_of_files_is_left_out(tmp_path: Path) -> None:
    entry = Expectation(("cards",), NOTHING, AT, Cards)
    assert right(tmp_path, entry, cards=())
    assert not right(tmp_path, entry, cards=(FileSource("a.md", tmp_path),))


def test_a_candidate_outside_the_workspace_has_no_file_from_its_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(CANDIDATE)
    candidate = load_candidate(tmp_path / "m.yaml", workspace=tmp_path)
    assert candidate.predictions
    entry = Expectations((Expectation(("predictions", "path"), FixedPath("/p.csv"), AT),))
    outside = replace(candidate, file=str(tmp_path / "m.yaml"))
    at_top = replace(candidate.predictions, source=FileSource("../p.csv", Path("/x")))
    for given, met in ((outside, False), (replace(candidate, file="x/m.yaml", predictions=at_top), True)):
        assert [claim.met for claim in entry.answers(Subject(given), Facts({}), ())] == [met]  # type: ignore[union-attr]
