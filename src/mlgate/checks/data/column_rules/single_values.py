"""Demands that every value must meet by itself: its type, a list of values, a range."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_names import listed
from mlgate.checks.data.column_rule import AskedColumn, Faults
from mlgate.checks.data.limits import TODAY, instant, on_day
from mlgate.evidence.rows import NEVER
from mlgate.evidence.typed import TypedLimit

_SIGNS = (("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"))
_WORDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}


def _not_in(asked: AskedColumn, values: tuple[str, ...]) -> str:
    column = asked.column
    return f"not {column.missing} and not coalesce({column.column.equals_any(values)}, false)"


def _in(asked: AskedColumn) -> str:
    """A forbidden value, also in other letters: `-999.0` where `-999` is forbidden."""
    column, values = asked.column, asked.keys.none_of
    found = [column.column.equals_any(values), *(f"({column.column.alike(value)})" for value in values)]
    return f"not {column.missing} and coalesce({' or '.join(found)}, false)"


def _outside(asked: AskedColumn, *sides: tuple[str, TypedLimit]) -> str:
    """A value on the wrong side of a limit, or that cannot be compared with it."""
    on = ((sign, on_day(limit, sign, asked.subject.as_of)) for sign, limit in sides)
    inside = " and ".join(f"coalesce({asked.column.compared(sign, limit)}, false)" for sign, limit in on)
    return f"not {asked.column.missing} and not ({inside})"


def _not_finite(asked: AskedColumn) -> str:
    column = asked.column.column
    number = column.number
    if column.kind == "text":
        return f"not {asked.column.missing} and {number} is null"
    return f"not isfinite({number})" if column.kind == "float" else NEVER


def _ordered(keys: ColumnKeys) -> Iterator[str]:
    low, high = keys.between
    if (low.number is None) is not (high.number is None):
        yield f"{low} and {high} cannot be compared; write two numbers, or two dates"
    elif low.number is not None and high.number is not None and low.number > high.number:
        yield f"{low} is above {high}, so no value is between them; swap them"
    elif low.number is None and TODAY not in (low.text, high.text) and instant(low.text) > instant(high.text):
        yield f"{low} is after {high}, so no value is between them; swap them"


def _limit(key: str, sign: str) -> Faults:
    def limit(asked: AskedColumn) -> TypedLimit:
        found: TypedLimit = getattr(asked.keys, key)
        return found

    return Faults(
        key, lambda asked: _outside(asked, (sign, limit(asked))), lambda asked: f"{_WORDS[sign]} {limit(asked)}"
    )


RULES = (
    Faults("type", lambda asked: asked.column.mistyped, lambda asked: f"of type {asked.keys.type}"),
    Faults("finite", _not_finite, lambda _: "finite"),
    Faults(
        "one_of", lambda asked: _not_in(asked, asked.keys.one_of), lambda asked: f"one of {listed(asked.keys.one_of)}"
    ),
    Faults("none_of", _in, lambda asked: f"other than {listed(asked.keys.none_of)}"),
    Faults(
        "between",
        lambda asked: _outside(asked, (">=", asked.keys.between[0]), ("<=", asked.keys.between[1])),
        lambda asked: "between {} and {}".format(*asked.keys.between),
        _ordered,
    ),
    *(_limit(key, sign) for key, sign in _SIGNS),
)
