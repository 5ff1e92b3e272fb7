"""Judge the model of a folder on its test.csv, and write its accuracy."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

folder = Path(sys.argv[1])
model, rows = json.loads((folder / "model.json").read_text()), pd.read_csv(folder / "test.csv")
scaled = (rows[model["features"]].to_numpy() - np.array(model["mean"])) / np.array(model["scale"])
answers = scaled @ np.array(model["weights"]) + model["intercept"][0] > 0
accuracy = float((answers == (rows["target"] == 1)).mean())
(folder / "metrics.json").write_text(json.dumps({"accuracy": round(accuracy, 6), "rows": len(rows)}))
