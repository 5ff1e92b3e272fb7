"""Holm's step-down test (1979), for bounds that are functions of their level."""

from __future__ import annotations

from collections.abc import Callable

from mlgate.stats.share import require_level


def holm_rejected(refuted: Callable[[int, float], bool], count: int, alpha: float) -> frozenset[int]:
    """The indices in range(count) that Holm rejects at familywise one-sided level `alpha`.

    `refuted(index, level)` says whether the bound at `level` refutes that finding. Each step rejects all findings that
    are refuted at alpha / (number not yet rejected), until a step rejects none. This equals Holm on p values if
    `refuted` is monotone in the level. A finding that is not refuted at `alpha` is not tried at stricter levels, which
    may be costly.
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
