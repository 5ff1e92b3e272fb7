"""Rankings: distinct scores from high to low with their positives and negatives; collapsed in SQL where too many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from mlgate.evidence.engines.duckdb import Engine, Row
from mlgate.evidence.facts import RankingFact, RankingOf
from mlgate.evidence.needs import Need, Ranking
from mlgate.evidence.statements.shared import (
    Answers,
    clause,
    frequency,
    group_order,
    keys_of,
    one_zero,
    selected,
    sizes_of,
    source,
    tally,
)

MOST_ENTRIES = 1 << 20
"""Scores of all groups together, beyond which there are fewer bins."""


def together(need: Ranking) -> object:
    """Every one is a statement of its own: each sorts by its own score."""
    return need


def answer(engine: Engine, relation: str, needs: Sequence[Ranking], facts: Answers) -> dict[Need, Any]:
    """Answer rankings."""
    return {need: _fact(engine.query(_sql(relation, need, _bins(need, facts))), need) for need in needs}


def _bins(need: Ranking, facts: Answers) -> int:
    """The bins asked for; fewer where many groups of many rows would not fit into memory."""
    cells = facts[sizes_of(need, need.by)].cells
    if sum(cell.n for cell in cells) <= MOST_ENTRIES:
        return need.bins
    return min(need.bins, MOST_ENTRIES // len(cells))


def _sql(relation: str, need: Ranking, bins: int) -> str:
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{one_zero(need.score)} as s", f"({need.positive}) as y"]
    inner.append(f"{frequency(need.count)} as c")
    counted = f"{tally(need.count, 'y')} as p, {tally(need.count, 'not y')} as n"
    scored = (
        f"select {', '.join([*keys, 's'])}, {counted} "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}){clause('group by', [*keys, 's'])}"
    )
    partition = f"partition by {', '.join(keys)}" if keys else ""
    # The bin of a score: how many of equal count lie before it; a score alone in many rows keeps a bin of its own.
    before = f"(sum(p + n) over ({partition} order by s desc rows unbounded preceding) - p - n)"
    share = f"floor(cast({before} as double) * {bins} / sum(p + n) over ({partition}))"
    binned = (
        f"select *, count(*) over ({partition}) > {bins} as many, case when count(*) over ({partition}) > "
        f"{bins} then {share} else row_number() over ({partition} order by s desc) end as bin from ({scored})"
    )
    names = "".join(f"cast({key} as varchar) as {key}, " for key in keys)
    return (
        f"select {names}max(s) as top, sum(p) as p, sum(n) as n, many "
        f"from ({binned}) group by {', '.join([*keys, 'many', 'bin'])}{clause('order by', [*keys, 'top desc'])}"
    )


def _fact(rows: list[Row], need: Ranking) -> RankingFact:
    width = len(need.by)
    groups = (_ranking(group, list(found), width) for group, found in groupby(rows, key=itemgetter(slice(0, width))))
    return RankingFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _ranking(group: tuple[str | None, ...], rows: list[Row], width: int) -> RankingOf:
    scores, positives, negatives, many = zip(*(row[width:] for row in rows), strict=True)
    return RankingOf(group, scores, tuple(map(int, positives)), tuple(map(int, negatives)), bool(many[0]))
