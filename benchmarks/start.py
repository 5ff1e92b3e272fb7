"""How much processor time the command line takes to start, side by side with `import sklearn.metrics`.

    python benchmarks/start.py [--runs 9]

Needs the installed package alone, and about a minute. Every command runs in a process of its own, in turns with the
others; what counts is the user time of that process, the median of the runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from gate import small_workspace
from side_by_side import ENVIRONMENT

PROGRAM = [sys.executable, "-P", "-m", "mlgate"]
CHECK = [*PROGRAM, "check", "-q", "--policy", "policy.yaml"]
PEER = "import sklearn.metrics"
COMMANDS: Mapping[str, Sequence[str]] = {
    PEER: [sys.executable, "-c", PEER],
    "mlgate check, 3 rules, 2,000 rows": CHECK,
    "mlgate --help": [*PROGRAM, "--help"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import duckdb": [sys.executable, "-c", "import duckdb"],
    "python": [sys.executable, "-c", "pass"],
}
AT_MOST = {"mlgate check, 3 rules, 2,000 rows": 0.45, "mlgate --help": 0.08}
"""What a command may take, as a share of what it is compared with."""


def user_seconds(command: Sequence[str], folder: str) -> float:
    """The user time of a command, which must end well."""
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime


def medians(folder: str, runs: int) -> dict[str, float]:
    """The median user time of every command over some runs, after one that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(runs + 1):
        for name, command in COMMANDS.items():
            seconds = user_seconds(command, folder)
            if run:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def imports(folder: str) -> tuple[Counter[str], int]:
    """Milliseconds that each package takes to import within `mlgate check`, and the number of modules."""
    command = [*CHECK[:1], "-X", "importtime", *CHECK[1:]]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    lines = [line[12:].split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    found: Counter[str] = Counter()
    for own, _, name in lines[1:]:
        found[part(name.strip())] += int(own)
    return found, len(lines) - 1


def part(module: str) -> str:
    """The package of a module; one of ours with its room: `mlgate.stats`."""
    first, *rest = module.split(".")
    return ".".join([first, *rest[:1]]) if first == "mlgate" else first


def main() -> None:
    """Print the table, and the imports that cost most."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        small_workspace(Path(folder))
        found = medians(folder, runs)
        costs, modules = imports(folder)
    print(f"{'':36}{'user ms':>8}  x {PEER}, median of {runs}")
    for name, seconds in found.items():
        limit = f"  at most {AT_MOST[name]}" if name in AT_MOST else ""
        print(f"{name:36}{seconds * 1000:8.0f}  {seconds / found[PEER]:.3f}{limit}")
    print(f"\n`mlgate check` imports {modules} modules; those that cost most, in ms with the cost of timing them:")
    for name, microseconds in costs.most_common(15):
        print(f"{name:36}{microseconds / 1000:8.1f}")


if __name__ == "__main__":
    main()
