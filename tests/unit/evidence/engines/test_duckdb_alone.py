"""DuckDB's compiled module, loaded without the package around it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import _duckdb
import duckdb
import pytest

from mlgate.evidence.engines.compiled import compiled
from mlgate.evidence.engines.duckdb import DuckDB


@pytest.mark.parametrize(
    "name",
    [
        "connect", "DuckDBPyConnection", "Error", "OutOfMemoryException", "InterruptException", "IOException",
        "DataError", "InvalidInputException", "BinderException",
    ],
)  # fmt: skip
def test_what_the_engine_uses_is_the_same_in_the_package(name: str) -> None:
    assert compiled() is _duckdb
    assert getattr(_duckdb, name) is getattr(duckdb, name)


def test_files_are_read_without_the_package(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from mlgate.evidence.engines.duckdb import DuckDB; "
        "engine = DuckDB(); engine.load(f\"copy (select 1 as a) to '{sys.argv[1]}/a.parquet'\"); "
        "print(engine.query(f\"select a from '{sys.argv[1]}/a.parquet'\"), engine.arrays('select 2 as b')); "
        "engine.close(); print('duckdb' in sys.modules)"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["[(1,)] {'b': array([2], dtype=int32)}", "False"]


def test_without_the_compiled_module_the_package_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_duckdb", None)
    assert compiled() is duckdb
    engine = DuckDB()
    assert engine.query("select 1") == [(1,)]
    engine.close()
