"""What benchmarks share: generated rows, lines that each run in a process of their own, and the table of them."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "out"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Installed packages have compiled modules beside them, and so has ours after the first run, which does not count."""
Line = tuple[Callable[[int], dict[str, Any]], str]
"""What is measured for a number of rows, and the line that it is compared with."""

GENERATE = """
copy (
  select i as id, label, (case when u3 < 0.85 then label else 1 - label end) as prediction,
         (label * 0.4 + u4 * 0.6) as score,
         case when hash(i, 5) % 2 = 0 then 'F' else 'M' end as sex,
         ['A', 'B', 'C', 'D', 'E'][1 + (hash(i, 6) % 5)::int] as race,
         (18 + hash(i, 7) % 70)::int as age
  from (select i, (hash(i, 1) % 10 < 4)::int as label, (hash(i, 3) % 1000000) / 1e6 as u3,
               (hash(i, 4) % 1000000007) / 1000000007.0 as u4
        from range(?) t(i))
) to '{path}' (format parquet)
"""


def data(rows: int, name: str = "rows", generate: str = GENERATE) -> Path:
    """The Parquet file of that many rows, made when it is not there."""
    import duckdb

    OUT.mkdir(exist_ok=True)
    path = OUT / f"{name}-{rows}.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        duckdb.connect().execute(generate.format(path=part), [rows])
        part.rename(path)
    return path


def timed(action: Callable[[], Any], repeats: int = 3) -> dict[str, Any]:
    """The least wall time of some repeats, and the least processor time of all threads."""
    least = least_busy = float("inf")
    for _ in range(repeats):
        started, busy = time.perf_counter(), time.process_time()
        action()
        least, least_busy = min(least, time.perf_counter() - started), min(least_busy, time.process_time() - busy)
    return {"seconds": least, "busy": least_busy}


def check(folder: str, *more: str, codes: Collection[int] = (0,)) -> dict[str, Any]:
    """`mlgate check` of the candidate and policy in a folder, on generated rows, from process start to exit."""
    arguments = [sys.executable, "-P", "-m", "mlgate", "check", "-q", "--policy", "policy.yaml", "--root", str(OUT)]
    return command([*arguments, *more], folder, codes)


def command(arguments: list[str], folder: str, codes: Collection[int] = (0,)) -> dict[str, Any]:
    """Wall time of a command, which must end with one of some exit codes: what blocks early measures nothing."""
    started = time.perf_counter()
    done = subprocess.run(arguments, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in codes:
        raise RuntimeError(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
    return {"seconds": seconds, "note": done.stdout.strip()[:40]}


def child(action: Callable[[int], dict[str, Any]], name: str, rows: int) -> None:
    """Run one line here and print its numbers with the peak memory."""
    found = action(rows)
    own, below = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({**found, "mib": max(own if name[-4:] != "exit" else 0, below) / 1024}))


def options(about: str, lines: Mapping[str, Line]) -> argparse.ArgumentParser:
    """The options of every benchmark of lines."""
    found = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--rows", type=int, default=10_000_000)
    found.add_argument("--only", choices=list(lines), action="append")
    found.add_argument("--line", help=argparse.SUPPRESS)
    return found


def side_by_side(lines: Mapping[str, Line], file: str, about: str, prepare: Callable[[int], Path] = data) -> None:
    """The program of a benchmark: make its rows and print the table, or run one line of it."""
    chosen = options(about, lines).parse_args()
    if chosen.line:
        child(lines[chosen.line][0], chosen.line, chosen.rows)
    else:
        prepare(chosen.rows)
        table(lines, file, chosen.rows, chosen.only or lines)


def table(lines: Mapping[str, Line], file: str, rows: int, only: Collection[str]) -> None:
    """Run lines one after the other, each in a process of its own, and print what they took."""
    widest = max(32, *(len(name) + 2 for name in lines))
    print(f"{rows:,} rows, {os.cpu_count()} cores\n")
    print(f"{'':{widest}}{'seconds':>9}{'CPU s':>9}{'peak MiB':>10}  ratio, of CPU time")
    seen: dict[str, dict[str, Any]] = {}
    for name in only:
        arguments = [sys.executable, file, "--rows", str(rows), "--line", name]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        seen[name] = found
        busy = f"{found['busy']:9.2f}" if "busy" in found else f"{'':9}"
        ratio = _ratio(found, seen.get(lines[name][1], {}), lines[name][1])
        print(
            f"{name:{widest}}{found['seconds']:9.2f}{busy}{found['mib']:10.0f}  {ratio} {found.get('note', '')}",
            flush=True,
        )


def _ratio(found: dict[str, Any], peer: dict[str, Any], name: str) -> str:
    """The time as a multiple of that of the line that it is compared with; of CPU time too, where both have it."""
    ratios = [f"{found[key] / peer[key]:.2f}" for key in ("seconds", "busy") if key in found and key in peer]
    return f"{', '.join(ratios)} x {name}" if ratios else ""
