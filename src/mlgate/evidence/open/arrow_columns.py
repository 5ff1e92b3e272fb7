"""A column of Arrow as a type that Parquet has, where one says the same."""

from __future__ import annotations

from typing import Any

from mlgate.evidence.dialect import MOST_DIGITS


def plain_arrow(column: Any) -> Any:
    """A chunked array without dictionaries, runs, views and wide decimals; as it is where pyarrow cannot change it."""
    import pyarrow as pa

    # Types differ from version to version of pyarrow, so that unknown ones are left to whoever writes the column.
    try:
        return _plain(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, pa.ArrowTypeError):
        return column


def _plain(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(pa.chunked_array([_decoded(chunk) for chunk in column.chunks] or [pa.nulls(0)]))
    if pa.types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return _plain(pa.chunked_array(decoded, type=kind.value_type))
    if pa.types.is_decimal(kind) and kind.precision > MOST_DIGITS:
        return column.cast(pa.string())
    name = str(kind)
    if name == "string_view":
        return column.cast(pa.large_string())
    if name.startswith(("decimal32", "decimal64", "decimal256")):
        return column.cast(pa.decimal128(kind.precision, kind.scale))
    return column


def _decoded(chunk: Any) -> Any:
    """The values of a dictionary's array, each where it stands."""
    import pyarrow as pa

    return _plain(pa.chunked_array([chunk.dictionary])).combine_chunks().take(chunk.indices)
