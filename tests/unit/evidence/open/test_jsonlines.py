"""JSON lines: kinds and digits are kept; lines that differ, and columns that mix kinds, are errors."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mlgate.values.errors import EvidenceError

TRAPS = {
    "blank line": (b'{"a":1}\n\n{"a":2}\n', "a.jsonl:2: a blank line"),
    "cut": (b'{"a":1}\n{"a":', "a.jsonl:2: not a JSON object"),
    "two on a line": (b'{"a":1} {"a":2}\n', "a.jsonl:1: not a JSON object"),
    "array": (b'{"a":1}\n[1]\n', "a.jsonl:2: not a JSON object"),
    "whole file an array": (b'[{"a":1},\n{"a":2}]\n', "not a JSON object"),
    "repeated key": (b'{"a":1}\n{"a":1,"a":2}\n', "a.jsonl:2: other keys"),
    "repeated key on all lines": (b'{"a":1,"a":2}\n', "two columns are named `a`"),
    "missing key": (b'{"a":1,"b":2}\n{"a":1}\n', "a.jsonl:2: other keys"),
    "more keys": (b'{"a":1}\n{"a":1,"b":2}\n', "a.jsonl:2: other keys"),
    "number and text": (b'{"a":1}\n{"a":"1"}\n', "column `a` mixes text and numbers"),
    "number and true": (b'{"a":1}\n{"a":true}\n', "column `a` mixes true/false and numbers"),
    "NaN": (b'{"a":NaN}\n', "not finite"),
    "Infinity": (b'{"a":1.5}\n{"a":-Infinity}\n', "not finite"),
    "1e400": (b'{"a":1e400}\n', "not finite"),
    "long integer beside a float": (b'{"a":9007199254740993}\n{"a":1.5}\n', "too long to be kept exactly"),
    "very long integer": (b'{"a":1' + b"0" * 40 + b"}\n", "too long"),
    "NUL": (b'{"a":"\0"}\n', "a.jsonl:1: a NUL byte"),
    "latin-1": (b'{"a":"\xe9"}\n', "not UTF-8"),
    "names in two cases": (b'{"a":1,"A":2}\n', "two columns"),
}


@pytest.mark.parametrize(("content", "message"), TRAPS.values(), ids=TRAPS)
def test_what_is_no_clean_table_is_an_error(tmp_path: Path, rows, content: bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(EvidenceError, match=message):
        rows("a.jsonl")


TWINS = {
    "keys in another order": (b'{"a":1,"b":2}\n{"b":3,"a":4}\n', [(1, 2), (4, 3)], ["integer", "integer"]),
    "null": (b'{"a":null}\n{"a":2}', [(None,), (2,)], ["integer"]),
    "only null": (b'{"a":null}\n', [(None,)], ["text"]),
    "id like a date": (b'{"a":"2020-01-01"}\n', [("2020-01-01",)], ["text"]),
    "id with zeros": (b'{"a":"007"}\n', [("007",)], ["text"]),
    "long integers": (b'{"a":9007199254740993}\n{"a":1}\n', [(9007199254740993,), (1,)], ["integer"]),
    "very long integers": (b'{"a":18446744073709551617}\n', [(18446744073709551617,)], ["integer"]),
    "integers and floats": (b'{"a":1}\n{"a":1.5}\n', [(1.0,), (1.5,)], ["float"]),
    "booleans": (b'{"a":true}\n{"a":false}\n', [(True,), (False,)], ["boolean"]),
    "odd names": (b'{"a/b~\\"c":1}\n', [(1,)], ["integer"]),
}


@pytest.mark.parametrize(("content", "expected", "kinds"), TWINS.values(), ids=TWINS)
def test_what_is_a_clean_table_is_read_exactly(tmp_path: Path, rows, schema, content, expected, kinds) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    assert rows("a.jsonl") == expected
    assert [kind for _, kind in schema("a.jsonl").columns] == kinds


def test_gz_is_read_and_checked(tmp_path: Path, rows) -> None:
    whole = gzip.compress(b'{"a":1}\n' * 100)
    (tmp_path / "a.jsonl.gz").write_bytes(whole)
    assert rows("a.jsonl.gz") == [(1,)] * 100
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:-4])
    with pytest.raises(EvidenceError, match="damaged gzip"):
        rows("a.jsonl.gz")


def test_nested_values_are_of_another_kind(tmp_path: Path, schema) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a":{"b":1}}\n')
    assert schema("a.jsonl").columns == (("a", "other"),)
