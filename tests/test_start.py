"""What a small gate does not need is not imported: half of its time would be imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """
mlgate: 1
policy: small
owner: team@example.com
rules:
  - {id: accuracy, check: performance.metric, metric: accuracy, at_least: 0.5}
"""
CANDIDATE = """
mlgate: 1
candidate: small
version: '1'
owner: team@example.com
task: binary
positive: '1'
predictions: {path: rows.csv, label: y, prediction: p}
"""
NOT_NEEDED = {
    "duckdb", "fairlearn", "jsonschema", "numpy.f2py", "numpy.testing", "pandas", "polars", "pyarrow", "rich",
    "scipy.optimize", "scipy.special", "scipy.stats", "sklearn", "unittest",
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    (tmp_path / "rows.csv").write_text("y,p\n" + "1,1\n0,0\n" * 50)
    return tmp_path


def test_a_small_gate_imports_no_more_than_it_needs(small: Path) -> None:
    program = (
        "import sys; from mlgate.cli.main import run; code = run(['check', '-q', '--policy', 'policy.yaml']); "
        f"print(code, sorted({NOT_NEEDED!r} & set(sys.modules)), *sorted(sys.modules), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=small, capture_output=True, text=True, check=True, timeout=60
    )
    answer, code, loaded, *modules = done.stdout.splitlines()
    assert (answer.split()[1], code, loaded) == ("ALLOWED", "0", "[]")
    checks = {name for name in modules if name.startswith(("mlgate.checks.performance.", "mlgate.checks.fairness."))}
    assert checks == {"mlgate.checks.performance.metric"}, "checks load when a policy names them"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not list the threads of a process")
def test_a_gate_on_one_thread_starts_no_other(small: Path) -> None:
    """A library that starts a thread per core is told not to. Seen without the process that watches,
    so that the only threads are those of the gate."""
    program = (
        "import os, sys; from mlgate.cli import main as command; "
        "told = lambda code: print('numpy' in sys.modules, len(os.listdir('/proc/self/task'))) or code; "
        "command.supervised = lambda judge, lost: told(judge()); command.main()"
    )
    command = [sys.executable, "-c", program, "check", "-q", "--policy", "policy.yaml", "--threads", "1"]
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(command, cwd=small, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "True 1"
