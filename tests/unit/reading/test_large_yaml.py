"""Files of 256 KiB are read or refused within seconds, whatever they repeat."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.policy.load import load_policies
from mlgate.reading.strict_yaml import load, parse
from mlgate.values.errors import InputError

SIZE = 256 * 1024
SECONDS = 6
"""Of the processor. Twice what is promised, because the tests share their machine. What was quadratic took minutes."""
HEAD = 'mlgate: 1\ncandidate: m\ntask: binary\npositive: "1"\npredictions: {path: p, id: i, label: y, prediction: d}\n'
TABLES = [f"  t{number}: {{path: t}}\n" for number in range(20_000)]
CHAMPIONS = "".join(f"  c{number}: {{path: c, prediction: d}}\n" for number in range(2_000))
FILES = {
    "control characters": HEAD + "\x01" * SIZE,
    "tabs as indentation": HEAD + "\tx: 1\n" * (SIZE // 6),
    "next-line characters": HEAD + "\x85" * (SIZE // 2),
    "unknown keys": HEAD + "".join(f"k{number}: 1\n" for number in range(22_000)),
    "one key repeated": HEAD + "task: binary\n" * (SIZE // 13),
    "one tag repeated": HEAD + f"tags: [{'role,' * (SIZE // 5)}]\n",
    "tables": HEAD + "tables:\n" + "".join(TABLES),
    "half as many tables": HEAD + "tables:\n" + "".join(TABLES[:10_000]),
    "champions": HEAD + "champions:\n" + CHAMPIONS,
    "a list of many words": HEAD + f"tags: [{'a,' * (SIZE // 2)}]\n",
    "a list of many lists": HEAD + f"tags: [{'[],' * (SIZE // 3)}]\n",
}
DENSE = {
    "lists in lists": "x: [" + ("[" * 30 + "]" * 30 + ",") * (SIZE // 61) + "]",
    "lists without end": "x: " + "[" * SIZE,
    "mappings": "x: [" + "{}," * (SIZE // 3) + "]",
    "keys without values": "x: {" + "".join(f"{number:x}k," for number in range(SIZE // 6)) + "}",
    "empty keys": "x: [" + "? ," * (SIZE // 3) + "]",
    "a block list": "- a\n" * (SIZE // 4),
    "block lists in block lists": "- - - - - a\n" * (SIZE // 12),
    "one empty key repeated": "a:\n" * (SIZE // 3),
    "anchors": "x: [" + "&a ," * (SIZE // 4) + "]",
    "aliases": "x: [" + "*a," * (SIZE // 3) + "]",
    "tags": "x: [" + "!a ," * (SIZE // 4) + "]",
    "documents": "---\n" * (SIZE // 4),
    "directives": "%A\n" * (SIZE // 3) + "---\na",
    "one word": "x: " + "a" * SIZE,
    "words": "x: " + "a " * (SIZE // 2),
    "lines of one text": "x: a\n" + "  b\n" * (SIZE // 4),
    "an escape": 'x: "' + "\\x41" * (SIZE // 4) + '"',
    "a quote without end": 'x: "' + "a" * SIZE,
    "quotes": "x: '" + "''" * (SIZE // 2) + "'",
    "block texts": "- |\n" * (SIZE // 4),
    "empty lines of a block text": "x: |\n" + "\n" * SIZE,
    "comments": "#\n" * (SIZE // 2) + "a: 1",
    "comments in a list": "x: [\n" + "#\n" * (SIZE // 2) + "a]",
    "colons": ":" * SIZE,
    "steps": "".join(" " * depth + "a:\n" for depth in range(700)),
}
"""Documents of one kind of token each."""
FAST = ("control characters", "unknown keys", "tables", "champions", "a list of many words")


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in FILES])
def test_a_large_file_is_refused_in_time(tmp_path: Path, name: str) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_text(FILES[name], newline="")
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        load_candidate(file, workspace=tmp_path)
    assert time.process_time() - start < SECONDS
    assert len(caught.value.problems) <= 201


@pytest.mark.slow
@pytest.mark.parametrize("text", DENSE.values(), ids=DENSE)
def test_a_dense_document_is_read_or_refused_in_time(text: str) -> None:
    start = time.process_time()
    parse(text.encode(), "x.yaml", [])
    assert time.process_time() - start < SECONDS


def test_a_file_of_too_many_values_is_refused() -> None:
    with pytest.raises(InputError, match="more than 50,000 keys and values"):
        load(f"x: [{'a,' * 50_000}]".encode(), "x.yaml")
    assert load(f"x: [{'a,' * 49_990}]".encode(), "x.yaml")


def test_a_policy_that_extends_thousands_of_files_is_refused_at_once(tmp_path: Path) -> None:
    names = ",".join(f"{number:x}x" for number in range(SIZE // 6))
    file = tmp_path / "policy.yaml"
    file.write_text(f"mlgate: 1\npolicy: p\nowner: o\nextends: [{names}]\n")
    start = time.process_time()
    with pytest.raises(InputError, match="`extends` must be a list with 1 to 100 entries"):
        load_policies([file], workspace=tmp_path)
    assert time.process_time() - start < SECONDS


def test_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "candidate.yaml"
    file.write_text(HEAD + "#" * (1 << 20))
    with pytest.raises(InputError, match="more than 1048576 bytes"):
        load_candidate(file, workspace=tmp_path)


def test_what_is_left_out_of_a_long_list_of_mistakes_is_counted() -> None:
    with pytest.raises(InputError, match="29,980 more such characters"):
        load(b"a: " + b"\x01" * 30_000, "x.yaml")
