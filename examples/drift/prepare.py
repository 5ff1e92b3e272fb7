"""Write the patients that a model was trained on, and those that a clinic sends later: only the referred ones."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

OUT = Path(__file__).parent / "out"
COLUMNS = ["mean radius", "mean area", "mean texture", "mean symmetry", "smoothness error", "symmetry error"]


def main() -> None:
    """Two tables as CSV."""
    tumours, target = load_breast_cancer(return_X_y=True, as_frame=True)
    table = tumours[COLUMNS].rename(columns=lambda name: name.replace(" ", "_"))
    table["diagnosis"] = target.map({0: "malignant", 1: "benign"})
    trained, later = train_test_split(table, test_size=0.5, random_state=2026)
    OUT.mkdir(exist_ok=True)
    trained.to_csv(OUT / "trained.csv", index=False)
    later[later["mean_radius"] > 12.5].to_csv(OUT / "later.csv", index=False)


if __name__ == "__main__":
    main()
