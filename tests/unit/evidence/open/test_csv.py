"""CSV: what would be read in silence by others is an error here, and its nearest legitimate twin is read exactly."""

from __future__ import annotations

import csv
import gzip
import io
import random
from pathlib import Path

import pytest

from mlgate.values.errors import EvidenceError

TRAPS = {
    "header only, but torn": (b"a,b", None),
    "repeated name": (b"a,a\n1,2\n", "a.csv:1: two columns are named `a`"),
    "name repeated in another case": (b"a,A\n1,2\n", "two columns are named `A` and `a`"),
    "empty header line": (b"\na,b\n1,2\n", "a.csv:1: no header"),
    "short row": (b"a,b\n1,2\n3\n", "a.csv:3: the row has 1 field, and the header 2; complete the row"),
    "long row": (b"a,b\n1,2,3\n", "a.csv:2: the row has more fields than the header, which has 2; quote a field"),
    "trailing comma on every row": (b"a,b\n1,2,\n3,4,\n", "rows do not have the 2 fields of the header"),
    "trailing comma beside a quote": (b'a,b\n"1,0",2,\n3,4,\n', "rows do not have the 2 fields of the header"),
    "trailing comma on one row": (b"a,b\n1,2,\n3,4\n", "fields of the header|the row has 3 fields"),
    "header shorter than the rows": (
        b"a\n1,2\n",
        "a.csv:2: the row has more fields than the header, which has 1; remove lines above",
    ),
    "blank line": (b"a,b\n1,2\n\n3,4\n", "a.csv:3: a blank line"),
    "blank line in CRLF": (b"a,b\r\n1,2\r\n\r\n3,4\r\n", "a.csv:3: a blank line"),
    "blank lines within and at the end": (b"a,b\n1,2\n\n3,4\n\n", "a.csv:3: a blank line"),
    "semicolons and decimal commas": (
        b"a;b\n0,5;1\n",
        "a.csv:1: `;` and not commas separate the values; write the file",
    ),
    "tabs and decimal commas": (b"a\tb\n0,5\t1\n", "a.csv:1: tabs and not commas .*, or name it .tsv"),
    "quotes that join rows": (
        b'a,b,c\n1,0,"x\n2,1,y\n3,0,z"\n',
        "a.csv: quotes join several lines, and each alone would be a row of 3 fields, so readers disagree",
    ),
    "spaces only": (b"a,b\n1,2\n  \n", "a.csv:3: the row has 1 field"),
    "NUL": (b"a,b\n1\0,2\n", "a.csv:2: a NUL byte"),
    "mark inside": (b"a,b\n1,2\n\xef\xbb\xbf3,4\n", "a.csv:3: a byte order mark"),
    "latin-1": (b"a,b\n1,2\n\xe9,2\n", "a.csv:3: bytes that are not UTF-8"),
    "cut character": (b"a,b\n1,\xc3", "not UTF-8"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    "open quote": (b'a,b\n"1,2\n3,4\n', "a.csv:2: a quote that is not closed"),
    "text after a quote": (b'a,b\n"1"x,2\n', "a.csv:2: a quote that is not closed, or text after one"),
    "space before a quote": (b'a,b\n1,2\n3, "x"\n', "a.csv:3: a space beside a quote.*; remove the space"),
    "space before a quote in the first column": (b'a,b\n "x",2\n', "a.csv:2: a space beside a quote"),
    "space before an empty quoted value": (b'a,b\n1, ""\n', "a.csv:2: a space beside a quote"),
    "space before a quoted value with a line end": (b'a,b\n1, "x\ny"\n', "a.csv:3: a space beside a quote|a.csv:2: "),
    "space before a quote hides rows": (b'a,b\n1, "x\n2,x\n3,x"\n', "a.csv:2: a space beside a quote"),
    "space before a quote in CRLF": (b'a,b\r\n1, "x"\r\n', "a.csv:2: a space beside a quote"),
    "space after a quote": (b'a,b\n1,2\n"x" ,2\n', "a.csv:3: a space beside a quote"),
    "space after a quote at the end of a line": (b'a,b\n1,"x"  \n1,2\n', "a.csv:2: a space beside a quote"),
    "space after a quote at the end": (b'a,b\n1,"x" ', "a.csv:2: a space beside a quote"),
    "space between two quoted values": (b'a,b\n1,"x" "\n2,x"\n', "a.csv:2: a space beside a quote"),
    "space before a quote after a quoted value": (b'a,b\n"x, ""y""", "z"\n', "a.csv:2: a space beside a quote"),
    "space before a quote after 50 quoted values": (
        b"a,b\n" + b'"x","y"\n' * 50 + b'"x", "y"\n',
        "a.csv:52: a space beside a quote",
    ),
    "mixed line ends": (b"a,b\r\n1,2\n3,4\r\n", "different line ends"),
    "carriage returns only": (b"a,b\r1,2\r", "carriage return only"),
    "Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "empty": (b"", r"0 bytes"),
}


@pytest.mark.parametrize(("content", "message"), TRAPS.values(), ids=TRAPS)
def test_what_is_no_clean_table_is_an_error(tmp_path: Path, rows, content: bytes, message: str | None) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    if message is None:
        assert rows("a.csv") == []
        return
    with pytest.raises(EvidenceError, match=message):
        rows("a.csv")


TWINS = {
    "plain": (b"a,b\n1,2\n3,4\n", [("1", "2"), ("3", "4")]),
    "CRLF": (b"a,b\r\n1,2\r\n", [("1", "2")]),
    "no last line end": (b"a,b\n1,2", [("1", "2")]),
    "mark at the start": (b"\xef\xbb\xbfa,b\n1,2\n", [("1", "2")]),
    "blank line within quotes": (b'a,b\n"x\n\ny",2\n', [("x\n\ny", "2")]),
    "comma within quotes": (b'a,b\n"x,y",2\n', [("x,y", "2")]),
    "quote within quotes": (b'a,b\n"x""y",2\n', [('x"y', "2")]),
    "empty and quoted empty": (b'a,b\n"",\n', [("", None)]),
    "hash is not a comment": (b"a,b\n#1,2\n", [("#1", "2")]),
    "text that looks like a date": (b"a,b\n2020-01-01,007\n", [("2020-01-01", "007")]),
    "words for missing stay words": (b"a,b\nNA,null\n", [("NA", "null")]),
    "one column": (b"a\n1\n2\n", [("1",), ("2",)]),
    "quoted header": (b'"a\n1","b,c"\n1,2\n', [("1", "2")]),
    "long line": (b"a,b\n" + b"x" * 3_000_000 + b",1\n", [("x" * 3_000_000, "1")]),
    "blank line at the end": (b"a,b\n1,2\n\n", [("1", "2")]),
    "blank lines at the end": (b"a,b\r\n1,2\r\n\r\n\r\n", [("1", "2")]),
    "blank line after the header": (b"a,b\n\n", []),
    "blank line at the end of one column": (b"a\n1\n\n\n", [("1",)]),
    "blank line at the end of one column in CRLF": (b"a\r\n1\r\n\r\n", [("1",)]),
    "an index without a name": (b",a,b\n0,1,2\n1,3,4\n", [("1", "2"), ("3", "4")]),
    "two indexes without names": (b",,a,b\n0,0,1,2\n", [("1", "2")]),
    "LF in the header of a CRLF file": (b'"a\n1",b\r\n1,2\r\n3,4\r\n', [("1", "2"), ("3", "4")]),
    "CRLF in the header of an LF file": (b'"a\r\n1",b\n1,2\n3,4\n', [("1", "2"), ("3", "4")]),
    "LF in the header of one column": (b'"a\nb"\r\n1\r\n\r\n', [("1",)]),
    "LF within a value of a CRLF file": (b'a,b\r\n1,"x\ny"\r\n3,4\r\n', [("1", "x\ny"), ("3", "4")]),
    "lines within a value": (b'a,b,c\n1,0,"x\ny"\n2,1,"x,\ny,z"\n', [("1", "0", "x\ny"), ("2", "1", "x,\ny,z")]),
    "lines within a value of two columns": (b'a,b\n1,"x\ny,z"\n', [("1", "x\ny,z")]),
    "spaces without quotes": (b"a,b\n 1 , 2 \n", [(" 1 ", " 2 ")]),
    "spaces within quotes": (b'a,b\n" 1 "," 2 "\n', [(" 1 ", " 2 ")]),
    "delimiter, space and quote within quotes": (b'a,b\n"x, ""y"", z",2\n', [('x, "y", z', "2")]),
    "quote, space and line end within quotes": (b'a,b\n"x"" \ny",2\n', [('x" \ny', "2")]),
    "quotes within a value without quotes": (b'a,b\n5" pipe,6" "x"\n', [('5" pipe', '6" "x"')]),
    "mark before a quoted name": (b'\xef\xbb\xbf"a",b\n"x"" ,y",2\n', [('x" ,y', "2")]),
    "two spaces before a quote": (b'a,b\n1,  "x"\n', [("1", '  "x"')]),
    "UTF-8": ("a,b\né,ü\n".encode(), [("é", "ü")]),
}


@pytest.mark.parametrize(("content", "expected"), TWINS.values(), ids=TWINS)
def test_what_is_a_clean_table_is_read_exactly(tmp_path: Path, rows, content: bytes, expected: list) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert rows("a.csv") == expected


@pytest.mark.parametrize("names", ["a,b,B", "a,b,b", "a,b,", "B,b,a"])
def test_names_of_columns_that_no_rule_reads_do_not_block(tmp_path: Path, rows, names: str) -> None:
    place = names.split(",").index("a")
    (tmp_path / "a.csv").write_text(f"{names}\n1,2,3\n")
    assert rows("a.csv", "a") == [("123"[place],)]


def test_of_two_names_that_differ_in_case_each_is_read_exactly(tmp_path: Path, rows) -> None:
    (tmp_path / "a.csv").write_text("sex,Sex,a\nF,1,x\nM,2,y\n")
    assert rows("a.csv", "sex") == [("F",), ("M",)]
    assert rows("a.csv", "a", "Sex") == [("x", "1"), ("y", "2")]
    with pytest.raises(EvidenceError, match="two columns are named `Sex` and `sex`, and rules read both"):
        rows("a.csv", "Sex", "sex")


def test_a_line_after_a_header_of_two_lines_is_named(tmp_path: Path, rows) -> None:
    (tmp_path / "a.csv").write_bytes(b'"a\n1",b\r\n1,2\r\n3\r\n')
    with pytest.raises(EvidenceError, match=r"a\.csv:4: the row has 1 field, and the header 2"):
        rows("a.csv")


def test_errors_do_not_quote_rows(tmp_path: Path, rows) -> None:
    (tmp_path / "a.csv").write_bytes(b"name,b\nsecret\n")
    with pytest.raises(EvidenceError) as raised:
        rows("a.csv")
    assert "secret" not in str(raised.value)


def test_tsv_is_split_at_tabs(tmp_path: Path, rows, schema) -> None:
    (tmp_path / "a.tsv").write_bytes(b"a\tb\n1,5\t2\n")
    assert rows("a.tsv") == [("1,5", "2")]
    assert schema("a.tsv").columns == (("a", "text"), ("b", "text"))


def _gz() -> bytes:
    return gzip.compress(b"a,b\n" + b"1,2\n" * 1000)


def test_a_space_beside_a_quote_is_refused_between_tabs(tmp_path: Path, rows) -> None:
    (tmp_path / "a.tsv").write_bytes(b'a\tb\n1\t "2"\n')
    with pytest.raises(EvidenceError, match=r"a\.tsv:2: a space beside a quote"):
        rows("a.tsv")
    (tmp_path / "a.tsv").write_bytes(b'a\tb\n1, "2"\t3\n')
    assert rows("a.tsv") == [('1, "2"', "3")]


PARTS = ("a", " ", '"', '""', '"a"', "\n", '"\n')


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.tsv", "\t")])
def test_what_is_read_is_what_python_reads(tmp_path: Path, rows, name: str, delimiter: str) -> None:
    drawn, compared = random.Random(7), 0
    for _ in range(60):
        text = "".join(drawn.choice((*PARTS, delimiter)) for _ in range(drawn.randint(2, 6)))
        whole = f"x{delimiter}y\na{delimiter}{text}\n"
        (tmp_path / name).write_text(whole)
        try:
            found = rows(name)
        except EvidenceError:
            continue
        expected = [tuple(row) for row in list(csv.reader(io.StringIO(whole), delimiter=delimiter))[1:] if row]
        assert [tuple(value or "" for value in row) for row in found] == expected, repr(text)
        compared += 1
    assert compared > 5


def test_gz_is_read(tmp_path: Path, rows) -> None:
    (tmp_path / "a.csv.gz").write_bytes(_gz())
    assert rows("a.csv.gz") == [("1", "2")] * 1000


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-8] + b"\0\0\0\0" + whole[-4:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-4],
        lambda whole: whole + b"garbage",
        lambda whole: b"a,b\n1,2\n",
    ],
    ids=["wrong CRC", "cut in half", "cut at the end", "trailing garbage", "not gzip at all"],
)
def test_a_damaged_gz_is_an_error(tmp_path: Path, rows, damage) -> None:
    (tmp_path / "a.csv.gz").write_bytes(damage(_gz()))
    with pytest.raises(EvidenceError, match=r"a\.csv\.gz: a damaged gzip file"):
        rows("a.csv.gz")


def test_blank_lines_across_chunks_are_found(tmp_path: Path, rows) -> None:
    head = b"a,b\n"
    body = b"1,2\n" * ((1 << 18) - 1)
    assert len(head + body) == 1 << 20
    (tmp_path / "a.csv").write_bytes(head + body + b"\n1,2\n")
    with pytest.raises(EvidenceError, match=rf"a\.csv:{(1 << 18) + 1}: a blank line"):
        rows("a.csv")


@pytest.mark.slow
def test_a_table_may_be_wide(tmp_path: Path, rows) -> None:
    """As a table of genes is. With the memory of a narrow table, that of 8,000 columns cannot be read."""
    names = [f"c{at}" for at in range(8_000)]
    (tmp_path / "a.csv").write_text("\n".join([",".join(names), *[",".join("1" for _ in names)] * 400]) + "\n")
    assert rows("a.csv") == [("1",) * len(names)] * 400
