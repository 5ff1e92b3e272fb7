"""SARIF 2.1.0 for code scanning: a result for each rule that a candidate does not meet, beside the candidate's file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mlgate.reports.alerts import Alert, alerts
from mlgate.reports.interface import Report
from mlgate.values.verdict import Verdict, Verdicts
from mlgate.values.words import encodable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_START = '{\n  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/'
MOST_RESULTS = 5_000
"""More are not shown by the services that read such a file."""


def render(verdicts: Verdicts) -> str:
    """One run for all candidates. Without results where all is met, which closes the alerts of earlier runs."""
    found = list(alerts(verdicts))[:MOST_RESULTS]
    rules = {alert.check: alert for alert in found}
    places = {check: at for at, check in enumerate(rules)}
    run = {
        "tool": {"driver": {
            "name": "mlgate",
            "version": _version(verdicts.verdicts),
            "rules": [_rule(alert) for alert in rules.values()],
        }},
        "automationDetails": {"id": "mlgate/"},
        "invocations": [{"executionSuccessful": not _broken(verdicts), "exitCode": verdicts.exit_code}],
        "results": [_result(alert, places[alert.check]) for alert in found],
        "columnKind": "unicodeCodePoints",
    }  # fmt: skip
    return (
        encodable(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False))
        + "\n"
    )


REPORT = Report(
    "sarif",
    "SARIF 2.1.0 for code scanning, as on GitHub",
    render,
    _START.replace("{", r"\{").replace(".", r"\.").replace("$", r"\$"),
)


def _version(verdicts: Sequence[Verdict]) -> str:
    return next((verdict.tool for verdict in verdicts if verdict.tool), "unknown")


def _broken(verdicts: Verdicts) -> bool:
    """Whether something could not run: such a run says less than it should."""
    outcomes = [outcome for verdict in verdicts.verdicts for outcome in verdict.outcomes]
    return any(outcome.machine for outcome in outcomes) or any(refusal.retryable for refusal in verdicts.refusals)


def _rule(alert: Alert) -> Mapping[str, Any]:
    return {
        "id": alert.check,
        "shortDescription": {"text": alert.help},
        "fullDescription": {"text": alert.help},
        "help": {"text": f"`mlgate explain {alert.check}` prints the manual page."},
        "defaultConfiguration": {"level": "error"},
    }


def _result(alert: Alert, rule: int) -> Mapping[str, Any]:
    demanded = alert.demanded
    file, line = (alert.path, 1) if alert.path or not demanded else (demanded.file, demanded.line)
    found: dict[str, Any] = {
        "ruleId": alert.check,
        "ruleIndex": rule,
        "level": alert.level,
        "message": {"text": "\n".join((alert.title, *alert.said))},
        "locations": [_place(file, line)] if file else [],
        "partialFingerprints": {"mlgate/v1": alert.key},
    }
    if demanded and demanded.file != file:
        found["relatedLocations"] = [
            {"id": 1, **_place(demanded.file, demanded.line), "message": {"text": "what is demanded"}}
        ]
    return found


def _place(file: str, line: int) -> Mapping[str, Any]:
    uri = quote(file.replace("\\", "/"), safe="/@+,=:~", errors="backslashreplace")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": max(line, 1)}}}
