"""Files of 256 KiB that repeat one mistake or one key are read in time that grows with their size only."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.values.errors import InputError

SIZE = 256 * 1024
SECONDS = 30
"""Ten times what is promised, because the tests share their machine. What was quadratic took minutes."""
HEAD = 'mlgate: 1\ncandidate: m\ntask: binary\npositive: "1"\npredictions: {path: p, id: i, label: y, prediction: d}\n'
TABLES = "".join(f"  t{number}: {{path: t}}\n" for number in range(20_000))
CHAMPIONS = "".join(f"  c{number}: {{path: c, prediction: d}}\n" for number in range(2_000))
FILES = {
    "control characters": HEAD + "\x01" * SIZE,
    "tabs as indentation": HEAD + "\tx: 1\n" * (SIZE // 6),
    "next-line characters": HEAD + "\x85" * (SIZE // 2),
    "unknown keys": HEAD + "".join(f"k{number}: 1\n" for number in range(22_000)),
    "one key repeated": HEAD + "task: binary\n" * (SIZE // 13),
    "one tag repeated": HEAD + f"tags: [{'role,' * (SIZE // 5)}]\n",
    "tables": HEAD + "tables:\n" + TABLES,
    "champions": HEAD + "champions:\n" + CHAMPIONS,
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_large_file_is_refused_in_time(tmp_path: Path, text: str) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_text(text, newline="")
    start = time.monotonic()
    with pytest.raises(InputError) as caught:
        load_candidate(file, workspace=tmp_path)
    assert time.monotonic() - start < SECONDS
    assert len(caught.value.problems) <= 201


def test_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_text(HEAD + "#" * (1 << 20))
    with pytest.raises(InputError, match="more than 1048576 bytes"):
        load_candidate(file, workspace=tmp_path)


def test_what_is_left_out_of_a_long_list_of_mistakes_is_counted() -> None:
    from mlgate.reading.strict_yaml import load

    with pytest.raises(InputError, match="29,980 more such characters"):
        load(b"a: " + b"\x01" * 30_000, "x.yaml")
