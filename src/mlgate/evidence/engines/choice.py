"""The engines by the names of `--engine`. Each is loaded only when it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlgate.evidence.engine import Engine
from mlgate.values.errors import InputError

DEFAULT = "duckdb"


def open_engine(name: str, threads: int | None, memory_limit: str | None) -> Engine:
    """The engine of a name, ready to open tables. Raises InputError for an unknown name."""
    if name not in ENGINES:
        raise InputError(f"there is no engine `{name}`; choose one of: {', '.join(ENGINES)}")
    return ENGINES[name](threads, memory_limit)


def _duckdb(threads: int | None, memory_limit: str | None) -> Engine:
    from mlgate.evidence.engines.duckdb import DuckDB

    return DuckDB(threads, memory_limit)


ENGINES: Mapping[str, Callable[[int | None, str | None], Engine]] = {DEFAULT: _duckdb}
"""The function that opens each engine, from a number of threads and a memory limit; None means the engine's default."""
