"""Keys are compared by their order, so two lists of columns that name the same ones must name them alike."""

from __future__ import annotations

from collections.abc import Sequence


def misplaced(own: Sequence[str], other: Sequence[str]) -> str:
    """What is wrong with the order of a second key, in words; empty where no column stands at another place.

    Where stores and weeks are both numbered from 1, rows joined in another order match, and are other rows.
    """
    if len(own) != len(other):
        return ""
    column = next((name for at, name in enumerate(other) if name in own and own.index(name) != at), None)
    if column is None:
        return ""
    order = f"write [{', '.join(own)}]" if set(own) == set(other) else "name the columns in the same order"
    return f"names `{column}` as column {other.index(column) + 1} of the key, not {own.index(column) + 1}; {order}"
