"""The whole verdict as JSON, for programs and for storing."""

from __future__ import annotations

from mlgate.reports.interface import Report
from mlgate.values.stored import write

MARK = r'\{\s*"mlgate": [0-9]+,\s*("kind": "(verdict|facts|table)"|"allowed": (true|false))'
"""Facts, too, are a file of ours."""

REPORT = Report("json", "the whole verdict for programs, for storing and for `mlgate explain`", write, MARK)
