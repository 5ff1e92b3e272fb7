"""fairness.exposure against sums over queries in numpy, and its bounds against the truth in simulated rankings."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

import mlgate
from mlgate.checks.fairness.exposure import ratio_of_means
from mlgate.stats.linearised import LOG, GuardedBounds, Of, Totals, linearised

GROUPS = np.array(["large", "small", "new"])


def frame(queries: int = 60, seed: int = 1, tied: bool = False, disadvantage: float = 0.5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), random.integers(3, 9, queries))
    at = random.choice(3, len(query), p=[0.5, 0.3, 0.2])
    score = random.normal(size=len(query)) - disadvantage * at
    if tied:
        score = np.round(score)
    frame = pd.DataFrame({"q": query, "d": np.arange(len(query)), "seller": GROUPS[at], "score": score})
    return frame.sample(frac=1, random_state=2)


def exposed(rows: pd.DataFrame) -> pd.DataFrame:
    """Each item's exposure: the mean over all orders by falling score, or of all ranks with its score."""
    parts = []
    for _, of in rows.groupby("q"):
        falling = of.sort_values("score", ascending=False)
        worth = 1 / np.log2(2 + np.arange(len(falling)))
        mean = pd.Series(worth).groupby(falling["score"].to_numpy()).mean()
        parts.append(falling.assign(exposure=falling["score"].map(mean).to_numpy()))
    return pd.concat(parts)


def judged(rows: pd.DataFrame, tmp_path: Path, keys: str = "reference: large, at_least: 0.5", **more: Any) -> Any:
    path = tmp_path / "gate.yaml"
    rule = f"{{id: r, check: fairness.exposure, by: seller, {keys}}}"
    path.write_text(f"mlgate: 1\npolicy: gate\nowner: o\nrules:\n  - {rule}\n")
    roles = {"score": "score", "query": "q", "item": "d"} | more
    (found,) = mlgate.check(policy=path, predictions=rows, task="ranking", **roles).outcomes
    return found


def by_brute_force(rows: pd.DataFrame, group: str, other: str) -> tuple[float, float, int]:
    """The ratio of mean exposures, the standard error of its log, and degrees of freedom."""
    items = exposed(rows)
    both = items[items["seller"].isin([group, other])]
    influence, ratio = 0, 1.0
    for name, sign in ((group, 1), (other, -1)):
        own = both["seller"] == name
        sums = both["exposure"].where(own, 0).groupby(both["q"]).sum()
        sizes = own.groupby(both["q"]).sum()
        ratio *= (sums.sum() / sizes.sum()) ** sign
        influence = influence + sign * (sums / sums.sum() - sizes / sizes.sum())
    n = len(influence)
    fewest = min(items.loc[items["seller"] == name, "q"].nunique() for name in (group, other))
    return ratio, float(np.sqrt((influence**2).sum() * n / (n - 1))), fewest - 1


@pytest.mark.parametrize("tied", [False, True])
def test_ratio_and_bounds_are_those_of_sums_over_queries(tied, tmp_path):
    rows = frame(tied=tied)
    found = {finding.where[0][1]: finding for finding in judged(rows, tmp_path).findings}
    assert set(found) == {"small", "new"}
    for group, finding in found.items():
        ratio, error, degrees = by_brute_force(rows, group, "large")
        assert ratio < 1
        assert finding.value == pytest.approx(ratio, rel=1e-12)
        assert finding.lower == pytest.approx(ratio * np.exp(-t.ppf(0.95, degrees) * error), rel=1e-9)


def test_pairs_and_the_best_are_the_same_comparisons(tmp_path):
    rows = frame()
    pairs = judged(rows, tmp_path, "reference: pairs, at_least: 0.5").findings
    values = sorted(finding.value for finding in pairs)
    expected = sorted(
        min(ratio, 1 / ratio) for a, b in (("small", "large"), ("new", "large"), ("new", "small"))
        for ratio in [by_brute_force(rows, a, b)[0]]
    )  # fmt: skip
    assert values == pytest.approx(expected, rel=1e-12)
    best = judged(rows, tmp_path, "at_least: 0.5").findings
    assert {finding.where[0][1] for finding in best} == {"small", "new"}


def test_the_order_of_rows_lifts_no_group(tmp_path):
    rows = frame().assign(score=0.5)
    lucky = rows.sort_values("seller", key=lambda names: names != "new")
    found = [judged(each, tmp_path) for each in (rows, lucky)]
    assert found[0] == found[1]


def test_tied_items_share_the_mean_of_all_orders():
    rows = pd.DataFrame({"q": 0, "seller": list("abc"), "score": [1.0, 1.0, 0.0]})
    worth = 1 / np.log2([2, 3, 4])
    shared = np.mean([[worth[order[0]], worth[order[1]]] for order in permutations(range(2))], axis=0)
    assert exposed(rows)["exposure"].tolist() == pytest.approx([*shared, worth[2]])


def test_a_group_in_few_queries_has_no_bounds(tmp_path):
    rows = frame()
    rows = rows[(rows["seller"] != "new") | (rows["q"] < 25)]
    found = {finding.where[0][1]: finding for finding in judged(rows, tmp_path).findings}
    assert found["small"].lower is not None
    assert found["new"].lower is None
    assert found["new"].status is mlgate.Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"score": float("nan")}, "2 of 60 queries have an item with no finite score"),
        ({"seller": None}, "2 rows have no value of `seller`"),
        ({"d": 0}, "ids (`q`, `d`) repeat"),
        ({"seller": "large"}, "a comparison needs two groups"),
    ],
)
def test_what_has_no_exposure_is_an_error(changed, said, tmp_path):
    rows = frame()
    ((column, value),) = changed.items()
    chosen = rows.index if said.startswith(("ids", "a comparison")) else [rows.index[rows["q"] == q][0] for q in (3, 8)]
    rows.loc[chosen, column] = value
    found = judged(rows, tmp_path)
    assert found.status is mlgate.Status.ERROR
    assert said in " ".join([found.message, *(finding.message for finding in found.findings)])


def test_only_rankings_have_exposure(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_text(
        "mlgate: 1\npolicy: gate\nowner: o\nrules:\n  - {id: r, check: fairness.exposure, by: seller, at_least: 0.8}\n"
    )
    (found,) = mlgate.check(policy=path, predictions=frame(), task="regression", label="score").outcomes
    assert found.status is mlgate.Status.ERROR
    assert "exposure is for ranking candidates" in found.message


def bounds_of(parts: np.ndarray, fewest: int) -> GuardedBounds:
    """Bounds of the ratio of two groups' means from each query's sums and numbers of items."""
    moved = parts - parts.mean(axis=1, keepdims=True)
    totals = Totals(parts.shape[1], parts.sum(axis=1), moved @ moved.T, telling=fewest)
    return linearised(totals, Of(ratio_of_means, 4, np.arange(4)), LOG)


def test_bounds_take_20_queries_with_items_of_either_group():
    parts = np.random.default_rng(1).random((4, 30)) + 1
    assert bounds_of(parts, 20).lower(0.05) is not None
    assert bounds_of(parts, 19).lower(0.05) is None
    assert bounds_of(parts, 20).lower(0.05) < bounds_of(parts, 30).lower(0.05)


@pytest.mark.slow
def test_bounds_miss_as_seldom_as_they_say():
    """400 samples of 60 queries of 8 items, of which a query has 1 to 7 of the group that ranks lower."""
    random, runs, queries, items = np.random.default_rng(4), 400, 60, 8

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        own = np.arange(items) < random.integers(1, items, (n, 1))
        score = random.normal(size=(n, items)) - 0.7 * own
        rank = np.argsort(np.argsort(-score, axis=1), axis=1)
        return own, 1 / np.log2(2 + rank)

    own, worth = drawn(400_000)
    truth = float(worth[own].mean() / worth[~own].mean())
    low = high = 0
    for _ in range(runs):
        own, worth = drawn(queries)
        parts = np.stack([(worth * own).sum(axis=1), own.sum(axis=1), (worth * ~own).sum(axis=1), (~own).sum(axis=1)])
        found = bounds_of(parts, queries)
        low += found.lower(0.05) > truth
        high += found.upper(0.05) < truth
    assert 0.02 < low / runs < 0.085
    assert 0.02 < high / runs < 0.085
