"""Demands that every value must meet by itself: its type, a list of values, a range."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mlgate.checks.data.column_keys import SINGLE, ColumnKeys
from mlgate.checks.data.column_names import listed
from mlgate.checks.data.column_rule import AskedColumn, ColumnRule, Faults
from mlgate.checks.data.limits import TODAY, instant, meets_limit, on_day
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import NEVER
from mlgate.evidence.typed import TypedLimit
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer

_SIGNS = (("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"))
_WORDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}


def _not_in(asked: AskedColumn, values: tuple[str, ...]) -> str:
    column = asked.column
    return f"not {column.missing} and not coalesce({column.column.equals_any(values)}, false)"


def _in(asked: AskedColumn) -> str:
    """A forbidden value, also in other letters: `-999.0` where `-999` is forbidden. NULL is no."""
    column, values = asked.column, asked.keys.none_of
    nan = [value for value in values if column.column.kind == "float" and value.lower() in ("nan", ".nan")]
    if unseen := [*nan, *(value for value in values if value in column.sentinels)]:
        raise EvidenceError(f"{listed(unseen)} counts as missing, so no value is it; use `max_nulls` or `finite`")
    alike = (column.column.alike(value) for value in values)
    found = [column.column.equals_any(values), *(f"({each})" for each in alike if each != NEVER)]
    held = " or ".join(found)
    return f"not {column.missing} and ({held})" if column.sentinels else held


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
    return f"not {asked.column.absent} and not isfinite({number})" if column.kind == "float" else NEVER


def _ordered(keys: ColumnKeys) -> Iterator[str]:
    low, high = keys.between
    yield from _empty(low, high, "swap them")


def _empty(low: TypedLimit, high: TypedLimit, remedy: str, strict: bool = False) -> Iterator[str]:
    """Why no value lies between two limits, or beyond them if `strict`."""
    if (low.number is None) is not (high.number is None):
        yield f"{low} and {high} cannot be compared; write two numbers, or two dates"
    elif low.number is not None and high.number is not None:
        if low.number > high.number:
            yield f"{low} is above {high}, so no value is between them; {remedy}"
        elif strict and low.number == high.number:
            yield f"an end of {low} to {high} is excluded, so no value is between them; {remedy}"
    elif TODAY not in (low.text, high.text) and instant(low.text) > instant(high.text):
        yield f"{low} is after {high}, so no value is between them; {remedy}"


def _against(key: str) -> Callable[[ColumnKeys], Iterator[str]]:
    """Whether the limit of a key leaves values below those of `at_most` and `below`."""

    def wrong(keys: ColumnKeys) -> Iterator[str]:
        for other in ("at_most", "below"):
            if (high := getattr(keys, other)) is not None:
                strict = key == "above" or other == "below"
                yield from _empty(getattr(keys, key), high, f"correct `{key}` or `{other}`", strict)

    return wrong


@dataclass(frozen=True)
class Limits(Faults):
    """A demand that values are on one side of a limit, or between two.

    The ends of the column tell whether any value can be at fault; only then rows are counted. So many limits of a
    column cost no more than one.
    """

    sides: Callable[[ColumnKeys], tuple[tuple[str, TypedLimit], ...]] = lambda _keys: ()
    """The comparisons that a value must meet, as (sign, limit)."""

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """How many rows have no value, and the ends of the others."""
        return asked.missing, self._ends(asked)

    def later(self, asked: AskedColumn, facts: Facts) -> Iterable[Need]:
        """How many rows are at fault, if some may be."""
        return () if self._inside(asked, facts) else (asked.matching(self.fault(asked)),)

    def faults(self, asked: AskedColumn, facts: Facts) -> int:
        """The number of rows at fault."""
        return 0 if self._inside(asked, facts) else super().faults(asked, facts)

    def _ends(self, asked: AskedColumn) -> Ends:
        number = self.sides(asked.keys)[0][1].number is not None
        return Ends(asked.rows.table, asked.within, value=asked.column.number if number else asked.column.moment)

    def _inside(self, asked: AskedColumn, facts: Facts) -> bool:
        """Whether both ends of the values meet every side, and every value can be compared."""
        (ends,) = facts[self._ends(asked)].groups
        count = asked.missing.count
        if count or ends.rows != asked.values(facts) or ends.lowest is None or ends.highest is None:
            return False
        sides = [(sign, on_day(limit, sign, asked.subject.as_of)) for sign, limit in self.sides(asked.keys)]
        nearest = [(ends.lowest if sign.startswith(">") else ends.highest, sign, limit) for sign, limit in sides]
        # The ends of a text column are doubles; of texts with the double of a limit, only the digits tell the side.
        if asked.column.column.kind == "text" and not asked.column.whole and any(map(_same_double, nearest)):
            return False
        return all(meets_limit(*each) for each in nearest)


def _same_double(of: tuple[str, str, TypedLimit]) -> bool:
    end, _, limit = of
    return limit.number is not None and float(end) == float(limit.number)


def _one_side(key: str, sign: str) -> Limits:
    def sides(keys: ColumnKeys) -> tuple[tuple[str, TypedLimit], ...]:
        return ((sign, getattr(keys, key)),)

    return Limits(
        key,
        lambda asked: _outside(asked, *sides(asked.keys)),
        lambda asked: f"{_WORDS[sign]} {getattr(asked.keys, key)}",
        _against(key) if sign[0] == ">" else lambda _keys: (),
        sides=sides,
    )


def _between(keys: ColumnKeys) -> tuple[tuple[str, TypedLimit], ...]:
    return (">=", keys.between[0]), ("<=", keys.between[1])


class SomeFaults(ColumnRule):
    """It says how many faults the keys about single values may have, and asks nothing itself."""

    key = "max_fault_share"

    def problems(self, keys: ColumnKeys) -> Iterable[str]:
        """It alone says nothing."""
        if not set(SINGLE) & set(keys.given()):
            yield f"says how many values may break {', '.join(SINGLE)}; add one of them"

    def needs(self, _asked: AskedColumn) -> Iterable[Need]:
        """None."""
        return ()

    def answers(self, _asked: AskedColumn, _facts: Facts) -> Iterator[Answer]:
        """None."""
        yield from ()


RULES = (
    SomeFaults(),
    Faults("type", lambda asked: asked.column.mistyped, lambda asked: f"of type {asked.keys.type}"),
    Faults("finite", _not_finite, lambda _: "finite", missing=lambda asked: asked.column.absent),
    Faults(
        "one_of", lambda asked: _not_in(asked, asked.keys.one_of), lambda asked: f"one of {listed(asked.keys.one_of)}"
    ),
    Faults(
        "none_of",
        _in,
        lambda asked: f"other than {listed(asked.keys.none_of)}",
        broken=lambda asked: f"one of {listed(asked.keys.none_of)}",
    ),
    Limits(
        "between",
        lambda asked: _outside(asked, *_between(asked.keys)),
        lambda asked: "between {} and {}".format(*asked.keys.between),
        _ordered,
        sides=_between,
    ),
    *(_one_side(key, sign) for key, sign in _SIGNS),
)
