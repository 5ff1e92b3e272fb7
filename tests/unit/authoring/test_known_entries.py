"""`mlgate known` records what fails in a stored verdict, so that the same run is allowed and a worse one is not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.authoring.known_entries import Recording, recorded
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.cli.main import run
from mlgate.gate.decide import decide
from mlgate.policy.demanded import Rule
from mlgate.policy.known_failures import read_known
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values import stored
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Verdict, Verdicts

POLICY = """\
mlgate: 1
policy: p
owner: o@example.com
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.95}
  - {id: alike, check: performance.metric, metric: accuracy, by: [g], at_least: 0.95, proof: unrefuted}
  - {id: spares, check: performance.metric, metric: false_positive_rate, at_most: 0.05, severity: warn}
  - {id: owned, check: governance.owner}
  - {id: broken, check: performance.metric, metric: accuracy, by: [town], at_least: 0.5, severity: warn}
"""
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""
DAY = ("--as-of", "2026-12-01")
BY = ("--owner", "ann@example.com", "--reason", "RISK-7: found when the gate came")


def write(folder: Path, wrong: int) -> None:
    group = 'F: "1"'.replace('"', '""')
    lines = (f'{at},{at % 2},{at % 2 if at >= wrong else 1 - at % 2},"{group if at % 3 else "M"}"' for at in range(300))
    (folder / "rows.csv").write_text("\n".join(["id,y,p,g", *lines, ""]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/p.yaml").write_text(POLICY)
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    write(tmp_path, 60)
    return tmp_path


def check(*arguments: str) -> int:
    return run(["check", "--report", "json=verdict.json", *DAY, *arguments])


def test_what_is_recorded_is_excused_and_what_is_worse_is_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check() == 1
    assert run(["known", "verdict.json", "--output", "known.yaml", *BY, *DAY]) == 0
    assert "p:broken is ERROR" in capsys.readouterr().err
    assert check("--known", "known.yaml") == 0
    write(folder, 64)
    assert check("--known", "known.yaml") == 0
    write(folder, 90)
    assert check("--known", "known.yaml") == 1
    assert run(["known", "verdict.json", "--output", "known.yaml", *BY, *DAY]) == 2


def test_each_entry_has_the_finding_its_value_and_its_terms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check()
    capsys.readouterr()
    run(["known", "verdict.json", "--days", "30", *BY, *DAY])
    found = read_known(capsys.readouterr().out.encode(), "known.yaml")
    values = [(each.rule, each.where, each.measured, each.value_text, each.n) for each in found.entries]
    assert values[:4] == [
        ("p:accurate", (), "accuracy", "0.8", 300),
        ("p:alike", (("g", 'F: "1"'),), "accuracy", "0.8", 200),
        ("p:alike", (("g", "M"),), "accuracy", "0.8", 100),
        ("p:spares", (), "false_positive_rate", "0.2", 150),
    ]
    assert {(each.rule, bool(each.said)) for each in found.entries[4:]} == {("p:owned", True)}
    assert {(each.candidate, each.owner, f"{each.recorded} {each.expires}") for each in found.entries} == {
        ("c", "ann@example.com", "2026-12-01 2026-12-31")
    }


def test_without_an_owner_and_a_reason_the_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check()
    run(["known", "verdict.json", "--output", "known.yaml", *DAY])
    assert check("--known", "known.yaml") == 2
    assert "`owner` is `TODO`, which says nothing" in capsys.readouterr().out


def test_a_value_is_written_no_better_than_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policies/p.yaml").write_text(
        POLICY[: POLICY.index("  - {id: alike")]
        + "  - {id: errs, check: performance.metric, metric: false_negative_rate, at_most: 0.1, proof: estimate}\n"
    )
    (folder / "rows.csv").write_text("id,y,p\n" + "".join(f"{at},1,{int(at % 3 > 0)}\n" for at in range(300)))
    check()
    capsys.readouterr()
    run(["known", "verdict.json", *BY, *DAY])
    text = capsys.readouterr().out
    assert [line.split()[1] for line in text.splitlines() if "value:" in line] == ["0.666666", "0.333334"]


def test_it_shrinks_by_what_is_met_and_keeps_all_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check()
    run(["known", "verdict.json", "--output", "known.yaml", *BY, *DAY])
    text = (folder / "known.yaml").read_text().replace("\n  - candidate", "\n  # a remark\n  - candidate")
    (folder / "known.yaml").write_text(text)
    write(folder, 2)
    assert check("--known", "known.yaml") == 0
    capsys.readouterr()
    assert run(["known", "verdict.json", "--shrink", "known.yaml"]) == 0
    out = capsys.readouterr().out
    assert "known.yaml:4 removed: p:accurate: it is met now; remove it" in out
    left = (folder / "known.yaml").read_text()
    assert {entry.rule for entry in read_known(left.encode(), "k").entries} == {"p:owned"}
    assert left.count("# a remark") == text.count("# a remark")
    assert left.endswith(text[text.index("  - candidate", text.rindex("p:spares")) :])
    assert run(["known", "verdict.json", "--shrink", "known.yaml"]) == 2
    assert "was not given with known.yaml as it is" in capsys.readouterr().err


def test_a_file_may_shrink_to_nothing(folder: Path) -> None:
    (folder / "policies/p.yaml").write_text(POLICY[: POLICY.index("  - {id: alike")])
    check()
    run(["known", "verdict.json", "--output", "known.yaml", *BY, *DAY])
    write(folder, 0)
    check("--known", "known.yaml")
    assert run(["known", "verdict.json", "--shrink", "known.yaml"]) == 0
    assert (folder / "known.yaml").read_text() == "mlgate: 1\nknown_failures: []\n"
    assert check("--known", "known.yaml") == 0


def test_nothing_to_record_is_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policies/p.yaml").write_text(POLICY[: POLICY.index("  - {id: alike")].replace("0.95", "0.5"))
    check()
    assert run(["known", "verdict.json", "--output", "known.yaml", *DAY]) == 2
    assert not (folder / "known.yaml").exists()


def test_an_unset_variable_is_no_file(folder: Path) -> None:
    assert check("--known", "") == 2
    assert check("--known", "missing.yaml") == 2


PROOFS: Any = st.sampled_from(["shown", "unrefuted", "estimate"])
PERCENT = st.integers(0, 100).map(lambda percent: Fraction(percent, 100))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), PROOFS, PERCENT, PERCENT)
def test_whatever_is_recorded_excuses_the_same_value(
    counts: tuple[int, int], proof: Any, low: Fraction, high: Fraction
) -> None:
    hits, n = counts
    bounds = (partial(clopper_pearson_lower, hits, n), partial(clopper_pearson_upper, hits, n))
    estimate = Estimate((("g", "a"),), hits / n, n, n, *bounds, exact=Fraction(hits, n), counts=f"{hits}/{n}")
    for demand in (Demand(at_least=low), Demand(at_most=high), Demand(min(low, high), max(low, high))):
        rule = Rule("p", "r", PerformanceMetric(metric="accuracy"), demand, Location("p.yaml", 3), proof=proof)
        outcome, _ = decide(rule, [estimate])
        verdicts = stored.read(
            stored.write(Verdicts((Verdict("c", "1", "c.yaml", "2026-12-01", (outcome,)),)))
        ).verdicts
        found = recorded(verdicts, Recording("ann@example.com", "RISK-7", date(2026, 12, 1), 30))
        known = read_known(found.text.encode(), "known.yaml").entries
        assert len(known) == outcome.findings[0].status.blocks
        again, _ = decide(rule, [estimate], known=known, as_of=date(2026, 12, 2))
        assert not again.findings[0].status.blocks
