"""One-sided p values that a slice is lower than the rest: to order and to list slices, never to decide."""

from __future__ import annotations

from math import isfinite, sqrt

from mlgate.stats.bounds import Bounds
from mlgate.stats.share import require_counts, require_level


def fisher_less(successes: int, trials: int, other_successes: int, other_trials: int) -> float:
    """The p value, in [0, 1], of Fisher's exact test (1935) that the first of two independent shares is lower.

    Given the total number of successes, it is the probability that at most `successes` are among the first trials.
    """
    require_counts(successes, trials)
    require_counts(other_successes, other_trials)
    every, all_trials = successes + other_successes, trials + other_trials
    if successes * all_trials <= every * trials:
        return min(_tail(successes, max(0, every - other_trials), every, trials, all_trials), 1.0)
    return max(1.0 - _tail(successes + 1, min(every, trials), every, trials, all_trials), 0.0)


def _tail(first: int, last: int, every: int, trials: int, all_trials: int) -> float:
    """P(from `first` to `last` successes), summed from `first`; `last` is farther from the expected number."""
    import numpy as np

    from mlgate.stats.special import gammaln

    # Terms more than sixty standard deviations away do not change a double.
    count = min(abs(last - first), int(60 * sqrt(trials * every / all_trials)) + 200) + 1
    step = 1 if last >= first else -1
    if first > min(every, trials):
        return 0.0
    k = first + step * np.arange(count, dtype=np.float64)
    chosen = gammaln(every + 1) - gammaln(k + 1) - gammaln(every - k + 1)
    others = all_trials - every
    chosen += gammaln(others + 1) - gammaln(trials - k + 1) - gammaln(others - trials + k + 1)
    chosen -= gammaln(all_trials + 1) - gammaln(trials + 1) - gammaln(all_trials - trials + 1)
    return float(np.exp(chosen).sum())


def normal_less(difference: float, bounds: Bounds, alpha: float) -> float | None:
    """The p value that a difference is below 0, for a normal estimate with the width of its bounds at level `alpha`.

    None where the bound on the side of 0 is missing, or equals the value.
    """
    from mlgate.stats.special import ndtr, ndtri

    require_level(alpha)
    found = (bounds.upper if difference < 0 else bounds.lower)(alpha)
    if found is None or not isfinite(found) or found == difference:
        return None
    return float(ndtr(difference * -float(ndtri(alpha)) / abs(found - difference)))
