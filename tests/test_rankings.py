"""Rankings from frames to verdicts: by queries, in units, and against an earlier model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

import mlgate
from mlgate.values.errors import InputError

QUERIES, ITEMS = 80, 6
ANY = "check: performance.metric, metric: mrr, at_least: 0.1"


def frame(seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = QUERIES * ITEMS
    grade = random.choice([0, 0, 1, 2], size)
    scores = {name: skill * grade + random.normal(size=size) for name, skill in (("new", 1.0), ("old", 0.8))}
    query = np.repeat(np.arange(QUERIES), ITEMS)
    return pd.DataFrame({"q": query, "d": np.arange(size) % ITEMS, "s": query // 2, "y": grade, **scores})


def policy(tmp_path: Path, rule: str) -> Path:
    path = tmp_path / "gate.yaml"
    path.write_text(f"mlgate: 1\npolicy: gate\nowner: o\nrules:\n  - {{id: r, {rule}}}\n")
    return path


def outcome(rule: str, tmp_path: Path, rows: pd.DataFrame, **more: Any) -> Any:
    roles = {"label": "y", "score": "new", "query": "q", "item": "d"}
    (found,) = mlgate.check(policy=policy(tmp_path, rule), predictions=rows, task="ranking", **roles, **more).outcomes
    return found


def by_query(rows: pd.DataFrame, score: str) -> np.ndarray:
    return np.array([
        ndcg_score([of["y"]], [of[score]], k=3) if of["y"].any() else 0.0 for _, of in rows.groupby("q")
    ])  # fmt: skip


def test_a_champion_is_compared_by_the_differences_within_queries(tmp_path):
    rows = frame()
    rule = "check: performance.champion, metric: ndcg, k: 3, margin: 0.2"
    (found,) = outcome(rule, tmp_path, rows, champion={"score": "old"}).findings
    differences = by_query(rows, "new") - by_query(rows, "old")
    assert found.value == pytest.approx(differences.mean(), rel=1e-12)
    # One more query, on which the new ranking is worst and the old one best, and all queries weighed at random.
    weights = np.random.default_rng(1).dirichlet(np.ones(QUERIES + 1), 40_000)
    expected = np.quantile(weights @ np.append(differences, -1.0), 0.05)
    assert found.lower == pytest.approx(expected, abs=0.001)


def test_sessions_of_two_queries_widen_the_interval_of_alike_ones(tmp_path):
    rows = frame()
    second = rows["q"] % 2 == 1
    rows.loc[second, ["y", "new"]] = rows.loc[~second, ["y", "new"]].to_numpy()
    rule = "check: performance.metric, metric: ndcg, k: 3, at_least: 0.1"
    (alone,), (within,) = (outcome(rule, tmp_path, rows, unit=unit).findings for unit in (None, "s"))
    assert within.value == alone.value
    # As for half as many queries, and in quadrature for sessions that a sample of 40 may have missed.
    missed = within.value * (1 - 0.05 ** (1 / 40))
    apart = ((within.value - within.lower) ** 2 - missed**2) ** 0.5
    assert 1.3 < apart / (alone.value - alone.lower) < 2


def test_a_unit_that_is_the_query_changes_nothing(tmp_path):
    rule = "check: performance.metric, metric: hit_rate, k: 1, at_least: 0.1"
    assert outcome(rule, tmp_path, frame(), unit="q") == outcome(rule, tmp_path, frame())


def test_items_of_a_query_belong_together_where_rows_are_measured(tmp_path):
    rule = "check: performance.metric, metric: mean, column: new, at_least: -9"
    (found,) = outcome(rule, tmp_path, frame()).findings
    assert f"{QUERIES} units" in found.note


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"item": None}, "`item` is missing"),
        ({"weight": "s"}, "`weight` is not for ranking tasks"),
        ({"unit": {"column": "s", "score": "max"}}, "rolls rows up"),
    ],
)
def test_what_does_not_fit_a_ranking_is_refused(changed, said, tmp_path):
    roles = {"label": "y", "score": "new", "query": "q", "item": "d"} | changed
    with pytest.raises(InputError, match=said):
        mlgate.check(policy=policy(tmp_path, ANY), predictions=frame(), task="ranking", **roles)


def test_other_tasks_have_no_queries(tmp_path):
    roles = {"label": "y", "query": "q", "item": "d"}
    with pytest.raises(InputError, match="`query` is for ranking tasks, not regression"):
        mlgate.check(policy=policy(tmp_path, ANY), predictions=frame(), task="regression", **roles)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("metric: ndcg, k: 0.5", "whole number of ranks"),
        ("metric: mean, column: y, table: queries", "name another table"),
        ("metric: mrr, where: {d: 0}", "has several values in 80 of 80 queries"),
        ("metric: mrr, by: d", "has several values in 80 of 80 queries"),
        ("metric: accuracy", "not defined for ranking"),
    ],
)
def test_what_no_query_can_be_asked_is_an_error(keys, said, tmp_path):
    found = outcome(f"check: performance.metric, {keys}, at_least: 0.01", tmp_path, frame())
    assert found.status is mlgate.Status.ERROR
    assert said in found.message
