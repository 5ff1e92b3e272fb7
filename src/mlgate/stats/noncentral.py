"""The noncentral chi-square distribution, solved for its noncentrality."""

from __future__ import annotations

import math

from mlgate.stats.ranks import bisect

_NORMAL_FROM = 1e8
"""From here on the noncentral chi-square distribution is taken as normal; the two differ by less than 1e-4."""


def noncentrality(observed: float, degrees: float, probability: float) -> float:
    """The noncentrality at which P(chi-square <= observed) is `probability`; 0 where it is lower even at 0."""
    from mlgate.stats.special import chndtr, ndtr

    def excess(noncentral: float) -> float:
        if observed > _NORMAL_FROM:  # scipy's series has as many terms as the root of it
            far = (observed - degrees - noncentral) / math.sqrt(2 * (degrees + 2 * noncentral))
            return probability - float(ndtr(far))
        return probability - float(chndtr(observed, degrees, noncentral))

    if excess(0.0) >= 0:
        return 0.0
    high = max(1.0, 2 * observed)
    while excess(high) <= 0:
        high *= 2
    return bisect(excess, 0.0, high)
