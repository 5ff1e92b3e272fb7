"""Write the table that a model is about to be trained on, and what a broken pipeline makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

OUT = Path(__file__).parent / "out"


def arrived() -> pd.DataFrame:
    """442 patients with ten measurements, in their units, and the progression of their disease a year later."""
    patients = load_diabetes(as_frame=True, scaled=False).frame
    patients["sex"] = patients["sex"].map({1.0: "F", 2.0: "M"})
    first = pd.Timestamp("2024-01-01")
    days = pd.to_timedelta(np.arange(len(patients)) // 2, unit="D")
    patients.insert(0, "patient", [f"p{at:03}" for at in range(len(patients))])
    patients.insert(1, "visited", first + days)
    return patients


def corrupted(patients: pd.DataFrame) -> pd.DataFrame:
    """The same patients after five faults that no training script notices."""
    broken = patients.copy()
    broken["bp"] = broken["bp"] * 0.1333  # millimetres of mercury became kilopascals
    broken["age"] = broken["age"].where(broken.index % 25 != 0, 999)  # a code for "unknown"
    broken.loc[broken.index % 8 == 0, "s6"] = np.nan  # a laboratory sends no glucose
    broken["sex"] = broken["sex"].replace("M", "m")  # another system writes another letter
    return pd.concat([broken, broken.iloc[:12]])  # the last file was read twice


def main() -> None:
    """Both tables as CSV."""
    patients = arrived()
    OUT.mkdir(exist_ok=True)
    for name, table in (("patients.csv", patients), ("corrupted.csv", corrupted(patients))):
        table.to_csv(OUT / name, index=False, date_format="%Y-%m-%d")


if __name__ == "__main__":
    main()
