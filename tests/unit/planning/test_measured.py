"""The plan of a candidate's data: against published numbers, the arithmetic of shares, and the gate itself."""

from __future__ import annotations

from datetime import date
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import Predictions
from mlgate.evidence.sources import FrameSource
from mlgate.gate.run import Settings, judge
from mlgate.planning.measured import plan_candidate
from mlgate.policy.load import load_policies
from mlgate.stats.planning import rows_for_share, rows_per_group
from mlgate.values.errors import EvidenceError, InputError
from mlgate.values.plan import ChanceBy
from mlgate.values.verdict import Status
from support.planning import planned, planned_again, rule_of, slices, write
from support.waiving import IN_FORCE

RECALL = "id: r, check: performance.metric, metric: recall, by: g, at_least: 0.6"
ACCURACY = "id: a, check: performance.metric, metric: accuracy, at_least: 0.75"
MIXED = [
    ("F", "x", 1, 1, 70), ("F", "x", 1, 0, 20), ("F", "x", 0, 1, 15), ("F", "y", 0, 0, 75),
    ("M", "x", 1, 1, 80), ("M", "y", 1, 0, 22), ("M", "x", 0, 1, 18), ("M", "y", 0, 0, 90),
]  # fmt: skip


def within(chance: float, expected: float, *draws: int) -> bool:
    """Whether a simulated chance is what it should be, up to four standard errors."""
    return abs(chance - expected) <= 4 * sqrt(max(expected * (1 - expected), 0.01) * sum(1 / n for n in draws))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "expected"), [(1, 0.90), (5, 0.60), (10, 0.36), (20, 0.13), (30, 0.05)])
def test_many_slices_pass_as_seldom_as_published(tmp_path: Path, number: int, expected: float) -> None:
    """True .70, demanded .60, 200 relevant rows a slice; in fresh rows a slice has about as many."""
    plan = planned(tmp_path, slices(number, 140, 60), [RECALL], draws=600)
    n = np.arange(1, 400)
    needed = stats.binom.isf(0.05, n, 0.6) + 1  # the smallest k with P(X >= k | .6) <= .05
    one = float((stats.binom.pmf(n, 400 * number, 0.5 / number) * stats.binom.sf(needed - 1, n, 0.7)).sum())
    assert one**number == pytest.approx(expected, abs=0.05)
    assert plan.chance is not None
    assert within(plan.chance, one**number, 600)


def test_the_chance_of_shares_is_that_of_their_joint_counts(tmp_path: Path) -> None:
    rules = [
        "id: g, check: performance.metric, metric: accuracy, by: g, at_least: 0.75",
        "id: h, check: performance.metric, metric: accuracy, by: h, at_least: 0.65",
        "id: all, check: performance.metric, metric: accuracy, at_least: 0.75",
    ]
    counts = [row[-1] for row in MIXED]
    right = {at for at, (_, _, label, decision, _) in enumerate(MIXED) if label == decision}

    def demand(members: set[int], bound: float) -> tuple[list[int], list[int], float]:
        return list(members & right), list(members), bound

    def of(column: int, value: str) -> set[int]:
        return {at for at, row in enumerate(MIXED) if row[column] == value}

    demands = [demand(of(0, "F"), 0.75), demand(of(0, "M"), 0.75), demand(of(1, "x"), 0.65), demand(of(1, "y"), 0.65)]
    everyone = demand(set(range(len(MIXED))), 0.75)
    plan = planned(tmp_path, MIXED, rules, draws=1000)
    exact = chance_to_pass(counts, [*demands, everyone])
    assert 0.2 < exact < 0.8
    assert plan.chance is not None
    assert within(plan.chance, exact, 1000)
    found = [chance_to_pass(counts, each) for each in (demands[:2], demands[2:], [everyone])]
    assert all(within(rule.chance or 0, chance, 1000) for rule, chance in zip(plan.rules, found, strict=True))


def chance_to_pass(counts: list[int], demands: list[tuple[list[int], list[int], float]]) -> float:
    """How often all demands are shown by exact bounds, in 50,000 draws of the joint counts; a demand is its hits, the
    cells that count, and the bound."""
    drawn = np.random.RandomState(0).multinomial(sum(counts), np.array(counts) / sum(counts), size=50_000)
    passed = np.ones(len(drawn), dtype=bool)
    for hits, of, bound in demands:
        passed &= stats.binom.sf(drawn[:, hits].sum(axis=1) - 1, drawn[:, of].sum(axis=1), bound) <= 0.05
    return float(passed.mean())


@pytest.mark.slow
def test_the_chance_is_how_often_the_gate_passes_on_sampled_rows(tmp_path: Path) -> None:
    rules = [
        "id: a, check: performance.metric, metric: accuracy, at_least: 0.76",
        "id: r, check: performance.metric, metric: recall, by: g, at_least: 0.68",
        "id: b, check: performance.metric, metric: balanced_accuracy, at_least: 0.75, where: {h: [x, y]}",
        "id: f, check: fairness.gap, metric: selection_rate, by: g, at_most: 0.15",
        "id: u, check: performance.metric, metric: f1, by: g, at_least: 0.84, proof: unrefuted",
    ]
    plan = planned(tmp_path, MIXED, rules, draws=800)
    policies = load_policies([tmp_path / "policy.yaml"], workspace=tmp_path)
    counts, random, passed, runs = np.array([row[-1] for row in MIXED]), np.random.RandomState(7), 0, 60
    for _ in range(runs):
        drawn = random.multinomial(counts.sum(), counts / counts.sum())
        rows = [row[:-1] for row, times in zip(MIXED, drawn, strict=True) for _ in range(times)]
        frame = pd.DataFrame(rows, columns=["g", "h", "label", "decision"])
        predictions = Predictions(source=FrameSource(frame), label="label", prediction="decision")
        candidate = Candidate(name="small", task="binary", positive="1", predictions=predictions)
        passed += judge(candidate, policies, Settings(tmp_path, date(2026, 11, 25), threads=1)).allowed
    assert plan.chance is not None
    assert 0.1 < plan.chance < 0.9
    assert within(plan.chance, passed / runs, runs, 800)


def test_the_same_demand_twice_passes_as_often_as_once(tmp_path: Path) -> None:
    once = planned(tmp_path, MIXED, [ACCURACY])
    twice = planned(tmp_path, MIXED, [ACCURACY, ACCURACY.replace("id: a", "id: b")])
    assert once.chance == twice.chance == rule_of(twice, "b").chance
    assert 0 < (once.chance or 0) < 1


def test_rows_of_one_where_are_drawn_with_all_others(tmp_path: Path) -> None:
    alike = ACCURACY.replace("id: a", "id: w") + ", where: {g: [F, M]}"
    plan = planned(tmp_path, MIXED, [ACCURACY, alike])
    assert plan.chance == rule_of(plan, "a").chance == rule_of(plan, "w").chance
    assert plan.notes == ()


def test_a_plan_is_the_same_for_the_same_seed_alone(tmp_path: Path) -> None:
    first = planned(tmp_path, MIXED, [ACCURACY], seed=1)
    assert first == planned(tmp_path, MIXED, [ACCURACY], seed=1)
    assert first.chance != planned(tmp_path, MIXED, [ACCURACY], seed=2).chance


def test_rows_and_drops_are_those_of_the_planning_of_shares(tmp_path: Path) -> None:
    plan = planned(tmp_path, slices(2, 140, 60), [RECALL], power=0.9)
    (found, _) = rule_of(plan, "r").findings
    assert (found.n, found.counts, found.counted) == (200, "140/200", "rows with label `1`")
    assert found.needed == rows_for_share(0.7, 0.6, 0.05, 0.9)
    assert found.refuted_at_most == pytest.approx(0.463, abs=0.03)
    assert found.refuted_at_least is None


def test_more_power_takes_more_rows_and_a_longer_drop(tmp_path: Path) -> None:
    (low, high) = (rule_of(planned(tmp_path, MIXED, [RECALL], power=p), "r").findings[0] for p in (0.7, 0.95))
    assert (low.needed or 0) < (high.needed or 0)
    assert (low.refuted_at_most or 0) > (high.refuted_at_most or 1)


def test_a_gap_of_shares_takes_rows_of_both_groups(tmp_path: Path) -> None:
    gap = "id: f, check: fairness.gap, metric: selection_rate, by: g, at_most: 0.15"
    (found,) = rule_of(planned(tmp_path, MIXED, [gap]), "f").findings
    assert found.needed == rows_per_group([85 / 180, 98 / 210], 0.15, 0.05)
    assert found.each
    ratio = "id: f, check: fairness.ratio, metric: selection_rate, by: g, at_least: 0.8"
    (found,) = rule_of(planned(tmp_path, MIXED, [ratio]), "f").findings
    assert found.needed is None
    assert found.times is not None
    assert found.times > 1


def test_a_value_on_the_wrong_side_has_no_rows_and_says_why(tmp_path: Path) -> None:
    (found,) = rule_of(planned(tmp_path, MIXED, [ACCURACY.replace("0.75", "0.9")]), "a").findings
    assert (found.needed, found.chance, found.status) == (None, 0.0, Status.FAIL)
    assert "does not meet the demand" in found.why


def test_what_decides_by_the_observed_value_fails_where_it_is_seen(tmp_path: Path) -> None:
    observed = ACCURACY + ", proof: estimate"
    (shown,) = rule_of(planned(tmp_path, MIXED, [ACCURACY]), "a").findings
    plan = planned(tmp_path, MIXED, [observed])
    (found,) = rule_of(plan, "a").findings
    assert (shown.refuted_at_most or 1) < (found.refuted_at_most or 0) < 0.75
    assert (plan.chance or 0) > 0.98


@pytest.mark.slow
def test_what_is_no_count_is_reckoned_from_its_width(tmp_path: Path) -> None:
    """A mean absolute error of half-normal errors, by the normal approximation and by sampling."""
    random, runs = np.random.RandomState(3), 80
    frame = pd.DataFrame({"label": np.zeros(300), "decision": random.normal(size=300)})
    proofs = ("shown", "unrefuted", "estimate")
    (tmp_path / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: a@example.com\nrules:\n"
        + "".join(
            f"  - {{id: {proof}, check: performance.metric, metric: mae, at_most: {bound}, proof: {proof}}}\n"
            for proof, bound in zip(proofs, (0.85, 0.75, 0.8), strict=True)
        )
    )
    policies = load_policies([tmp_path / "policy.yaml"], workspace=tmp_path)
    settings = Settings(tmp_path, date(2026, 11, 25), threads=1)

    def candidate(rows: pd.DataFrame) -> Candidate:
        return Candidate(
            name="c",
            task="regression",
            predictions=Predictions(source=FrameSource(rows), label="label", prediction="decision"),
        )

    plan = plan_candidate(candidate(frame), policies, settings)
    passed = dict.fromkeys(proofs, 0)
    for at in range(runs):
        sampled = candidate(frame.sample(300, replace=True, random_state=at))
        for outcome in judge(sampled, policies, settings).outcomes:
            passed[outcome.rule] += outcome.status is Status.PASS
    assert "normal approximation" in plan.notes[0]
    for proof in proofs:
        rule = rule_of(plan, proof)
        assert rule.chance_by is ChanceBy.WIDTH
        assert 0.2 < (rule.chance or 0) < 0.99
        assert rule.chance == pytest.approx(passed[proof] / runs, abs=0.14)
    assert plan.chance == pytest.approx(np.prod([rule.chance or 0 for rule in plan.rules]))


def test_rows_that_belong_together_are_never_drawn_as_if_independent(tmp_path: Path) -> None:
    write(tmp_path, [], [ACCURACY.replace("0.75", "0.5")])
    rows = [f"{unit},{unit % 2},{int(unit % 4 == 1)}" for unit in range(60) for _ in range(10)]
    (tmp_path / "rows.csv").write_text("unit,label,decision\n" + "\n".join(rows) + "\n", encoding="utf-8")
    file = tmp_path / "candidate.yaml"
    units = file.read_text(encoding="utf-8").replace(", count: n}", "}\nunit: {column: unit}")
    file.write_text(units, encoding="utf-8")
    rule = rule_of(planned_again(tmp_path), "a")
    assert rule.chance_by is ChanceBy.WIDTH
    assert 0.9 < (rule.chance or 0) < 1


def test_a_rule_that_cannot_be_answered_lets_no_gate_pass(tmp_path: Path) -> None:
    plan = planned(tmp_path, MIXED, [ACCURACY, "id: s, check: performance.metric, metric: roc_auc, at_least: 0.7"])
    broken = rule_of(plan, "s")
    assert (broken.status, broken.chance, broken.chance_by) == (Status.ERROR, 0.0, ChanceBy.CERTAIN)
    assert "names no score column" in broken.said
    assert plan.chance == 0.0


def test_a_rule_that_only_warns_is_no_part_of_the_gate(tmp_path: Path) -> None:
    warns = "id: w, check: performance.metric, metric: accuracy, at_least: 0.99, severity: warn"
    plan = planned(tmp_path, MIXED, [ACCURACY, warns])
    assert rule_of(plan, "w").chance == 0.0
    assert not rule_of(plan, "w").blocks
    assert plan.chance == rule_of(plan, "a").chance


def test_a_waived_slice_passes_by_the_waivers_bound(tmp_path: Path) -> None:
    waivers = (
        "waivers:\n  - {rule: r, for: '*', where: {g: F}, not_below: 0.6, owner: a@example.com, reason: RISK-7, "
        f"{IN_FORCE}}}\n"
    )
    demanded, waived = RECALL.replace("0.6", "0.7"), RECALL.replace("0.6", "0.6")
    (with_waiver, looser) = (
        next(f for f in rule_of(plan, "r").findings if f.where == (("g", "F"),))
        for plan in (planned(tmp_path, MIXED, [demanded], waivers), planned(tmp_path, MIXED, [waived]))
    )
    assert with_waiver.chance == looser.chance
    assert (with_waiver.chance or 0) > 0.9


def test_too_few_rows_for_min_n_have_no_chance(tmp_path: Path) -> None:
    plan = planned(tmp_path, MIXED, [ACCURACY + ", min_n: 1000"])
    (found,) = rule_of(plan, "a").findings
    assert (found.n, found.needed, found.chance) == (390, 1000, 0.0)
    assert plan.chance == 0.0


def test_where_nothing_is_asked_there_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="demands anything"):
        planned(tmp_path, MIXED, [ACCURACY + ", when: {task: regression}"])


def test_where_nothing_can_be_answered_there_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no rule of candidate `small` can be planned:\np:a: no column `q`"):
        planned(tmp_path, MIXED, [ACCURACY + ", by: q"])
    write(tmp_path, MIXED, [ACCURACY])
    (tmp_path / "rows.csv").unlink()
    with pytest.raises(EvidenceError, match=r"rows\.csv"):
        planned_again(tmp_path)


@pytest.mark.parametrize(("drawing", "said"), [({"power": 0.3}, "power"), ({"draws": 0}, "draws")])
def test_a_drawing_that_tells_nothing_is_refused(tmp_path: Path, drawing: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        planned(tmp_path, MIXED, [ACCURACY], **drawing)


@pytest.mark.parametrize(("limit", "possible"), [(0.02, False), (0.3, True)])
def test_a_rule_that_leaves_out_too_many_rows_has_no_chance(tmp_path: Path, limit: float, possible: bool) -> None:
    rows = [("big", "x", 1, 1, 300), ("big", "x", 0, 0, 300), ("small", "x", 1, 1, 60), ("small", "x", 0, 0, 60)]
    limited = f"{ACCURACY.replace('id: a', 'id: limited')}, by: g, min_n: 200, at_most_left_out: {limit}"
    plan = planned(tmp_path, rows, [ACCURACY, limited])
    assert (rule_of(plan, "limited").chance == 0.0) is not possible
    assert (plan.chance == 0.0) is not possible


@pytest.mark.parametrize(("limit", "status"), [(0.02, Status.ERROR), (0.3, Status.PASS)])
def test_so_has_one_whose_chance_is_from_the_width_of_its_interval(
    tmp_path: Path, limit: float, status: Status
) -> None:
    rows = [("big", "x", 1, 1, 300), ("big", "x", 0, 0, 300), ("small", "x", 1, 1, 60), ("small", "x", 0, 0, 60)]
    judges = "id: width, check: performance.metric, metric: mean, column: label, at_least: 0.1"
    plan = planned(tmp_path, rows, [ACCURACY, f"{judges}, by: g, min_n: 200, at_most_left_out: {limit}"])
    assert rule_of(plan, "width").status is status
    by = ChanceBy.CERTAIN if status is Status.ERROR else ChanceBy.WIDTH
    assert rule_of(plan, "width").chance_by is by
    assert rule_of(plan, "width").chance == pytest.approx(float(status is Status.PASS))
    assert any("width" in each.rules for each in plan.undeserved) is (status is Status.PASS)


def test_a_waived_rule_is_no_undeserved_pass(tmp_path: Path) -> None:
    waivers = f"waivers:\n  - {{rule: a, for: '*', not_below: 0.1, owner: a@example.com, reason: RISK-7, {IN_FORCE}}}\n"
    plain, waived = (planned(tmp_path, MIXED, [ACCURACY.replace("0.75", "0.95")], more) for more in ("", waivers))
    assert plain.undeserved
    assert not waived.undeserved
    assert rule_of(waived, "a").status is Status.WAIVED


def test_rows_without_ids_have_a_plan_in_which_copies_are_looked_for_once(tmp_path: Path) -> None:
    """Counts are drawn anew many times; whether rows are copies is a fact of the file and is not."""
    label = np.arange(200) % 2
    frame = pd.DataFrame({"g": ["a", "b"] * 100, "h": "x", "label": label, "decision": label})
    write(tmp_path, [], [ACCURACY])
    frame.to_csv(tmp_path / "rows.csv", index=False)
    candidate = tmp_path / "candidate.yaml"
    candidate.write_text(candidate.read_text(encoding="utf-8").replace(", count: n", ""), encoding="utf-8")
    assert (planned_again(tmp_path).chance or 0) > 0.9
