"""Frames in memory: pandas, polars, pyarrow and DuckDB relations, copied once into a table, column by column.

A column that a library cannot hand over, or that mixes kinds, is refused only when a rule reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlgate.evidence.open.pandas_columns import TEXT, plain_column
from mlgate.evidence.open.reader import Contents, Loader, SourceColumn, make, paths_literal
from mlgate.evidence.sources import FRAME_WORDS, library_of
from mlgate.values.errors import EvidenceError, MachineError

_BY_TEXT = ("HUGEINT", "UHUGEINT", "BIGNUM", "VARINT")
"""Types of DuckDB that its writer of Parquet turns into doubles, and that go through text instead."""


def open_frame(engine: Loader, frame: Any, relation: str, shown: str) -> Contents:
    """Make a table of a frame. Raises EvidenceError for what is not one."""
    reader = _READERS.get(library_of(frame))
    if reader is None:
        raise EvidenceError(f"{shown} is a {type(frame).__name__}; give {FRAME_WORDS}")
    return reader(engine, frame, relation, shown)


def _open_pandas(engine: Loader, frame: Any, relation: str, shown: str) -> Contents:
    import pandas as pd

    names = {f"c{at}": name for at, name in enumerate(frame.columns)}
    columns, refused = dict[str, Any](), dict[str, EvidenceError]()
    for at, (inside, name) in enumerate(names.items()):
        try:
            columns[inside] = _plain(frame.iloc[:, at], name, shown)
        except EvidenceError as error:
            refused[inside] = error

    def made() -> Contents:
        found = [SourceColumn(name, inside, refused.get(inside)) for inside, name in names.items()]
        if not columns:
            return make(engine, relation, f"(select 1 as one from range({len(frame)}))", found, shown, view=False)
        with engine.registered(pd.DataFrame(columns, copy=False)) as source:
            return make(engine, relation, source, found, shown, view=False)

    try:
        return made()
    except Exception:
        if _takes(engine, columns):
            raise
    for inside in list(columns):
        try:
            columns[inside] = _taken(engine, columns[inside], names[inside], shown)
        except EvidenceError as error:
            del columns[inside]
            refused[inside] = error
    return made()


def _plain(column: Any, name: object, shown: str) -> Any:
    """A column as one of a plain type. Raises EvidenceError where there is none."""
    try:
        return plain_column(column, name, shown).reset_index(drop=True)
    except EvidenceError:
        raise
    except Exception as error:
        # Types of columns come from anywhere, and so do their errors.
        raise _unreadable(shown, name, column.dtype) from error


def _taken(engine: Loader, column: Any, name: object, shown: str) -> Any:
    """A column in a type that the engine knows; the texts of pandas 3 are new to DuckDB 1.4. Raises EvidenceError."""
    if _takes(engine, {"c": column}):
        return column
    if column.dtype == "str" and _takes(engine, {"c": (text := column.astype(TEXT))}):
        return text
    raise _unreadable(shown, name, column.dtype)


def _takes(engine: Loader, columns: Mapping[str, Any]) -> bool:
    """Whether the engine knows the types of all columns."""
    import pandas as pd

    try:
        with engine.registered(pd.DataFrame({inside: column.iloc[:0] for inside, column in columns.items()})) as tried:
            engine.columns(tried)
    except Exception:  # noqa: BLE001 - types of columns come from anywhere, and so do their errors
        return False
    return True


def _open_polars(engine: Loader, frame: Any, relation: str, shown: str) -> Contents:
    frame = frame.collect() if hasattr(frame, "collect") else frame
    names, rows = frame.columns, frame.height
    frame = frame.rename({name: f"c{at}" for at, name in enumerate(names)}) if names else frame
    # A wider integer than Parquet has goes through text, and is one again in the table.
    wide = [name for name, kind in frame.schema.items() if str(kind) in ("Int128", "UInt128")]
    frame = frame.with_columns([frame.get_column(name).cast(str) for name in wide])

    def write(columns: Sequence[str], path: Path) -> None:
        # Through a file: polars hands frames over only by way of pyarrow, which need not be installed.
        frame.select(columns).write_parquet(path)

    kinds = [str(kind) for kind in frame.dtypes]
    casts = dict.fromkeys(wide, "hugeint")
    return _through_parquet(engine, relation, shown, _Handed(names, kinds, rows, write, casts))


def _open_pyarrow(engine: Loader, frame: Any, relation: str, shown: str) -> Contents:
    import pyarrow as pa
    import pyarrow.parquet

    from mlgate.evidence.open.arrow_columns import plain_arrow

    frame = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    names, rows, kinds = frame.column_names, frame.num_rows, [str(kind) for kind in frame.schema.types]
    frame = pa.table({f"c{at}": plain_arrow(column) for at, column in enumerate(frame.columns)})

    def write(columns: Sequence[str], path: Path) -> None:
        # Through a file, as for polars: DuckDB reports leaks of frames that it was handed by pyarrow.
        pyarrow.parquet.write_table(frame.select(list(columns)), path)

    return _through_parquet(engine, relation, shown, _Handed(names, kinds, rows, write, {}))


def _open_relation(engine: Loader, frame: Any, relation: str, shown: str) -> Contents:
    names, kinds = frame.columns, [str(kind) for kind in frame.types]
    ((rows,),) = frame.aggregate("count(*)").fetchall()
    read = {f"c{at}": (f"#{at + 1}", kind) for at, kind in enumerate(kinds)}

    def write(columns: Sequence[str], path: Path) -> None:
        # It belongs to the caller's connection, which ours cannot see.
        selected = [
            f"{f'cast({place} as varchar)' if kind in _BY_TEXT else place} as {name}"
            for name, (place, kind) in read.items()
            if name in columns
        ]
        frame.project(", ".join(selected)).write_parquet(str(path))

    casts = {name: kind.lower() for name, (_, kind) in read.items() if kind in _BY_TEXT}
    return _through_parquet(engine, relation, shown, _Handed(names, kinds, rows, write, casts))


class _Handed:
    """A frame whose columns its library writes to a Parquet file, under the names c0, c1, ..."""

    def __init__(
        self,
        names: Sequence[object],
        kinds: Sequence[str],
        rows: int,
        write: Callable[[Sequence[str], Path], None],
        casts: Mapping[str, str],
    ) -> None:
        self.names, self.kinds, self.rows, self.write, self.casts = names, kinds, rows, write, casts


def _through_parquet(engine: Loader, relation: str, shown: str, frame: _Handed) -> Contents:
    """Make a table of what a library wrote; where it cannot write all columns, of those that it can write alone."""
    path = engine.folder / f"{relation}.parquet"
    written = [f"c{at}" for at in range(len(frame.names))]
    if not _writes(frame, written, path):
        written = [name for name in written if _writes(frame, [name], path)]
        if written:
            frame.write(written, path)
    found = [
        SourceColumn(name, f"c{at}", None if f"c{at}" in written else _unreadable(shown, name, frame.kinds[at]))
        for at, name in enumerate(frame.names)
    ]
    if not written:
        return make(engine, relation, f"(select 1 as one from range({frame.rows}))", found, shown, view=False)
    selected = ", ".join(
        f"cast({name} as {frame.casts[name]}) as {name}" if name in frame.casts else name for name in written
    )
    source = f"(select {selected} from read_parquet({paths_literal([path])}, hive_partitioning=false))"
    contents = make(engine, relation, source, found, shown, view=False)
    path.unlink()
    return contents


def _writes(frame: _Handed, columns: Sequence[str], path: Path) -> bool:
    """Whether the library can write some columns."""
    try:
        frame.write(columns, path)
    except (OSError, MemoryError) as error:
        raise MachineError(f"a frame cannot be written to {path.parent}: {error}; check the disk") from error
    except BaseException as error:
        # Each library has its own, and polars panics for some types; a signal is not one of them.
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return False
    return True


def _unreadable(shown: str, name: object, kind: object) -> EvidenceError:
    return EvidenceError(f"{shown}: column `{name}` is {kind}, which mlgate does not read; write it in a plain type")


_READERS: Mapping[str, Callable[[Loader, Any, str, str], Contents]] = {
    "pandas": _open_pandas,
    "polars": _open_polars,
    "pyarrow": _open_pyarrow,
    "duckdb": _open_relation,
}
