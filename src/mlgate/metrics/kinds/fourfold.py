"""The difference of two models' shares on the same rows, with exact bounds from the discordant rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from mlgate.metrics.both import Both, fraction
from mlgate.metrics.metric import Undefined
from mlgate.metrics.tallies import NOTHING, Tally
from mlgate.stats.matched import MatchedRatio, MatchedShares, effective_rows, mcnemar
from mlgate.stats.planning import rows_for_paired
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
    only_new, only_old = (float(tally.weight / four.every.weight) * n for tally in (four.only_new, four.only_old))
    if not four.weighted:
        only_new, only_old = float(four.only_new.n), float(four.only_old.n)
    if relative:
        both = float(four.both.weight / four.every.weight) * n if four.weighted else float(four.both.n)
        ratio = MatchedRatio(both, only_new, only_old)
        return replace(found, lower=ratio.lower, upper=ratio.upper)
    shares = MatchedShares(n, only_new, only_old)
    planned = partial(_rows_to_settle, (only_new - only_old) / n, (only_new + only_old) / n, n / found.n)
    return replace(found, lower=shares.lower, upper=shares.upper, rows_to_settle=planned)


def _effective(four: Fourfold) -> float:
    tallies = (four.both + four.neither, four.only_new, four.only_old)
    agree, new, old = ((float(tally.weight), float(tally.weight2)) for tally in tallies)
    return effective_rows(four.every.n, agree, new, old)


def _rows_to_settle(
    difference: float, discordant: float, efficiency: float, bound: float, side: str, alpha: float, power: float
) -> int | None:
    sign = 1 if side == "at_least" else -1
    rows = rows_for_paired(sign * difference, discordant, alpha, -sign * bound, power)
    return None if rows is None else round(rows / efficiency)


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
