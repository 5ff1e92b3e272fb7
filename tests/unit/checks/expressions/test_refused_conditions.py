"""What is not a condition is refused at its place, with what to write instead; reading never crashes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.checks.expressions.kinds import PartKinds
from mlgate.checks.expressions.parse import FUNCTIONS_TAKE, MOST_DEPTH, MOST_LEVELS, MOST_OPERATIONS, parse_condition
from mlgate.checks.expressions.tokens import MOST_TOKENS, WORDS, ConditionError
from mlgate.values.errors import EvidenceError, InputError

REFUSED = [
    ("a == 1", 2, "`==` is not a sign of conditions; write `=`"),
    ("a <> 1", 2, "write `!=`"),
    ("a = 1 && b = 2", 6, "write `and`"),
    ("a = 1 | b = 2", 6, "write `or`"),
    ("!a", 0, "write `not`"),
    ("a => b", 2, "write `if ... then ...`"),
    ("a ** 2 = 4", 2, "`*` is not a sign"),
    ("a % 2 = 0", 2, "`%` is not a sign"),
    ("a = 1;", 5, "`;` is not a sign"),
    ("a AND b", 2, "write `and` in small letters"),
    ("a is NULL", 5, "write `missing`"),
    ("a = nan", 4, "write `missing`"),
    ('a = "b', 4, 'the quote " is not closed'),
    ("`a = 1", 0, "the quote ` is not closed"),
    ("a = 007", 4, "without leading zeros, or in quotes"),
    ("a = .5", 4, "`.5` is not a number"),
    ("a = 1e999", 4, "not a number"),
    ("a = 12abc", 4, "`12abc` is not a number"),
    ("a = 2024-02-30", 4, "there is no date or time `2024-02-30`"),
    ("a = 2024-13-01T00:00:00", 4, "there is no date or time"),
    ("a", 0, ""),
    ("a + 1", 2, "this is a number, and true or false is required; compare it with something"),
    ('"x"', 0, "names no column"),
    ("1 = 1", 0, "names no column"),
    ("a = 1 = 2", 6, "compared twice; join two comparisons by `and`"),
    ("1 < a < 5", 6, "compared twice"),
    ("a = 1 b = 2", 6, "`b` does not follow"),
    ("(a = 1", 6, "`)` is missing"),
    ("a = 1)", 5, "`)` closes nothing"),
    ("a =", 3, "a value is expected, not the end"),
    ("a in 1", 5, "`[` is missing after `in`"),
    ("a in []", 5, "the list after `in` is empty"),
    ("a in [1, 2", 10, "`]` is missing"),
    ("a between 1", 11, "`and` is missing between the two ends"),
    ("a not = 1", 2, "write `not in`, `not between` or `!=`"),
    ("a is 5", 5, "write `is missing`, or `=`"),
    ("a + 1 is missing", 2, "only a column can be missing"),
    ("if a = 1", 8, "`then` is missing"),
    ("a = 1 and if b then c", 10, "needs parentheses"),
    ("median(a) = 1", 0, "there is no function `median`; there are days, length"),
    ("lenght(a) = 1", 0, "did you mean `length`?"),
    ("days(a) = 1", 0, "`days` takes 2 values, not 1"),
    ("length() = 1", 0, "`length` takes 1 value, not 0"),
    ('a + "x" = 1', 4, "is a text, and a number is required; write a number"),
    ('a + "5" = 1', 4, "write 5 without quotes"),
    ('a < "m"', 2, "texts have no order; compare a number or a date without quotes, or use = and in"),
    ("a < true", 2, "true and false have no order"),
    ("a + 2024-01-01 > 1", 2, "write days(from, to)"),
    ("days(a, b) > 2024-01-01", 11, "which cannot be compared; write a number"),
    ("a between 1 and 2024-01-01", 2, "cannot be compared"),
    ('a in [1, "x"]', 2, "cannot be compared"),
    ("(a = 1) + 1 = 2", 3, "this is true or false, and a number is required"),
    ("length(a + 1) = 1", 9, "this is a number, and a text is required"),
    ("number(a + 1) = 1", 9, "`number` reads a text column"),
    ("a = 1 and 2", 10, "`2` is a number, and true or false is required; write true or false"),
    (f"{'(' * 40}a{')' * 40}", MOST_DEPTH // 2, "levels deep; split it"),
    (" or ".join(["a = 1"] * 120), 0, f"more than {MOST_LEVELS} levels"),
    (" + ".join("a" * (MOST_OPERATIONS + 1)) + " > 0", 0, ""),
    (" + ".join("a" * (MOST_OPERATIONS + 2)) + " > 0", 0, f"more than {MOST_OPERATIONS + 1} levels"),
    (f"a in [{', '.join('1' * 1000)}]", 0, f"more than {MOST_TOKENS} words and signs"),
]  # fmt: skip


def refusal(text: str) -> ConditionError | None:
    try:
        PartKinds().require(parse_condition(text), "truth")
    except ConditionError as wrong:
        return wrong
    return None


@pytest.mark.parametrize(("text", "at", "says"), REFUSED, ids=[each[0][:40] for each in REFUSED])
def test_what_is_not_a_condition_is_refused_where_it_is_wrong(text: str, at: int, says: str) -> None:
    wrong = refusal(text)
    if not says:
        assert wrong is None
        return
    assert wrong is not None
    assert says in str(wrong)
    if len(text) < 60:
        assert wrong.at == at


TABLE = pa.table(
    {
        "n": pa.array([1]),
        "s": pa.array(["1"]),
        "u": pa.array(["1"]),
        "ok": pa.array([True]),
        "day": pa.array([0], pa.date32()),
        "nested": pa.array([[1]]),
    }
)
UNFIT = [
    ('n = "1"', "policy.yaml:7:8", 'is a number and "1" is a text, which cannot be compared; write 1 without'),
    ('n = "x"', "policy.yaml:7:8", "write a number"),
    ('day = "2024-01-01"', "policy.yaml:7:10", "write a date such as 2024-01-31 without quotes"),
    ("day > 5", "policy.yaml:7:10", "or days(from, to)"),
    ("ok = 1", "policy.yaml:7:9", "write true or false"),
    ("n", "policy.yaml:7:6", "column `n` is a number, and true or false is required; compare it"),
    ("s < u", "policy.yaml:7:8", "text columns have no order; write number(`s`) or date(`s`)"),
    ("n = s and day = n", "policy.yaml:7:20", "column `day` is a date or time and column `n` is a number"),
    ("length(n) = 1", "policy.yaml:7:13", "column `n` is a number, and a text is required"),
    ("date(n) = day", "policy.yaml:7:11", "`date` reads a text column; column `n` is a number, so remove it"),
    ("days(day, n) = 1", "policy.yaml:7:16", "a date or time is required"),
    ("n = 1 and nested = 1", "policy.yaml:7:16", "column `nested` is nested or binary"),
    ("n = 1 and N = 1", "", "no column `N`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "says"), UNFIT, ids=[each[0] for each in UNFIT])
def test_what_does_not_fit_the_columns_is_refused_at_its_place(opening: Any, text: str, place: str, says: str) -> None:
    with opening(TABLE) as table, pytest.raises(EvidenceError) as refused:
        table.bound(text)
    assert says in str(refused.value)
    assert str(refused.value).endswith(f"see {place}" if place else "")


def test_a_mistake_is_told_at_its_place_in_the_policy(read: Callable[[str], Any]) -> None:
    with pytest.raises(InputError) as refused:
        read("a = 1 and b == 2")
    assert str(refused.value).startswith("policy.yaml:7:18: `must` is not a condition: `==` is not a sign")


SCRAPS = st.lists(
    st.sampled_from(
        [
            *WORDS,
            *FUNCTIONS_TAKE,
            *"()[],+-*/=<>`'\"",
            "a",
            "b.c",
            "`x y`",
            "1",
            "0.5",
            "2024-01-01",
            '"t"',
            "<=",
            "!=",
            " ",
        ]
    )
    | st.text(max_size=3),
    max_size=30,
)


@settings(max_examples=500, deadline=None)
@given(SCRAPS.map(" ".join) | SCRAPS.map("".join))
def test_reading_never_crashes(text: str) -> None:
    wrong = refusal(text)
    assert wrong is None or 0 <= wrong.at <= len(text)
