"""Train a classifier of breast tumours and write what it says of tumours that it has not seen."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

OUT = Path(__file__).parent / "out"
SEED = 2026


def main() -> None:
    """Fit on one half of the tumours, predict the other half."""
    tumours, target = load_breast_cancer(return_X_y=True, as_frame=True)
    diagnosis = target.map({0: "malignant", 1: "benign"})
    seen, unseen, known, truth = train_test_split(
        tumours, diagnosis, test_size=0.5, stratify=diagnosis, random_state=SEED
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")).fit(seen, known)
    malignant = list(model.classes_).index("malignant")
    OUT.mkdir(exist_ok=True)
    pd.DataFrame(
        {
            "tumour": unseen.index,
            "radius": unseen["mean radius"],
            "diagnosis": truth,
            "predicted": model.predict(unseen),
            "probability": model.predict_proba(unseen)[:, malignant],
        }
    ).to_csv(OUT / "predictions.csv", index=False)


if __name__ == "__main__":
    main()
