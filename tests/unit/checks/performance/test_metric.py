"""The check `performance.metric` from hand-made facts, and on small frames where the rows themselves are at fault."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.candidate.presented import Candidate
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.checks.subject import UNKNOWN_GROUP, Subject
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate, LeftOut, Unanswered
from support.guarded import guarded

ALPHAS = (0.05,)
COLUMNS = (("y", "text"), ("p", "text"), ("s", "float"), ("sex", "text"), ("age", "integer"), ("n", "integer"))
ROLES = {"label": "y", "prediction": "p", "score": "s"}


def subject(columns=COLUMNS, **more: Any) -> Subject:
    rows = Rows("predictions", "the predictions", SchemaFact(tuple(columns)))
    given = {"task": "binary", "positive": "1", "roles": ROLES, "tables": {"predictions": rows}, **more}
    of = {key: given.pop(key) for key in ("task", "positive", "classes") if key in given}
    return Subject(Candidate(name="c", **of), **given)


def metric(name: str, **keys: Any) -> PerformanceMetric:
    return PerformanceMetric(metric=name, **keys)


def counted(check: PerformanceMetric, of: Subject, cells: dict[tuple[str | None, ...], int]) -> list[Any]:
    """The answers from one cube given as {(group..., label, prediction): rows}."""
    needs = tuple(check.needs(of, ALPHAS))
    (need,) = [need for need in asked_by(needs) if isinstance(need, Counts)]
    fact = CountsFact(tuple(Cell(values, n) for values, n in sorted(cells.items(), key=str)))
    return list(check.answers(of, guarded(needs, Facts({need: fact})), ALPHAS))


def measured(check: PerformanceMetric, of: Subject, **columns: Any) -> list[Any]:
    """The answers from rows, by the real evidence."""
    with open_evidence({"predictions": FrameSource(pd.DataFrame(columns))}, Path()) as evidence:
        rows = Rows("predictions", "the predictions", evidence.schema("predictions"))
        bound = Subject(**{**vars(of), "tables": {"predictions": rows}})
        needs = tuple(check.needs(bound, ALPHAS))
        facts = guarded(needs, evidence.measure(needs))
        return list(check.answers(bound, facts, ALPHAS))


def wheres(answers: list[Any]) -> list[tuple[str, str]]:
    return [(type(answer).__name__, ",".join(f"{k}={v}" for k, v in answer.where)) for answer in answers]


CELLS = {("1", "1"): 30, ("1", "0"): 10, ("0", "0"): 50, ("0", "1"): 10}
BY_SEX = {(sex, *pair): n for sex in ("F", "M") for pair, n in CELLS.items()}


def test_recall_is_the_exact_share_of_the_positive_rows():
    (found,) = counted(metric("recall"), subject(), CELLS)
    assert (found.exact, found.counts, found.n, found.rows) == (Fraction(3, 4), "30/40", 40, 100)
    assert found.counted == "rows with label `1`"
    assert found.lower(0.05) < 0.75 < found.upper(0.05)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", Fraction(4, 5)),
        ("f1", Fraction(3, 4)),
        ("balanced_accuracy", (Fraction(3, 4) + Fraction(5, 6)) / 2),
        ("cohen_kappa", 1 - Fraction(20) / (Fraction(40 * 60 + 60 * 40, 100))),
        ("jaccard", Fraction(30, 50)),
    ],
)
def test_values_of_counts_are_exact_fractions(name, expected):
    (found,) = counted(metric(name), subject(), CELLS)
    assert found.exact == expected
    assert found.value == float(expected)


def test_costs_are_exact_fractions():
    costs = tuple((name, Fraction(value)) for name, value in (("tp", "-0.1"), ("fp", "1"), ("fn", "10"), ("tn", "0")))
    (found,) = counted(metric("expected_cost", costs=costs), subject(), CELLS)
    assert found.exact == Fraction(-3 + 10 + 100, 100)


def test_multiclass_kappa_and_f1_are_exact_fractions():
    of = subject(task="multiclass", positive=None, classes=("a", "b", "c"))
    cells = {("a", "a"): 10, ("a", "b"): 5, ("b", "b"): 10, ("c", "c"): 10, ("c", "a"): 5}
    (kappa,) = counted(metric("cohen_kappa"), of, cells)
    chance = Fraction(15 * 15 + 10 * 15 + 15 * 10, 40 * 40)
    assert kappa.exact == (Fraction(30, 40) - chance) / (1 - chance)
    (f1,) = counted(metric("f1", average="macro"), of, cells)
    assert f1.exact == (Fraction(20, 30) + Fraction(20, 25) + Fraction(20, 25)) / 3


def test_every_group_is_an_estimate_in_the_declared_order():
    groups = {"sex": GroupSpec(("M", "F"))}
    found = counted(metric("recall", by=(("sex",),)), subject(groups=groups), BY_SEX)
    assert wheres(found) == [("Estimate", "sex=M"), ("Estimate", "sex=F")]


def test_a_declared_group_without_rows_is_unanswered():
    groups = {"sex": GroupSpec(("F", "M", "X"))}
    found = counted(metric("recall", by=(("sex",),)), subject(groups=groups), BY_SEX)
    assert wheres(found)[-1] == ("Unanswered", "sex=X")


def test_a_group_in_which_the_metric_is_undefined_hides_no_other():
    cells = {("F", "0", "0"): 5, **{key: n for key, n in BY_SEX.items() if key[0] == "M"}}
    found = counted(metric("recall", by=(("sex",),)), subject(), cells)
    assert wheres(found) == [("Unanswered", "sex=F"), ("Estimate", "sex=M")]
    assert "0/0" in found[0].said


@pytest.mark.parametrize("value", [None, "X"])
@pytest.mark.parametrize(("unknown", "expected"), [("block", Unanswered), ("report", LeftOut)])
def test_rows_of_an_unknown_group_block_or_are_left_out(value, unknown, expected):
    groups = {"sex": GroupSpec(("F", "M"), unknown)}
    cells = {**BY_SEX, (value, "1", "1"): 3}
    found = counted(metric("recall", by=(("sex",),)), subject(groups=groups), cells)
    (odd,) = [answer for answer in found if not isinstance(answer, Estimate)]
    assert isinstance(odd, expected)
    assert odd.rows == 3


def test_rows_of_an_unknown_group_may_be_a_group_of_their_own():
    groups = {"sex": GroupSpec(("F", "M"), "own_group")}
    rows = {"y": list("1010") * 2 + ["1"], "p": list("1010") * 2 + ["1"], "sex": [*"FFFFMMM", "X", None]}
    found = measured(metric("accuracy", by=(("sex",),)), subject(groups=groups), **rows)
    assert wheres(found) == [("Estimate", "sex=F"), ("Estimate", "sex=M"), ("Estimate", f"sex={UNKNOWN_GROUP}")]
    assert found[-1].rows == 2


def test_a_missing_group_value_blocks_even_where_no_group_is_declared():
    found = counted(metric("recall", by=(("sex",),)), subject(), {**BY_SEX, (None, "1", "1"): 2})
    assert ("Unanswered", "sex=(missing)") in wheres(found)


def test_intersections_need_not_all_occur_but_every_declared_value_must():
    groups = {"sex": GroupSpec(("F", "M")), "region": GroupSpec(("N", "S"))}
    columns = (*COLUMNS, ("region", "text"))
    cells = {(*where, *pair): n for where in (("F", "N"), ("M", "S")) for pair, n in CELLS.items()}
    found = counted(metric("recall", by=(("sex", "region"),)), subject(columns, groups=groups), cells)
    assert wheres(found) == [("Estimate", "sex=F,region=N"), ("Estimate", "sex=M,region=S")]


def test_derived_bands_are_groups_and_a_missing_number_is_unknown():
    bands = Bands("band", "age", (Fraction(25), Fraction(60)), ("<25", "25-60", "60+"))
    of = subject(derive={"band": bands})
    rows = {"y": list("11111"), "p": list("11110"), "age": pd.array([24, 25, 59, 60, None], dtype="Int64")}
    found = measured(metric("recall", by=(("band",),)), of, **rows)
    assert sorted(wheres(found)) == [
        ("Estimate", "band=25-60"),
        ("Estimate", "band=60+"),
        ("Estimate", "band=<25"),
        ("Unanswered", "band=(missing)"),
    ]


def test_where_selects_rows_by_exact_text_and_refuses_missing_values():
    check = metric("accuracy", where=(("country", ("NO",)),))
    of = subject(classes=("0", "1"))
    rows = {"y": list("1100"), "p": list("1000"), "country": ["NO", "NO", "no", "SE"]}
    (found,) = measured(check, of, **rows)
    assert (found.counts, found.rows) == ("1/2", 2)
    with pytest.raises(EvidenceError, match="1 row has no value"):
        measured(check, of, **{**rows, "country": ["NO", "NO", None, "SE"]})


def test_where_that_selects_nothing_is_no_evidence():
    with pytest.raises(EvidenceError, match="no row has `7`"):
        measured(metric("accuracy", where=(("p", ("7",)),)), subject(), y=list("11"), p=list("10"))


@pytest.mark.parametrize("at", [0, 1])
def test_missing_labels_or_predictions_are_errors_with_counts(at):
    pair: list[str | None] = ["1", "1"]
    pair[at] = None
    with pytest.raises(EvidenceError, match=r"4 of 104 rows have no (label|prediction)"):
        counted(metric("accuracy"), subject(), {**CELLS, tuple(pair): 4})


def test_label_and_prediction_of_different_kinds_are_never_compared():
    columns = (("y", "integer"), ("p", "text"))
    with pytest.raises(EvidenceError, match=r"is integer and prediction `p` is text"):
        list(metric("accuracy").needs(subject(columns), ALPHAS))


@pytest.mark.parametrize(
    ("label", "prediction"),
    [(["1.0", "0.0"], ["1", "0"]), (["yes", "no"], ["1", "0"]), (["1", "0"], ["True", "False"])],
)
def test_two_spellings_of_two_classes_are_an_error(label, prediction):
    with pytest.raises(EvidenceError, match=r"classes in a binary task|does not occur"):
        measured(metric("accuracy"), subject(), y=label, p=prediction)


def test_a_positive_class_that_does_not_occur_is_an_error():
    cells = {("yes", "yes"): 5, ("no", "no"): 5}
    with pytest.raises(EvidenceError, match=r"positive class `1` does not occur"):
        counted(metric("specificity"), subject(), cells)


@pytest.mark.parametrize("name", ["specificity", "false_positive_rate", "selection_rate"])
def test_a_threshold_cannot_make_the_positive_class_occur(name):
    with pytest.raises(EvidenceError, match=r"does not occur|also have"):
        measured(metric(name, threshold=Fraction(1, 2)), subject(), y=["yes"] * 4, s=[0.1, 0.2, 0.9, 0.3])


def test_a_declared_class_without_rows_leaves_what_needs_no_such_row():
    of, cells = subject(classes=("0", "1")), {("0", "0"): 9, ("0", "1"): 1}
    (found,) = counted(metric("specificity"), of, cells)
    assert found.exact == Fraction(9, 10)
    (found,) = counted(metric("recall"), of, cells)
    assert isinstance(found, Unanswered)


@pytest.mark.parametrize("name", ["log_loss", "brier_score", "roc_auc", "average_precision", "calibration_error"])
def test_scores_too_need_the_positive_class_among_the_labels(name):
    with pytest.raises(EvidenceError, match=r"positive class `1`"):
        measured(metric(name), subject(), y=["yes"] * 4, s=[0.1, 0.2, 0.9, 0.3])


def test_three_labels_in_a_binary_task_are_an_error():
    cells = {**CELLS, ("2", "1"): 1}
    with pytest.raises(EvidenceError, match="3 classes in a binary task"):
        counted(metric("accuracy"), subject(), cells)
    with pytest.raises(EvidenceError, match="a binary task has two classes"):
        measured(metric("roc_auc"), subject(), y=list("012"), s=[0.1, 0.2, 0.3])


def test_an_undeclared_class_is_an_error():
    of = subject(task="multiclass", positive=None, classes=("a", "b"))
    with pytest.raises(EvidenceError, match=r"`c`: not among the declared classes"):
        counted(metric("accuracy"), of, {("a", "a"): 3, ("b", "c"): 1})


def test_a_class_that_is_predicted_but_never_a_label_must_be_declared():
    of = subject(task="multiclass", positive=None)
    with pytest.raises(EvidenceError, match="predicted but never a label"):
        counted(metric("accuracy"), of, {("a", "a"): 3, ("b", "c"): 1})


def test_one_class_alone_is_no_multiclass_evidence():
    of = subject(task="multiclass", positive=None)
    with pytest.raises(EvidenceError, match=r"only the class `a` occurs"):
        counted(metric("informedness"), of, {("a", "a"): 3})


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_multiclass_shares_need_a_class_or_an_average(name):
    of = subject(task="multiclass", positive=None, classes=("a", "b", "c"))
    with pytest.raises(EvidenceError, match=r"requires `class: NAME` or `average:`"):
        list(metric(name).needs(of, ALPHAS))


def test_a_metric_of_another_task_says_for_which_it_is():
    with pytest.raises(EvidenceError, match="not defined for regression candidates"):
        list(metric("recall").needs(subject(task="regression"), ALPHAS))


def test_a_declared_class_without_support_has_no_plain_average_and_no_weight_in_a_weighted_one():
    of = subject(task="multiclass", positive=None, classes=("a", "b", "c"))
    cells = {("a", "a"): 3, ("b", "b"): 2, ("b", "a"): 1}
    (macro,), (weighted,) = (counted(metric("precision", average=name), of, cells) for name in ("macro", "weighted"))
    assert isinstance(macro, Unanswered)
    assert weighted.value == pytest.approx((3 * 3 / 4 + 3 * 1) / 6)


@pytest.mark.parametrize("bad", [-0.1, 1.5, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["log_loss", "brier_score", "calibration_error"])
def test_probabilities_outside_0_to_1_are_no_evidence(name, bad):
    with pytest.raises(EvidenceError, match=r"probability must be between|every row requires a finite number"):
        measured(metric(name), subject(), y=list("0101"), s=[0.1, 0.2, 0.3, bad])


@pytest.mark.parametrize(
    ("decimals", "classes", "added", "passes"),
    [(4, 3, 0, True), (2, 3, 0, True), (4, 40, 0, True), (6, 40, 0, True), (4, 3, 0.01, False), (None, 3, 1e-4, False)],
)
def test_rounded_class_probabilities_may_miss_1_by_half_a_unit_each(decimals, classes, added, passes):
    random = np.random.default_rng(1)
    names = tuple(f"c{at}" for at in range(classes))
    shares = random.dirichlet(np.full(classes, 50.0), 2000)
    shares = shares if decimals is None else np.round(shares, decimals)
    shares[0, 0] += added
    of = subject(task="multiclass", positive=None, classes=names, scores=tuple((name, name) for name in names))
    rows = {"y": [names[at] for at in random.integers(0, classes, 2000)]}
    rows |= {name: shares[:, at] for at, name in enumerate(names)}
    if passes:
        (found,) = measured(metric("log_loss"), of, **rows)
        assert isinstance(found, Estimate)
        return
    with pytest.raises(EvidenceError, match="each row must sum to 1"):
        measured(metric("log_loss"), of, **rows)


def test_class_probabilities_must_sum_to_1():
    scores = (("a", "sa"), ("b", "sb"), ("c", "sc"))
    of = subject(task="multiclass", positive=None, classes=("a", "b", "c"), scores=scores)
    rows = {"y": list("abc"), "sa": [0.5, 0.2, 0.2], "sb": [0.3, 0.6, 0.2], "sc": [0.2, 0.2, 0.6]}
    (found,) = measured(metric("log_loss"), of, **rows)
    assert isinstance(found, Estimate)
    with pytest.raises(EvidenceError, match="each row must sum to 1"):
        measured(metric("log_loss"), of, **{**rows, "sc": [0.2, 0.2, 0.7]})
    with pytest.raises(EvidenceError, match=r"labels without a score column: d|not among the declared"):
        measured(metric("log_loss"), of, **{**rows, "y": list("abd")})


def test_top_k_of_all_classes_is_no_demand():
    scores = (("a", "sa"), ("b", "sb"))
    of = subject(task="multiclass", positive=None, classes=("a", "b"), scores=scores)
    with pytest.raises(EvidenceError, match="k is 2 of 2 classes"):
        measured(metric("top_k_accuracy", k=Fraction(2)), of, y=list("ab"), sa=[0.1, 0.9], sb=[0.9, 0.1])


def test_more_rows_on_top_than_there_are_is_undefined():
    (found,) = measured(metric("precision_at_k", k=Fraction(9)), subject(), y=list("01"), s=[0.1, 0.9])
    assert isinstance(found, Unanswered)


def test_an_error_in_percent_of_0_is_an_error():
    of = subject((("y", "float"), ("p", "float")), task="regression", positive=None)
    with pytest.raises(EvidenceError, match="1 label is 0"):
        measured(metric("mape"), of, y=[1.0, 0.0, -1.0], p=[1.0, 2.0, 3.0])


@pytest.mark.parametrize(("y", "p"), [([1.0, -1.0], [1.0, 1.0]), ([1.0, 1.0], [0.0, 1.0])])
def test_poisson_deviance_needs_counts_and_predictions_above_0(y, p):
    of = subject(task="regression", positive=None)
    with pytest.raises(EvidenceError, match=r"must be (0 or more|above 0)"):
        measured(metric("poisson_deviance"), of, y=y, p=p)


@pytest.mark.parametrize("name", ["mae", "mse", "rmse", "wape", "r2", "mean_error", "pinball_loss"])
def test_equal_errors_in_one_group_have_a_value_and_no_bound(name):
    of = subject(task="regression", positive=None)
    rows = {"y": [0.1] * 29 + [1.0, 2.0, 5.0], "p": [0.3] * 29 + [1.5, 1.0, 7.0], "sex": list("F" * 29 + "MMM")}
    quantile = Fraction(1, 2) if name == "pinball_loss" else None
    flat, _ = measured(metric(name, by=(("sex",),), quantile=quantile), of, **rows)
    if name == "r2":
        assert isinstance(flat, Unanswered)
        return
    assert (flat.lower(0.05), flat.upper(0.05)) == (None, None)
    assert flat.no_bound_because


def test_equal_errors_of_a_known_range_have_bounds():
    of = subject(task="regression", positive=None)
    flat = measured(metric("smape"), of, y=[0.1] * 60, p=[0.3] * 60)[0]
    assert flat.value == pytest.approx(1.0)
    assert flat.upper(0.05) == pytest.approx(1 + (1 - 0.05 ** (1 / 60)), rel=1e-3)


@pytest.mark.parametrize("name", ["mae", "mse", "rmse", "mape", "wape", "r2", "mean_error", "pinball_loss"])
def test_fewer_than_20_rows_have_no_bound_where_errors_have_no_range(name):
    of, draw = subject(task="regression", positive=None), random.Random(1)
    quantile = Fraction(1, 2) if name == "pinball_loss" else None
    y, p = ([draw.uniform(1, 2) for _ in range(20)] for _ in "yp")
    few = measured(metric(name, quantile=quantile), of, y=y[:19], p=p[:19])[0]
    assert (few.lower(0.05), few.upper(0.05)) == (None, None)
    assert "a bound needs at least 20 rows and has 19" in few.no_bound_because
    enough = measured(metric(name, quantile=quantile), of, y=y, p=p)[0]
    assert enough.lower(0.05) < enough.value < enough.upper(0.05)


def test_a_cap_is_the_range_of_a_loss():
    of = subject(task="regression", positive=None)
    flat = measured(metric("mae", cap=Fraction(2)), of, y=[1.0] * 10, p=[1.5] * 10)[0]
    assert flat.value == 0.5
    assert flat.upper(0.05) == pytest.approx(0.5 + 1.5 * (1 - 0.05 ** (1 / 10)), rel=1e-6)


def test_negative_sampling_weights_are_no_evidence_for_a_mean():
    of = subject(task="regression", positive=None, roles={**ROLES, "weight": "w"})
    with pytest.raises(EvidenceError, match="0 or more"):
        measured(metric("mae"), of, y=[1.0, 2.0], p=[1.0, 3.0], w=[1.0, -1.0])


@pytest.mark.parametrize("name", ["roc_auc", "fbeta", "median_absolute_error"])
def test_a_metric_that_takes_no_sampling_weights_says_so(name):
    task = "regression" if name == "median_absolute_error" else "binary"
    of = subject(task=task, roles={**ROLES, "weight": "n"})
    with pytest.raises(EvidenceError, match="cannot use sampling weights"):
        list(metric(name, beta=Fraction(2) if name == "fbeta" else None).needs(of, ALPHAS))


@pytest.mark.parametrize(("rows", "bounded"), [(29, False), (60, True)])
def test_a_weighted_share_needs_30_effective_rows_for_a_bound(rows, bounded):
    of = subject(roles={**ROLES, "weight": "w"})
    columns = {"y": ["1"] * rows, "p": (["1"] * 3 + ["0"]) * (rows // 4) + ["1"] * (rows % 4), "w": [2.0] * rows}
    (found,) = measured(metric("accuracy"), of, **columns)
    assert (found.lower(0.05) is not None) == bounded
    assert (found.no_bound_because is None) == bounded


def test_ids_that_repeat_are_said_before_anything_is_measured():
    keys = Keys("predictions", ("id",))
    of = subject(keys={"predictions": keys})
    check = metric("accuracy")
    needs = list(check.needs(of, ALPHAS))
    assert asked_by(needs)[0] == keys
    facts = Facts({keys: KeysFact(10, 2, 0)})
    with pytest.raises(EvidenceError, match="2 ids"):
        guarded(needs, facts)


@pytest.mark.parametrize(
    ("positive", "label", "prediction"),
    [("1", [1, 0, 1, 1], [1, 0, 0, 1]), ("1.0", [1.0, 0.0, 1.0, 1.0], [1.0, -0.0, 0.0, 1.0])],
)
def test_numbers_are_classes_by_their_exact_text(positive, label, prediction):
    (found,) = measured(metric("recall"), subject(positive=positive), y=label, p=prediction)
    assert found.exact == Fraction(2, 3)


def test_truth_values_are_the_classes_true_and_false():
    label, prediction = [True, False, True], [True, True, False]
    (found,) = measured(metric("recall"), subject(positive="true"), y=label, p=prediction)
    assert found.exact == Fraction(1, 2)
