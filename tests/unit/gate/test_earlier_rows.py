"""A change with fewer evaluation rows, or with fewer groups of them, than the base is named and judged on both."""

from __future__ import annotations

import pytest

from support.change import CANDIDATE, POLICY, Change, notes, under

JOINED = CANDIDATE.replace(", label: y", "") + "tables: {evaluation: {path: data/eval.csv, key: id, label: y}}\n"
BY_SEX = POLICY.replace("at_least: 0.9,", "at_least: 0.9, by: sex,")
REGISTER = """\
mlgate: 1
owner: risk@example.com
models:
  candidate.yaml: {name: c, tags: credit, task: binary, positive: "1", evaluation: {min_rows: 60}}
"""


def answers(first: int = 0, wrong: int = 8) -> str:
    """Answers for the rows from a first one on to the hundredth; those before `wrong` are wrong."""
    lines = (f"{at},{at % 2 if at >= wrong else 1 - at % 2}" for at in range(first, 100))
    return "\n".join(["id,p", *lines, ""])


def labels(first: int = 0, sex: int = 50) -> str:
    """Labels of the same rows; those before `sex` are of F."""
    lines = (f"{at},{at % 2},{'F' if at < sex else 'M'}" for at in range(first, 100))
    return "\n".join(["id,y,sex", *lines, ""])


@pytest.fixture
def joined(change: Change) -> Change:
    """The base has 100 evaluation rows in a table of their own, and 8 of the model's answers are wrong."""
    change.write({"candidate.yaml": JOINED, "rows.csv": answers(), "data/eval.csv": labels()})
    change.merge()
    return change


def test_the_same_rows_are_judged_once_and_say_nothing(joined: Change) -> None:
    code, found = joined.judge()
    assert (code, under(found), "evaluation" in notes(found)) == (0, {"": True}, False)


def test_dropping_the_hard_rows_does_not_help(joined: Change) -> None:
    joined.write({"rows.csv": answers(8, wrong=16), "data/eval.csv": labels(8)})
    joined.edit("policies/p.yaml", "0.9,", "0.89,")
    joined.merge()
    joined.write({"rows.csv": answers(20, wrong=20), "data/eval.csv": labels(20)})
    code, found = joined.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert "12 fewer evaluation rows than at main (" in notes(found)
    assert "(80 of 92); it is judged on the rows of both" in notes(found)


def test_the_model_owes_answers_for_the_rows_of_the_base(joined: Change) -> None:
    """Ids must match, so that a model without answers for the rows that were dropped is blocked."""
    joined.write({"data/eval.csv": labels(10), "rows.csv": answers(10, wrong=10)})
    _, found = joined.judge()
    (before,) = [verdict for verdict in found["verdicts"] if verdict["under"]]
    assert "ids do not match: predictions has 90 rows and evaluation 100" in before["outcomes"][0]["message"]
    names = {(entry["role"].split(" of ")[0], entry["path"]) for entry in before["inputs"]}
    assert ("evaluation", "data/eval.csv") in names
    assert all("mlgate-" not in path for _, path in names)


def test_a_group_that_is_gone_is_named(joined: Change) -> None:
    joined.write({"policies/p.yaml": BY_SEX.replace("0.9,", "0.8,")})
    joined.merge()
    joined.write({"data/eval.csv": labels(sex=0)})
    code, found = joined.judge()
    assert code == 0
    assert "no row of sex=F (50 rows), which main (" in notes(found)
    assert under(found) == {"": True, "the policies of main": True}


def test_more_rows_are_no_matter(joined: Change) -> None:
    joined.write({"data/eval.csv": labels(-5), "rows.csv": answers(-5, wrong=3)})
    code, found = joined.judge()
    assert (code, under(found)) == (0, {"": True})


@pytest.mark.parametrize(("first", "code"), [(20, 0), (45, 1)])
def test_a_register_that_pins_the_number_of_rows_allows_fewer(joined: Change, first: int, code: int) -> None:
    joined.write({"models.yaml": REGISTER})
    joined.merge()
    joined.write({"data/eval.csv": labels(first), "rows.csv": answers(first)})
    found_code, found = joined.judge()
    assert (found_code, set(under(found))) == (code, {""})
    assert f"{first} fewer evaluation rows than at main (" in notes(found)
    assert notes(found).endswith("it is judged on these rows alone")


def test_labels_in_the_predictions_are_counted_and_cannot_be_judged_as_before(change: Change) -> None:
    text = (change.folder / "rows.csv").read_text().split("\n")
    change.write({"rows.csv": "\n".join([text[0], *text[9:]])})
    code, found = change.judge()
    assert (code, under(found)) == (0, {"": True})
    assert "8 fewer evaluation rows than at main (" in notes(found)
    assert "on these rows alone, unless `min_rows` in a register of models holds their number" in notes(found)


def test_rows_that_git_does_not_have_are_not_known(joined: Change) -> None:
    joined.write({".gitignore": "data/\n"})
    joined.git("rm", "-q", "--cached", "data/eval.csv")
    joined.merge()
    _, found = joined.judge()
    assert "how many evaluation rows there were at main (" in notes(found)
    assert "is not known: git does not have data/eval.csv there; `min_rows` in a register" in notes(found)
    joined.write({"models.yaml": REGISTER})
    joined.merge()
    assert "is not known" not in notes(joined.judge()[1])


@pytest.mark.parametrize(
    "text",
    ["", "id\n", "not,a\ntable\n", "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"],
)
def test_a_table_of_the_base_that_cannot_be_read_is_said(joined: Change, text: str) -> None:
    joined.write({"data/eval.csv": text})
    joined.merge()
    joined.write({"data/eval.csv": labels()})
    code, found = joined.judge()
    assert code == 0
    assert "fewer" not in notes(found)


def test_a_folder_of_rows_is_counted_as_a_whole(joined: Change) -> None:
    joined.edit("candidate.yaml", "data/eval.csv", "data")
    joined.merge()
    half = labels().split("\n")
    joined.write({"data/eval.csv": "\n".join([*half[:41], ""])})
    joined.write({"rows.csv": "\n".join([*answers().split("\n")[:41], ""])})
    assert "60 fewer evaluation rows than at main (" in notes(joined.judge()[1])


def test_rows_by_frequency_are_counted_by_it(change: Change) -> None:
    change.write({"rows.csv": "y,p,n\n0,0,40\n1,1,60\n"})
    change.edit("candidate.yaml", "id: id, label: y, prediction: p", "label: y, prediction: p, count: n")
    change.merge()
    change.write({"rows.csv": "y,p,n\n0,0,40\n1,1,55\n"})
    assert "5 fewer evaluation rows than at main (" in notes(change.judge()[1])
