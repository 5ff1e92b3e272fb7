"""Every report shows every known failure in its own words: one that excuses, and one that does not any more."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mlgate
from mlgate.reports.explanation import explain_outcome
from mlgate.reports.notebook import html
from mlgate.reports.page import Look
from mlgate.reports.registry import find_report, reports
from mlgate.values.stored import read, write
from mlgate.values.verdict import Verdict, Verdicts

POLICY = """
mlgate: 1
policy: spam
owner: mail@example.com
rules:
  - {id: finds-spam, check: performance.metric, metric: recall, at_least: 0.95}
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9}
"""
KNOWN = """
mlgate: 1
known_failures:
  - {candidate: spam, rule: "spam:finds-spam", measured: recall, value: 0.9, n: 200, owner: ann@example.com,
     reason: RISK-7, recorded: 2026-11-01, expires: 2027-02-01}
  - {candidate: spam, rule: "spam:accurate", measured: accuracy, value: 0.8, n: 1000, owner: bob@example.com,
     reason: RISK-8, recorded: 2026-11-01, expires: 2027-03-01}
"""
EXPECTED = (
    *("known failure since 2026-11-01, recorded 0.9 (n = 200), ann@example.com until 2027-02-01", "RISK-7"),
    *("it is met now; remove it", "bob@example.com", "2027-03-01", "RISK-8"),
)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    folder: Path = tmp_path_factory.mktemp("spam")
    (folder / "p.yaml").write_text(POLICY)
    (folder / "known.yaml").write_text(KNOWN)
    (folder / "rows.csv").write_text("truth,guess,n\nyes,yes,180\nyes,no,20\nno,yes,30\nno,no,770\n")
    return mlgate.check(
        policy=folder / "p.yaml",
        known=folder / "known.yaml",
        predictions=folder / "rows.csv",
        roots=folder,
        name="spam",
        task="binary",
        positive="yes",
        label="truth",
        prediction="guess",
        count="n",
        as_of=date(2026, 11, 30),
    )


def _text(name: str, verdict: Verdict) -> str:
    """What people read of a report, on one line."""
    if name == "notebook":
        said = unescape(re.sub(r"<[^>]+>", " ", html(verdict)))
    elif name == "explain":
        said = "\n".join(explain_outcome(outcome, verdict, Look(88)) for outcome in verdict.outcomes)
    elif name == "junit":
        root = ElementTree.fromstring(find_report(name).text(Verdicts((verdict,))).encode())
        said = " ".join([*root.itertext(), *(value for each in root.iter() for value in each.attrib.values())])
    elif name == "json":
        said = json.dumps(json.loads(find_report(name).text(Verdicts((verdict,)))), ensure_ascii=False)
    else:
        said = find_report(name).text(Verdicts((verdict,))).replace("\\", "")
    return " ".join(said.split())


@pytest.mark.parametrize("name", [*reports(), "notebook", "explain"])
def test_every_report_shows_every_known_failure(name: str, verdict: Verdict) -> None:
    text = _text(name, verdict)
    assert [part for part in EXPECTED if part not in text] == []
    assert re.search("known.failure", text, re.IGNORECASE)
    assert "applied to" not in text


def test_a_known_failure_is_waived_and_stored_as_what_it_is(verdict: Verdict) -> None:
    assert [outcome.status.value for outcome in verdict.outcomes] == ["WAIVED", "PASS"]
    stored = read(write(Verdicts((verdict,))))
    assert [note.kind for note in stored.verdicts[0].waivers] == ["known failure", "known failure"]
    assert [entry.path for entry in verdict.inputs if entry.role == "known failures"]


def test_a_verdict_of_an_earlier_mlgate_has_waivers_only(verdict: Verdict) -> None:
    text = re.sub(r",\s*\"kind\": \"known failure\"", "", write(Verdicts((verdict,))))
    assert {note.kind for note in read(text).verdicts[0].waivers} == {"waiver"}
