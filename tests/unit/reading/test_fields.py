"""fields: what each spec takes, the exact words with which it refuses, and its schema."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlgate.reading.fields import (
    MISSING,
    By,
    Choice,
    Date,
    Either,
    Flag,
    Identifier,
    Integer,
    ListOf,
    MapOf,
    Number,
    OneOrMany,
    ProblemReport,
    Record,
    Spec,
    Text,
    number,
    param,
    place,
    read_record,
    record_schema,
)
from mlgate.reading.strict_yaml import Mapping, Node, load
from mlgate.values.errors import InputError, Location


def read(spec: Spec[Any], text: str) -> tuple[Any, list[str]]:
    node = load(f"k: {text}\n".encode(), "f")
    assert isinstance(node, Mapping)
    below = node.get("k")
    assert below is not None
    report = ProblemReport(key="k")
    value = spec.read(below, report)
    return value, [str(problem) for problem in report.problems]


def accepted(spec: Spec[Any], text: str) -> Any:
    value, problems = read(spec, text)
    assert problems == []
    return value


def refused(spec: Spec[Any], text: str) -> str:
    value, problems = read(spec, text)
    assert value is MISSING
    (problem,) = problems
    return problem.removeprefix("f:1:4: ")


@pytest.mark.parametrize("word", ["NO", "on", "007", "2026.10", "1_000", "true", '"null"', "x y"])
def test_text_is_kept_as_written(word: str) -> None:
    assert accepted(Text(), word) == word.strip('"')


TEXT_REFUSED = [
    ("", "`k` is empty; it must be a text"),
    ("null", '`k` is empty; it must be a text; write "null" in quotes if the text is meant'),
    ("~", '`k` is empty; it must be a text; write "~" in quotes if the text is meant'),
    ('" "', "`k` must not be an empty text"),
    ("[a]", "`k` must be a text, not a list"),
    ("{a: b}", "`k` must be a text, not a mapping"),
]


@pytest.mark.parametrize(("word", "message"), TEXT_REFUSED)
def test_text_refuses(word: str, message: str) -> None:
    assert refused(Text(), word).removeprefix("f:1:3: ") == message


def test_an_empty_text_is_allowed_where_declared() -> None:
    assert accepted(Text(empty=True), '""') == ""


def test_identifier() -> None:
    assert accepted(Identifier(), "Recall-v1.2_x") == "Recall-v1.2_x"
    for word in ("-a", "a b", "a/b", "é", "a" * 101, '"a\\n"'):
        assert "must be a name of letters, digits" in refused(Identifier(), word)


def test_choice_names_the_words_and_the_nearest() -> None:
    assert accepted(Choice("block", "warn"), "warn") == "warn"
    assert (
        refused(Choice("block", "warn"), "blok") == "`k` must be one of block, warn, not `blok`, did you mean `block`?"
    )
    assert refused(Choice("block", "warn"), "eror") == "`k` must be one of block, warn, not `eror`"


def test_flag_is_true_or_false_only() -> None:
    assert accepted(Flag(), "true") is True
    assert accepted(Flag(), "false") is False
    assert refused(Flag(), "yes") == "`k` must be true or false, not `yes`"
    assert refused(Flag(), '"true"') == '`k` must be true or false, not the quoted "true"; write true without quotes'


def test_integer() -> None:
    assert accepted(Integer(min=0), "12") == 12
    assert accepted(Integer(), "-3") == -3
    assert refused(Integer(min=1, max=9), "10") == "`k` must be a whole number from 1 to 9, not `10`"
    assert refused(Integer(min=1), "0") == "`k` must be a whole number of at least 1, not `0`"
    assert refused(Integer(), '"3"') == '`k` must be a whole number, not the quoted "3"; write 3 without quotes'
    for word in ("1.0", "1e3", "007", "+1", "true", "0x1", "1_000", "9" * 31, "９"):
        assert "must be a whole number" in refused(Integer(), word)


NUMBERS = ["0", "-0", "0.9", "10", "-1.50", "1e-3", "2E+2", "0.30000000000000004", "123456789.123456789"]


@pytest.mark.parametrize("word", NUMBERS)
def test_a_number_is_read_exactly(word: str) -> None:
    assert accepted(Number(), word) == Fraction(Decimal(word))


NOT_NUMBERS = [
    ('"0.9"', 'not the quoted "0.9"; write 0.9 without quotes'),
    ("'0.9'", 'not the quoted "0.9"; write 0.9 without quotes'),
    ("0,95", "not `0,95`; write 0.95"),
    ("1,000", "not `1,000`; write 1000, or 1.000 if the comma is a decimal one"),
    ("1,000,000", "not `1,000,000`; write 1000000"),
    ("90%", "not `90%`; write 0.9"),
    ("０.９", "not `０.９`; write 0.9"),
    ("1_000", "not `1_000`; write 1000"),
    (".5", "not `.5`; write 0.5"),
    ("5.", "not `5.`; write 5.0"),
    ("+5", "not `+5`; write 5"),
    ("007", "not `007`; write 7"),
    (".nan", "not `.nan`; a finite number is required"),
    ("NaN", "not `NaN`; a finite number is required"),
    (".inf", "not `.inf`; a finite number is required"),
    ("-.inf", "not `-.inf`; a finite number is required"),
    ("true", "not `true`"),
    ("1e400", "not `1e400`"),
    ("1e-400", "not `1e-400`"),
    ("0x10", "not `0x10`"),
    ("1:30", "not `1:30`"),
    ("4/5", "not `4/5`"),
    ("٠.٩", "not `٠.٩`"),
    ("[0.9]", "not a list"),
]


@pytest.mark.parametrize(("word", "rest"), NOT_NUMBERS)
def test_what_is_no_number_is_refused_with_the_remedy(word: str, rest: str) -> None:
    assert refused(Number(), word) == f"`k` must be a number, {rest}"


@pytest.mark.parametrize("word", ["null", "~"])
def test_nothing_is_no_number(word: str) -> None:
    assert refused(Number(), word).startswith("`k` is empty; it must be a number")


@pytest.mark.parametrize(
    ("word", "rest"),
    [
        ("1,000", "`1,000`; write 1000"),
        ("0,8", "`0,8`"),
        ('"7"', 'the quoted "7"; write 7 without quotes'),
        ('"0.5"', 'the quoted "0.5"'),
        ("50 %", "`50 %`"),
    ],
)
def test_what_is_no_whole_number_has_a_remedy_only_where_one_is_meant(word: str, rest: str) -> None:
    assert refused(Integer(), word) == f"`k` must be a whole number, not {rest}"


def test_a_decimal_comma_that_yaml_reads_as_the_end_of_a_value() -> None:
    said = "a comma ends a value between braces, so `8` was read as a key; write 0.8"
    assert read(Record(Inner), "{path: 0,8}")[1] == [f"f:1:13: {said}"]
    assert "unknown key `8`" in read(Record(Inner), "{path: 0, 8: 1}")[1][0]
    pair = ListOf(Number(), min=2, max=2)
    assert refused(pair, "[0,1, 0,9]") == "`k` must be a list with 2 entries; write [0.1, 0.9]"
    assert refused(pair, "[1, 2, 3]") == "`k` must be a list with 2 entries"


def test_the_bounds_of_a_number_are_exact() -> None:
    open_ends = Number(above=Fraction(1, 2), below=1)
    assert accepted(open_ends, "0.51") == Fraction(51, 100)
    assert refused(open_ends, "0.5") == "`k` must be a number above 0.5 and below 1, not `0.5`"
    assert refused(open_ends, "1.0") == "`k` must be a number above 0.5 and below 1, not `1.0`"
    assert accepted(Number(min=0, max=1), "1.0") == 1
    assert refused(Number(min=0, max=1), "1.0000000000000000001").endswith("from 0 to 1, not `1.0000000000000000001`")


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=20))
def test_number_never_crashes_and_agrees_with_fraction(text: str) -> None:
    value = number(text)
    if value is not None:
        assert value == Fraction(text)
        assert text.isascii()


@settings(max_examples=500, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_number_reads_every_plain_decimal(value: Decimal) -> None:
    assert number(f"{value:f}") == Fraction(value)


@settings(max_examples=500, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_reads_what_python_writes(value: float) -> None:
    read_back = number(repr(value))
    assert read_back is not None
    assert math.isclose(float(read_back), value, rel_tol=0, abs_tol=0)


def test_date() -> None:
    assert accepted(Date(), "2026-11-20") == date(2026, 11, 20)
    assert refused(Date(), "2026-02-30") == "`k` must be a date YYYY-MM-DD, and the day 2026-02-30 does not exist"
    for word in ("20.11.2026", "2026-1-2", "20261120", "2026-W01-1", "tomorrow", "２026-11-20"):
        assert refused(Date(), word) == f"`k` must be a date YYYY-MM-DD, not `{word}`"


def test_list_of() -> None:
    assert accepted(ListOf(Text()), "[a, b, a]") == ("a", "b", "a")
    assert refused(ListOf(Text()), "a") == "`k` must be a list, not `a`; write [a]"
    assert refused(ListOf(Text()), "[]") == "`k` must be a list with at least one entry"
    assert refused(ListOf(Number(), min=2, max=2), "[1]") == "`k` must be a list with 2 entries"
    assert read(ListOf(Text(), unique=True), "[a, b, a]")[1] == [
        "f:1:11: `k` names `a` twice, first at line 1; keep one"
    ]


def test_every_wrong_entry_of_a_list_is_told() -> None:
    _, problems = read(ListOf(Number()), "[1, x, 2, y]")
    assert problems == ["f:1:8: `k` must be a number, not `x`", "f:1:14: `k` must be a number, not `y`"]


def test_one_or_many() -> None:
    assert accepted(OneOrMany(Text()), "a") == ("a",)
    assert accepted(OneOrMany(Text()), "[a, b]") == ("a", "b")
    assert "twice" in read(OneOrMany(Text()), "[a, a]")[1][0]
    assert refused(OneOrMany(Text(), min=2), "a") == "`k` must be a list with at least 2 entries"


def test_map_of_keeps_the_order() -> None:
    assert accepted(MapOf(Number()), "{b: 1, a: 2}") == (("b", 1), ("a", 2))
    assert read(MapOf(Number()), "{b: x}")[1] == ["f:1:8: `k.b` must be a number, not `x`"]
    assert refused(MapOf(Number()), "{}") == "`k` must have an entry or more"
    assert refused(MapOf(Number()), "[1]") == "`k` must be a mapping, not a list"


BY = [
    ("sex", (("sex",),)),
    ("[sex, age]", (("sex",), ("age",))),
    ("[sex, [sex, race]]", (("sex",), ("sex", "race"))),
    ("[[sex, race]]", (("sex", "race"),)),
    ("[NO, 007]", (("NO",), ("007",))),
]


@pytest.mark.parametrize(("text", "value"), BY)
def test_by(text: str, value: object) -> None:
    assert accepted(By(), text) == value


BY_REFUSED = [
    ("[]", "`k` must not be an empty list; remove the key to judge all rows together"),
    ("{a: b}", "`k` must be a column, or a list of columns and of lists of columns, not a mapping"),
    ("[sex, sex]", "f:1:10: `k` names [sex] twice; keep one"),
    ("[[a, b], [b, a]]", "f:1:13: `k` names [b, a] twice; keep one"),
    ("[[a, a]]", "f:1:9: `k` names `a` twice, first at line 1; keep one"),
    ("[[]]", "f:1:5: `k` must be a list with at least one entry"),
    ("[[a, [b]]]", "f:1:9: `k` must be a text, not a list"),
]


@pytest.mark.parametrize(("text", "message"), BY_REFUSED)
def test_by_refuses(text: str, message: str) -> None:
    assert refused(By(), text) == message


def test_either_takes_the_first_that_fits_and_speaks_of_the_shape() -> None:
    spec = Either(Choice("all"), ListOf(Text()))
    assert accepted(spec, "all") == "all"
    assert accepted(spec, "[a]") == ("a",)
    assert refused(spec, "al") == "`k` must be one of all, or a list, not `al`"
    assert refused(spec, "[[a]]") == "f:1:5: `k` must be a text, not a list"
    assert refused(spec, "{a: b}") == "`k` must be one of all, or a list, not a mapping"


@dataclass(frozen=True)
class Inner:
    """An inner record."""

    path: str = param(Text(), doc="Where.")


@dataclass(frozen=True)
class Outer:
    """An outer record.

    With more to say.
    """

    threshold: Fraction = param(Number(min=0, max=1), doc="The threshold.")
    class_: str = param(Text(), default="", key="class", doc="The class.")
    inner: Inner | None = param(Record(Inner), default=None)
    at: Location = place()


def record(text: str, **options: Any) -> tuple[Outer | None, list[str]]:
    node: Node = load(text.encode(), "f")
    report = ProblemReport()
    value = read_record(Outer, node, report, **options)
    try:
        report.raise_if_any()
    except InputError as error:
        return value, [str(problem) for problem in error.problems]
    return value, []


def test_a_record_is_read_with_its_place() -> None:
    value, problems = record("\nthreshold: 0.5\nclass: NO\ninner: {path: x}\n")
    assert problems == []
    assert value == Outer(Fraction(1, 2), "NO", Inner("x"))
    assert value is not None
    assert value.at == Location("f", 2, 1)


RECORDS = [
    ("thresold: 0.5", ["f:1:1: unknown key `thresold`, did you mean `threshold`?"]),
    ("zzz: 0.5", ["f:1:1: missing key `threshold`; it must be a number from 0 to 1",
                  "f:1:1: unknown key `zzz`; choose one of threshold, class, inner"]),
    ("threshold: 0.5\nzzz: 1", ["f:2:1: unknown key `zzz`; choose one of threshold, class, inner"]),
    ("threshold:\n", ["f:1:1: `threshold` is empty; it must be a number from 0 to 1"]),
    ("threshold: 0.5\ninner: {pth: x}", ["f:2:9: unknown key `pth` in `inner`, did you mean `path`?"]),
    ("threshold: 0.5\ninner: x", ["f:2:8: `inner` must be a mapping with the keys path, not `x`"]),
    ("- a", ["f:1:1: the file must be a mapping with the keys threshold, class, inner, not a list"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "messages"), RECORDS)
def test_what_is_wrong_in_a_record(text: str, messages: list[str]) -> None:
    value, problems = record(text)
    assert value is None
    assert sorted(problems) == messages


def test_keys_that_are_read_elsewhere_are_no_strangers() -> None:
    assert record("threshold: 0.5\nid: x\n", also=("id",))[1] == []


def test_the_schema_of_a_record() -> None:
    schema = record_schema(Outer)
    Draft202012Validator.check_schema(schema)
    assert schema == {
        "type": "object",
        "description": "An outer record.",
        "properties": {
            "threshold": {"type": "number", "minimum": 0, "maximum": 1, "description": "The threshold."},
            "class": {"type": ["string", "number", "boolean"], "minLength": 1, "description": "The class."},
            "inner": {
                "type": "object",
                "description": "An inner record.",
                "properties": {
                    "path": {"type": ["string", "number", "boolean"], "minLength": 1, "description": "Where."}
                },
                "required": ["path"],
                "additionalProperties": False,
            },
        },
        "required": ["threshold"],
        "additionalProperties": False,
    }


SPECS: list[Spec[Any]] = [
    Text(), Identifier(), Choice("a", "b"), Flag(), Integer(1, 5), Number(above=0), Date(), ListOf(Text(), unique=True),
    OneOrMany(Number()), MapOf(Text(), key=Identifier()), By(), Either(Text(), ListOf(Text())), Record(Inner, min=1),
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: type(spec).__name__)
def test_every_schema_is_a_valid_schema(spec: Spec[Any]) -> None:
    Draft202012Validator.check_schema(spec.schema())
