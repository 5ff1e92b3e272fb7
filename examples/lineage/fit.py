"""Fit a logistic regression to the train.csv of a folder, and write its coefficients."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])
rows = pd.read_csv(folder / "train.csv")
parameters = yaml.safe_load((folder / "params.yaml").read_text())
features = [name for name in rows.columns if name != "target"]
model = make_pipeline(StandardScaler(), LogisticRegression(C=parameters["C"]))
model.fit(rows[features], rows["target"])
scale, fitted = (step for _, step in model.steps)
numbers = {"mean": scale.mean_, "scale": scale.scale_, "weights": fitted.coef_[0], "intercept": fitted.intercept_}
kept = {name: [round(float(value), 6) for value in values] for name, values in numbers.items()}
(folder / "model.json").write_text(json.dumps({"features": features, **kept}, indent=1))
