"""Edit distance of two sequences: the fewest insertions, deletions and substitutions that turn one into the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """The Levenshtein distance of two texts or two lists of words, bit-parallel (Myers 1999; Hyyrö 2003).

    A column of the table of distances is stored in integers with one bit per entry of the longer sequence.
    """
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    start, end = _common(long, short)
    long, short = long[start : len(long) - end], short[start : len(short) - end]
    return _by_columns(long, short) if short else len(long)


def _common(long: Sequence[Hashable], short: Sequence[Hashable]) -> tuple[int, int]:
    """The lengths of the common prefix and of the common suffix after it: they cost nothing."""
    start, end, most = 0, 0, len(short)
    while start < most and long[start] == short[start]:
        start += 1
    while end < most - start and long[-1 - end] == short[-1 - end]:
        end += 1
    return start, end


def _by_columns(long: Sequence[Hashable], short: Sequence[Hashable]) -> int:
    """The distance, one step per entry of `short`. Bits mark where a column of distances rises, and where it falls."""
    places: dict[Hashable, int] = {}
    for at, entry in enumerate(long):
        places[entry] = places.get(entry, 0) | 1 << at
    every, last = (1 << len(long)) - 1, 1 << (len(long) - 1)
    rises, falls, distance = every, 0, len(long)
    for entry in short:
        equal = places.get(entry, 0)
        vertical = equal | falls
        horizontal = (((equal & rises) + rises) ^ rises) | equal
        up = falls | (every & ~(horizontal | rises))
        down = rises & horizontal
        if up & last:
            distance += 1
        elif down & last:
            distance -= 1
        up, down = (up << 1 | 1) & every, down << 1 & every
        rises, falls = down | (every & ~(vertical | up)), up & vertical
    return distance
