"""GitLab Code Quality: an entry for each rule that a candidate does not meet. The widget shows it; the job blocks."""

from __future__ import annotations

import json

from mlgate.reports.alerts import Alert, alerts
from mlgate.reports.interface import Report
from mlgate.values.verdict import Verdicts
from mlgate.values.words import encodable

_MARK = r"\[(\]\n|\n  \{\n    \"check_name\": )"

_SEVERITIES = {"error": "blocker", "warning": "minor", "note": "info"}


def render(verdicts: Verdicts) -> str:
    """A list of entries, empty where all is met."""
    entries = [_entry(alert) for alert in alerts(verdicts)]
    return encodable(json.dumps(entries, indent=2, ensure_ascii=False)) + "\n"


REPORT = Report("code-quality", "Code Quality entries for merge requests on GitLab", render, _MARK)


def _entry(alert: Alert) -> dict[str, object]:
    at = alert.demanded
    path, line = (alert.path, 1) if alert.path or not at else (at.file, at.line)
    where = f" ({at.file}:{at.line})" if at and at.file != path else ""
    return {
        "check_name": alert.check,
        "description": f"{alert.title}: {' '.join(alert.said[:3])}{where}",
        "fingerprint": alert.key,
        "severity": _SEVERITIES[alert.level],
        "location": {"path": path or "mlgate", "lines": {"begin": max(line, 1)}},
    }
