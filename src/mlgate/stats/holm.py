"""Holm's step-down rejection (1979), from bounds that are functions of their level."""

from __future__ import annotations

from collections.abc import Callable

from mlgate.stats.share import require_level


def holm_rejected(refuted: Callable[[int, float], bool], count: int, alpha: float) -> frozenset[int]:
    """The indices in range(count) that Holm rejects at familywise one-sided level `alpha`.

    `refuted(index, level)` says whether a bound at `level` refutes that finding: all refuted at alpha /
    (number not yet rejected) are rejected, until nothing new is. Same as Holm on p values where `refuted`
    is monotone in level.
    """
    require_level(alpha)
    if count < 0:
        raise ValueError(f"count must not be negative: {count}")
    open_indices = list(range(count))
    while open_indices:
        level = alpha / len(open_indices)
        still_open = [index for index in open_indices if not refuted(index, level)]
        if len(still_open) == len(open_indices):
            break
        open_indices = still_open
    return frozenset(range(count)) - frozenset(open_indices)
