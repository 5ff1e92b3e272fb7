"""What must be true of a champion before it is compared, from counts made by hand: it is another model and sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.checks.champions import Champion
from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.identical import Identical
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.digest import Digest, DigestFact
from mlgate.evidence.questions.earlier_verdict import EarlierVerdict, EarlierVerdictFact
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from support.fairness import ALPHAS, COLUMNS, subject
from support.guarded import cells, said

FILES = (Digest("predictions", "new.csv"), Digest("champion", "old.csv"))
OLD = Champion("champion", roles={"prediction": "q"}, label="z", files=FILES)
ONE, OTHER = DigestFact("a" * 64, 9), DigestFact("b" * 64, 9)
NUMBERS = Rows("predictions", "the predictions", SchemaFact(tuple((name, "float") for name in "ypqz")))
STORED = EarlierVerdict("old.json", "c")


def presented(champion: Champion = OLD, **of: Any) -> Subject:
    """A candidate with a champion beside it."""
    return subject((*COLUMNS, ("q", "text"), ("z", "text")), champions={champion.name: champion}, **of)


def guards(champion: Champion = OLD, **keys: Any) -> list[Guard]:
    """The guards of a comparison of accuracies."""
    needs = PerformanceChampion(metric="accuracy", superior=True, **keys).needs(presented(champion), ALPHAS)
    return [need for need in needs if isinstance(need, Guard)]


def of_terms(found: list[Guard], *names: str) -> Guard:
    """The guard that asks counts by terms of these names."""
    (guard,) = (
        each
        for each in found
        if [term.name for need in each.inputs if isinstance(need, Counts) for term in need.terms] == list(names)
        and each.keys
    )
    return guard


@pytest.mark.parametrize(("name", "called"), [("champion", "the champion"), ("anchor", "champion anchor")])
def test_a_champion_has_another_file(name: str, called: str) -> None:
    (guard,) = (each for each in guards(replace(OLD, name=name)) if each.inputs == FILES)
    assert said(guard, ONE, OTHER) is None
    assert (said(guard, ONE, ONE) or "").startswith(f"{called} has the same file as the candidate, byte for byte")


def test_a_champion_gives_other_answers_unless_the_rule_allows_the_same() -> None:
    guard = of_terms(guards(), "answers")
    assert said(guard, cells(differs=1, same=99)) is None
    refusal = said(guard, cells(same=100)) or ""
    assert refusal.startswith("the champion gives the same answers as the candidate on every row, so the candidate")
    refusal = said(of_terms(guards(replace(OLD, name="anchor")), "answers"), cells(same=100)) or ""
    assert refusal.startswith("champion anchor gives the same answers")
    assert not [each for each in guards(identical="allow") if each.inputs == FILES]
    with pytest.raises(ValueError, match="not enough values"):
        of_terms(guards(identical="allow"), "answers")


SAME, DIFFERS, CLASSES = {"same": 9}, {"same": 7, "differs": 2}, cells(_0=4, _1=5)


@pytest.mark.parametrize(
    ("counted", "theirs", "refusal"),
    [
        (SAME, CLASSES, None),
        ({"same": 8, "missing": 1}, CLASSES, "1 of 9 rows has no label (column `y`); every row requires one"),
        ({"same": 7, "missing of the champion": 2}, CLASSES, "2 of 9 rows have no label (column `z` of the champion)"),
        (DIFFERS, CLASSES, "the labels of the champion and of the candidate differ in 2 of 9 rows; evaluate both on"),
        ({"differs": 9}, CLASSES, "differ in 9 of 9 rows; evaluate both on the same labels, and check that none are"),
        ({"differs": 9}, cells(no=4, yes=5), "the labels of the champion are `no`, `yes`, and the candidate's are `0`"),
        (DIFFERS, cells(no=4, _1=5), "differ in 2 of 9 rows"),
    ],
)
def test_both_models_were_evaluated_on_the_same_labels(
    counted: dict[str, int], theirs: CountsFact, refusal: str | None
) -> None:
    found = said(of_terms(guards(), "labels", "words", "words"), cells(**counted), CLASSES, theirs)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")
    inverted = set(counted) == {"differs"} and theirs == CLASSES
    assert ("check that none are inverted" in (found or "")) is inverted


def test_numbers_that_differ_are_no_other_words_for_the_same_labels() -> None:
    of = presented(task="regression", tables={"predictions": NUMBERS}, positive=None, classes=())
    needs = PerformanceChampion(metric="mae", superior=True).needs(of, ALPHAS)
    guard = of_terms([need for need in needs if isinstance(need, Guard)], "labels")
    assert said(guard, cells(same=9)) is None
    refusal = "the labels of the champion and of the candidate differ in 2 of 9 rows; evaluate both on the same labels"
    assert said(guard, cells(same=7, differs=2)) == refusal


@pytest.mark.parametrize(
    ("matrix", "refused"),
    [
        ({("1", "1"): 90, ("1", "0"): 10, ("0", "0"): 90, ("0", "1"): 10}, False),
        ({("1", "1"): 50, ("1", "0"): 50, ("0", "0"): 50, ("0", "1"): 50}, False),
        ({("1", "1"): 10, ("1", "0"): 90, ("0", "0"): 10, ("0", "1"): 90}, True),
        ({("1", "1"): 90, ("1", "0"): 10}, False),
        ({("1", "0"): 1, ("0", "1"): 1}, False),
    ],
)
def test_a_champion_is_not_worse_than_guessing(matrix: dict[tuple[str, str], int], refused: bool) -> None:
    guard = of_terms(guards(), "label", "prediction")
    found = said(guard, CountsFact(tuple(Cell(values, n) for values, n in matrix.items())))
    assert (found is not None) is refused
    if refused:
        assert (found or "").startswith("the champion is worse than guessing (informedness at most -0.")


def judged(folder: Path, keys: str, frame: dict[str, Any], **roles: Any) -> str:
    """The message of a comparison of a candidate with a champion."""
    rule = f"{{id: r, check: performance.champion, superior: true, {keys}}}"
    (folder / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules: [{rule}]\n")
    return mlgate.check(policy=folder / "p.yaml", predictions=pd.DataFrame(frame), **roles).outcomes[0].message


def test_a_score_that_is_worse_than_guessing_is_no_champion(tmp_path: Path) -> None:
    label = [0, 1] * 50
    old = [0.2 + 0.5 * y + 0.01 * (at % 40) for at, y in enumerate(label)]
    frame = {"y": label, "new": [0.5 * score for score in old], "old": old, "wrong": [1 - score for score in old]}
    roles = {"task": "binary", "positive": "1", "label": "y", "score": "new"}
    found = judged(tmp_path, "metric: roc_auc", frame, **roles, champion={"score": "wrong"})
    assert found.startswith("the champion is worse than guessing (ROC AUC at most 0.")
    frame["old"] = [score if at % 3 else 0.6 for at, score in enumerate(old)]
    assert "guessing" not in judged(tmp_path, "metric: roc_auc", frame, **roles, champion={"score": "old"})


def test_a_champion_of_which_too_little_is_known_is_not_refused(tmp_path: Path) -> None:
    """All rows belong to one unit, so that nothing bounds how good the champion is."""
    label, wrong = [0, 1] * 50, [1, 0] * 50
    frame = {"y": label, "new": label, "old": wrong, "all": ["one"] * 100}
    roles = {"task": "binary", "positive": "1", "label": "y", "prediction": "new", "unit": {"column": "all"}}
    found = judged(tmp_path, "metric: accuracy", frame, **roles, champion={"prediction": "old"})
    assert "guessing" not in found
    assert "crashed" not in found


def test_of_several_labels_each_is_better_than_guessing(tmp_path: Path) -> None:
    label, later = [0, 1] * 50, [1, 0] * 50
    frame = {"a": label, "b": label, "new_a": label, "new_b": label, "old_a": label, "old_b": later}
    roles = {"task": "multilabel", "labels": {"a": "a", "b": "b"}, "decisions": {"a": "new_a", "b": "new_b"}}
    champion = {"decisions": {"a": "old_a", "b": "old_b"}}
    found = judged(tmp_path, "metric: f1, average: macro", frame, **roles, champion=champion)
    assert found.startswith("the champion is worse than guessing (informedness of class `b` at most -0.")


IDENTICAL = Identical(presented(), OLD)
OF_VERDICT = Identical(presented(), Champion("champion", files=FILES[:1], verdict=STORED))


def earlier(digest: str) -> EarlierVerdictFact:
    """What a verdict says that is on predictions of a digest."""
    return EarlierVerdictFact("c", "1", (), digest)


@pytest.mark.parametrize(
    ("of", "facts", "same"),
    [
        (IDENTICAL, (cells(same=9),), True),
        (IDENTICAL, (cells(same=9, differs=0),), True),
        (IDENTICAL, (cells(same=8, differs=1),), False),
        (IDENTICAL, (cells(differs=9),), False),
        (IDENTICAL, (cells(),), False),
        (OF_VERDICT, (earlier("a" * 64), ONE), True),
        (OF_VERDICT, (earlier("b" * 64), ONE), False),
        (OF_VERDICT, (earlier(""), ONE), False),
        (replace(OF_VERDICT, champion=replace(OLD, verdict=STORED, files=())), (earlier("a" * 64),), False),
    ],
)
def test_a_model_is_the_candidate_if_all_answers_or_their_files_are_the_same(
    of: Identical, facts: tuple[Any, ...], same: bool
) -> None:
    assert of.same(*facts) is same
    assert of.holds(Facts(dict(zip(of.needs(), facts, strict=True)))) is same


def test_a_verdict_is_not_on_the_candidates_own_predictions() -> None:
    guard = Guard(OF_VERDICT.needs(), OF_VERDICT.refuse)
    assert said(guard, earlier("b" * 64), ONE) is None
    refusal = said(guard, earlier("a" * 64), ONE) or ""
    assert refusal.startswith("the verdict old.json is on the candidate's own predictions (same digest), so the")


def test_models_without_a_common_answer_cannot_be_told_to_be_the_same() -> None:
    strangers = Identical(presented(), replace(OLD, roles={"score": "q"}))
    assert strangers.needs() == ()
    assert not strangers.holds(Facts({}))


def test_decisions_after_a_threshold_count_in_place_of_scores() -> None:
    (need,) = replace(IDENTICAL, decided=(("p > 1", "q > 1"),)).needs()
    assert isinstance(need, Counts)
    assert need.terms[0].sql == "case when (p > 1 is not distinct from q > 1) then 'same' else 'differs' end"
    (need,) = IDENTICAL.needs()
    assert '"p"' in need.terms[0].sql
    assert '"q"' in need.terms[0].sql
