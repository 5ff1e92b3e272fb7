"""Frames in memory: pandas, polars, pyarrow and DuckDB relations, copied once into a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlgate.evidence.open.reader import Loader, check_names, make, paths_literal
from mlgate.evidence.sources import FRAME_WORDS, library_of
from mlgate.values.errors import EvidenceError


def open_frame(engine: Loader, frame: Any, relation: str, shown: str) -> None:
    """Copy a frame into a table. Raises EvidenceError for a column of mixed kinds, or names that are not text."""
    reader = _READERS.get(library_of(frame))
    if reader is None:
        raise EvidenceError(f"{shown} is a {type(frame).__name__}; give {FRAME_WORDS}")
    reader(engine, frame, relation, shown)


def _open_pandas(engine: Loader, frame: Any, relation: str, shown: str) -> None:
    check_names(frame.columns, shown)
    with engine.registered(_plain(frame, shown)) as name:
        make(engine, relation, name, view=False)


def _plain(frame: Any, shown: str) -> Any:
    """The frame with every object column converted to the one kind of its values."""
    import pandas as pd

    plain = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            kind = column.cat.categories.dtype
            column = column.astype(object if kind.kind in "iub" and column.hasnans else kind)
        # A copy, because DuckDB cannot read a column with a negative stride, as after frame[::-1].
        plain[name] = _one_kind(column, name, shown) if column.dtype == object else column.copy()
    return pd.DataFrame(plain, copy=False)


def _one_kind(column: Any, name: str, shown: str) -> Any:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("decimal", "date", "datetime", "datetime64"):
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


def _open_polars(engine: Loader, frame: Any, relation: str, shown: str) -> None:
    frame = frame.collect() if hasattr(frame, "collect") else frame
    check_names(frame.columns, shown)
    objects = [name for name, dtype in frame.schema.items() if str(dtype) == "Object"]
    if objects:
        raise EvidenceError(f"{shown}: column `{objects[0]}` holds objects; write it in one kind")
    # Through a file: polars passes frames only by pyarrow, which may not be installed.
    path = engine.folder / f"{relation}.parquet"
    frame.write_parquet(path)
    _from_parquet(engine, path, relation)


def _open_pyarrow(engine: Loader, frame: Any, relation: str, shown: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    check_names(frame.column_names, shown)
    # Through a file, as for polars: DuckDB reports memory leaks for frames passed by pyarrow.
    path = engine.folder / f"{relation}.parquet"
    try:
        pyarrow.parquet.write_table(frame, path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise EvidenceError(f"{shown}: a column of a type that mlgate does not read: {error}") from error
    _from_parquet(engine, path, relation)


def _open_relation(engine: Loader, frame: Any, relation: str, shown: str) -> None:
    check_names(frame.columns, shown)
    path = engine.folder / f"{relation}.parquet"
    # It belongs to the caller's connection, which ours cannot see.
    frame.write_parquet(str(path))
    _from_parquet(engine, path, relation)


def _from_parquet(engine: Loader, path: Any, relation: str) -> None:
    make(engine, relation, f"read_parquet({paths_literal([path])}, hive_partitioning=false)", view=False)
    path.unlink()


# Not "str": pandas 2 writes a missing value as the text "None" or "nan" there.
_DTYPES = {
    "string": "string[python]",
    "empty": "string[python]",
    "integer": "Int64",
    "boolean": "boolean",
    "floating": "float64",
}
_READERS: Mapping[str, Callable[[Loader, Any, str, str], None]] = {
    "pandas": _open_pandas,
    "polars": _open_polars,
    "pyarrow": _open_pyarrow,
    "duckdb": _open_relation,
}
