"""Benjamini and Hochberg's false discovery rate: for lists of findings, never for decisions."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values, in the order given (Benjamini & Hochberg 1995).

    Each is the smallest false discovery rate, in [0, 1], at which its finding would be listed.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("p values must be in [0, 1]")
    count, least = len(p_values), 1.0
    adjusted = [1.0] * count
    for rank, index in zip(range(count, 0, -1), sorted(range(count), key=lambda i: -p_values[i])):
        least = min(least, p_values[index] * count / rank)
        adjusted[index] = least
    return adjusted
