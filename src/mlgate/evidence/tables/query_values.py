"""Rankings: one value per query, by windows over its items, in one statement for all columns asked for.

Items are ranked by score from high to low. Of equal scores the less relevant item ranks first, so that a model gains
nothing from an order that its scores do not give. So a value depends on scores and grades alone, not on the order of
the rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from mlgate.evidence.dialect import double, one_zero, quote, selection
from mlgate.evidence.fixed_point import SHIFT, fixed
from mlgate.evidence.tables.per_query import PerQuery
from mlgate.evidence.tables.run_judgements import UNRETRIEVED

ZERO, ONE = double(0.0), double(1.0)
LOWEST = double(UNRETRIEVED)


class Layers:
    """The three layers of the statement: columns read from the items, windows over them, and values per query."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._read: dict[str, str] = {}
        self._windows: dict[str, str] = {}

    def read(self, sql: str) -> str:
        """Add an expression over an item's columns; gives its name in the layers above."""
        return self._read.setdefault(sql, f"c{len(self._read)}")

    def window(self, sql: str) -> str:
        """Add a window over read columns; gives its name in the layer above."""
        return self._windows.setdefault(sql, f"w{len(self._windows)}")

    def sql(self, selected: list[str], items: str) -> str:
        """The statement that selects one row per query."""
        read = ", ".join([f"{self._query} as q", *(f"{sql} as {name}" for sql, name in self._read.items())])
        windows = ", ".join(["*", *(f"{sql} as {name}" for sql, name in self._windows.items())])
        return f"select {selection(selected)} from (select {windows} from (select {read} from {items})) group by q"


def value(of: PerQuery, layers: Layers, score: str, label: str) -> str:
    """SQL for a ranking's value in a query, or its state; NULL where an item's score or grade cannot be used."""
    s, y = layers.read(finite(one_zero(score))), layers.read(finite(label, "{x} >= 0"))
    found = _state(of, s, y) if of.state else _FORMULAS[of.formula](of, layers, s, y)
    return f"case when count({s}) = count(*) and count({y}) = count(*) then {found} end"


def flawed(flaw: str, layers: Layers, number: str) -> str:
    """SQL for the number of items without a finite number, or with one below 0."""
    held = layers.read(finite(number, f"{{x}} < {ZERO}") if flaw == "negative" else finite(number))
    return f"count({held})" if flaw == "negative" else f"count(*) - count({held})"


def shared(layers: Layers, column: str, *, varies: bool) -> str:
    """SQL for the one value of all items of a query in a column; or, with `varies`, whether they have several."""
    held = layers.read(column)
    several = f"min({held}) is distinct from max({held}) or (count({held}) > 0 and count({held}) < count(*))"
    return f"({several})" if varies else f"case when {several} then null else min({held}) end"


def finite(number: str, also: str = "") -> str:
    """SQL for a number; NULL where it is not finite, or where a further condition does not hold."""
    condition = f"isfinite({number})" + (f" and {also.format(x=f'({number})')}" if also else "")
    return f"case when {condition} then {number} end"


def with_exposure(columns: Mapping[str, str], scores: Mapping[str, str], query: str, items: str) -> str:
    """The statement that selects columns of items, and their exposure by each score.

    `columns` and `scores` are SQL by the name of the result. The exposure of an item is the discount of its rank; items
    of equal score have the mean discount of their ranks.
    """
    plain = {f"c{at}": sql for at, sql in enumerate(columns.values())}
    held = {f"s{at}": finite(one_zero(sql)) for at, sql in enumerate(scores.values())}
    read = ", ".join([f"{query} as q", *(f"{sql} as {name}" for name, sql in {**plain, **held}.items())])
    ranks = ", ".join(["*", *(f"row_number() over (partition by q order by {s} desc) as r{s}" for s in held)])
    selected = [f"{held_as} as {quote(name)}" for held_as, name in zip(plain, columns)]
    selected += [f"{_mean_worth(s)} as {quote(name)}" for s, name in zip(held, scores)]
    ranked = f"select {ranks} from (select {read} from {items})"
    return f"select {selection(selected)} from ({ranked})"


def _mean_worth(s: str) -> str:
    among = f"over (partition by q, {s})"
    total = f"sum({fixed(discount(f'r{s}'))}) {among}"
    mean = f"cast({total} as double) / cast(count(*) {among} as double) * {double(math.ldexp(1.0, -SHIFT))}"
    return f"case when {s} > {LOWEST} then {mean} when {s} is not null then {ZERO} end"


def discount(rank: str) -> str:
    """SQL for the discount of a rank, 1 / log2(1 + rank), which is 1 for the first rank."""
    return f"({double(math.log(2))} / ln(cast({rank} + 1 as double)))"


def _rank(layers: Layers, s: str, y: str) -> str:
    return layers.window(f"row_number() over (partition by q order by {s} desc, {y})")


def _within(of: PerQuery, rank: str, s: str) -> str:
    """Whether an item is among the first ranks; one that the run did not retrieve has none."""
    retrieved = f"{s} > {LOWEST}"
    return f"{rank} <= {of.k} and {retrieved}" if of.k is not None else retrieved


def _relevant(of: PerQuery, y: str) -> str:
    return f"{y} > {ZERO}" if of.relevant_from is None else f"{y} >= {double(float(of.relevant_from))}"


def _count(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def _hits(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    return f"{_relevant(of, y)} and {_within(of, _rank(layers, s, y), s)}"


def _ratio(numerator: str, denominator: str) -> str:
    return f"coalesce(cast({numerator} as double) / nullif(cast({denominator} as double), {ZERO}), {ZERO})"


def _precision(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    return _ratio(_count(_hits(of, layers, s, y)), str(of.k) if of.k is not None else "count(*)")


def _recall(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    return _ratio(_count(_hits(of, layers, s, y)), _count(_relevant(of, y)))


def _hit_rate(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    return f"case when {_count(_hits(of, layers, s, y))} > 0 then {ONE} else {ZERO} end"


def _mrr(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    first = f"min({_rank(layers, s, y)}) filter (where {_hits(of, layers, s, y)})"
    return f"coalesce({ONE} / {first}, {ZERO})"


def _map(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    rank = _rank(layers, s, y)
    found = layers.window(
        f"sum(case when {_relevant(of, y)} then 1 else 0 end) over "
        f"(partition by q order by {s} desc, {y} rows unbounded preceding)"
    )
    precision = fixed(f"cast({found} as double) / cast({rank} as double)")
    total = f"sum({precision}) filter (where {_hits(of, layers, s, y)})"
    reachable = _count(_relevant(of, y))
    most = reachable if of.k is None else f"least({reachable}, {of.k})"
    return _ratio(f"coalesce({total}, 0)", f"({most}) * {double(math.ldexp(1.0, SHIFT))}")


def _ndcg(of: PerQuery, layers: Layers, s: str, y: str) -> str:
    ideal = layers.window(f"row_number() over (partition by q order by {y} desc)")
    # Gains as shares of the query's largest gain, so that no sum overflows or loses digits.
    gain = _gain(of, y, layers.window(f"max({y}) over (partition by q)"))
    rank = _rank(layers, s, y)
    first = f"{ideal} <= {of.k}" if of.k is not None else "true"
    found, best = (
        f"coalesce(sum({fixed(f'{gain} * {discount(at)}')}) filter (where {held}), 0)"
        for at, held in ((rank, _within(of, rank, s)), (ideal, first))
    )
    return _ratio(found, best)


def _gain(of: PerQuery, y: str, greatest: str) -> str:
    if not of.exponential:
        return f"{y} / nullif({greatest}, {ZERO})"
    two = double(2.0)
    ends = f"({ONE} - pow({two}, -{y})) / nullif({ONE} - pow({two}, -{greatest}), {ZERO})"
    return f"pow({two}, {y} - {greatest}) * {ends}"


def _state(of: PerQuery, s: str, y: str) -> str:
    if of.formula == "ndcg":
        none, alike = f"max({y}) = {ZERO}", f"min({y}) = max({y})"
    else:
        relevant = _count(_relevant(of, y))
        none, alike = f"{relevant} = 0", f"{relevant} = count(*)"
        if of.k is not None and of.formula in ("precision", "recall"):
            alike += f" or count(*) <= {of.k}"
        elif of.k is not None and of.formula == "hit_rate":
            alike += f" or count(*) - {relevant} < {of.k}"
    every = f"min({s}) > {LOWEST}"
    return f"case when {none} then 'none' when {every} and ({alike}) then 'any' else 'open' end"


_FORMULAS = {
    "ndcg": _ndcg,
    "map": _map,
    "mrr": _mrr,
    "precision": _precision,
    "recall": _recall,
    "hit_rate": _hit_rate,
}
