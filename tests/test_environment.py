"""No variable of the environment changes a verdict or a message: those that libraries read, and the hash seed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
SCRIPT = Path(sys.executable).with_name("mlgate")
LIBRARIES = ("click", "duckdb", "joblib", "numpy", "pandas", "rich", "scipy", "sklearn", "yaml", "mlgate")
READ = re.compile(r"""(?:environ(?:\.get|\.pop|\.setdefault)?\s*[\[(]|getenv\()\s*["']([A-Z][A-Z0-9_]+)["']""")
KNOWN = {
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "TZ", "LANG", "LC_ALL", "LC_NUMERIC", "LC_TIME", "LANGUAGE", "COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR",
    "SOURCE_DATE_EPOCH", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE",
    "PYTHONSTARTUP", "PYTHONUNBUFFERED", "CI",
    "GITHUB_WORKSPACE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME", "DUCKDB_HOME", "MLGATE_PROOF", "MLGATE_AS_OF",
}  # fmt: skip
"""Those that compiled code, Python itself or the system read."""
LEFT = {
    # They say where programs and libraries are found: nothing can be stopped that runs before mlgate does.
    "PATH", "PYTHONPATH", "PYTHONHOME", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPLATLIBDIR",
    # They chose the processor's code of the libraries of numbers, which this machine may need as they are.
    "OPENBLAS_CORETYPE", "NPY_ENABLE_CPU_FEATURES", "NPY_DISABLE_CPU_FEATURES",
    # A wrong value of these ends Python before mlgate starts.
    "PYTHONMALLOC", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONTRACEMALLOC",
    # It has Python go on and read commands when a program is over; the exit code stays.
    "PYTHONINSPECT", "TMPDIR",
}  # fmt: skip
VALUES = ("1", "0", "true", "/nonexistent", "error", "Pacific/Kiritimati")


@cache
def variables() -> tuple[str, ...]:
    """Every variable that the libraries read, as far as their source says, and those known."""
    found = set(KNOWN)
    for name in LIBRARIES:
        spec = find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for file in Path(folder).rglob("*.py"):
                if "tests" not in file.parts:
                    found |= set(READ.findall(file.read_text(encoding="utf-8", errors="replace")))
    return tuple(sorted(found - LEFT))


def judged(folder: Path, **variables: str) -> tuple[int, str]:
    """The exit code and the JSON report."""
    command = [SCRIPT, "check", "--format", "json", "--as-of", "2026-12-01"]
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


def folders() -> Iterator[Any]:
    """A case that fails with bounds, groups and a function of the policy's choice, and one that is in error."""
    yield pytest.param(CASES / "metrics" / "function_of_scores", id="function_of_scores", marks=pytest.mark.slow)
    yield pytest.param(CASES / "metrics" / "float_edge_48_of_60", id="float_edge_48_of_60")


@pytest.fixture(params=list(folders()))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The failing side of a case."""
    case: Path = request.param
    for source in (case.parent / "base", case, case / "twin"):
        if source.exists():
            shutil.copytree(source, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("bad", "twin"))
    return tmp_path


def test_the_sweep_knows_what_libraries_read() -> None:
    assert {"SCIPY_ARRAY_API", "OMP_NUM_THREADS", "TZ", "PYTHONWARNINGS"} <= set(variables())
    assert len(variables()) > 40


@pytest.mark.slow
def test_no_variable_changes_a_verdict(folder: Path) -> None:
    plain = judged(folder)
    assert plain[0] in (0, 1)
    for value in VALUES:
        for start in range(0, len(variables()), 40):
            some = variables()[start : start + 40]
            given = dict.fromkeys(some, value)
            found = judged(folder, **given)
            assert found == plain, (given, found[1][:500])


def test_the_day_comes_from_utc_and_not_from_the_time_zone(folder: Path) -> None:
    """At every hour, one of these zones has another day than UTC."""
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        before = datetime.now(UTC).date()
        ran = subprocess.run(
            [SCRIPT, "check", "--format", "json"], cwd=folder, env={**os.environ, "TZ": zone}, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        document = json.loads(ran.stdout)
        days = {document["verdicts"][0]["as_of"], document["called"]["as_of"]}
        assert days <= {before.isoformat(), datetime.now(UTC).date().isoformat()}, zone


def test_the_hash_seed_changes_no_word(folder: Path) -> None:
    assert len({judged(folder, PYTHONHASHSEED=seed) for seed in ("0", "1", "4294967295")}) == 1
