"""Row digests: equal for the same rows in any order, file format and number of threads, and for no others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.row_digest import MOST, RowDigest, RowDigestFact
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError

BY_ID = RowDigest("t", ("id",), ("y",))
BY_PLACE = RowDigest("t", (), ("y",))


def digest(path: Path, need: RowDigest, threads: int = 2) -> RowDigestFact:
    """The digest of a file's rows."""
    with open_evidence({"t": FileSource(path.name, path.parent)}, path.parent, threads) as evidence:
        found: RowDigestFact = evidence.measure([need])[need]
        return found


def rows(count: int) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"r{at:07}" for at in range(count)], "y": [at * at % 7 for at in range(count)]})


def written(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    path = folder / name
    if name.endswith("parquet"):
        frame.to_parquet(path, row_group_size=10_000)
    else:
        frame.to_csv(path, index=False)
    return path


def test_files_and_orders_of_the_same_rows_have_one_digest(tmp_path: Path) -> None:
    frame = rows(500)
    shuffled = frame.sample(frac=1, random_state=1)
    found = {
        digest(written(tmp_path, "a.csv", frame), BY_ID),
        digest(written(tmp_path, "b.csv", shuffled), BY_ID),
        digest(written(tmp_path, "c.parquet", shuffled), BY_ID),
    }
    assert len(found) == 1
    assert found.pop().rows == 500


def test_only_the_first_rows_by_id_count(tmp_path: Path) -> None:
    frame = rows(MOST + 500)
    first = digest(written(tmp_path, "a.csv", frame.iloc[:MOST]), BY_ID)
    assert digest(written(tmp_path, "b.csv", frame.iloc[::-1]), BY_ID) == first
    frame.loc[MOST - 1, "y"] = 9
    assert digest(written(tmp_path, "c.csv", frame), BY_ID) != first


def test_rows_that_repeat_an_id_have_one_digest_in_any_order(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "a", "b"], "y": [1, 2, 3]})
    one, other = written(tmp_path, "a.csv", frame), written(tmp_path, "b.csv", frame.iloc[[1, 2, 0]])
    assert digest(one, BY_ID) == digest(other, BY_ID)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_rows_without_ids_count_in_the_order_of_the_file_with_any_number_of_threads(tmp_path: Path, name: str) -> None:
    frame = rows(200_000)
    path = written(tmp_path, name, frame)
    first = digest(written(tmp_path, "first.csv", frame.iloc[:MOST]), BY_PLACE)
    assert {digest(path, BY_PLACE, threads) for threads in (1, 2, 4)} == {first}
    assert digest(written(tmp_path, "back.csv", frame.iloc[::-1]), BY_PLACE) != first


def test_an_id_is_not_taken_for_a_label(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", rows(5))
    assert digest(path, BY_ID).sha256 != digest(path, RowDigest("t", (), ("id", "y"))).sha256


@pytest.mark.parametrize("need", [RowDigest("t", ("id",), ("z",)), RowDigest("t", ("ID",), ("y",))])
def test_a_column_that_is_not_there_has_no_digest(tmp_path: Path, need: RowDigest) -> None:
    with pytest.raises(EvidenceError, match="no column `"):
        digest(written(tmp_path, "a.csv", rows(3)), need)


def test_a_digest_that_no_rows_have_is_impossible() -> None:
    assert BY_ID.impossible(RowDigestFact("0" * 64, 3)) == ""
    for fact in (RowDigestFact("x", 3), RowDigestFact("0" * 64, 0), RowDigestFact("0" * 64, MOST + 1)):
        assert "is not a digest" in BY_ID.impossible(fact)
