"""Holm's step-down rejection (1979), from bounds that are functions of their level."""

from __future__ import annotations

from collections.abc import Callable

from mlgate.stats.share import require_level


def holm_rejected(refuted: Callable[[int, float], bool], count: int, alpha: float) -> frozenset[int]:
    """The indices in range(count) that Holm rejects at familywise one-sided level `alpha`.

    `refuted(index, level)` says whether a bound at `level` refutes that finding: all refuted at alpha /
    (number not yet rejected) are rejected, until nothing new is. Same as Holm on p values where `refuted`
    is monotone in level; what is not refuted at `alpha` itself is asked at no stricter one, which may cost much.
    """
    require_level(alpha)
    if count < 0:
        raise ValueError(f"count must not be negative: {count}")
    possible = [index for index in range(count) if refuted(index, alpha)]
    rejected: set[int] = set()
    while possible:
        level = alpha / (count - len(rejected))
        found = {index for index in possible if refuted(index, level)}
        if not found:
            break
        rejected |= found
        possible = [index for index in possible if index not in found]
    return frozenset(rejected)
