"""Shares under sampling weights: effective counts for Clopper-Pearson (Korn & Graubard 1998)."""

from __future__ import annotations

from math import isfinite


def kish(sum_w: float, sum_w2: float) -> float:
    """Kish's effective sample size (1965), (Σw)² / Σw² <= n."""
    if not (isfinite(sum_w) and isfinite(sum_w2) and sum_w > 0 and sum_w2 > 0):
        raise ValueError(f"sums of weights must be positive and finite, not Σw={sum_w}, Σw²={sum_w2}")
    return sum_w / sum_w2 * sum_w


def effective_share(
    sum_w_success: float, sum_w2_success: float, sum_w_failure: float, sum_w2_failure: float, n: int
) -> tuple[float, float]:
    """(p, n_effective) of a weighted share of `n` rows, from Σw and Σw² of each outcome; weights are > 0.

    n_effective = min(pq/v, Kish), with v the linearised with-replacement variance of the weighted share.
    Clopper-Pearson bounds then take p * n_effective successes in n_effective trials.
    """
    sums = (sum_w_success, sum_w2_success, sum_w_failure, sum_w2_failure)
    if not all(isfinite(value) and value >= 0 for value in sums) or n < 1:
        raise ValueError(f"sums of weights must be finite and >= 0, with at least one row, not {sums}, n={n}")
    if (sum_w_success > 0) != (sum_w2_success > 0) or (sum_w_failure > 0) != (sum_w2_failure > 0):
        raise ValueError(f"Σw and Σw² of an outcome must be both zero or both positive, not {sums}")
    total = sum_w_success + sum_w_failure
    rows = min(kish(total, sum_w2_success + sum_w2_failure), float(n))
    p, q = sum_w_success / total, sum_w_failure / total
    if p == 0 or q == 0:
        return p, rows
    if n < 2:
        raise ValueError("two outcomes require at least two rows")
    relative = (q / total) ** 2 * sum_w2_success + (p / total) ** 2 * sum_w2_failure
    variance = relative * n / (n - 1)
    return p, min(p * q / variance, rows)
