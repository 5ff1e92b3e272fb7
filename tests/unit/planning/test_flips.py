"""Stored verdicts that would be others under a policy of today: by their own values where these suffice."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.cli.main import run
from mlgate.gate.decide import decide
from mlgate.planning.stored_findings import blocks
from mlgate.policy.demanded import Rule
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from support.past import CANDIDATE, Past, rows

POLICY = """\
mlgate: 1
policy: p
owner: o@example.com
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9}
  - {id: owned, check: governance.owner, severity: warn}
"""


def answers(past: Past, *arguments: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code; per file what the verdict was, what it is now, and why."""
    past.capsys.readouterr()
    code = run(["backtest", "--verdicts", "verdicts", "--format", "json", *arguments])
    found = json.loads(past.capsys.readouterr().out)["verdicts"]
    return code, {each["file"][9:-5]: (each["was"], each["now"], "; ".join(each["why"])) for each in found}


@pytest.fixture
def stored(past: Past) -> Past:
    """Verdicts on three models under a bound of 0.9: two are allowed, one is blocked."""
    past.write(policy=POLICY, candidate=CANDIDATE)
    past.commit()
    for name, wrong in (("best", 4), ("good", 24), ("bad", 60)):
        past.write(rows=rows(wrong))
        run(["check", "--quiet", "--as-of", "2026-06-01", "--report", f"json=verdicts/{name}.json"])
    return past


def test_a_bound_that_moved_flips_those_between(stored: Past) -> None:
    stored.write(policy=POLICY.replace("0.9}", "0.95}"))
    assert answers(stored) == (
        0,
        {
            "best": ("allowed", "allowed", ""),
            "good": ("allowed", "blocked", "p:accurate is not ≥ 0.95"),
            "bad": ("blocked", "blocked", ""),
        },
    )
    stored.write(policy=POLICY.replace("0.9}", "0.8}"))
    assert answers(stored)[1]["bad"] == ("blocked", "allowed", "p:accurate was FAIL")


def test_the_same_policy_flips_nothing(stored: Past) -> None:
    assert [was == now for was, now, _ in answers(stored)[1].values()] == [True] * 3


def test_a_rule_that_blocks_now_and_warned_then_is_judged_by_its_claims(stored: Past) -> None:
    stored.write(policy=POLICY.replace(", severity: warn", ""))
    assert answers(stored)[1]["best"] == ("allowed", "blocked", "p:owned fails")


def test_a_waiver_of_today_counts_by_the_day_of_the_verdict(stored: Past) -> None:
    waiver = (
        "waivers:\n  - {rule: accurate, for: c, not_below: 0.8, owner: o, reason: RISK-7, granted: %s, expires: %s}\n"
    )
    for days, now in ((("2026-05-01", "2026-07-01"), "allowed"), (("2026-07-01", "2026-08-01"), "blocked")):
        stored.write(policy=POLICY + waiver % days)
        assert answers(stored)[1]["bad"][1] == now


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("metric: accuracy", "metric: recall", "`a key of the check` is another than then"),
        ("0.9}", "0.9, confidence: 0.9}", "`confidence` is another than then"),
        ("0.9}", "0.9, min_n: 10}", "`min_n` is another than then"),
        ("id: accurate", "id: exact", "p:exact: the verdict has no answer to it"),
        ("rules:", "expects: {positive: '1'}\nrules:", "the verdict has no answer to what is fixed now"),
    ],
)
def test_what_the_verdict_did_not_ask_is_unknown(stored: Past, was: str, now: str, said: str) -> None:
    stored.write(policy=POLICY.replace(was, now))
    _, found = answers(stored)
    assert found["best"][1] == "unknown"
    assert said in found["best"][2]


def test_nothing_that_is_known_is_exit_code_1(stored: Past) -> None:
    stored.write(policy=POLICY.replace("metric: accuracy", "metric: recall"))
    assert answers(stored)[0] == 1


def test_a_certain_block_is_known_whatever_else_is_not(stored: Past) -> None:
    more = "  - {id: new, check: performance.metric, metric: recall, at_least: 0.1}\n"
    stored.write(policy=POLICY.replace("0.9}", "0.95}") + more)
    assert [now for _, now, _ in answers(stored)[1].values()] == ["blocked", "unknown", "blocked"]


def test_policies_that_the_history_does_not_have_are_unknown(stored: Past) -> None:
    stored.write(policy=POLICY.replace("0.9}", "0.89}"))
    run(["check", "--quiet", "--report", "json=verdicts/other.json"])
    stored.write(policy=POLICY)
    _, now, why = answers(stored)[1]["other"]
    assert now == "unknown"
    assert why.startswith("the policies of the verdict are not in this clone")


def test_bounds_of_other_methods_are_unknown(stored: Past) -> None:
    path = stored.folder / "verdicts/best.json"
    found = json.loads(path.read_text())
    found["verdicts"][0]["versions"]["methods"] -= 1
    path.write_text(json.dumps(found))
    assert answers(stored)[1]["best"][1:] == (
        "unknown", "its bounds are of other methods than this mlgate has; judge the candidate again",
    )  # fmt: skip


def test_a_policy_that_applies_no_more_blocks(stored: Past) -> None:
    stored.write(policy=POLICY.replace("rules:", "for: {tags: credit}\nrules:"))
    assert answers(stored)[1]["best"] == ("allowed", "blocked", "no policy applies to it")


def test_facts_answer_what_the_findings_do_not(stored: Past) -> None:
    stored.write(rows=rows(4), policy=POLICY)
    assert run(["measure", "--output", "facts.json"]) == 0
    stored.write(policy=POLICY.replace("0.9}", "0.9, confidence: 0.9}"))
    code, found = answers(stored, "--facts", "facts.json")
    assert code == 0
    assert [found[name][1] for name in ("best", "good", "bad")] == ["allowed", "unknown", "unknown"]


@pytest.mark.parametrize(
    "arguments", [["candidate.yaml"], ["--history", "main"], ["--verdicts", "none"], ["--verdicts", "policies"]]
)
def test_a_wrong_command_line_lists_nothing(stored: Past, arguments: list[str]) -> None:
    assert run(["backtest", "--verdicts", "verdicts", *arguments]) == 2


def test_pages_have_the_counts_and_the_reasons(stored: Past) -> None:
    stored.write(policy=POLICY.replace("0.9}", "0.95}"))
    for form in ("text", "markdown"):
        page = " ".join(stored.page("--verdicts", "verdicts", "--format", form).split())
        assert "1 of 3 verdicts would flip: 1 to blocked, 0 to allowed" in page
        assert "p:accurate is not" in page


def rule(demand: Demand, **keys: Any) -> Rule:
    return Rule("p", "r", PerformanceMetric(metric="accuracy"), demand, Location("p.yaml"), **keys)


SIDES = st.sampled_from(["at_least", "at_most"])
BOUNDS = st.integers(1, 99).map(lambda percent: Fraction(percent, 100))


@given(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    SIDES,
    st.tuples(BOUNDS, BOUNDS),
    st.tuples(*[st.sampled_from(["shown", "unrefuted", "estimate"])] * 2),
)
def test_what_is_known_is_what_the_gate_would_say(
    counts: tuple[int, int], side: str, bounds: tuple[Fraction, Fraction], proofs: Any
) -> None:
    hits, n = counts
    estimate = Estimate(
        (), hits / n, n, n, partial(clopper_pearson_lower, hits, n), partial(clopper_pearson_upper, hits, n),
        exact=Fraction(hits, n), counts=f"{hits}/{n}",
    )  # fmt: skip
    then, now = (rule(Demand(**{side: bound}), proof=proof) for bound, proof in zip(bounds, proofs, strict=True))
    stored, _ = decide(then, [estimate])
    found = blocks(now, stored, (), same=False)
    outcome, _ = decide(replace(now, demand=now.demand), [estimate])
    assert found in (None, outcome.status.blocks)
    bound = float(bounds[1])
    near = any(abs(end - bound) < 1e-6 for end in (estimate.lower(0.05) or 0.0, estimate.upper(0.05) or 1.0))
    assert near or found is not None
