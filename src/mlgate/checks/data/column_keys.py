"""What a policy demands of one column: the keys below `columns:` of `data.columns`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from mlgate.checks.data.formats import FORMATS
from mlgate.checks.data.limits import LimitValue, NumberRange
from mlgate.checks.of_table import demanded
from mlgate.evidence.dialect import NUMBER_KINDS
from mlgate.evidence.typed import DECIMAL, TYPES, TypedLimit
from mlgate.reading.fields import Choice, Flag, Integer, ListOf, MapOf, Missing, Number, ProblemReport, Text, param
from mlgate.reading.fields.scalars import OneScalar
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.demand import Demand
from mlgate.values.plain import Schema
from mlgate.values.words import did_you_mean

_VALUES: Any = ListOf(Text(empty=True), unique=True)
SINGLE = (
    *("type", "finite", "one_of", "none_of", "between", "at_least", "at_most", "above", "below", "length", "matches"),
    *("not_matches", "contains", "format"),
)
"""The keys about single values, of which `max_fault_share` allows some faults."""
_SHARE: Any = Number(min=0, max=1)
STORED = {
    "number": NUMBER_KINDS,
    "integer": ("integer",),
    "text": ("text",),
    "boolean": ("boolean",),
    "time": ("time",),
}
"""The kinds of columns that each value of `stored` allows."""

_OTHER_TYPES = {
    **dict.fromkeys(("string", "str", "varchar", "char", "object"), "text"),
    **dict.fromkeys(("float", "float32", "float64", "double", "numeric", "real"), "number"),
    **dict.fromkeys(("int32", "int64", "bigint", "long"), "integer"),
    **dict.fromkeys(("datetime", "datetime64", "time"), "timestamp"),
    **dict.fromkeys(("categorical", "enum"), "category"),
}
"""What others call types."""


@dataclass(frozen=True)
class TypeName(OneScalar[str]):
    """The name of a type."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return f"a type ({', '.join(TYPES)})"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        text = node.text.replace(", ", ",")
        found = DECIMAL.fullmatch(text)
        if found and found[1] and not int(found[2]) <= int(found[1]) <= 38:
            return report.refuse(node.at, f"must have at most 38 digits, and at most all of them decimals, not {node}")
        if found or text in TYPES[:3] + TYPES[4:]:
            return text
        return report.refuse(node.at, f"must be {self.noun}, not {node}{did_you_mean(text, TYPES, _OTHER_TYPES)}")

    def schema(self) -> Schema:
        """A text of the names."""
        return {"anyOf": [{"enum": [*TYPES[:3], *TYPES[4:]]}, {"type": "string", "pattern": r"^decimal\("}]}


@dataclass(frozen=True, kw_only=True)
class ColumnKeys:
    """What a column must be. Missing values are left out of all keys but `max_nulls`, `max_null_share`, `required`."""

    ALSO_CALLED: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("not_null", "nullable", "no_nulls", "missing_count"), "max_nulls"),
        **dict.fromkeys(("null_share", "missing_share", "missing_percent"), "max_null_share"),
        **dict.fromkeys(("min", "ge", "min_value", "greater_or_equal"), "at_least"),
        **dict.fromkeys(("max", "le", "max_value", "less_or_equal"), "at_most"),
        **dict.fromkeys(("gt", "greater_than"), "above"),
        **dict.fromkeys(("lt", "less_than"), "below"),
        **dict.fromkeys(("in_range", "range"), "between"),
        **dict.fromkeys(("enum", "isin", "in", "values", "allowed", "categories", "accepted_values"), "one_of"),
        **dict.fromkeys(("notin", "not_in", "forbidden"), "none_of"),
        **dict.fromkeys(("regex", "pattern", "str_matches"), "matches"),
        **dict.fromkeys(("min_length", "max_length", "str_length"), "length"),
        **dict.fromkeys(("dtype", "data_type"), "type"),
        **dict.fromkeys(("average", "avg"), "mean"),
        **dict.fromkeys(("stddev", "stdev"), "std"),
        **dict.fromkeys(("percentiles", "percentile", "quantile"), "quantiles"),
        **dict.fromkeys(("missing_values", "na_values", "sentinels"), "missing"),
        **dict.fromkeys(("mostly", "tolerance"), "max_fault_share"),
    }
    type: str = param(TypeName(), default="", doc="What every value is. Text is read by mlgate's own strict grammar.")
    stored: str = param(
        Choice(*STORED),
        default="",
        doc="How the file holds the values: a CSV file holds each as text, Parquet does not.",
    )
    missing: tuple[str, ...] = param(
        _VALUES,
        default=(),
        doc='Values that count as missing, such as "N/A", "" or -999, beside null and NaN; also in '
        "`where` and in other entries about the column.",
    )
    required: bool = param(Flag(), default=True, doc="Whether the table must have the column.")
    max_nulls: int | None = param(Integer(min=0), default=None, doc="The most rows without a value.")
    max_null_share: Fraction | None = param(_SHARE, default=None, doc="The largest share of rows without a value.")
    max_fault_share: Fraction | None = param(
        _SHARE,
        default=None,
        doc="The largest share of the values that may break any one key about single values; 0 if left out.",
    )
    finite: bool = param(Flag(), default=False, doc="Whether NaN and infinity are faults.")
    one_of: tuple[str, ...] = param(_VALUES, default=(), doc="The only values that are allowed.")
    none_of: tuple[str, ...] = param(_VALUES, default=(), doc="Values that are not allowed.")
    contains_all: tuple[str, ...] = param(_VALUES, default=(), doc="Values that must all occur.")
    exactly: tuple[str, ...] = param(_VALUES, default=(), doc="Values that must all occur, and no others.")
    between: tuple[TypedLimit, ...] = param(
        ListOf(LimitValue(), min=2, max=2), default=(), doc="The lowest and the highest allowed value: [low, high]."
    )
    at_least: TypedLimit | None = param(LimitValue(), default=None, doc="The lowest allowed value.")
    at_most: TypedLimit | None = param(LimitValue(), default=None, doc="The highest allowed value.")
    above: TypedLimit | None = param(LimitValue(), default=None, doc="Values must be above this one.")
    below: TypedLimit | None = param(LimitValue(), default=None, doc="Values must be below this one.")
    length: Demand | None = param(NumberRange(whole=True), default=None, doc="The number of characters of a text.")
    matches: str = param(Text(), default="", doc="A regular expression for the whole text (RE2, without lookaround).")
    not_matches: str = param(Text(), default="", doc="A regular expression that no whole text may match.")
    contains: str = param(Text(), default="", doc="A regular expression that occurs anywhere in the text.")
    format: str = param(
        Choice(*FORMATS), default="", doc="A named form of text; numbers with check digits must have the right ones."
    )
    unique: bool = param(Flag(), default=False, doc="Whether every value occurs once.")
    distinct: Demand | None = param(NumberRange(whole=True), default=None, doc="The number of different values.")
    top_share: Fraction | None = param(_SHARE, default=None, doc="The largest share of one value among the values.")
    spelling: bool = param(
        Flag(), default=False, doc="Whether texts that differ only in case, blanks or Unicode form are faults."
    )
    minimum: Demand | None = param(NumberRange(), default=None, doc="The lowest value.")
    maximum: Demand | None = param(NumberRange(), default=None, doc="The highest value.")
    mean: Demand | None = param(NumberRange(), default=None, doc="The mean.")
    median: Demand | None = param(
        NumberRange(), default=None, doc="The median; of an even number the mean of the two middle values."
    )
    std: Demand | None = param(NumberRange(), default=None, doc="The standard deviation of the sample (divisor n - 1).")
    sum: Demand | None = param(NumberRange(), default=None, doc="The sum.")
    quantiles: tuple[tuple[str, Demand], ...] = param(
        MapOf(NumberRange()),
        default=(),
        doc="Quantiles by their level, as in {0.95: {at_most: 100}} (inverse of the distribution).",
    )
    increasing: bool = param(Flag(), default=False, doc="Whether values rise or stay from row to row.")
    decreasing: bool = param(Flag(), default=False, doc="Whether values fall or stay from row to row.")
    strictly: bool = param(Flag(), default=False, doc="With `increasing` or `decreasing`: whether no value may stay.")

    def demand(self, key: str) -> Demand:
        """What a key demands of a number or share; empty for a key that is met or not."""
        found = self.max_fault_share if key in SINGLE else getattr(self, key, None)
        if isinstance(found, Demand):
            return found
        if key not in SINGLE and key not in ("max_nulls", "max_null_share", "top_share"):
            found = None
        return Demand() if found is None else demanded("", at_most=found).demand

    def given(self) -> tuple[str, ...]:
        """The keys that are written and differ from their defaults."""
        return self._given

    @cached_property
    def _given(self) -> tuple[str, ...]:
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != each.default)
