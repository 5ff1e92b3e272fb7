"""Every entry of the registry of metrics by a name of its own: `multiclass precision (macro)`."""

from __future__ import annotations

from benchmarks.scenarios import entry_name

from mlgate.metrics.registry import metrics

ENTRIES = {entry_name(metric): metric for entries in metrics().values() for metric in entries}
