"""Every entry of the registry of metrics by a name of its own: `multiclass precision (macro)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from benchmarks.scenarios import entry_name

from mlgate.metrics.registry import metrics

ENTRIES = {entry_name(metric): metric for entries in metrics().values() for metric in entries}


def one_fast_per_kind(names: Iterable[str]) -> list[Any]:
    """The names as parameters of a test: slow, except for the first metric of each kind and task."""
    seen, found = set(), list[Any]()
    for name in names:
        of = (type(ENTRIES[name].kind), ENTRIES[name].tasks)
        found.append(pytest.param(name, marks=pytest.mark.slow) if of in seen else name)
        seen.add(of)
    return found
