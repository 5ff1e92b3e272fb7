"""A share of rows: exact one-sided bounds of a proportion, from counts or from effective (fractional) counts."""

from __future__ import annotations

from math import expm1, isfinite, log

MOST_COUNTED = 1e11
"""The most rows of which a Beta distribution is taken; its quantiles for more are slow, and lose their digits."""


def require_level(alpha: float) -> None:
    """Raise ValueError unless `alpha` is a one-sided level in (0, 0.5]: 0.05, not 0.95."""
    if not 0 < alpha <= 0.5:
        raise ValueError(f"a one-sided level must be in (0, 0.5], not {alpha}")


def require_counts(successes: float, trials: float) -> None:
    """Raise ValueError unless 0 <= successes <= trials, both finite and trials > 0."""
    if not (isfinite(trials) and trials > 0):
        raise ValueError(f"a share requires a positive number of trials, not {trials}")
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must be between 0 and {trials}, not {successes}")


def missed_share(n: float, alpha: float) -> float:
    """The share of a population that is in none of n draws in `alpha` of all samples: 1 - alpha**(1/n).

    It is Clopper and Pearson's upper bound for 0 of n.
    """
    return -expm1(log(alpha) / n)


def counted(*counts: float) -> tuple[float, ...]:
    """The counts of the parts of a sample; of more than `MOST_COUNTED` rows all are scaled down to that many.

    The bounds are then those of fewer rows, and so wider.
    """
    rows = sum(counts)
    return counts if rows <= MOST_COUNTED else tuple(count / rows * MOST_COUNTED for count in counts)


def clopper_pearson_lower(successes: float, trials: float, alpha: float) -> float:
    """The exact one-sided lower bound of a share, in [0, 1], at level `alpha` (Clopper & Pearson 1934).

    Counts may be fractional (effective counts). Without successes the bound is 0.
    """
    require_level(alpha)
    require_counts(successes, trials)
    if successes == 0:
        return 0.0
    successes, failures = counted(successes, trials - successes)
    return _beta_quantile(successes, failures + 1, alpha)


def clopper_pearson_upper(successes: float, trials: float, alpha: float) -> float:
    """The exact one-sided upper bound of a share, in [0, 1], at level `alpha` (Clopper & Pearson 1934).

    Counts may be fractional (effective counts). Without failures the bound is 1.
    """
    require_level(alpha)
    require_counts(successes, trials)
    if successes == trials:
        return 1.0
    successes, failures = counted(successes, trials - successes)
    return _beta_quantile(successes + 1, failures, 1 - alpha)


def _beta_quantile(a: float, b: float, probability: float) -> float:
    from mlgate.stats.special import betaincinv

    quantile = float(betaincinv(a, b, probability))
    if not 0 <= quantile <= 1:
        raise ArithmeticError(f"no Beta({a}, {b}) quantile at {probability}")
    return quantile
