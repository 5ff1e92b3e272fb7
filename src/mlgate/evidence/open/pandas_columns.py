"""A column of pandas as the one kind that all its values have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mlgate.evidence.dialect import MOST_DIGITS
from mlgate.values.errors import EvidenceError

# Not "str": pandas 2 writes a missing value as the text "None" or "nan" there.
TEXT = "string[python]"
"""The type of texts that every version of the engine takes."""
_DTYPES = {"string": TEXT, "empty": TEXT, "integer": "Int64", "boolean": "boolean", "floating": "float64"}
_KEPT = ("date", "datetime", "datetime64", "time")


def plain_column(column: Any, name: object, shown: str) -> Any:
    """A column as one that the engine reads exactly. Raises EvidenceError where its values are of several kinds.

    Intervals and periods become their text.
    """
    import pandas as pd

    if isinstance(column.dtype, pd.SparseDtype):
        column = column.sparse.to_dense()
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = _of_categories(column)
    if isinstance(column.dtype, pd.IntervalDtype | pd.PeriodDtype):
        return _texts(column)
    if column.dtype == object:
        return _one_kind(column, name, shown)
    # A copy, since DuckDB cannot read a column that runs backwards, as after frame[::-1].
    return column.copy()


def _of_categories(column: Any) -> Any:
    """A categorical column as a column of its categories' type, or of objects where that has no missing value."""
    import pandas as pd

    kind = column.cat.categories.dtype
    whole = isinstance(kind, pd.IntervalDtype | pd.PeriodDtype) or kind.kind in "iub"
    return column.astype(object if whole and column.hasnans else kind)


def _texts(column: Any) -> Any:
    """Every value as its text, a missing one as missing."""
    import pandas as pd

    values = [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
    return pd.Series(values, dtype=TEXT)


def _one_kind(column: Any, name: object, shown: str) -> Any:
    """A column of objects. Raises EvidenceError where they are of several kinds, or of one that cannot be read."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("interval", "period"):
        return _texts(column)
    if kind == "decimal":
        return _decimals(column, name, shown)
    if kind in _KEPT:
        return column
    if kind not in _DTYPES:
        found = sorted({type(value).__name__ for value in column.dropna()})
        raise EvidenceError(
            f"{shown}: column `{name}` mixes kinds or holds objects ({', '.join(found)}); write it in one kind"
        )
    try:
        return column.astype(_DTYPES[kind])
    except (OverflowError, TypeError, ValueError) as error:
        raise EvidenceError(f"{shown}: column `{name}` cannot be read as {kind}: {error}") from error


def _decimals(column: Any, name: object, shown: str) -> Any:
    """Decimals as they are, or as text where together they need more digits than the engine's decimals have."""
    values = [value for value in column if isinstance(value, Decimal)]
    if not all(value.is_finite() for value in values):
        raise EvidenceError(f"{shown}: column `{name}` has decimals that are not finite; leave them out as missing")
    after = max((max(0, -int(value.as_tuple().exponent)) for value in values), default=0)
    before = max((max(0, value.adjusted() + 1) for value in values), default=0)
    if before + after <= MOST_DIGITS:
        return column
    return column.map(lambda value: format(value, "f") if isinstance(value, Decimal) else value).astype(TEXT)
