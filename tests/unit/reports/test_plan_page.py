"""Plans as pages and as JSON: whole pages as golden files, and what no input may do to a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mlgate.reports.page import Look
from mlgate.reports.plan_page import MOST_SLICES, render_json, render_plans
from mlgate.values.errors import Location
from mlgate.values.plan import ChanceBy, FindingPlan, Plan, RulePlan
from mlgate.values.verdict import Status

Golden = Callable[[str, str], None]
WRONG_SIDE = "the observed value does not meet the demand, so more rows would probably settle this as FAIL"


def rule(name: str, demand: str, *findings: FindingPlan, **more: object) -> RulePlan:
    at = Location("policies/credit.yaml", 9, 5)
    given: dict[str, object] = {"status": Status.PASS, "chance": 0.9, "chance_by": ChanceBy.DRAWN} | more
    return RulePlan(
        "credit", name, "performance.metric", demand, at, "shown", "0.95", findings=findings, **given  # type: ignore[arg-type]
    )  # fmt: skip


def slice_of(value: str, chance: float, **more: object) -> FindingPlan:
    given: dict[str, object] = {"n": 300, "counted": "rows with label `1`", "needed": 896} | more
    return FindingPlan((("sex", value),), 0.8333, "250/300", chance=chance, **given)  # type: ignore[arg-type]


@pytest.fixture
def plan() -> Plan:
    """A plan that has everything a plan can have."""
    well = FindingPlan((), 0.8793, n=1500, needed=907, refuted_at_most=0.826, chance=0.954)
    gaps = (
        FindingPlan((("sex", "F"),), 0.02, None, 300, needed=442, each=True, refuted_at_least=0.21, chance=0.71),
        FindingPlan((("sex", "X"),), 0.04, None, 120, times=3.31, refuted_at_least=0.25, chance=0.5),
    )
    mean = FindingPlan((), 0.5, None, 1500, needed=80, refuted_at_most=0.38, refuted_at_least=0.62, chance=0.9999)
    recalls = (
        slice_of("F", 0.39, refuted_at_most=0.73, status=Status.INCONCLUSIVE),
        slice_of("M", 0.999, refuted_at_most=0.7312, status=Status.PASS),
        slice_of("X", 0.0, n=9, needed=None, why=WRONG_SIDE, impossible="9 rows are too few: at least 14 are needed"),
    )
    error = {"status": Status.ERROR, "chance": 0.0, "chance_by": ChanceBy.CERTAIN, "said": "no lineage is presented"}
    skipped = {"status": Status.SKIPPED, "chance": None, "chance_by": ChanceBy.NOT, "said": "`when:` does not apply"}
    rules = (
        rule("decides-well", "accuracy ≥ 0.85", well),
        rule("recall-for-everyone", "recall ≥ 0.8", *recalls, chance=0.0, status=Status.FAIL),
        rule("alike", "selection_rate gap ≤ 0.1", *gaps),
        rule("between", "mean of score between 0.4 and 0.6", mean, chance_by=ChanceBy.WIDTH, blocks=False),
        rule("traceable", "", **error),
        rule("later", "f1 ≥ 0.5", **skipped, blocks=False),
    )
    notes = ("rules about different tables (predictions, train) were drawn independently",)
    return Plan("credit", "7", "candidate.yaml", rules, 0.8, 0.284, 400, 0, "2026-11-25", notes, "0.1.0")


@pytest.fixture
def assumed() -> Plan:
    """A plan for assumed rates."""
    rules = (
        rule("recall-for-everyone", "recall ≥ 0.8", FindingPlan(
            (), 0.85, counted="rows with label positive", needed=398, needed_of_all=7960,
        ), status=None, chance=None, chance_by=ChanceBy.NOT),
        rule("sharp", "roc_auc ≥ 0.8", status=None, chance=None, chance_by=ChanceBy.NOT, said="roc_auc is not a share"),
    )  # fmt: skip
    return Plan("", "", "", rules, 0.9, tool="0.1.0")


def test_a_plan_for_a_candidate(plan: Plan, golden: Golden) -> None:
    golden("plan.txt", render_plans([plan], Look()))


def test_a_plan_in_a_log(plan: Plan, golden: Golden) -> None:
    text = render_plans([plan], Look(unicode=False))
    golden("plan-plain.txt", text)
    assert text.isascii()


def test_a_plan_for_assumed_rates(assumed: Plan, golden: Golden) -> None:
    golden("plan-assumed.txt", render_plans([assumed], Look()))


def test_a_plan_says_first_that_it_decides_nothing(plan: Plan, assumed: Plan) -> None:
    for each in (plan, assumed):
        assert "it decides nothing: the gate is `mlgate check`" in render_plans([each], Look()).splitlines()[0]
        assert json.loads(render_json([each]))["decides"] == "nothing"
        assert "ALLOWED" not in render_plans([each], Look())


def test_slices_least_likely_to_pass_are_shown_and_all_when_verbose(plan: Plan) -> None:
    many = rule("many", "recall ≥ 0.8", *(slice_of(f"s{at}", at / 40) for at in range(40)))
    page = render_plans([Plan("c", "1", "c.yaml", (many,), 0.8, 0.1)], Look())
    assert "sex=s11" in page
    assert "sex=s12" not in page
    assert f"{40 - MOST_SLICES} more, each passing in 30 % of runs or more" in page
    verbose = render_plans([Plan("c", "1", "c.yaml", (many,), 0.8, 0.1)], Look(), verbose=True)
    assert all(f"sex=s{at} " in verbose for at in range(40))


def test_a_chance_that_is_not_certain_is_never_shown_as_certain() -> None:
    for chance, shown in [(0.0, "0 %"), (1e-9, "<1 %"), (0.9999, ">99 %"), (1.0, "100 %"), (0.283, "28 %")]:
        text = render_plans([Plan("c", "1", "c.yaml", (), 0.8, chance)], Look())
        assert f"passes in {shown} of runs" in text


def test_json_holds_every_number(plan: Plan) -> None:
    (found,) = json.loads(render_json([plan]))["plans"]
    assert (found["chance"], found["draws"], found["power"], found["as_of"]) == (0.284, 400, 0.8, "2026-11-25")
    first = found["rules"][0]
    assert (first["at"]["line"], first["status"], first["chance_by"]) == (9, "PASS", "drawn")
    assert found["rules"][1]["findings"][0]["where"] == [["sex", "F"]]


TEXTS = st.text("ab.-_ é<&\x00\u202e\x1b[31m\n中", max_size=40)
FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.none() | st.integers(0, 10**12)


@settings(deadline=None, max_examples=60)
@given(
    names=st.lists(TEXTS, min_size=4, max_size=4),
    numbers=st.lists(FLOATS, min_size=4, max_size=4),
    counts=st.lists(COUNTS, min_size=2, max_size=2),
    candidate=st.sampled_from(["c", ""]),
)
def test_no_input_steers_the_terminal_or_breaks_the_width(
    names: list[str], numbers: list[float | None], counts: list[int | None], candidate: str
) -> None:
    value, below, above, times = numbers
    where = (("a", names[0]),)
    found = FindingPlan(where, value, names[1], counts[0], names[1], counts[1], why=names[2], refuted_at_most=below,
                        refuted_at_least=above, times=times, chance=0.5)  # fmt: skip
    planned = Plan(candidate, "1", names[3], (rule(names[0] or "r", names[1], found, said=names[2]),), 0.8, 0.5)
    for unicode in (True, False):
        text = render_plans([planned], Look(80, unicode=unicode))
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")]
        assert max(map(cell_len, text.split("\n"))) <= 80


def test_rows_that_are_enough_are_not_said_as_rows_to_add() -> None:
    found = FindingPlan((("sex", "F"),), 0.04, None, 120, times=0.69, refuted_at_least=0.25, chance=0.9)
    many = replace(found, where=(("sex", "M"),), times=0.005)
    more = replace(found, where=(("sex", "X"),), times=1200.0)
    planned = Plan("c", "1", "c.yaml", (rule("gap", "gap <= 0.1", found, many, more),), 0.8, 0.5)
    text = render_plans([planned], Look(100, unicode=False))
    assert re.search(r"sex=F .*120  enough \(1\.4x\) ", text)
    assert re.search(r"sex=M .*120  enough \(200x\) ", text)
    assert re.search(r"sex=X .*120 +1,200 times ", text)
    assert "enough (2x): every group has twice the rows that it needs" in text


def test_a_plan_of_claims_speaks_of_no_rows() -> None:
    where = (("column", "age"),)
    claims = (FindingPlan(where, None, chance=0.0, why="`age` is not listed", status=Status.FAIL),)
    by = {"chance_by": ChanceBy.CERTAIN, "chance": 0.0, "status": Status.FAIL, "said": "`age` is not listed"}
    planned = Plan("c", "1", "c.yaml", (rule("listed", "", *claims, **by),), 0.8, 0.0)
    text = render_plans([planned], Look(100, unicode=False))
    assert "the whole gate does not pass with what is presented" in text
    assert re.search(r"column=age +0 %", text)
    assert "row" not in text
