"""JSON lines: kinds and digits are kept; lines that differ, and columns that mix kinds, are errors."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mlgate.values.errors import EvidenceError

TRAPS = {
    "blank line": (b'{"a":1}\n\n{"a":2}\n', "a.jsonl:2: a blank line"),
    "cut": (b'{"a":1}\n{"a":', "a.jsonl:2: not a JSON object"),
    "two on a line": (b'{"a":1} {"a":2}\n', "a.jsonl:1: not a JSON object"),
    "array": (b'{"a":1}\n[1]\n', "a.jsonl:2: not a JSON object"),
    "whole file an array": (b'[{"a":1},\n{"a":2}]\n', "not a JSON object"),
    "repeated key": (b'{"a":1}\n{"a":1,"a":2}\n', "a.jsonl:2: the key `a` stands twice"),
    "repeated key on all lines": (b'{"a":1,"a":2}\n', "a.jsonl:1: the key `a` stands twice"),
    "missing key": (b'{"a":1,"b":2}\n{"a":1}\n', "a.jsonl:2: no key `b`"),
    "more keys": (b'{"a":1}\n{"a":1,"b":2}\n', "a.jsonl:1: no key `b`"),
    "number and text": (b'{"a":1}\n{"a":"1"}\n', "a.jsonl:2: column `a` mixes text and numbers"),
    "number and true": (b'{"a":1}\n{"a":true}\n', "column `a` mixes true/false and numbers"),
    "NaN": (b'{"a":NaN}\n', "not finite"),
    "Infinity": (b'{"a":1.5}\n{"a":-Infinity}\n', "not finite"),
    "1e400": (b'{"a":1e400}\n', "not finite"),
    "long integer beside a float": (b'{"a":9007199254740993}\n{"a":1.5}\n', "too long to be kept exactly"),
    "very long integer": (b'{"a":1' + b"0" * 40 + b"}\n", "too long"),
    "NUL": (b'{"a":"\0"}\n', "a.jsonl:1: a NUL byte"),
    "latin-1": (b'{"a":"\xe9"}\n', "not UTF-8"),
    "repeated key, once escaped": (b'{"a":1}\n{"a":1,"\\u0061":2}\n', "a.jsonl:2: the key `a` stands twice"),
    "key written with an escape in one line": (b'{"a":1}\n{"\\u0061":2}\n', "a.jsonl:2: the key `a` is written"),
    "U+0000": (b'{"a":"x"}\n{"a":"x\\u0000"}\n', "a.jsonl:2: column `a` has a text with the character U"),
    "U+0000 in a key": (b'{"a":"x"}\n{"a\\u0000":"x"}\n', "a.jsonl:2: a key with the character U"),
    "half of a surrogate pair": (b'{"a":"x"}\n{"a":"\\ud83d"}\n', "a.jsonl:2: an escape that is half of"),
    "half of a surrogate pair in a list": (b'{"a":["\\udc00"]}\n', "a.jsonl:1: an escape that is half of"),
    "array under .json": (b'[{"a":1},{"a":2}]', "a.jsonl:1: not a JSON object"),
    "nested without end": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "a.jsonl:1: not a JSON object"),
    "control character": (b'{"a":"\x01"}\n', "a.jsonl:1: not a JSON object"),
    "a trailing comma": (b'{"a":1,}\n', "a.jsonl:1: not a JSON object"),
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
    "blank lines at the end": (b'{"a":1}\n\n\n', [(1,)], ["integer"]),
    "CRLF": (b'{"a":1}\r\n{"a":2}\r\n', [(1,), (2,)], ["integer"]),
    "mark at the start": (b'\xef\xbb\xbf{"a":1}\n', [(1,)], ["integer"]),
    "name with an escape on every line": (b'{"\\u00e9":1}\n{"\\u00e9":2}\n', [(1,), (2,)], ["integer"]),
    "text with an escape": (b'{"a":"\\u00e9\\ud83d\\ude00"}\n', [("\u00e9\U0001f600",)], ["text"]),
    "microseconds beside a fraction": (b'{"a":1750000000000000}\n{"a":1.5}\n', [(1.75e15,), (1.5,)], ["float"]),
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


@pytest.mark.parametrize(
    "unread",
    [
        '"b":NaN',
        '"b":1e999',
        '"b":"\\u0000"',
        '"b":[1,{"c":2}]',
        '"b":"text"',
        '"b":1' + "0" * 50,
        '"B":1',
        '"":1',
        '"other":1',
        '"b":1,"B":2',
        '"\\u0062":1',
    ],
)
def test_what_no_rule_reads_does_not_block(tmp_path: Path, rows, unread: str) -> None:
    (tmp_path / "a.json").write_text('{"a":1,"b":1}\n{"a":2,' + unread + "}\n")
    assert rows("a.json", "a") == [(1,), (2,)]


def test_of_two_names_that_differ_in_case_each_is_read_exactly(tmp_path: Path, rows) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"a":{at},"A":"x{at}","b":{at}}}\n' for at in range(50_000)))
    assert rows("a.jsonl", "A", "b") == [(f"x{at}", at) for at in range(50_000)]
    assert rows("a.jsonl", "a") == [(at,) for at in range(50_000)]


@pytest.mark.parametrize(("lines", "columns"), [(1000, 100), (300, 2000)])
def test_many_columns_are_read_in_the_memory_there_is(tmp_path: Path, rows, lines: int, columns: int) -> None:
    line = json.dumps({f"c{at}": at / 7 for at in range(columns)})
    (tmp_path / "a.jsonl").write_text(f"{line}\n" * lines)
    assert rows("a.jsonl", "c1", f"c{columns - 1}") == [(1 / 7, (columns - 1) / 7)] * lines
