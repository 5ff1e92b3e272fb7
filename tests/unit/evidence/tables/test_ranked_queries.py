"""Tables of queries: the names of computed columns read back as written, and values that no number of threads moves."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.evidence.dialect import quote
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.per_query import FLAWS, FORMULAS, Flaw, PerQuery, computed
from mlgate.evidence.tables.ranked_queries import Queries
from mlgate.evidence.tables.run_judgements import RunJudgements
from mlgate.values.errors import EvidenceError

NAMES = st.text(min_size=1)
LEAST = st.none() | st.fractions(min_value=0, max_value=9).filter(lambda found: found > 0)


@given(st.sampled_from(FORMULAS), NAMES, NAMES, st.none() | st.integers(1, 99), st.booleans(), LEAST, st.booleans())
def test_a_value_is_read_as_it_was_named(formula, score, label, k, exponential, least, state):
    found = PerQuery(formula, score, label, k, exponential, least, state)
    assert computed(found.name) == found


@given(st.sampled_from(FLAWS), NAMES)
def test_a_flaw_is_read_as_it_was_named(flaw, column):
    assert computed(Flaw(flaw, column).name) == Flaw(flaw, column)


@pytest.mark.parametrize(
    "name",
    [
        'ndcg("s", "y", 010)',
        'ndcg("s", "y"))',
        'state(ndcg("s", "y")',
        'mrr("s", "y", from 2/4)',
        'mrr("s", "y", from 1/0)',
        'varies("a"b")',
        "ndcg(s, y)",
        "score",
    ],
)
def test_what_no_computed_column_is_called_is_a_column_of_the_table(name):
    assert computed(name) is None


def items(seed: int = 3, queries: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), random.integers(1, 30, queries))
    grade = random.choice([0.0, 0.0, 0.0, 1.0, 2.5], len(query))
    score = np.where(random.random(len(query)) < 0.3, 0.5, random.random(len(query)))
    frame = pd.DataFrame({"q": query, "y": grade, "s": score, "m": np.where(query % 3, "north", "south")})
    return frame.sample(frac=1, random_state=1)


def test_values_are_those_of_any_number_of_threads_and_any_order_of_rows():
    names = [PerQuery(formula, "s", "y", 5).name for formula in FORMULAS]
    names += [PerQuery("ndcg", "s", "y", None, True).name, PerQuery("map", "s", "y", None, False, Fraction(2)).name]
    values = ['"' + name.replace('"', '""') + '"' for name in names]
    needs = [Moments("queries", "", "", (value,), ((1,), (2,)), (Term("m", '"m"'),)) for value in values]
    found = []
    for threads, frame in ((1, items()), (2, items()), (2, items().sort_values("s"))):
        tables = {"items": FrameSource(frame), "queries": Queries("items", ("q",))}
        with open_evidence(tables, Path(), threads=threads) as evidence:
            found.append(evidence.measure(needs).answers)
    assert found[0] == found[1] == found[2]


def test_a_column_that_varies_within_a_query_has_no_value_there():
    frame = pd.DataFrame({"q": [1, 1, 2, 2, 3, 3], "m": ["a", "a", "a", "b", "a", None]})
    with open_evidence({"items": FrameSource(frame), "queries": Queries("items", ("q",))}, Path()) as evidence:
        need = Counts("queries", terms=(Term("m", '"m"'), Term("v", 'cast("varies(""m"")" as varchar)')))
        cells = {cell.values: cell.n for cell in evidence.measure([need]).answers[need].cells}
    assert cells == {("a", "false"): 1, (None, "true"): 2}


def test_items_without_the_query_column_are_no_rankings():
    tables = {"items": FrameSource(pd.DataFrame({"a": [1]})), "queries": Queries("items", ("q",))}
    with open_evidence(tables, Path()) as evidence, pytest.raises(EvidenceError, match="`q`"):
        evidence.schema("queries")


def run_and_judgements() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A run of up to 12 items a query, and judgements of some of these and of others; some queries are in one only."""
    random = np.random.default_rng(8)
    run = [(q, d, random.choice([0.5, random.random()])) for q in range(60) for d in random.permutation(30)[: q % 13]]
    judged = [(q, d, float(random.integers(0, 4))) for q in range(5, 70) for d in random.permutation(30)[: q % 9 + 1]]
    return pd.DataFrame(run, columns=["q", "d", "s"]), pd.DataFrame(judged, columns=["q", "d", "y"])


def brute(run: pd.DataFrame, judged: pd.DataFrame, formula: str, k: int | None) -> dict[int, float]:
    """As TREC evaluates: an item without a judgement has the grade 0, and one that was not retrieved has no rank."""
    found = {}
    for q in sorted({*run.q, *judged.q}):
        grades = dict(zip(judged.d[judged.q == q], judged.y[judged.q == q]))
        items = [(score, grades.get(d, 0.0)) for d, score in zip(run.d[run.q == q], run.s[run.q == q])]
        ranked = [grade for _, grade in sorted(items, key=lambda item: (-item[0], item[1]))]
        first, hits = ranked[:k], [grade > 0 for grade in ranked[:k]]
        relevant = sum(grade > 0 for grade in grades.values())
        gain = lambda values: sum(value / np.log2(at + 2) for at, value in enumerate(values))  # noqa: E731
        precisions = [sum(hits[: at + 1]) / (at + 1) for at, hit in enumerate(hits) if hit]
        found[q] = {
            "ndcg": gain(first) / (gain(sorted(grades.values(), reverse=True)[:k]) or 1),
            "map": sum(precisions) / (min(relevant, k or relevant) or 1),
            "mrr": next((1 / (at + 1) for at, hit in enumerate(hits) if hit), 0.0),
            "precision": sum(hits) / (k or 1),
            "recall": sum(hits) / (relevant or 1),
            "hit_rate": float(any(hits)),
        }[formula]
    return found


@pytest.mark.parametrize("k", [None, 1, 5, 20])
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_run_and_its_judgements_are_valued_as_trec_does(formula: str, k: int | None) -> None:
    if formula == "precision" and k is None:
        pytest.skip("precision needs k")
    run, judged = run_and_judgements()
    tables = {"predictions": FrameSource(run), "evaluation": FrameSource(judged)}
    tables["evaluated"] = RunJudgements("predictions", "evaluation", ("q", "d"), ("q", "d"), "s", "y")
    tables["queries"] = Queries("evaluated", ("q",))
    name = PerQuery(formula, "s", "y", k).name
    with open_evidence(tables, Path(), threads=2) as evidence:
        evidence.schema("queries")
        evidence._tables.want("queries", ["q", name])
        relation = evidence._tables.relation("queries")
        found = dict(evidence.engine.query(f"select q, {quote(name)} from {relation}"))
    assert found == pytest.approx(brute(run, judged, formula, k), abs=1e-9)
