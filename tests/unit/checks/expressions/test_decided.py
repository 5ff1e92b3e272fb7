"""What conditions say of rows: exactly, in three truth values, and the same as an evaluator in Python."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mlgate.checks.expressions.parse import parse_condition
from mlgate.evidence.dialect import FUNCTIONS, functions_in
from support import conditions

Decide = Callable[..., list[bool | None]]
BIG = 2**53


def table(**columns: Any) -> pa.Table:
    return pa.table({name: of if isinstance(of, pa.Array) else pa.array(of) for name, of in columns.items()})


def decimals(*values: str | None, digits: int = 20, scale: int = 4) -> pa.Array:
    return pa.array([None if each is None else Decimal(each) for each in values], pa.decimal128(digits, scale))


ZONED = timezone(timedelta(hours=2))
NUMBERS = table(
    a=[1, 2, None, 3],
    b=[0, 2, 1, 5],
    x=[0.1, float("nan"), 1.5, float("inf")],
    t=["1", "2.0", "two", None],
)
SAYS: list[tuple[str, pa.Table, list[bool | None]]] = [
    ("a > 1", NUMBERS, [False, True, None, True]),
    ("a > 1 or b = 1", NUMBERS, [False, True, True, True]),
    ("a > 1 and b = 9", NUMBERS, [False, False, False, False]),
    ("not a = 1", NUMBERS, [False, True, None, True]),
    ("a / b >= 1", NUMBERS, [None, True, None, False]),
    ("a is missing", NUMBERS, [False, False, True, False]),
    ("x is not missing and x < 2", NUMBERS, [True, False, True, False]),
    ("x > 1", NUMBERS, [False, None, True, True]),
    ("x + 1 > 1", NUMBERS, [True, None, True, None]),
    ("t = 2", NUMBERS, [False, True, None, None]),
    ('t = "2"', NUMBERS, [False, False, False, None]),
    ("t is missing", NUMBERS, [False, False, False, True]),
    ("l is not missing and n = 1", table(l=[[1], None, [2]], n=[1, 1, 2]), [True, False, False]),
    ("if a = 1 then b = 0", NUMBERS, [True, True, None, True]),
    ("if a = 1 then b = 0 else b = 5", NUMBERS, [True, False, None, True]),
    ("a in [1, 3]", NUMBERS, [True, False, None, True]),
    ("a not in [1, b]", NUMBERS, [False, False, None, True]),
    ("a between 1 and b", NUMBERS, [False, True, None, True]),
    ("a not between 2 and 3", NUMBERS, [True, False, None, False]),
    ("-a = b - 1 or abs(-a) = 3", NUMBERS, [True, False, None, True]),
    ("2 + 3 * a - 1 = 4", NUMBERS, [True, False, None, False]),
    ("2 * (a - b) / 2 - 1 = 0", NUMBERS, [True, False, None, False]),
    ("8 / 4 / 2 = a", NUMBERS, [True, False, None, False]),
    ("n = 9007199254740993", table(n=[BIG, BIG + 1]), [False, True]),
    ("n = 9007199254740993", table(n=[str(BIG), str(BIG + 1)]), [False, True]),
    ("n = 9007199254740993", table(n=decimals(str(BIG), str(BIG + 1))), [False, True]),
    ("n * n = 81129638414606699710187514626049", table(n=[str(BIG), str(BIG + 1)]), [False, True]),
    ("n * n < 81129638414606699710187514626049", table(n=decimals(str(BIG), str(BIG + 1))), [True, False]),
    ("n = f", table(n=[BIG, BIG + 1], f=[float(BIG), float(BIG)]), [True, False]),
    ("n + 1 = m", table(n=[BIG, BIG], m=[BIG, BIG + 1]), [False, True]),
    ("n * 3 = m", table(n=[BIG + 1], m=[3 * BIG]), [False]),
    ("n = m", table(n=["123456789012345678901234567.5"], m=["123456789012345678901234567.5"]), [True]),
    ("n > 18446744073709551614", table(n=pa.array([2**64 - 1, 5], pa.uint64())), [True, False]),
    ("a + b = c", table(a=[0.1], b=[0.2], c=[0.3]), [True]),
    ("a + b = c", table(a=[0.1], b=[0.2], c=[0.1 + 0.2]), [True]),
    ("a + b < c", table(a=[0.1], b=[0.2], c=[0.3]), [False]),
    ("a + b > c", table(a=[0.1], b=[0.2], c=[0.3]), [False]),
    ("a + b = c", table(a=["0.1"], b=["0.20"], c=["0.3001"]), [False]),
    ("a + b = c", table(a=["123456789012.345"], b=["0.001"], c=["123456789012.345"]), [False]),
    ("x + y = z", table(x=["0.5118216247002567"], y=["0.9504636963259353"], z=["1.462285321026192"]), [True]),
    ("x + y = z", table(x=[0.5118216247002567], y=[0.9504636963259353], z=[1.462285321026192]), [True]),
    ("number(a) = number(b)", table(a=["0.300000000000000001", ".5"], b=["0.3", "0.50"]), [False, True]),
    ("a + b = c", table(a=["0.1"], b=["0.20"], c=["0.3"]), [True]),
    ("a * b = c", table(a=decimals("19.99"), b=[3], c=decimals("59.97")), [True]),
    ("a * b = 59.97", table(a=["19.99"], b=["3"]), [True]),
    ("x = 0.1", table(x=[0.1, 0.1 + 2**-56]), [True, False]),
    ("x * 10 > 1", table(x=[1e308, -1e308]), [None, None]),
    ("x / 10 > 1", table(x=[1e308, 0.0]), [True, False]),
    ("1 / x > 0", table(x=[0.0, -0.0, 4.0]), [None, None, True]),
    ("x = 0", table(x=[0.0, -0.0]), [True, True]),
    ("a > b", table(a=decimals("5", digits=38, scale=30), b=[4]), [True]),
    ("n = m or n + m > n * m", table(n=decimals("9" * 28 + ".5", "1.5", digits=38),
     m=decimals("9" * 28 + ".5", "2.25", digits=38)), [True, True]),
    ("n + n = n * 2 and n - 1 < n", table(n=decimals("9" * 28 + ".5", "1.5", digits=38)), [True, True]),
    ("t > 3", table(t=["1e3", "1_0", " 5", "0x10", "nan", "", "٣", "+4", "4.", ".5"]),
     [True, None, None, None, None, None, None, True, True, False]),
    ('s = "é"', table(s=["é", "e\u0301", "É", None]), [True, False, False, None]),
    ('s = "it""s" or s = \'say "so"\'', table(s=['it"s', 'say "so"', "its"]), [True, True, False]),
    ('s = "two\nlines"', table(s=["two\nlines", "two lines"]), [True, False]),
    ("length(s) = 2", table(s=["ab", "é1", "👍👍", "", None]), [True, True, True, False, None]),
    ("s = u", table(s=["1", "1", None], u=["1", "1.0", "1"]), [True, False, None]),
    ("number(s) < number(u)", table(s=["9", "x"], u=["10", "10"]), [True, None]),
    ("s < number(u)", table(s=["9", "x"], u=["10", "10"]), [True, None]),
    ("ok", table(ok=[True, False, None]), [True, False, None]),
    ("ok = false", table(ok=[True, False, None]), [False, True, None]),
    ("ok and n = 1", table(ok=["true", "FALSE", "yes", None], n=[1, 1, 1, 1]), [True, False, None, None]),
    ("day >= 2024-02-29", table(day=[date(2024, 2, 28), date(2024, 2, 29), None]), [False, True, None]),
    ("day < 1960-01-01", table(day=["1959-12-31", "1960-01-01", "1959-12-32", "31.12.1959"]),
     [True, False, None, None]),
    ("at = 2024-02-29T10:00:00Z", table(at=pa.array([datetime(2024, 2, 29, 12, tzinfo=ZONED)])), [True]),
    ("at = 2024-02-29T12:00:00+02:00", table(at=["2024-02-29 10:00:00", "2024-02-29T11:00+01:00"]), [True, True]),
    ("days(a, b) = 366", table(a=[date(1960, 1, 1)], b=[date(1961, 1, 1)]), [True]),
    ("days(a, b) = 0.5", table(a=["1960-01-01"], b=["1960-01-01T12:00:00"]), [True]),
    ("days(a, b) = -1.5", table(a=["1970-01-02"], b=["1969-12-31 12:00:00"]), [True]),
    ("days(a, b) <= 30", table(a=["2024-01-01", "2024-01-01", "x"], b=["2024-01-31", "2024-02-01", "2024-02-01"]),
     [True, False, None]),
    ("date(a) <= date(b)", table(a=["2024-01-31", "2024-01-02"], b=["2024-01-30T23:00-05:00", "2024-01-01"]),
     [True, False]),
    ("`order total` > 5 and `a``b` = 1 and t.x = 2", table(**{"order total": [6], "a`b": [1], "t.x": [2]}), [True]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows", "says"), SAYS, ids=[f"{at} {each[0]}" for at, each in enumerate(SAYS)])
def test_a_condition_is_true_false_or_not_decided(
    decide: Decide, text: str, rows: pa.Table, says: list[bool | None]
) -> None:
    assert decide(rows, text) == says


def test_its_sql_calls_only_functions_that_every_engine_has(opening: Any) -> None:
    called = set()
    for text, rows, _ in SAYS:
        with opening(rows) as table:
            called |= functions_in(table.bound(text).holds)
    assert {"matches", "extract", "try"} <= called <= FUNCTIONS


def test_values_that_stand_for_missing_ones_are_missing(decide: Decide) -> None:
    rows = table(a=[1, -999], t=["5", "N/A"])
    assert decide(rows, "a > 0", "-999", "N/A") == [True, None]
    assert decide(rows, "t > 0", "-999", "N/A") == [True, None]
    assert decide(rows, "t is missing and a is missing", "-999", "N/A") == [False, True]


def test_a_condition_says_which_rows_lack_a_value_that_it_uses(opening: Any) -> None:
    rows = table(a=[1, None, 3, None], b=[0, 1, None, None])
    with opening(rows) as opened:
        bound = opened.bound("if b is not missing then a / b > 0")
        lacks = opened.query(f"select {bound.lacks}, {bound.undecided} from {opened.tables.relation('t')}")
    assert [column.name for column in bound.columns] == ["b", "a"]
    assert lacks == [(False, True), (True, True), (True, False), (True, False)]


RANDOM = random.Random(5)
POOLS: dict[str, tuple[str, list[Any]]] = {
    "i": ("number", [None, -3, 0, 1, 2, 7]),
    "big": ("number", [None, BIG, BIG + 1, -BIG - 1, 5]),
    "d": ("number", [None, Decimal("0.10"), Decimal("-1.25"), Decimal("3.00"), Decimal("0.00")]),
    "f": ("number", [None, float("nan"), 0.5, -1.75, 2.0, 0.0, -0.0]),
    "t": ("", [None, "0.1", "0.10", "-7", "+3", ".5", "1.", "abc", "", " 5", "1e3", "1.25e+1", "nan"]),
    "s": ("", [None, "", "a", "A", "é", "it's", 'a "b"', "a\nb", "true"]),
    "day": ("time", [None, date(1959, 12, 31), date(2024, 2, 29), date(2024, 3, 1)]),
    "at": ("time", [None, datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2024, 2, 29, 6)]),
    "when": ("", [None, "1959-12-31", "2024-02-29T08:00:00+02:00", "2024-03-01", "2024-02-30", "soon"]),
    "ok": ("truth", [None, True, False]),
    "word": ("", [None, "true", "False", "FALSE", "yes", ""]),
}
READ = {"number": conditions._number, "time": conditions._time, "truth": conditions.truth}
KINDS = {name: READ[kind] for name, (kind, _) in POOLS.items() if kind}
ROWS = [{name: RANDOM.choice(pool) for name, (_, pool) in POOLS.items()} for _ in range(150)]
TYPES = {"d": pa.decimal128(9, 2), "at": pa.timestamp("us"), "day": pa.date32(), "f": pa.float64()}
FRAME = pa.table({name: pa.array([row[name] for row in ROWS], TYPES.get(name)) for name in POOLS})


def joined(each: st.SearchStrategy[str], signs: list[str], most: int = 2) -> st.SearchStrategy[str]:
    sign = st.sampled_from(signs)
    one = st.tuples(each, st.lists(st.tuples(sign, each), max_size=most))
    return one.map(lambda found: f"({found[0]}{''.join(f' {sign} {more}' for sign, more in found[1])})")


EXACT = joined(
    joined(st.sampled_from(["i", "d", "number(t)", "-i", "abs(d)", "2", "0.1", "-1.25", "length(s)"]), ["*"])
    | st.sampled_from(["big", "9007199254740993"]),
    ["+", "-"],
)
DOUBLE = joined(
    joined(st.sampled_from(["i", "f", "-f", "d", "2", "0.5", "abs(f)", "days(day, at)"]), ["*", "/"]), ["+", "-"], 1
)
TIMES = st.sampled_from(["day", "at", "date(when)", "2024-02-29", "1960-01-01", "2024-02-29T06:00:00Z"])
TEXTS = st.sampled_from(["s", '"a"', "'it''s'", '"a ""b"""', "t", '""', '"0.1"', '"a\nb"'])
TRUTHS = st.sampled_from(["ok", "true", "false"])
EQUAL, ORDER = st.sampled_from(["=", "!="]), st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def compared(of: st.SearchStrategy[str], signs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(of, signs, of).map(" ".join)


def between(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(of, of, of).map(lambda found: f"{found[0]} between {found[1]} and {found[2]}")


def among(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(of, st.sampled_from(["in", "not in"]), st.lists(of, min_size=1, max_size=3)).map(
        lambda found: f"{found[0]} {found[1]} [{', '.join(found[2])}]"
    )


SIMPLE = st.one_of(
    compared(EXACT, ORDER), compared(DOUBLE, ORDER), compared(TIMES, ORDER), compared(TEXTS, EQUAL),
    compared(TRUTHS, EQUAL), between(TIMES), between(EXACT), among(TEXTS), among(EXACT), among(TIMES),
    st.sampled_from(["ok", "word", "t > 0", "when < day", "t in [3, 0.1]", "t = i"]),
    st.tuples(st.sampled_from(list(POOLS)), st.sampled_from(["is missing", "is not missing"])).map(" ".join),
)  # fmt: skip


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda found: f"({' '.join(found)})"),
        inner.map(lambda found: f"not ({found})"),
        st.tuples(inner, inner).map(lambda found: f"(if {found[0]} then {found[1]})"),
        st.tuples(inner, inner, inner).map(lambda found: f"(if {found[0]} then {found[1]} else {found[2]})"),
    )


CONDITIONS = st.recursive(SIMPLE, deeper, max_leaves=6)


@pytest.fixture(scope="module")
def opened(opening: Any) -> Iterator[Any]:
    with opening(FRAME) as found:
        yield found


def says_the_same(opened: Any, text: str) -> None:
    assume(re.search(rf"\b({'|'.join(POOLS)})\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", text)))
    tree = parse_condition(text)
    assert opened.decided(text) == [conditions.truth(tree, {**row, "kinds": KINDS}) for row in ROWS]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=CONDITIONS)
@example("(d * d + big) = big")
@example("(big + d * d) > (big)")
@example("(d * d - big) in [big]")
@example("(big * d * d * d) = (big * big)")
@example("-(d * d + big) < abs(big * d * d)")
def test_the_sql_says_what_an_evaluator_in_python_says(opened: Any, text: str) -> None:
    says_the_same(opened, text)


@pytest.mark.slow
@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=CONDITIONS)
def test_the_sql_says_so_for_many_conditions(opened: Any, text: str) -> None:
    says_the_same(opened, text)
