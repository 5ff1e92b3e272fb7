"""How fast two models are compared on the same rows: `python benchmarks/champion.py [--rows 10000000]`.

Paired DeLong through the gate's own scan, beside scikit-learn's roc_auc_score for each model, which gives no bound; and
accuracy by groups. Every line runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "out"
GENERATE = """
copy (
  select i as id, label, label * 0.40 + own * 0.60 as score, label * 0.38 + own * 0.42 + other * 0.20 as old_score,
         (label * 0.40 + own * 0.60 > 0.5)::int as prediction,
         (label * 0.38 + own * 0.42 + other * 0.20 > 0.5)::int as old_prediction,
         case when hash(i, 5) % 2 = 0 then 'F' else 'M' end as sex,
         ['A', 'B', 'C', 'D', 'E'][1 + (hash(i, 6) % 5)::int] as race
  from (select i, (hash(i, 1) % 10 < 4)::int as label, (hash(i, 3) % 1000000007) / 1000000007.0 as own,
               (hash(i, 4) % 1000000007) / 1000000007.0 as other
        from range(?) t(i))
) to '{path}' (format parquet)
"""


def data(rows: int) -> Path:
    """The Parquet file of that many rows, made when it is not there."""
    import duckdb

    OUT.mkdir(exist_ok=True)
    path = OUT / f"champion-{rows}.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        duckdb.connect().execute(GENERATE.format(path=part), [rows])
        part.rename(path)
    return path


def gate(rows: int, rule: str, champion: str = "prediction: old_prediction, score: old_score") -> dict[str, Any]:
    """A rule of performance.champion, through the command line's own pipeline."""
    import mlgate

    with tempfile.TemporaryDirectory() as folder:
        candidate, policy = Path(folder, "candidate.yaml"), Path(folder, "policy.yaml")
        candidate.write_text(
            "mlgate: 1\ncandidate: bench\ntask: binary\npositive: '1'\n"
            f"predictions: {{path: {data(rows)}, id: id, label: label, prediction: prediction, score: score}}\n"
            f"champion: {{{champion}}}\n"
        )
        policy.write_text(
            f"mlgate: 1\npolicy: p\nowner: o\nrules: [{{id: r, check: performance.champion, margin: 0.01, {rule}}}]\n"
        )
        outcome = mlgate.check(policy=policy, candidate=candidate).outcomes[0]
    return {"said": f"{outcome.status.value}: {outcome.message}"}


def of_sklearn(rows: int) -> dict[str, Any]:
    """Both areas by scikit-learn, on columns in memory."""
    import pandas as pd
    from sklearn.metrics import roc_auc_score

    frame = pd.read_parquet(data(rows), columns=["label", "score", "old_score"])
    new, old = (roc_auc_score(frame.label, frame[name]) for name in ("score", "old_score"))
    return {"said": f"{new - old:.6g}, without a bound"}


LINES: dict[str, Callable[[int], dict[str, Any]]] = {
    "gate: paired DeLong, champion in columns": lambda rows: gate(rows, "metric: roc_auc"),
    "gate: paired DeLong by sex": lambda rows: gate(rows, "metric: roc_auc, by: sex"),
    "scikit-learn: roc_auc_score twice": of_sklearn,
    "gate: accuracy by sex, race and both": lambda rows: gate(rows, "metric: accuracy, by: [sex, race, [sex, race]]"),
    "gate: accuracy, champion in a file": lambda rows: gate(
        rows, "metric: accuracy", f"path: {data(rows)}, prediction: old_prediction"
    ),
}


def run(line: str, rows: int) -> None:
    """One line, in this process: what it said, how long it took, and the most memory it held."""
    started = time.perf_counter()
    found = LINES[line](rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "seconds": time.perf_counter() - started, "peak": peak}))


def main() -> int:
    """Every line in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--line", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.line:
        run(given.line, given.rows)
        return 0
    data(given.rows)
    print(f"{given.rows:,} rows")
    for line in LINES:
        command = [sys.executable, __file__, "--rows", str(given.rows), "--line", line]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{line:44} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{line:44} {found['seconds']:7.1f} s {found['peak']:7.0f} MiB  {found['said']}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
