"""Train a forecast of how far diabetes progresses, with an interval that should hold nine times in ten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

OUT = Path(__file__).parent / "out"
SEED = 2026
COVERAGE = 0.9


def main() -> None:
    """Fit on one half of the patients, forecast the other half; the labels go into a table of their own."""
    patients, progression = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    seen, unseen, known, truth = train_test_split(
        patients, progression, test_size=0.5, stratify=patients["sex"], random_state=SEED
    )
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 3, 20)))
    # How far it errs is learned on patients left out of each fold, never on those it was fitted to.
    errors = np.abs(known - cross_val_predict(model, seen, known, cv=10))
    reach = float(np.quantile(errors, COVERAGE, method="higher"))
    forecast = model.fit(seen, known).predict(unseen)
    OUT.mkdir(exist_ok=True)
    pd.DataFrame(
        {"patient": unseen.index, "forecast": forecast, "low": forecast - reach, "high": forecast + reach}
    ).to_csv(OUT / "predictions.csv", index=False)
    pd.DataFrame({"patient": unseen.index, "sex": unseen["sex"].astype(int), "progression": truth}).to_csv(
        OUT / "evaluation.csv", index=False
    )


if __name__ == "__main__":
    main()
