"""The difference of two models' shares on the same rows, with exact bounds from the discordant rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil

from mlgate.metrics.both import Both, fraction
from mlgate.metrics.metric import Undefined
from mlgate.metrics.tallies import NOTHING, Tally
from mlgate.stats.matched import MatchedRatio, MatchedShares, effective_rows, mcnemar
from mlgate.stats.planning import Side, rows_of_pairs
from mlgate.values.estimate import Estimate
from mlgate.values.words import rounded

OUTCOMES = ((True, True), (True, False), (False, True), (False, False))
"""(new, old): whether a row is a hit of each model, in the order of `Fourfold.tallies`."""
LEAST_EFFECTIVE = 30


@dataclass(frozen=True)
class Fourfold:
    """The rows that count: hits of both models, of the new one alone, of the old one alone, and of neither."""

    tallies: tuple[Tally, ...]
    rows: int
    """All rows of the slice."""
    weighted: bool
    counted: str = "rows"
    """What the rows that count are called."""

    @property
    def both(self) -> Tally:
        """Hits of both models."""
        return self.tallies[0]

    @property
    def only_new(self) -> Tally:
        """Hits of the new model alone."""
        return self.tallies[1]

    @property
    def only_old(self) -> Tally:
        """Hits of the old model alone."""
        return self.tallies[2]

    @property
    def neither(self) -> Tally:
        """Rows that are a hit of neither model."""
        return self.tallies[3]

    @property
    def every(self) -> Tally:
        """All rows that count."""
        return sum(self.tallies, NOTHING)


def fourfold_difference(four: Fourfold, relative: bool) -> Estimate:
    """new - old share, or new / old - 1; under sampling weights with bounds from effective rows."""
    every = four.every
    if not every.n:
        raise Undefined(f"there are no {four.counted}: 0/0")
    if not every.weight:
        raise Undefined(f"the {every.n} {four.counted} all have weight 0: 0/0")
    values = Both((four.both + four.only_new).weight / every.weight, (four.both + four.only_old).weight / every.weight)
    exact = values.less(relative)
    n = _effective(four) if four.weighted else float(every.n)
    found = Estimate(
        (),
        float(exact),
        every.n,
        four.rows,
        exact=fraction(exact),
        counts=None if four.weighted or relative else _counts(four),
        counted=four.counted,
        note=_note(four, values, n),
    )
    if four.weighted and n < LEAST_EFFECTIVE:
        because = f"{rounded(n, 'effective rows')}; under sampling weights bounds require {LEAST_EFFECTIVE}"
        return replace(found, no_bound_because=because)
    return _bounded(found, four, n, relative)


def _bounded(found: Estimate, four: Fourfold, n: float, relative: bool) -> Estimate:
    rows = Fraction(n)
    shares = [tally.weight / four.every.weight for tally in (four.both, four.only_new, four.only_old)]
    both, only_new, only_old = (float(share * rows) for share in shares)
    bounds = MatchedRatio(both, only_new, only_old) if relative else MatchedShares(n, only_new, only_old)
    planned = partial(_rows_to_settle, [float(share) for share in shares], relative, n / found.n)
    return replace(found, lower=bounds.lower, upper=bounds.upper, rows_to_settle=planned)


def _effective(four: Fourfold) -> float:
    tallies = (four.both + four.neither, four.only_new, four.only_old)
    agree, new, old = ((float(tally.weight), float(tally.weight2)) for tally in tallies)
    return effective_rows(four.every.n, agree, new, old)


def _rows_to_settle(
    shares: list[float], relative: bool, efficiency: float, bound: float, side: Side, alpha: float, power: float
) -> int | None:
    both, *ends = shares
    good, bad = ends if side == "at_least" else reversed(ends)

    def shows(n: float, gained: float, lost: float) -> bool:
        if not relative:
            return MatchedShares(n, gained, lost).shows(bound if side == "at_least" else -bound, alpha)
        if side == "at_least":
            return MatchedRatio(both * n, gained, lost).lower(alpha) >= bound
        return MatchedRatio(both * n, lost, gained).upper(alpha) <= bound

    rows = rows_of_pairs(good - bad, good + bad, shows, power)
    return None if rows is None else ceil(rows / efficiency)


def _counts(four: Fourfold) -> str:
    n = four.every.n
    return f"{four.both.n + four.only_new.n}/{n} against {four.both.n + four.only_old.n}/{n}"


def _note(four: Fourfold, values: Both, n: float) -> str:
    new, old = four.only_new.n, four.only_old.n
    if not new + old:
        return f"{values.note}; the models agree on every row that counts"
    said = f"{values.note}; only the new one {new}, only the old one {old}"
    if four.weighted:
        return f"{said}; sampling weights: {rounded(n, 'effective rows')}"
    return f"{said}; McNemar p {mcnemar(new, old):.2g}"
