"""Which groups a rule judges, which it may leave out, and which block: the policy says, and silence blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.checks.subject import UNKNOWN_GROUP
from mlgate.evidence.questions.need import Group, Term
from mlgate.metrics.metric import Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.values.estimate import Answer, Estimate, LeftOut, Unanswered
from support.fairness import subject


@dataclass(frozen=True)
class Slice:
    """The rows of a slice, and what its estimate raises."""

    rows: int
    error: type[Exception] | None = None


class ByRows:
    """A kind whose value is the number of rows."""

    def estimate(self, question: Question, stats: Slice, /) -> Estimate:
        """The number of rows, or the error of the slice."""
        if stats.error is not None:
            raise stats.error("0/0")
        return Estimate((), float(stats.rows), stats.rows, stats.rows)


def answers(slices: Mapping[Group, Slice | int], names: str = "g", **of: Any) -> list[Answer]:
    """The answers for slices by columns of these names."""
    asked = subject(**of)
    question = Question(asked.rows(), "binary", {}, Options(), by=tuple(Term(name, name) for name in names))
    groups = {group: Slice(each) if isinstance(each, int) else each for group, each in slices.items()}
    return list(answers_by_slice(asked, question, ByRows(), groups))


def kinds(found: list[Answer]) -> dict[str, type[Answer]]:
    """The kind of each answer, by the values of its slice."""
    return {"/".join(value for _, value in each.where): type(each) for each in found}  # type: ignore[union-attr]


SEXES = GroupSpec(("F", "M"))
AGES = Bands("g", "age", (Fraction(40),), ("<40", ">=40"))


@pytest.mark.parametrize(
    ("of", "values", "blocking"),
    [
        ({}, ("F", "x"), ()),
        ({}, ("F", None), ("(missing)",)),
        ({}, ("F", UNKNOWN_GROUP), ()),
        ({"groups": {"g": SEXES}}, ("F", "M"), ()),
        ({"groups": {"g": SEXES}}, ("F", "M", "x"), ("x",)),
        ({"groups": {"g": SEXES}}, ("F", "M", None), ("(missing)",)),
        ({"groups": {"g": SEXES}}, ("F", "M", UNKNOWN_GROUP), (UNKNOWN_GROUP,)),
        ({"groups": {"g": SEXES}}, ("F",), ("M",)),
        ({"groups": {"g": GroupSpec(("F",), "own_group")}}, ("F", UNKNOWN_GROUP), ()),
        ({"groups": {"g": GroupSpec(("F",), "own_group")}}, ("F", "x"), ("x",)),
        ({"groups": {"g": GroupSpec((), "own_group")}}, ("F", UNKNOWN_GROUP), ()),
        ({"derive": {"g": AGES}}, ("<40", ">=40"), ()),
        ({"derive": {"g": AGES}}, ("<40",), (">=40",)),
        ({"derive": {"g": AGES}}, ("<40", ">=40", "x"), ("x",)),
        ({"derive": {"g": AGES}}, ("<40", ">=40", UNKNOWN_GROUP), (UNKNOWN_GROUP,)),
        ({"derive": {"g": AGES}, "groups": {"g": GroupSpec((), "report")}}, ("<40",), (">=40",)),
        ({"derive": {"g": AGES}, "groups": {"g": GroupSpec(("<40",))}}, ("<40",), ()),
    ],
)
def test_undeclared_missing_and_absent_groups_block(
    of: dict[str, Any], values: tuple[str | None, ...], blocking: tuple[str, ...]
) -> None:
    found = kinds(answers({(value,): 9 for value in values}, **of))
    assert set(found) == {value or "(missing)" for value in values} | set(blocking)
    assert {value for value, kind in found.items() if kind is Unanswered} == set(blocking)
    assert set(found.values()) <= {Estimate, Unanswered}


def test_a_policy_may_leave_out_rows_of_unknown_groups_and_they_are_counted() -> None:
    of = {"groups": {"g": GroupSpec(("F", "M"), "report")}}
    found = answers({("F",): 9, ("M",): 8, ("x",): 2, (None,): 1}, **of)
    left = [answer for answer in found if isinstance(answer, LeftOut)]
    assert [(each.where, each.rows, each.of, each.unknown) for each in left] == [
        ((("g", "(missing)"),), 1, 20, True),
        ((("g", "x"),), 2, 20, True),
    ]
    assert kinds(found) == {"F": Estimate, "M": Estimate, "x": LeftOut, "(missing)": LeftOut}


@pytest.mark.parametrize(
    ("other", "kind"), [(GroupSpec((), "report"), LeftOut), (GroupSpec((), "block"), Unanswered), (None, Unanswered)]
)
def test_rows_that_are_unknown_in_two_columns_are_left_out_only_if_both_may_be(
    other: GroupSpec | None, kind: type[Answer]
) -> None:
    specs = {"g": GroupSpec((), "report")} | ({"h": other} if other else {})
    assert kinds(answers({("a", "b"): 9, (None, None): 2}, "gh", groups=specs)) == {
        "a/b": Estimate,
        "(missing)/(missing)": kind,
    }


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ((None, "b"), "2 rows have no value of `g`; fill it in, or say by `unknown:` of `groups:` how they count"),
        ((None, None), "2 rows have no value of `g` and `h`; fill it in, or say by `unknown:` of `groups:` how they"),
        (("x", "b"), "2 rows have an unknown group (g=x); declare it in `groups:`, or set `unknown:` there"),
        (("x", None), "2 rows have no value of `h`; fill it in, or say"),
    ],
)
def test_what_blocks_is_said_with_the_column(group: Group, said: str) -> None:
    specs = {"g": GroupSpec(("a",)), "h": GroupSpec()}
    (found,) = [each for each in answers({("a", "b"): 9, group: 2}, "gh", groups=specs) if isinstance(each, Unanswered)]
    assert found.said.startswith(said)


def test_a_group_of_one_column_is_named_by_the_finding_alone() -> None:
    found = answers({("F",): 9, ("x",): 2}, groups={"g": GroupSpec(("F",))})
    (said,) = [each.said for each in found if isinstance(each, Unanswered)]
    assert said == "2 rows have an unknown group; declare it in `groups:`, or set `unknown:` there"


def test_a_declared_group_without_rows_is_said_with_the_groups_that_there_are() -> None:
    (found,) = [each for each in answers({("F",): 9}, groups={"g": SEXES}) if isinstance(each, Unanswered)]
    assert (found.where, found.rows) == ((("g", "M"),), 0)
    assert (
        found.said
        == "the declared group has no rows; there are F (9 rows). Add rows for it, or remove it from `groups:`"
    )


@pytest.mark.parametrize(
    ("names", "rows", "least", "kind"),
    [("g", 9, 0, Unanswered), ("g", 9, 9, Unanswered), ("g", 9, 10, LeftOut), ("", 9, 10, Unanswered)],
)
def test_a_value_that_is_not_defined_blocks_unless_its_slice_is_too_small_to_be_judged(
    names: str, rows: int, least: int, kind: type[Answer]
) -> None:
    slices = {tuple("a" for _ in names): Slice(rows, Undefined)}
    (found,) = answers(slices, names, least_rows=least)
    assert type(found) is kind
    assert found.rows == rows


def test_a_value_that_overflows_blocks_however_small_its_slice() -> None:
    (found,) = answers({("a",): Slice(2, OverflowError)}, least_rows=10)
    assert isinstance(found, Unanswered)
    assert found.said.startswith("its numbers are too large or too small")
