"""Intervals of fairness metrics, side by side with fairlearn's MetricFrame on the same rows.

    python benchmarks/fairness.py [--rows N] [--full]

Accuracy, recall and selection rate by sex, race and age band and by all their intersections, every group with its
interval, and the gaps between groups with theirs. Without --rows, 1 and 10 million rows; MetricFrame bootstraps 10
times over 1 million rows, and with --full over 10 million too, which takes about half an hour. It is given the
intersection of all three alone, the 40 smallest of the 89 groups that the gate answers for.
"""

from __future__ import annotations

import json
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

from side_by_side import Line, check, child, data, options, table

ATTRIBUTES = ("sex", "race", "age_band")
METRICS = {"accuracy": 0.6, "recall": 0.6, "selection_rate": 0.1}
GROUPINGS = [list(columns) for size in (1, 2, 3) for columns in combinations(ATTRIBUTES, size)]
LARGE = 10_000_000


def gate(rows: int) -> dict[str, Any]:
    """`mlgate check` from process start to exit, digest of the file included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "candidate.yaml").write_text(
            "mlgate: 1\ncandidate: bench\nversion: '1'\nowner: bench@example.com\ntask: binary\npositive: '1'\n"
            f"predictions: {{path: {data(rows).resolve()}, label: label, prediction: prediction}}\n"
        )
        (folder / "policy.yaml").write_text(policy())
        found = check(name, "--report", "json=verdict.json", codes=(0, 1))
        verdict = json.loads((folder / "verdict.json").read_text())["verdicts"][0]
        findings = [finding for outcome in verdict["outcomes"] for finding in outcome["findings"]]
        if any(outcome["status"] == "ERROR" for outcome in verdict["outcomes"]):
            raise RuntimeError("a rule could not be answered")
        bounded = sum(finding["lower"] is not None for finding in findings)
        return {**found, "note": f"{bounded} intervals"}


def policy() -> str:
    """A policy of a metric in every group and a gap between them, for every metric."""
    by = json.dumps([columns[0] if len(columns) == 1 else columns for columns in GROUPINGS])
    rules = [
        f"  - {{id: {metric}, check: performance.metric, metric: {metric}, by: {by}, at_least: {bound}}}\n"
        f"  - {{id: {metric}-gap, check: fairness.gap, metric: {metric}, by: {by}, at_most: 0.05}}\n"
        for metric, bound in METRICS.items()
    ]
    return (
        "mlgate: 1\npolicy: bench\nowner: bench@example.com\n"
        "derive: {age_band: {column: age, edges: [25, 40, 60]}}\nrules:\n" + "".join(rules)
    )


def metric_frame(rows: int) -> dict[str, Any]:
    """MetricFrame with 10 bootstrap samples and the ends of a 95 % interval, by the three attributes together."""
    import time

    import pandas as pd
    from fairlearn.metrics import MetricFrame, selection_rate
    from sklearn.metrics import accuracy_score, recall_score

    frame = pd.read_parquet(data(rows), columns=["label", "prediction", "sex", "race", "age"])
    frame["age_band"] = pd.cut(frame["age"], [0, 24, 39, 59, 200], labels=["a", "b", "c", "d"]).astype(str)
    started = time.perf_counter()
    found = MetricFrame(
        metrics={"accuracy": accuracy_score, "recall": recall_score, "selection_rate": selection_rate},
        y_true=frame["label"], y_pred=frame["prediction"], sensitive_features=frame[list(ATTRIBUTES)],
        n_boot=10, ci_quantiles=[0.05, 0.95], random_state=0,
    )  # fmt: skip
    intervals, gaps = found.by_group_ci[0].size, len(found.difference_ci()[0])
    return {"seconds": time.perf_counter() - started, "note": f"{intervals} intervals, and of {gaps} gaps"}


LINES: dict[str, Line] = {
    "gate: process start to exit": (gate, ""),
    "fairlearn MetricFrame, n_boot=10": (metric_frame, "gate: process start to exit"),
}


def main() -> None:
    """Print the tables."""
    parser = options(__doc__ or "", LINES)
    parser.add_argument("--full", action="store_true", help="run MetricFrame on 10 million rows too")
    parser.set_defaults(rows=None)
    chosen = parser.parse_args()
    if chosen.line:
        child(LINES[chosen.line][0], chosen.line, chosen.rows)
        return
    for rows in [chosen.rows] if chosen.rows else [1_000_000, LARGE]:
        data(rows)
        left_out = rows >= LARGE and not chosen.full and not chosen.only
        table(LINES, __file__, rows, list(LINES)[:1] if left_out else chosen.only or LINES)
        if left_out:
            print("MetricFrame is left out here; --full runs it, for about half an hour")
        print()


if __name__ == "__main__":
    main()
