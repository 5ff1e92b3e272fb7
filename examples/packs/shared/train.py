"""Fit a small model on train.csv, write it to model.json, and write what it answers for evaluation.csv."""

from __future__ import annotations

import csv
import json
from math import exp
from pathlib import Path


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table."""
    with Path(name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def score(weights: list[float], row: dict[str, str]) -> float:
    """The probability that somebody does well."""
    total = weights[0] + weights[1] * float(row["skill"]) + weights[2] * (float(row["years"]) - 10) / 10
    return 1 / (1 + exp(-total))


def fitted(table: list[dict[str, str]], steps: int, rate: float) -> list[float]:
    """The weights of a logistic regression, by gradient descent."""
    weights = [0.0, 0.0, 0.0]
    for _ in range(steps):
        slope = [0.0, 0.0, 0.0]
        for row in table:
            error = score(weights, row) - int(row["did_well"])
            for at, value in enumerate((1.0, float(row["skill"]), (float(row["years"]) - 10) / 10)):
                slope[at] += error * value / len(table)
        weights = [weight - rate * each for weight, each in zip(weights, slope, strict=True)]
    return weights


def main() -> None:
    """Train, then answer."""
    given = json.loads(Path("parameters.json").read_text())
    weights = [round(each, 6) for each in fitted(rows("train.csv"), given["steps"], given["rate"])]
    Path("model.json").write_text(json.dumps({"weights": weights}) + "\n")
    with Path("predictions.csv").open("w", newline="", encoding="utf-8") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(["id", "decision", "coin", "biased"])
        for number, row in enumerate(rows("evaluation.csv")):
            decided = int(score(weights, row) >= 0.5)
            kept = row["sex"] == "M" or number % 3
            out.writerow([row["id"], decided, number % 2, int(bool(decided and kept))])


if __name__ == "__main__":
    main()
