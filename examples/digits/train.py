"""Train a reader of handwritten digits and write what it reads, with a score for every digit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

OUT = Path(__file__).parent / "out"


def main() -> None:
    """Fit on the first half of the images, read the second."""
    images, digits = load_digits(return_X_y=True)
    # Not shuffled: neighbouring images are by the same hand, and a hand in both halves would flatter.
    seen, unseen, known, truth = train_test_split(images, digits, test_size=0.5, shuffle=False)
    model = SVC(gamma=0.001, C=10).fit(seen, known)
    names = [f"score_{digit}" for digit in model.classes_]
    scores = pd.DataFrame(model.decision_function(unseen), columns=names)
    OUT.mkdir(exist_ok=True)
    pd.DataFrame({"image": range(len(seen), len(images)), "digit": truth, "read": model.predict(unseen)}).join(
        scores
    ).to_csv(OUT / "predictions.csv", index=False)


if __name__ == "__main__":
    main()
