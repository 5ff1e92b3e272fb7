"""What a small gate does not need is not imported: half of its time would be imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_a_small_gate_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    (tmp_path / "rows.csv").write_text("y,p\n" + "1,1\n0,0\n" * 50)
    program = (
        "import sys; from mlgate.cli.main import run; code = run(['check', '-q', '--policy', 'policy.yaml']); "
        f"print(code, sorted({NOT_NEEDED!r} & set(sys.modules)), *sorted(sys.modules), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    answer, code, loaded, *modules = done.stdout.splitlines()
    assert (answer.split()[1], code, loaded) == ("ALLOWED", "0", "[]")
    checks = {name for name in modules if name.startswith(("mlgate.checks.performance.", "mlgate.checks.fairness."))}
    assert checks == {"mlgate.checks.performance.metric"}, "checks load when a policy names them"
