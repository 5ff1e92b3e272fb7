"""The small DuckDB dialect of needs and statements: quoting, a column as text or number, allowed functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mlgate.values.errors import EvidenceError

FUNCTIONS = frozenset(
    [
        *("abs", "ceil", "coalesce", "epoch", "exp", "extract", "floor", "greatest", "isfinite", "isinf", "isnan"),
        *("least", "length", "ln", "lower"),
        *("log10", "lpad", "md5", "nullif", "pow", "power", "replace", "round", "sign", "sqrt", "substr"),
        # Our own, or written by hand for every engine.
        *("to_number", "matches", "regexp_full_match", "hash_of", "quantile_of", "try"),
        *("found_in", "regexp_extract", "is_json", "json_valid", "look_of", "digits_in"),
        *("approx_count_distinct", "count", "count_if", "grouping", "max", "min", "sum"),
        *("dense_rank", "lag", "row_number"),
    ]
)
"""Every function that a statement about rows may call; a test checks this for all statements."""

NUMBER_KINDS = ("integer", "float", "decimal")
"""The kinds of columns that are numbers."""
MOST_DIGITS = 38
"""The most digits of a decimal number that is read exactly."""
NUMBER_GRAMMAR = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"

# The grammar comes first: the engine itself would read '1_0', ' 5' and 'nan', and 1e400 as infinity.
_TO_NUMBER = f"""create or replace macro to_number(x) as (
    case when regexp_full_match(x, '{NUMBER_GRAMMAR}') and isfinite(try_cast(x as double))
    then try_cast(x as double) end
)"""
# The engine's own test lets commas before a closing bracket and NaN pass. Outside of strings, no JSON has any of these.
_IS_JSON = r"""create or replace macro is_json(x) as (
    json_valid(x) and not regexp_full_match(
        x, '(?s)("([^"\\]|\\.)*"|[^"])*(,[ \t\r\n]*[\]}]|[iIN]|n[aA]).*'
    )
)"""
_LOOK_OF = r"""create or replace macro look_of(x) as (
    replace(lower(nfc_normalize(regexp_replace(x, '[\pZ\pC\s]+', '', 'g'))), 'ß', 'ss')
)"""
MACROS = (
    _TO_NUMBER,
    _IS_JSON,
    # The digits of a text, and nothing else.
    "create or replace macro digits_in(x) as (regexp_replace(x, '[^0-9]+', '', 'g'))",
    # A text without case and blanks, in the Unicode form NFC.
    _LOOK_OF,
    # The part of a text that the first group of a pattern matches, at its first place; empty where there is none.
    "create or replace macro found_in(x, pattern) as (regexp_extract(x, pattern, 1))",
    "create or replace macro matches(x, pattern) as (regexp_full_match(x, pattern))",
    # 64 bits that are equal for equal values; each engine may use its own hash.
    "create or replace macro hash_of(x) as (hash(x))",
    # The values at places in [0, 1] of the sorted values: (r - 1/2) / n is the place of rank r of n.
    "create or replace macro quantile_of(x, places) as (quantile_disc(x, places))",
)

_KEYWORDS = frozenset(
    [
        *("and", "as", "between", "by", "case", "cast", "cross", "decimal", "distinct", "else", "end", "exists"),
        *("filter", "from", "full", "having", "in", "is", "join", "left", "like", "limit", "materialized", "not"),
        *("null", "on", "or", "order", "outer", "over", "partition", "select", "sets", "then", "try_cast", "union"),
        *("using", "values", "when", "where", "with"),
    ]
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"((?:[^\"]|\"\")*)\"")
_CALL = re.compile(r"([a-z_][a-z_0-9]*)\s*\(", re.IGNORECASE)
_DEFINED = re.compile(r"\b([a-z_][a-z_0-9]*)\s*(?:\([^()]*\))?\s+as\s+(?:materialized\s*)?\(", re.IGNORECASE)
_CAST = re.compile(r'cast\(("(?:[^"]|"")*") as varchar\)')
_KINDS = {
    "VARCHAR": "text",
    "UUID": "text",
    # A column without any value.
    '"NULL"': "text",
    "BOOLEAN": "boolean",
    "FLOAT": "float",
    "DOUBLE": "float",
    "DATE": "time",
    "BIGNUM": "integer",
}
_INTEGERS = frozenset(
    f"{sign}{width}" for sign in ("", "U") for width in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)


def quote(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def unquoted(name: str) -> str:
    """The name of a column, from the text between its quotes in SQL."""
    return name.replace('""', '"')


def selection(columns: Iterable[str]) -> str:
    """The select list of some columns; without columns it still gives one row per row of the source."""
    return ", ".join(columns) or "1 as one"


def literal(text: str) -> str:
    """A text as an SQL literal. Raises EvidenceError for a NUL character, which no engine supports."""
    if "\0" in text:
        raise EvidenceError(f"{text!r} has a NUL character; remove it")
    return "'" + text.replace("'", "''") + "'"


def double(value: float) -> str:
    """A double as SQL, with digits that give it exactly."""
    return f"cast({literal(repr(value))} as double)"


def one_zero(value: str) -> str:
    """SQL for a double with -0.0 as 0.0, so that both sort and group as one value."""
    return f"case when ({value}) = 0 then {double(0.0)} else cast(({value}) as double) end"


def kind_of(type_name: str) -> str:
    """The kind of a DuckDB type: text, integer, float, decimal, boolean, time or other (nested, binary)."""
    if type_name.endswith("]"):
        return "other"
    if type_name in _INTEGERS:
        return "integer"
    if type_name.startswith("DECIMAL("):
        return "decimal"
    if type_name.startswith("ENUM("):
        return "text"
    if type_name.startswith("TIME"):
        return "time"
    return _KINDS.get(type_name, "other")


def text_of(column: str, kind: str) -> str:
    """SQL for the exact text of a column's values; NULL for missing values and NaN; -0.0 is written as 0.0.

    Raises EvidenceError for a nested or binary column, which has no plain text.
    """
    name = quote(column)
    if kind == "text":
        return name
    if kind == "float":
        return f"case when isnan({name}) then null when {name} = 0 then '0.0' else cast({name} as varchar) end"
    if kind == "other":
        raise EvidenceError(f"column `{column}` is nested or binary; a plain value is required")
    return f"cast({name} as varchar)"


def number_of(column: str, kind: str) -> str:
    """SQL for a column's value as a double; NULL where its text is not a finite number in plain digits.

    Raises EvidenceError for a kind that is not a number.
    """
    if kind == "text":
        return f"to_number({quote(column)})"
    if kind not in NUMBER_KINDS:
        raise EvidenceError(f"column `{column}` is {kind}; a number is required")
    return f"cast({quote(column)} as double)"


def functions_in(sql: str) -> frozenset[str]:
    """The names, in lower case, of the functions that a statement calls."""
    bare = _QUOTED.sub(lambda found: '""' if found[0][0] == '"' else "''", sql)
    defined = {found[1].lower() for found in _DEFINED.finditer(bare)}
    return frozenset(found[1].lower() for found in _CALL.finditer(bare)) - _KEYWORDS - defined


def columns_in(sql: str) -> tuple[str, ...]:
    """The names of the quoted columns in an expression, in order, each once."""
    return tuple(dict.fromkeys(_names(sql)))


def native_of(sql: str) -> str:
    """The column itself if an expression only casts it to text, so that grouping does not cast every row."""
    found = _CAST.fullmatch(sql)
    return found[1] if found else sql


def _names(sql: str) -> Iterator[str]:
    for found in _QUOTED.finditer(sql):
        if found[1] is not None:
            yield unquoted(found[1])
