"""The whole verdict as JSON, for programs and for storing."""

from __future__ import annotations

from mlgate.reports.interface import Report
from mlgate.values.stored import write

REPORT = Report("json", "the whole verdict for programs, for storing and for `mlgate explain`", write)
