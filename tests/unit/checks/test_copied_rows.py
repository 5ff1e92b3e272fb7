"""Rows written several times over are refused where chance does not explain them, and only told where it may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy import stats

import mlgate
from mlgate.checks.copied_rows import CHANCE, copied
from mlgate.evidence.questions.copies import Copies, CopiesFact
from mlgate.values.verdict import Verdict

RULE = "metric: accuracy, at_least: 0.6"


def judged(folder: Path, frame: pd.DataFrame, rule: str = RULE, **more: Any) -> Verdict:
    (folder / "p.yaml").write_text(
        f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {{id: r, check: performance.metric, {rule}}}\n"
    )
    roles: dict[str, Any] = {"task": "binary", "positive": "1", "label": "label", "prediction": "prediction"}
    return mlgate.check(policy=folder / "p.yaml", predictions=frame, **{**roles, **more})


def scored(rows: int, decimals: int | None = None, seed: int = 0) -> pd.DataFrame:
    """A good model's rows, with scores that are rounded or not."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, rows)
    score = 0.3 * label + 0.7 * random.random(rows)
    score = score if decimals is None else np.round(score, decimals)
    return pd.DataFrame({"label": label, "prediction": (score > 0.5).astype(int), "score": score})


def wide(rows: int) -> pd.DataFrame:
    """Labels, decisions and ten features of a few values each."""
    random = np.random.default_rng(3)
    features = {f"f{at}": random.integers(0, 3, rows) for at in range(10)}
    return pd.DataFrame({"label": 1, "prediction": random.random(rows) < 0.9, **features}).astype(int)


def over(frame: pd.DataFrame, times: int) -> pd.DataFrame:
    """The rows written several times, in any order."""
    return pd.concat([frame] * times).sample(frac=1, random_state=1)


TEXTS = pd.DataFrame(
    {"label": 1, "prediction": 1, "text": [f"applicant {at} asks for a loan of some kind" for at in range(60)]}
)


@pytest.mark.parametrize("times", [2, 3, 10])
@pytest.mark.parametrize(
    "frame",
    [scored(60), scored(60).astype(str), scored(60, 6), scored(3000), wide(60), TEXTS],
    ids=["scores", "scores as text", "six decimals", "many", "wide", "texts"],
)
def test_copies_are_refused_with_what_to_do(tmp_path: Path, frame: pd.DataFrame, times: int) -> None:
    rows = len(frame) * times
    verdict = judged(tmp_path, over(frame, times))
    assert not verdict.allowed
    (outcome,) = verdict.outcomes
    assert outcome.status.value == "ERROR"
    assert outcome.message.startswith(f"{rows:,} rows of the predictions are copies: nearly all of ")
    assert f"occur {times} times, or a multiple of it" in outcome.message
    assert outcome.message.endswith("Remove the copies, or name the column that tells rows apart as `id`")
    assert judged(tmp_path, over(frame, times).assign(id=range(rows)), id="id").outcomes[0].status.value != "ERROR"


def test_copies_of_rows_that_repeat_already_are_refused(tmp_path: Path) -> None:
    """A decision tree gives few scores, so its rows repeat; written thrice, each occurs a multiple of 3 times."""
    frame = over(tree(60, 4000), 3)
    assert "occur 3 times, or a multiple of it" in judged(tmp_path, frame).outcomes[0].message
    assert judged(tmp_path, tree(60, 4000)).outcomes[0].status.value == "PASS"


def tree(leaves: int, rows: int) -> pd.DataFrame:
    random = np.random.default_rng(2)
    score = random.random(leaves)[random.integers(0, leaves, rows)]
    label = (random.random(rows) < 0.05 + 0.9 * (score > 0.5)).astype(int)
    return pd.DataFrame({"label": label, "prediction": (score > 0.5).astype(int), "score": score})


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
@pytest.mark.parametrize("times", [1, 2, 10])
@pytest.mark.parametrize("decimals", [0, 1, 2, 3, 4])
def test_scores_of_up_to_four_decimals_never_block(tmp_path: Path, decimals: int, times: int, seed: int) -> None:
    frame = over(scored(300, decimals, seed), times)
    for written in (frame, frame.astype({"score": "float32"}), frame.astype(str)):
        assert judged(tmp_path, written, score="score").outcomes[0].status.value != "ERROR"


@pytest.mark.parametrize("times", [1, 2, 10])
def test_labels_and_predictions_of_classes_never_block(tmp_path: Path, times: int) -> None:
    binary = scored(400)[["label", "prediction"]]
    balanced = over(pd.DataFrame({"label": [0, 0, 1, 1], "prediction": [0, 1, 0, 1]}), 500)
    classes = pd.DataFrame({"label": np.arange(2500) % 50, "prediction": np.arange(2500) // 50}).astype(str)
    for frame, rule in ((binary, RULE), (balanced, "metric: accuracy, at_least: 0.45")):
        assert judged(tmp_path, over(frame, times), rule).outcomes[0].status.value == "PASS"
    found = judged(tmp_path, over(classes, times), RULE, task="multiclass", positive=None)
    assert found.outcomes[0].status.value == "FAIL"


@pytest.mark.parametrize("leaves", [2, 5, 30, 200, 1000])
@pytest.mark.parametrize("rows", [100, 1000, 20000])
def test_the_scores_of_a_tree_never_block(tmp_path: Path, leaves: int, rows: int) -> None:
    frame = tree(leaves, rows)
    (outcome,) = judged(tmp_path, frame).outcomes
    assert outcome.status.value != "ERROR"


def test_one_unrounded_score_for_every_row_never_blocks(tmp_path: Path) -> None:
    frame = scored(600).assign(score=1 / 3)
    assert judged(tmp_path, frame).outcomes[0].status.value == "PASS"


def test_repeated_rows_are_told_and_nothing_is_said_without_any(tmp_path: Path) -> None:
    frame = scored(300, 4)
    distinct = len(frame.drop_duplicates())
    said = f"{900 - distinct} of 900 rows of the predictions repeat an earlier one in every column"
    assert said in judged(tmp_path, over(frame, 3)).notes
    assert not any("repeat" in note for note in judged(tmp_path, frame.drop_duplicates()).notes)


def test_rows_that_something_else_tells_apart_are_not_compared(tmp_path: Path) -> None:
    frame = over(scored(60), 10)
    for more in ({"id": "id"}, {"unit": {"column": "id"}}):
        verdict = judged(tmp_path, frame.assign(id=range(600), n=1), **more)
        assert verdict.outcomes[0].status.value != "ERROR"
        assert not any("repeat" in note for note in verdict.notes)


@pytest.mark.parametrize("key", ["count", "weight"])
def test_a_constant_does_not_tell_rows_apart(tmp_path: Path, key: str) -> None:
    frame = over(scored(60), 10).assign(n=1)
    assert "are copies" in judged(tmp_path, frame, **{key: "n"}).outcomes[0].message


def test_nested_values_tell_rows_apart(tmp_path: Path) -> None:
    path, five = tmp_path / "p.parquet", pd.concat([scored(60)] * 5)
    for visits, copies in ((range(300), False), ([0] * 300, True)):
        five.assign(more=[{"visit": at} for at in visits]).to_parquet(path)
        found = judged(tmp_path, path, roots=[tmp_path]).outcomes[0]  # type: ignore[arg-type]
        assert ("are copies" in found.message) is copies


def test_columns_that_cannot_be_compared_are_left_out(tmp_path: Path) -> None:
    """What no rule reads never blocks: lists in a frame are no reason, and what remains is compared."""
    nested = scored(60).assign(more=[[at] for at in range(60)])
    assert judged(tmp_path, nested).outcomes[0].status.value == "PASS"
    assert "are copies" in judged(tmp_path, over(nested, 5)).outcomes[0].message


def test_every_column_of_a_wide_table_tells_rows_apart(tmp_path: Path) -> None:
    same = pd.concat([scored(100)] * 2, ignore_index=True)
    features = pd.DataFrame({f"f{at}": [at] * 200 for at in range(100)} | {"visit": range(200)})
    frame = pd.concat([same, features], axis=1)
    assert judged(tmp_path, frame).outcomes[0].status.value != "ERROR"
    assert "are copies" in judged(tmp_path, frame.drop(columns="visit")).outcomes[0].message


def test_a_damaged_column_that_no_rule_reads_hides_no_copies(tmp_path: Path) -> None:
    for times, said in ((1, "PASS"), (2, "ERROR")):
        table = pa.Table.from_pandas(pd.concat([scored(60)] * times), preserve_index=False)
        damaged = pa.array([b"\xff"] * table.num_rows, pa.binary()).cast(pa.string(), safe=False)
        # Old versions of DuckDB do not open a file that states damaged text as the least value of a column.
        path = tmp_path / "p.parquet"
        pyarrow.parquet.write_table(table.append_column("note", damaged), path, write_statistics=False)
        found = judged(tmp_path, path, roots=[tmp_path]).outcomes[0]  # type: ignore[arg-type]
        assert (found.status.value, "are copies" in found.message) == (said, times == 2)


def test_a_part_of_very_many_rows_is_compared_with_all_their_copies(tmp_path: Path) -> None:
    frame = scored(200_000)
    verdict = judged(tmp_path, pd.concat([frame, frame]))
    assert "that were compared occur 2 times" in verdict.outcomes[0].message
    assert any(note.startswith("about 200,000 of 400,000 rows") for note in verdict.notes)
    assert judged(tmp_path, frame).outcomes[0].status.value == "PASS"


@pytest.mark.parametrize("mean", [1.0, 2.0, 5.0, 40.0])
def test_a_count_by_chance_is_a_multiple_of_any_number_at_most_half_of_the_time(mean: float) -> None:
    counts = np.arange(1, 400)
    chance = stats.poisson.pmf(counts, mean) / (1 - stats.poisson.pmf(0, mean))
    assert max(chance[counts % times == 0].sum() for times in range(2, 50)) <= 0.5 + 1e-12


@pytest.mark.parametrize(("distinct", "refused"), [(29, 1), (30, 4)])
def test_few_distinct_rows_may_agree_by_chance(distinct: int, refused: int) -> None:
    assert (0.5**distinct <= CHANCE) == (refused > 1)
    assert copied(fact((4, distinct))) == refused


def fact(*times: tuple[int, int]) -> CopiesFact:
    rows = sum(often * number for often, number in times)
    return CopiesFact(rows, rows, sum(number for _, number in times), times)


def test_a_few_odd_rows_do_not_hide_copies() -> None:
    assert copied(fact((6, 97), (1, 3))) == 6
    assert copied(fact((2, 60), (4, 30), (6, 8), (1, 2))) == 2
    assert copied(fact((6, 90), (1, 10))) == 1
    assert copied(fact()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        CopiesFact(3, 3, 4),
        CopiesFact(3, 4, 3),
        CopiesFact(-1, -1, -1),
        CopiesFact(9, 9, 3, ((3, 4),)),
        CopiesFact(9, 9, 3, ((0, 1),)),
    ],
)
def test_what_no_table_has_is_impossible(wrong: CopiesFact) -> None:
    assert Copies("t").impossible(wrong)
    assert not Copies("t").impossible(fact((3, 3)))


def test_few_distinct_rows_among_very_many_are_all_compared(tmp_path: Path) -> None:
    """A part of the distinct rows would be too few to judge."""
    frame = over(scored(60), 5000)
    verdict = judged(tmp_path, frame)
    assert verdict.outcomes[0].message.startswith("300,000 rows of the predictions are copies: ")
    assert "distinct rows occur 5,000 times, or a multiple" in verdict.outcomes[0].message
    assert any(note.startswith("299,940 of 300,000 rows") for note in verdict.notes)
