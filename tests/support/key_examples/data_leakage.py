"""Keys of `data.leakage`, on a table for training and one for evaluation that share an id, a patient and features."""

from __future__ import annotations

import numpy as np
import pandas as pd

from support.key_examples import Pairwise

_N = 200
_RANDOM = np.random.default_rng(5)


def rows(first: int, day: str) -> pd.DataFrame:
    """Rows with ids from `first` on."""
    label = np.arange(_N) % 2
    return pd.DataFrame(
        {
            "id": [f"r{first + at}" for at in range(_N)],
            "row": np.arange(first, first + _N),
            "patient": [f"p{(first + at) // 2}" for at in range(_N)],
            "x": _RANDOM.normal(size=_N),
            "word": [f"w{first + at}" for at in range(_N)],
            "noise": _RANDOM.normal(size=_N),
            "after": label + 0.01 * _RANDOM.normal(size=_N),
            "amount": label * 10.0 + _RANDOM.normal(size=_N),
            "label": label.astype(str),
            "late": "2024-01-01",
            "day": day,
            "odd": [f"m{first + at}" if at % 2 else "never" for at in range(_N)],
        }
    )


TRAIN, FRESH = rows(0, "2024-01-31"), rows(1000, "2024-02-01")
SEEN = rows(2000, "2024-02-01")
SEEN.loc[:9, ["id", "x", "word"]] = TRAIN.loc[:9, ["id", "x", "word"]].to_numpy()
SEEN["near"] = SEEN["x"]
TRAIN["near"] = TRAIN["x"] + 1e-6
FRESH["near"] = FRESH["x"]
TABLES = {"train": TRAIN, "fresh": FRESH, "seen": SEEN}
RULE = {"table": "fresh", "against": "train", "key": "id"}
PREDICTORS = '{label: label, positive: "1", columns: [%s], at_most: 0.9}'


def pair(passes: dict[str, str], blocks: dict[str, str], **base: str) -> Pairwise:
    return Pairwise((base or RULE) | passes, (base or RULE) | blocks, given={"tables": TABLES})


PAIRS = {
    ("data.leakage", "table"): pair({"table": "fresh"}, {"table": "seen"}),
    ("data.leakage", "against"): pair({}, {"against": "fresh", "table": "seen", "features": "late"}),
    ("data.leakage", "key"): pair({"key": "id"}, {"key": "late"}),
    ("data.leakage", "entities"): pair({"entities": "patient"}, {"entities": "late"}, table="fresh", against="train"),
    ("data.leakage", "features"): pair({"features": "[x, word]"}, {"features": "/l.t.*/"}),
    ("data.leakage", "alike"): pair(
        {"alike": "false"}, {"alike": "true"}, table="seen", against="train", features="near"
    ),
    ("data.leakage", "digits"): pair(
        {"digits": "12"}, {"digits": "2"}, table="seen", against="train", features="near", alike="true"
    ),
    ("data.leakage", "max_share"): pair(
        {"max_share": "0.2"}, {"max_share": "0.01"}, table="seen", against="train", key="id"
    ),
    ("data.leakage", "before"): pair({"before": "day"}, {"before": "late"}),
    ("data.leakage", "missing"): pair({"features": "odd", "missing": "[never]"}, {"features": "odd", "missing": "[x]"}),
    ("data.leakage", "predictors"): pair(
        {"predictors": PREDICTORS % "noise"}, {"predictors": PREDICTORS % "noise, after"}, table="fresh"
    ),
}
