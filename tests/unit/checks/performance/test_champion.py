"""performance.champion and performance.flips through the whole gate, on frames and on files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.stats.difference import ShareBounds, ShareDifference
from mlgate.stats.matched import MatchedShares
from mlgate.values.verdict import Finding, Outcome

N = 400


def rows(seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, N)
    score = np.round(0.35 * label + 0.65 * random.random(N), 6)
    old_score = np.round(0.3 * label + 0.35 * score + 0.35 * random.random(N), 6)
    return pd.DataFrame(
        {
            "id": np.arange(N),
            "label": label,
            "new": (score > 0.5).astype(int),
            "old": (old_score > 0.5).astype(int),
            "score": score,
            "old_score": old_score,
            "sex": random.choice(["F", "M"], N),
        }
    )


def policy(folder: Path, rule: str) -> Path:
    file = folder / "policy.yaml"
    file.write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {{id: r, check: performance.{rule}}}\n")
    return file


def outcome(folder: Path, rule: str, frame: pd.DataFrame | None = None, **more) -> Outcome:
    verdict = mlgate.check(
        policy=policy(folder, rule),
        predictions=rows() if frame is None else frame,
        task="binary",
        positive="1",
        label="label",
        prediction="new",
        score="score",
        champion={"prediction": "old", "score": "old_score"},
        **more,
    )
    return verdict.outcomes[0]


def finding(folder: Path, rule: str, **more) -> Finding:
    (found,) = outcome(folder, rule, **more).findings
    return found


def test_a_share_is_bounded_by_the_rows_that_only_one_model_has_right(tmp_path):
    frame = rows()
    right, was = frame.new == frame.label, frame.old == frame.label
    expected = MatchedShares(N, int((right & ~was).sum()), int((was & ~right).sum()))
    found = finding(tmp_path, "champion, metric: accuracy, margin: 0.1")
    assert found.value == expected.value
    assert (found.lower, found.upper) == (expected.lower(0.05), expected.upper(0.05))
    assert found.exact == f"{right.sum()}/{N} against {was.sum()}/{N}"
    only = f"only the new one {expected.only_new}, only the old one {expected.only_old}"
    assert found.note.startswith(f"accuracy {right.mean():.4g} against {was.mean():.4g}; {only}; McNemar p ")


@pytest.mark.parametrize(
    ("rule", "demand"),
    [
        ("accuracy, margin: 0.01", "accuracy minus champion ≥ -0.01"),
        ("accuracy, superior: true", "accuracy minus champion > 0"),
        ("accuracy, equivalent: 0.02", "accuracy minus champion between -0.02 and 0.02"),
        ("accuracy, margin: 0.05, relative: true", "accuracy relative to champion ≥ -0.05"),
        ("brier_score, margin: 0.01", "brier_score minus champion ≤ 0.01"),
        ("brier_score, superior: true", "brier_score minus champion < 0"),
        ("accuracy, margin: 0", "accuracy minus champion ≥ 0"),
    ],
)
def test_the_demand_is_in_the_metrics_direction(tmp_path, rule, demand):
    assert outcome(tmp_path, f"champion, metric: {rule}").demand == demand


def test_an_equal_model_is_not_superior(tmp_path):
    frame = rows().assign(old=lambda frame: frame.new)
    superior = "champion, metric: accuracy, superior: true"
    assert outcome(tmp_path, superior, frame).status.value == "ERROR"
    assert outcome(tmp_path, f"{superior}, identical: allow", frame).status.value != "PASS"
    by_luck = outcome(tmp_path, f"{superior}, identical: allow, proof: estimate", frame)
    assert by_luck.status.value == "FAIL"


def test_groups_are_compared_each(tmp_path):
    found = outcome(tmp_path, "champion, metric: recall, margin: 0.3, by: sex").findings
    assert [entry.where for entry in found] == [(("sex", "F"),), (("sex", "M"),)]
    assert sum(entry.rows for entry in found) == N


def test_flips_are_counted_among_all_rows(tmp_path):
    frame = rows()
    changed = int((frame.new != frame.old).sum())
    broken = int(((frame.old == frame.label) & (frame.new != frame.label)).sum())
    assert finding(tmp_path, "flips, of: changed, at_most: 0.5").exact == f"{changed}/{N}"
    assert finding(tmp_path, "flips, of: negative, at_most: 0.5").exact == f"{broken}/{N}"
    at = (frame.score >= 0.6) != (frame.old_score >= 0.6)
    found = finding(tmp_path, "flips, of: changed, threshold: 0.6, at_most: 0.5")
    assert found.exact == f"{at.sum()}/{N}"


@pytest.mark.parametrize(
    "rule",
    [
        "champion, metric: accuracy, margin: 0.5",
        "champion, metric: brier_score, margin: 0.5",
        "flips, of: changed, at_most: 0.9",
        "flips, of: negative, at_most: 0.9",
    ],
)
def test_rows_that_belong_together_widen_the_bounds(tmp_path, rule):
    visits = [rows().assign(patient=lambda frame: frame.id, visit=visit) for visit in range(4)]
    frame = pd.concat(visits, ignore_index=True)
    alone, together = finding(tmp_path, rule, frame=frame), finding(tmp_path, rule, frame=frame, unit="patient")
    assert together.value == pytest.approx(alone.value)
    assert together.upper - together.value > 1.5 * (alone.upper - alone.value)


def files(folder: Path, champion: str) -> None:
    frame = rows()
    frame.to_csv(folder / "predictions.csv", index=False)
    frame.sample(frac=1, random_state=1)[["id", "old", "old_score"]].to_csv(folder / "champion.csv", index=False)
    rows(7).to_csv(folder / "before.csv", index=False)
    (folder / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: churn\ntask: binary\npositive: '1'\npredictions: {path: predictions.csv, id: id, "
        f"label: label, prediction: new, score: score}}\nchampion: {champion}\n"
    )
    (folder / "before.yaml").write_text(
        "mlgate: 1\ncandidate: churn\nversion: '1'\ntask: binary\npositive: '1'\npredictions: {path: before.csv, "
        "label: label, prediction: old, score: old_score}\n"
    )


def test_a_file_is_joined_by_id_and_belongs_to_the_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files(tmp_path, "{path: champion.csv, prediction: old, score: old_score}")
    by_column = finding(tmp_path, "champion, metric: roc_auc, margin: 0.1")
    verdict = mlgate.check(policy=tmp_path / "policy.yaml", candidate=tmp_path / "candidate.yaml")
    assert verdict.outcomes[0].findings == (by_column,)
    assert [entry.role for entry in verdict.inputs] == ["policy", "candidate", "predictions", "champion"]


def earlier(folder: Path, metric: str) -> None:
    file = folder / "before-policy.yaml"
    file.write_text(
        f"mlgate: 1\npolicy: before\nowner: o\nrules:\n  - {{id: r, check: performance.metric, metric: {metric}}}\n"
    )
    run(["check", "before.yaml", "--policy", str(file), "--report", "json=before.json", "-q"])


def test_a_verdict_is_compared_as_of_other_rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files(tmp_path, "{verdict: before.json}")
    earlier(tmp_path, "accuracy, at_least: 0.5")
    policy(tmp_path, "champion, metric: accuracy, margin: 0.1")
    verdict = mlgate.check(policy=tmp_path / "policy.yaml", candidate=tmp_path / "candidate.yaml")
    (found,) = verdict.outcomes[0].findings
    new, old = rows(), rows(7)
    shares = [ShareBounds(int((frame[name] == frame.label).sum()), N) for frame, name in ((new, "new"), (old, "old"))]
    expected = ShareDifference(*shares)
    assert (found.value, found.lower, found.upper) == (expected.value, expected.lower(0.05), expected.upper(0.05))
    assert "unpaired, so the bounds are wider: from the verdict before.json on churn 1, 400 rows" in found.note
    assert [entry.role for entry in verdict.inputs][-1] == "champion"


def test_stored_bounds_serve_no_surer_level_than_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files(tmp_path, "{verdict: before.json}")
    earlier(tmp_path, "brier_score, at_most: 0.9")
    lower = {}
    for confidence in ("0.9", "0.95", "0.99"):
        policy(tmp_path, f"champion, metric: brier_score, margin: 0.5, confidence: {confidence}")
        verdict = mlgate.check(policy=tmp_path / "policy.yaml", candidate=tmp_path / "candidate.yaml")
        (found,) = verdict.outcomes[0].findings
        lower[confidence] = found.lower
    assert lower["0.9"] > lower["0.95"]
    assert lower["0.99"] is None


def test_facts_travel_with_the_comparison(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files(tmp_path, "{path: champion.csv, prediction: old, score: old_score}")
    policy(tmp_path, "champion, metric: roc_auc, margin: 0.1, by: sex")
    assert run(["measure", "candidate.yaml", "--policy", "policy.yaml", "--output", "facts.json"]) == 0
    arguments = ["check", "candidate.yaml", "--policy", "policy.yaml", "-q"]
    codes = [
        run([*arguments, "--report", "json=here.json"]),
        run([*arguments, "--facts", "facts.json", "--report", "json=there.json"]),
    ]
    here, there = (json.loads(Path(name).read_text()) for name in ("here.json", "there.json"))
    assert codes == [codes[0]] * 2
    assert here["verdicts"] == there["verdicts"], "only how they were called differs"


def agreeing(positives: int) -> pd.DataFrame:
    """Both models are right on every row with label 1; the old one alone is wrong on some others."""
    label = np.repeat([1, 0], [positives, 40])
    old = np.where(np.arange(len(label)) >= positives + 35, 1, label)
    score = label / 2
    return pd.DataFrame({"label": label, "new": label, "old": old, "score": score, "old_score": 1 - old, "sex": "F"})


@pytest.mark.parametrize(("relative", "needed"), [("", 299), (", relative: true", 164)])
def test_models_that_agree_are_told_the_rows_that_settle_it(tmp_path: Path, relative: str, needed: int) -> None:
    rule = f"champion, metric: recall, margin: 0.01{relative}"
    now = outcome(tmp_path, rule, agreeing(60)).findings[0]
    assert now.settle is not None
    assert now.settle.startswith(f"about {-(-(needed - 60) // 10) * 10} more rows with label `1` would settle it")
    assert outcome(tmp_path, rule, agreeing(needed)).status.value == "PASS"
    assert outcome(tmp_path, rule, agreeing(needed - 1)).status.value == "INCONCLUSIVE"
