"""How fast two models are compared on the same rows: `python benchmarks/champion.py [--rows 10000000]`.

Paired DeLong through the gate's own scan, beside scikit-learn's roc_auc_score for each model, which gives no bound; and
accuracy by groups. Every line runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import side_by_side
from side_by_side import Line

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
    """The Parquet file of that many rows with two models' answers, made when it is not there."""
    return side_by_side.data(rows, "champion", GENERATE)


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
        started = time.perf_counter()
        outcome = mlgate.check(policy=policy, candidate=candidate, roots=[side_by_side.OUT]).outcomes[0]
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "note": f"{outcome.status.value}: {outcome.message}"}


def of_sklearn(rows: int) -> dict[str, Any]:
    """Both areas by scikit-learn, on columns in memory."""
    import pandas as pd
    from sklearn.metrics import roc_auc_score

    started = time.perf_counter()
    frame = pd.read_parquet(data(rows), columns=["label", "score", "old_score"])
    new, old = (roc_auc_score(frame.label, frame[name]) for name in ("score", "old_score"))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "note": f"{new - old:.6g}, without a bound"}


PEER = "scikit-learn: roc_auc_score twice"
LINES: dict[str, Line] = {
    PEER: (of_sklearn, ""),
    "gate: paired DeLong, champion in columns": (lambda rows: gate(rows, "metric: roc_auc"), PEER),
    "gate: paired DeLong by sex": (lambda rows: gate(rows, "metric: roc_auc, by: sex"), PEER),
    "gate: accuracy by sex, race and both": (
        lambda rows: gate(rows, "metric: accuracy, by: [sex, race, [sex, race]]"),
        "",
    ),
    "gate: accuracy, champion in a file": (
        lambda rows: gate(rows, "metric: accuracy", f"path: {data(rows)}, prediction: old_prediction"),
        "",
    ),
}


if __name__ == "__main__":
    side_by_side.side_by_side(LINES, __file__, __doc__ or "", data)
