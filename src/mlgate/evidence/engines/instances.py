"""Instances of DuckDB. Starting one takes longer than a small gate, so that gates of a process use them in turn.

An instance belongs to one gate at a time, and no other gate sees its tables, settings, memory limit or interruption.
It is kept for the next gate only where this one left nothing on it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from mlgate.evidence.dialect import MACROS
from mlgate.evidence.engines.compiled import compiled
from mlgate.evidence.scratch import SCRATCH

if TYPE_CHECKING:
    import duckdb

MOST_KEPT = 8
"""The most instances that wait for a gate."""
MOST_GROWTH = 128 * 2**20
"""Bytes by which the process may have grown since an instance was started: the memory of a closed one is given back."""

_CONFIG: Mapping[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    # `open/frames.py` has checked that object columns are of one kind; this finds the digits of decimals.
    "pandas_analyze_sample": 1 << 20,
    # The next gate must read a file again, even if it seems not to have changed.
    "enable_external_file_cache": False,
    # Statistics that a Parquet file states of itself are not believed: with wrong ones, rows that a filter or a join
    # looks for are passed over, and a count of missing or infinite values is 0. Without filters to pass over rows by,
    # looking up the rows of a LIMIT would read them all.
    "disabled_optimizers": "filter_pushdown,join_filter_pushdown,statistics_propagation,late_materialization",
}


# A digest reads every file from end to end beside the scan, so that reading ahead saves no time. It would take memory
# for all columns of a row group. DuckDB knows this setting only when it runs.
_NOT_AHEAD = "set disable_parquet_prefetching = true"


class Instance:
    """A running DuckDB with a folder of its own, which is there while a gate uses it."""

    def __init__(self, threads: int, memory_limit: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
        self._spill = self.folder / "spill"
        self._ours = True
        """Whether the folder is there, and made by this instance."""
        self._process = os.getpid()
        self._settings = (threads, memory_limit)
        self._connection: duckdb.DuckDBPyConnection = _started(
            {**_CONFIG, "memory_limit": memory_limit, "threads": threads, "temp_directory": str(self._spill)}
        )
        for sql in (_NOT_AHEAD, *MACROS):
            self._connection.execute(sql)
        self._size = process_size()

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A new connection, with temporary tables and settings of its own."""
        return self._connection.cursor()

    def fits(self, threads: int, memory_limit: str) -> bool:
        """Whether a new instance would have the same settings."""
        return self._settings == (threads, memory_limit) and self.folder.parent == Path(tempfile.gettempdir())

    def ready(self) -> bool:
        """Make the folder of an instance that was kept; whether that is possible."""
        try:
            self.folder.mkdir(0o700)
        except OSError:
            return False
        self._ours = True
        return True

    def emptied(self) -> bool:
        """Remove the folder; whether a gate left nothing, neither in the folder nor in memory."""
        if self._process != os.getpid() or self._spill.exists():
            return False
        self._remove_folder()
        size = process_size()
        grown = size is None or self._size is None or size > self._size + MOST_GROWTH
        return not grown and not self.folder.exists()

    def close(self) -> None:
        """End the instance, and remove its temporary files."""
        self._connection.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self._ours:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._ours = False


def _started(config: Mapping[str, Any]) -> Any:
    """A connection to a new instance. Without the threads that DuckDB 2 has besides for reading: local files are read
    faster without them, and a gate on one thread is to be one."""
    engine = compiled()
    try:
        return engine.connect(config={**config, "async_threads": 0})
    except engine.Error:
        return engine.connect(config=dict(config))


_kept: list[Instance] = []
_lock = RLock()


def lend(threads: int, memory_limit: str) -> Instance:
    """An instance for one gate: one that was kept, or a new one."""
    while (instance := _next(threads, memory_limit)) is not None:
        if instance.ready():
            return instance
        instance.close()
    return Instance(threads, memory_limit)


def take_back(instance: Instance, *, sound: bool) -> None:
    """Keep an instance whose connections are closed for the next gate. Close it unless it is sound and empty."""
    with _lock:
        if sound and instance.emptied():
            _kept.append(instance)
            if len(_kept) <= MOST_KEPT:
                return
            instance = _kept.pop(0)
    instance.close()


def _next(threads: int, memory_limit: str) -> Instance | None:
    with _lock:
        fitting = next((instance for instance in reversed(_kept) if instance.fits(threads, memory_limit)), None)
        if fitting is not None:
            _kept.remove(fitting)
        return fitting


def close_kept() -> None:
    """Close the instances that wait for a gate."""
    with _lock:
        while _kept:
            _kept.pop().close()


def process_size() -> int | None:
    """The bytes of memory that the process takes; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _before_fork() -> None:
    """A process that is divided has the parent's instance without its threads; so there is none meanwhile."""
    _lock.acquire()
    close_kept()


atexit.register(close_kept)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release)
