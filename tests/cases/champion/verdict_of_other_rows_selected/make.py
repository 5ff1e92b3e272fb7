"""Writes earlier.json, the verdict on the earlier model, on women alone (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

metric = "accuracy, where: {sex: [F]}" if sys.argv[1] == "bad" else "accuracy"
Path("earlier.yaml").write_text(
    "mlgate: 1\ncandidate: churn\nversion: '1'\ntask: binary\npositive: '1'\n"
    "predictions: {path: earlier.csv, id: id, label: label, prediction: prediction, score: score}\n"
)
Path("earlier-policy.yaml").write_text(
    f"mlgate: 1\npolicy: earlier\nowner: o\nrules: [{{id: a, check: performance.metric, metric: {metric}, at_least: 0.5}}]\n"
)
run(["check", "earlier.yaml", "--policy", "earlier-policy.yaml", "--report", "json=earlier.json"])
