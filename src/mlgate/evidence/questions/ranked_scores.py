"""Rankings: distinct scores from high to low with their positives and negatives, binned in SQL if too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import (
    clause,
    frequency,
    group_order,
    keys_of,
    partition,
    selected,
    source,
    tally,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts
from mlgate.evidence.questions.profile import finite, known


@dataclass(frozen=True)
class RankingOf:
    """One group's scores from high to low (for a bin its highest), with the positives and negatives at each."""

    group: Group
    scores: tuple[float, ...]
    positives: tuple[int, ...]
    negatives: tuple[int, ...]
    binned: bool = False


@dataclass(frozen=True)
class RankingFact:
    """Rankings by group, sorted by group."""

    groups: tuple[RankingOf, ...]


@dataclass(frozen=True)
class Ranking(TableNeed):
    """The distinct scores from high to low, with their positives and negatives, by group.

    More than `bins` distinct scores are merged with their neighbours into about that many bins of equal counts.
    """

    name = "ranking"
    fact = RankingFact
    score: str = ""
    positive: str = ""
    by: tuple[Term, ...] = ()
    bins: int = 65536

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has a score and a label."""
        return sizes_of(self, self.by), *finite(self, self.score), *known(self, self.positive)

    def impossible(self, fact: RankingFact) -> str:
        """Scores that do not fall, and counts that are not one per score."""
        for of in fact.groups:
            if not len(of.scores) == len(of.positives) == len(of.negatives):
                return "it does not have one count per score"
            if wrong := not_counts(*of.positives, *of.negatives, *map(sum, zip(of.positives, of.negatives))):
                return wrong
            if any(one <= other for one, other in pairwise(of.scores)):
                return "its scores do not fall"
        return ""

    @property
    def statement(self) -> Statement:
        """The function that answers rankings."""
        return answer


MOST_ENTRIES = 1 << 20
"""The most scores of all groups together; with more, there are fewer bins."""


def answer(engine: Engine, relation: str, needs: Sequence[Ranking], facts: Answers) -> dict[Need, Any]:
    """Answer rankings."""
    return {need: _fact(engine.query(_sql(relation, need, _bins(need, facts))), need) for need in needs}


def _bins(need: Ranking, facts: Answers) -> int:
    """The number of bins asked for, or fewer if the rankings of all groups would not fit into memory."""
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    return need.bins if sizes.rows <= MOST_ENTRIES else min(need.bins, MOST_ENTRIES // len(sizes.cells))


def _sql(relation: str, need: Ranking, bins: int) -> str:
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{one_zero(need.score)} as s", f"({need.positive}) as y"]
    inner.append(f"{frequency(need.count)} as c")
    counted = f"{tally(need.count, 'y')} as p, {tally(need.count, 'not y')} as n"
    scored = (
        f"select {', '.join([*keys, 's'])}, {counted} "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}){clause('group by', [*keys, 's'])}"
    )
    groups_apart = partition(keys)
    # The bin of a score is the number of bins of equal counts before it; a frequent score has a bin of its own.
    before = f"(sum(p + n) over ({groups_apart} order by s desc rows unbounded preceding) - p - n)"
    share = f"floor(cast({before} as double) * {bins} / sum(p + n) over ({groups_apart}))"
    binned = (
        f"select *, count(*) over ({groups_apart}) > {bins} as many, case when count(*) over ({groups_apart}) > "
        f"{bins} then {share} else row_number() over ({groups_apart} order by s desc) end as bin from ({scored})"
    )
    names = "".join(f"cast({key} as varchar) as {key}, " for key in keys)
    return (
        f"select {names}max(s) as top, sum(p) as p, sum(n) as n, many "
        f"from ({binned}) group by {', '.join([*keys, 'many', 'bin'])}{clause('order by', [*keys, 'top desc'])}"
    )


def _fact(rows: list[ResultRow], need: Ranking) -> RankingFact:
    width = len(need.by)
    groups = (_ranking(group, list(found), width) for group, found in groupby(rows, key=itemgetter(slice(0, width))))
    return RankingFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _ranking(group: tuple[str | None, ...], rows: list[ResultRow], width: int) -> RankingOf:
    scores, positives, negatives, many = zip(*(row[width:] for row in rows), strict=True)
    return RankingOf(group, scores, tuple(map(int, positives)), tuple(map(int, negatives)), bool(many[0]))
