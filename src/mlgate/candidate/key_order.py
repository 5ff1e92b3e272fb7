"""Columns of two keys are matched by position, so both keys must name shared columns in the same order."""

from __future__ import annotations

from collections.abc import Sequence


def misplaced(own: Sequence[str], other: Sequence[str]) -> str:
    """What is wrong with the order of the second key, in words; empty if shared columns have the same positions.

    For example, if stores and weeks are both numbered from 1, ids in the wrong order still match, but to wrong rows.
    """
    if len(own) != len(other):
        return ""
    column = next((name for at, name in enumerate(other) if name in own and own.index(name) != at), None)
    if column is None:
        return ""
    order = f"write [{', '.join(own)}]" if set(own) == set(other) else "name the columns in the same order"
    return f"names `{column}` as column {other.index(column) + 1} of the key, not {own.index(column) + 1}; {order}"
