"""A run with judgements of its own: what the candidate must name for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.values.errors import InputError

RUN = "path: run.csv, query: q, item: d, unretrieved: irrelevant"
QRELS = "tables: {evaluation: {path: qrels.csv, key: [q, d], label: y}}"


@pytest.mark.parametrize(
    ("task", "predictions", "tables", "said"),
    [
        ("ranking", f"{RUN}, score: s", "", "`unretrieved` requires `score`, and `tables.evaluation` with the grade"),
        ("ranking", RUN, QRELS, "`unretrieved` requires `score`"),
        ("ranking", f"{RUN}, score: s", QRELS.replace(", label: y", ""), "`unretrieved` requires `score`"),
        ("ranking", f"{RUN}, score: s, id: [q, d]", QRELS, "`unretrieved` joins by `query` and `item`; remove `id`"),
        ("ranking", f"{RUN}, score: s, label: y", QRELS, "`unretrieved` takes grades from `tables.evaluation` alone"),
        ("ranking", f"{RUN.replace('irrelevant', 'ignored')}, score: s", QRELS, "must be one of irrelevant"),
        (
            "regression",
            "path: p.csv, prediction: p, label: y, unretrieved: irrelevant",
            "",
            "`predictions.unretrieved`",
        ),
    ],
)
def test_what_does_not_fit_a_run_is_refused(tmp_path: Path, task, predictions, tables, said) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_text(f"mlgate: 1\ncandidate: c\ntask: {task}\npredictions: {{{predictions}}}\n{tables}\n")
    with pytest.raises(InputError) as refused:
        load_candidate(file, workspace=tmp_path)
    assert any(said in problem.message for problem in refused.value.problems), refused.value.problems
