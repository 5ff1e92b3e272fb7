"""Quantile edges: numbers that cut a column into bins of about equal rows, from a sample of a long table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import double
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.bin_counts import rising
from mlgate.evidence.questions.grouped import frequency, source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts

SAMPLED = 1 << 17
"""Of more rows a part is taken, chosen by the hash of `among`: its quantiles are within 0.4 % of those of all rows."""
FEW = SAMPLED // 8
"""With fewer rows in the part, because many rows agree in `among`, all rows are taken."""


@dataclass(frozen=True)
class QuantileEdgesFact:
    """The rows with a finite number that were looked at, and the edges, which rise."""

    rows: int
    edges: tuple[float, ...]


@dataclass(frozen=True)
class QuantileEdges(TableNeed):
    """The edges of `bins` bins of about equal rows.

    A value with as many rows as a bin has a bin of its own, and so has each value of a column with at most `bins` of
    them: what is between these values has a bin too, so that a new value shows.
    """

    name = "quantile-edges"
    fact = QuantileEdgesFact
    value: str = ""
    bins: int = 10
    among: tuple[str, ...] = ()
    """SQL expressions that tell rows apart: by their hash a part of a long table is chosen, the same in every run."""

    @property
    def together(self) -> object:
        """All numbers of a table with the same sample share a statement."""
        return self.table, self.where, self.count, self.among

    def impossible(self, fact: QuantileEdgesFact) -> str:
        """Edges that do not rise, or are too many."""
        if not rising(fact.edges) or len(fact.edges) > 2 * self.bins:
            return "its edges do not rise, or are too many"
        return not_counts(fact.rows)

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[QuantileEdges], _facts: Answers) -> dict[Need, Any]:
    """Answer all from one sample."""
    import numpy as np

    first = needs[0]
    ((total,),) = engine.query(f"select count(*) from {source(relation, first.where)}")
    one_in = -(-int(total) // SAMPLED)
    columns = engine.arrays(_sample(relation, needs, one_in if first.among else 1))
    if one_in > 1 and len(columns["c"]) < FEW:
        columns = engine.arrays(_sample(relation, needs, 1))
    times = np.asarray(columns["c"], dtype=np.int64)
    return {need: _fact(np.asarray(columns[f"v{at}"], dtype=float), times, need) for at, need in enumerate(needs)}


def _sample(relation: str, needs: Sequence[QuantileEdges], one_in: int) -> str:
    """The numbers of one in so many rows. Rows are chosen before their numbers are read, which takes less time."""
    where, among = needs[0].where, needs[0].among
    values = [f"coalesce(cast(({need.value}) as double), {double(float('nan'))}) as v{at}"
              for at, need in enumerate(needs)]  # fmt: skip
    listed = ", ".join([*values, f"{frequency(needs[0].count)} as c"])
    chosen = f"hash_of(({', '.join(among)})) % {one_in} = 0" if one_in > 1 else ""
    both = f"({where}) and {chosen}" if where and chosen else where or chosen
    return f"select {listed} from {source(relation, both)}"


def _fact(values: Any, times: Any, need: QuantileEdges) -> QuantileEdgesFact:
    """The edges: values at the quantiles, each once, and both sides of a value that is as frequent as a bin."""
    import numpy as np

    kept = np.isfinite(values) & (times > 0)
    found, counts = _distinct(values[kept] + 0.0, times[kept])
    if not len(found):
        return QuantileEdgesFact(0, ())
    if len(found) <= need.bins:
        edges = _around(found)
    else:
        wanted = np.arange(1, need.bins) * counts.sum() / need.bins
        places = np.unique(np.searchsorted(np.cumsum(counts), wanted))
        frequent = counts[places] >= counts.sum() / need.bins
        edges = np.union1d(_around(found[places[frequent]]), found[places[~frequent & (places > 0)]])
    return QuantileEdgesFact(int(times[kept].sum()), tuple(map(float, edges)))


def _distinct(values: Any, times: Any) -> tuple[Any, Any]:
    """The distinct values, rising, with their rows."""
    import numpy as np

    if (times == 1).all():
        # Without the places of the values they are sorted in a tenth of the time.
        return np.unique(values, return_counts=True)
    found, places = np.unique(values, return_inverse=True)
    return found, np.bincount(places, weights=times, minlength=len(found))


def _around(values: Any) -> Any:
    """Edges that give each of some values a bin of its own, apart from what is between them."""
    import numpy as np

    return np.union1d(values, np.nextafter(values, np.inf))
