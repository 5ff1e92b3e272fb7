"""An instance of DuckDB serves one gate after the other, and none of them sees anything of another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.engines.instances import MOST_KEPT, close_kept
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.open.csv import WIDE
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError, MachineError

SETTINGS = "select name, value from duckdb_settings() where name <> 'temp_directory' order by name"
OBJECTS = """
    select 'function', function_name from duckdb_functions() where not internal
    union all select 'table', table_name from duckdb_tables()
    union all select 'view', view_name from duckdb_views() where not internal
    union all select 'type', type_name from duckdb_types() where not internal
    order by all
"""


@pytest.fixture(autouse=True)
def spill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where gates spill to. No instance of another test waits there."""
    close_kept()
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spill))
    yield spill
    close_kept()


@contextmanager
def gate(threads: int = 1, memory_limit: str | None = None) -> Iterator[DuckDB]:
    """An engine as one gate uses it."""
    engine = DuckDB(threads, memory_limit)
    try:
        yield engine
    finally:
        engine.close()


def kept_after(done: Callable[[DuckDB], Any]) -> bool:
    """Whether the next gate uses the instance of one that did something."""
    with gate() as first:
        done(first)
    with gate() as second:
        assert second.query("select 1") == [(1,)]
        return second.folder == first.folder


def test_the_next_gate_uses_the_same_instance(spill: Path) -> None:
    with gate() as first:
        (first.folder / "made.txt").write_text("rows")
    assert list(spill.iterdir()) == []
    with gate() as second:
        assert second.folder == first.folder
        assert list(second.folder.iterdir()) == []
        assert second.folder.stat().st_mode & 0o777 == 0o700
    assert list(spill.iterdir()) == []


def uses_much(engine: DuckDB) -> None:
    """Leave what a gate can leave."""
    engine.make("t", "select 1 as a")
    engine.load("create temp view v as select * from t")
    engine.load("create or replace temp macro to_number(x) as (7)")
    with engine.registered(pd.DataFrame({"a": [1]})) as frame:
        engine.load(f"create temp table u as select * from {frame}")
    with pytest.raises(EvidenceError):
        engine.query("select cast('x' as integer)")


def test_a_gate_sees_nothing_of_the_one_before() -> None:
    with gate() as new:
        settings, objects = new.query(SETTINGS), new.query(OBJECTS)
        uses_much(new)
        assert new.query(OBJECTS) != objects
    with gate() as second:
        assert second.folder == new.folder
        assert second.query(SETTINGS) == settings
        assert second.query(OBJECTS) == objects
        assert second.query("select to_number('12')") == [(12.0,)]


def test_each_gate_has_its_own_threads_and_memory() -> None:
    asked = "select current_setting('threads'), current_setting('memory_limit')"
    found = []
    for threads, memory in ((1, "100MB"), (2, "300MB"), (1, None)):
        with gate(threads, memory) as engine:
            found.append((engine.folder, *engine.query(asked)[0]))
    assert [each[1:] for each in found] == [(1, "95.3 MiB"), (2, "286.1 MiB"), (1, "572.2 MiB")]
    assert len({folder for folder, *_ in found}) == 3


def test_a_wide_table_does_not_change_the_memory_of_the_next_gate(tmp_path: Path) -> None:
    names = [f"c{at}" for at in range(WIDE + 1)]
    (tmp_path / "wide.csv").write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    with gate() as engine:
        settings = engine.query(SETTINGS)
    with open_evidence({"t": FileSource("wide.csv", root=tmp_path)}, tmp_path, threads=1) as evidence:
        assert len(evidence.schema("t").columns) == len(names)
        assert evidence.engine.query(SETTINGS) != settings
    with gate() as engine:
        assert engine.query(SETTINGS) == settings


def test_gates_at_the_same_time_have_an_instance_each() -> None:
    with gate() as first, gate(2, "200MB") as second:
        assert first.folder != second.folder
        settings = first.query(SETTINGS)
        first.make("t", "select 1 as a")
        second.make("t", "select 2 as a")
        uses_much(second)
        assert first.query(SETTINGS) == settings
        assert first.query("select a from t") == [(1,)]
    with gate() as third, gate(2, "200MB") as fourth:
        assert (third.folder, fourth.folder) == (first.folder, second.folder)


def test_at_most_some_instances_wait() -> None:
    engines = [DuckDB(1) for _ in range(MOST_KEPT + 2)]
    for engine in engines:
        engine.close()
    again = [DuckDB(1) for _ in engines]
    for engine in again:
        engine.close()
    assert len({engine.folder for engine in engines} & {engine.folder for engine in again}) == MOST_KEPT


def test_an_interruption_ends_one_gate_alone() -> None:
    long = "select count(*) from range(100000) a, range(10000000) b where (a.range * b.range) % 7 = 3"
    ended: list[type[BaseException]] = []

    def run(engine: DuckDB) -> None:
        try:
            engine.query(long)
        except BaseException as error:  # noqa: BLE001 - what a gate ends with
            ended.append(type(error))

    with gate() as first:
        with gate() as second:
            running = threading.Thread(target=run, args=(second,))
            running.start()
            while running.is_alive():
                second._connection.interrupt()
                assert first.query("select 1") == [(1,)]
                running.join(0.05)
        assert ended == [KeyboardInterrupt]
        with gate() as third:
            assert third.folder != second.folder
        assert first.query("select 1") == [(1,)]


def fails_for_memory(engine: DuckDB) -> None:
    engine.load("set memory_limit = '1MB'")
    with pytest.raises(MachineError, match="out of memory"):
        engine.query("select list(range) from range(10000000)")


def defines(engine: DuckDB) -> None:
    engine.define("twice", lambda text: text * 2, ("VARCHAR",), "VARCHAR")
    assert engine.query("select twice('a')") == [("aa",)]


def changes_a_setting(engine: DuckDB) -> None:
    engine.load("set threads = 3")
    engine.load("set TimeZone = 'Asia/Tokyo'")


def spills(engine: DuckDB) -> None:
    engine.load("set memory_limit = '30MB'")
    engine.make("t", "select range as a, random() as b from range(5000000)")
    assert list((engine.folder / "spill").iterdir())


def has_its_folder_in_use(engine: DuckDB) -> None:
    shutil.rmtree(engine.folder)
    engine.folder.write_text("of another program")


@pytest.mark.parametrize("done", [fails_for_memory, defines, changes_a_setting, spills, has_its_folder_in_use])
def test_an_instance_on_which_something_is_left_is_not_used_again(done: Callable[[DuckDB], Any], spill: Path) -> None:
    assert not kept_after(done)
    close_kept()
    assert [path for path in spill.iterdir() if path.is_dir()] == []


def test_an_instance_whose_folder_another_program_takes_is_not_used_again(spill: Path) -> None:
    with gate() as first:
        pass
    first.folder.mkdir()
    (theirs := first.folder / "theirs").touch()
    with gate() as second:
        assert second.folder != first.folder
    close_kept()
    assert theirs.exists()


def test_a_gate_spills_to_where_temporary_files_go_now(spill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gate():
        pass
    (other := spill / "other").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    with gate() as engine:
        assert engine.folder.parent == other


def test_closing_twice_gives_an_instance_to_one_gate() -> None:
    with gate() as first:
        first.close()
    with gate() as second, gate() as third:
        assert second.folder != third.folder


def test_a_file_is_read_again_even_if_it_seems_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    found = []
    for value in (1, 2):
        with gate() as writer:
            writer.load(f"copy (select {value} as a from range(1000)) to '{path}'")
        os.utime(path, (1e9, 1e9))
        with gate() as engine:
            found.append(engine.query(f"select distinct a from '{path}'"))
    assert found == [[(1,)], [(2,)]]


DIVIDED = """
import os, sys
from mlgate.evidence.engines.duckdb import DuckDB

def used():
    engine = DuckDB(threads=2)
    engine.make("t", "select sum(range) as a from range(1000000)")
    engine.close()
    return engine.folder

first = used()
assert used() == first
child = os.fork()
assert used() != first
if child:
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not divided here")
def test_a_divided_process_does_not_use_the_instance_of_its_parent(spill: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", DIVIDED]
    env = {**os.environ, "TMPDIR": str(spill)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(spill.iterdir()) == []


MANY = """
from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.engines.instances import process_size

def used(rows):
    engine = DuckDB(threads=1)
    engine.make("t", f"select range as a, random() as b, 'x' || range as c from range({rows})")
    engine.query("select count(distinct c) from t")
    engine.close()
    return process_size() / 2**20, engine.folder

start, first = used(1000)
small = [used(1000) for _ in range(200)]
assert {folder for _, folder in small} == {first}
large = [used(1000000) for _ in range(4)]
print(start, small[-1][0], large[-1][0])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say what a process takes")
def test_the_memory_of_gates_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, timeout=120, check=True)
    start, small, large = map(float, done.stdout.split())
    assert small < start + 15
    assert large < start + 80
