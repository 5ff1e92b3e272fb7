"""The embedded DuckDB: a connection to an instance that no other gate uses meanwhile; its errors become ours."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgate.evidence.engine import Opened, ResultRow
from mlgate.evidence.engines.compiled import compiled
from mlgate.evidence.engines.instances import Instance, lend, take_back
from mlgate.evidence.open import open_source
from mlgate.evidence.sources import Source
from mlgate.values.errors import EvidenceError, MachineError, MlgateError
from mlgate.values.reach import Reach

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "600MB"
MOST_THREADS = 8

_DAMAGED = re.compile(
    # The last line has messages of DuckDB's reader of Parquet headers.
    "corrupt|decompress|parquet|thrift|protocol|out of buffer|variable-length int|ttype|don't know what type",
    re.IGNORECASE,
)
_VALUE = re.compile(r"'(?:[^']|'')*'|(?<=with value )\S+")


class DuckDB:
    """A DuckDB connection that opens tables and runs statements."""

    def __init__(self, threads: int | None = None, memory_limit: str | None = None) -> None:
        self.workspace = Path()
        instance = lend(threads or min(os.cpu_count() or 1, MOST_THREADS), memory_limit or MEMORY_LIMIT)
        self._instance: Instance | None = instance
        self.folder = instance.folder
        self._sound = True
        self._set = False
        """Whether a setting was changed, which may be one of the instance."""
        self._defined: set[str] = set()
        self._connection: duckdb.DuckDBPyConnection = instance.connection()
        with self._answering():
            self._connection.execute("set TimeZone = 'UTC'")

    @property
    def version(self) -> str:
        """The engine's name and version."""
        return f"duckdb {getattr(compiled(), '__version__', '')}".strip()

    def open(self, source: Source, relation: str, reach: Reach) -> Opened:
        """Open a file, several files or a frame as a relation. Raises EvidenceError where it cannot be read."""
        return open_source(self, source, relation, reach)

    def make(self, relation: str, sql: str) -> None:
        """Make a table from the rows of a statement."""
        self.load(f"create or replace temp table {relation} as {sql}")

    def query(self, sql: str) -> list[ResultRow]:
        """The rows of a statement in the dialect, for small results."""
        with self._answering():
            return self._connection.execute(sql).fetchall()

    def arrays(self, sql: str) -> Mapping[str, Any]:
        """The columns of a statement in the dialect, for long results."""
        with self._answering():
            return self._connection.execute(sql).fetchnumpy()

    def load(self, sql: str) -> list[ResultRow]:
        """The rows of a statement that opens, describes or drops a table, or sets something."""
        self._set |= sql.lstrip().lower().startswith(("set ", "reset ", "pragma "))
        with self._answering():
            return self._connection.execute(sql).fetchall()

    def define(self, name: str, function: Callable[..., Any], takes: tuple[str, ...], gives: str) -> None:
        """Define a Python function for statements that make tables, called per row; a missing value gives NULL."""
        import duckdb  # noqa: F401 - the package lets a connection call Python functions

        with self._answering():
            if name not in self._defined:
                self._connection.create_function(name, function, list(takes), gives)
                self._defined.add(name)

    @contextmanager
    def registered(self, frame: object) -> Iterator[str]:
        """The name of a temporary view of a frame."""
        import duckdb  # noqa: F401 - the package lets a connection read frames

        name = "__frame"
        with self._answering():
            self._connection.register(name, frame)
        try:
            yield name
        finally:
            self._connection.unregister(name)

    def columns(self, relation: str) -> tuple[tuple[str, str], ...]:
        """The names and DuckDB types of a relation's columns."""
        return tuple((row[0], row[1]) for row in self.load(f"describe select * from {relation}"))

    def close(self) -> None:
        """Close the connection, and remove its temporary files."""
        self._connection.close()
        instance, self._instance = self._instance, None
        if instance is not None:
            # Functions and settings belong to the instance, where the next gate would find them.
            take_back(instance, sound=self._sound and not self._defined and not self._set)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn DuckDB's errors into ours. After any other than one of values, the instance may be broken."""
        try:
            with answering():
                yield
        except EvidenceError:
            raise
        except BaseException:
            self._sound = False
            raise


@contextmanager
def answering() -> Iterator[None]:
    """Turn DuckDB's errors into EvidenceErrors, caused by values, and MachineErrors, caused by the machine."""
    engine = compiled()
    try:
        yield
    except engine.OutOfMemoryException as error:
        raise MachineError(f"out of memory: {_first(error)}; give the gate more memory or fewer threads") from error
    except engine.InterruptException as error:
        raise KeyboardInterrupt from error
    except engine.Error as error:
        raise _ours(error) from error
    except MemoryError as error:
        raise MachineError("out of memory; give the gate more memory") from error
    except RuntimeError as error:
        # DuckDB raises this when a signal arrives during a statement, after Python's handler has run.
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


def _ours(error: Exception) -> MlgateError:
    engine = compiled()
    said = _first(error)
    if _DAMAGED.search(said):
        return EvidenceError(f"a damaged file: {said}; write or fetch it again")
    if isinstance(error, engine.IOException):
        return MachineError(f"reading or writing failed: {said}; check the disk, then retry")
    if isinstance(error, engine.DataError | engine.InvalidInputException | engine.BinderException):
        return EvidenceError(said)
    return MachineError(f"the engine stopped: {said}")


def _first(error: Exception) -> str:
    """The first line of a message, without quoted values: reports travel, and the message may quote rows."""
    return _VALUE.sub("a value", str(error).split("\n", 1)[0].rstrip())
