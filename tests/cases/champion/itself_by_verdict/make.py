"""Writes earlier.json: the verdict on the candidate's own predictions (bad), or on an earlier model's (twin)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

file = "predictions.csv" if sys.argv[1] == "bad" else "earlier.csv"
Path("earlier.yaml").write_text(
    "mlgate: 1\ncandidate: churn\nversion: '1'\ntask: binary\npositive: '1'\n"
    f"predictions: {{path: {file}, id: id, label: label, prediction: prediction, score: score}}\n"
)
Path("earlier-policy.yaml").write_text(
    "mlgate: 1\npolicy: earlier\nowner: o\n"
    "rules: [{id: a, check: performance.metric, metric: accuracy, at_least: 0.5}]\n"
)
run(["check", "earlier.yaml", "--policy", "earlier-policy.yaml", "--report", "json=earlier.json"])
