"""DuckDB's compiled module, without the package around it."""

from __future__ import annotations

from typing import Any


def compiled() -> Any:
    """DuckDB's compiled module, which is enough for statements about files; importing the package takes four times as
    long.

    The package re-exports it, so connections and errors are the same in both. Where the module is missing, this is the
    package.
    """
    try:
        import _duckdb
    except ImportError:
        import duckdb

        return duckdb
    return _duckdb
