"""What every metric must be, by other means than our own code: one table per task."""

from __future__ import annotations

from collections.abc import Mapping

from support.oracles.base import Oracle
from support.oracles.binary import BINARY, BINARY_AND_REGRESSION
from support.oracles.forecasting import FORECASTING
from support.oracles.multiclass import MULTICLASS
from support.oracles.multilabel import MULTILABEL
from support.oracles.ranking import RANKING
from support.oracles.regression import COLUMN, FIXED_LABELS, REGRESSION
from support.oracles.text import TEXT

OF_TASKS: Mapping[str, Mapping[str, Oracle]] = {
    "binary": BINARY,
    "binary/regression": BINARY_AND_REGRESSION,
    "multiclass": MULTICLASS,
    "multilabel": MULTILABEL,
    "regression": FIXED_LABELS,
    "regression/forecasting": REGRESSION,
    "forecasting": FORECASTING,
    "ranking": RANKING,
    "text": TEXT,
    "any task": COLUMN,
}
ORACLES = {f"{tasks} {name}": oracle for tasks, oracles in OF_TASKS.items() for name, oracle in oracles.items()}
"""The oracle of every entry, by tasks and name: `multiclass precision (macro)`."""
