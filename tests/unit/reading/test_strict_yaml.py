"""strict_yaml: what is read as it stands, what is refused, and that any bytes only give an InputError."""

# ruff: noqa: ISC004, PT017 - a row is easier to compare whole; any other exception fails the test.

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.reading import strict_yaml
from mlgate.reading.strict_yaml import MAX_BYTES, Mapping, Node, Scalar, Sequence, escaped, load, parse
from mlgate.values.errors import InputError, Location, Problem


def said(raw: bytes) -> list[str]:
    problems: list[Problem] = []
    parse(raw, "f.yaml", problems)
    return [str(problem) for problem in problems]


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(below) for key, below in node.entries}


@pytest.mark.parametrize(
    "word",
    ["NO", "on", "007", "2026.10", "1_000", "yes", "0x1F", "1:30", ".inf", "2026-01-01", "=", "1e3", "<25"],
)
def test_a_word_stays_as_written(word: str) -> None:
    node = load(f"key: {word}\n".encode(), "f.yaml")
    assert plain(node) == {"key": word}


def test_places_count_from_one_in_characters() -> None:
    node = load("é: [ü, 'x']\nb:\n  - c\n".encode(), "f.yaml")
    assert isinstance(node, Mapping)
    assert node.at == Location("f.yaml", 1, 1)
    first = node.get("é")
    assert isinstance(first, Sequence)
    assert [(item.at.line, item.at.column) for item in first.items] == [(1, 5), (1, 8)]
    assert node.key_at("b") == Location("f.yaml", 2, 1)
    assert node.key_at("missing") == node.at


def test_place_of_follows_a_path_of_keys() -> None:
    node = load(b"a:\n  b: {c: 1}\n", "f.yaml")
    assert isinstance(node, Mapping)
    assert node.place_of("a", "b", "c") == Location("f.yaml", 2, 7)
    assert node.place_of("a", "b", "x") == Location("f.yaml", 2, 6)
    assert node.place_of("a", "x") == Location("f.yaml", 2, 3)
    assert node.place_of() == Location("f.yaml", 1, 1)


def test_quoted_and_block_texts_are_marked() -> None:
    node = load(b"a: 'x'\nb: \"x\"\nc: |\n  x\nd: x\n", "f.yaml")
    assert isinstance(node, Mapping)
    assert [below.quoted for _, below in node.entries if isinstance(below, Scalar)] == [
        True,
        True,
        True,
        False,
    ]


def test_nothing_is_null_only_when_it_is_not_quoted() -> None:
    node = load(b"a:\nb: ~\nc: null\nd: ''\ne: 'null'\n", "f.yaml")
    assert isinstance(node, Mapping)
    assert [below.null for _, below in node.entries if isinstance(below, Scalar)] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_mean_the_same(ending: str) -> None:
    node = load(ending.join(["a: 1", "b:", "  - x", ""]).encode(), "f.yaml")
    assert plain(node) == {"a": "1", "b": ["x"]}
    assert isinstance(node, Mapping)
    assert node.key_at("b").line == 2


def test_a_utf8_byte_order_mark_is_left_out() -> None:
    assert plain(load(b"\xef\xbb\xbfa: 1\n", "f.yaml")) == {"a": "1"}


REFUSED: list[tuple[bytes, list[str]]] = [
    (b"", ["f.yaml:1:1: the file is empty"]),
    (b"# only\n# comments\n", ["f.yaml:1:1: the file is empty"]),
    (b"---\n", ["f.yaml:2:1: the file is empty"]),
    (
        b"a: 1\nb: 2\na: 3\n",
        ["f.yaml:3:1: key `a` is repeated, at line 1 and again at line 3; keep one"],
    ),
    (
        b"{a: 1, 'a': 2}",
        ["f.yaml:1:8: key `a` is repeated, at line 1 and again at line 1; keep one"],
    ),
    (
        b"a: &x 1\nb: *x\n",
        [
            "f.yaml:1:4: an anchor (&x) is not allowed; write the value out where it is needed",
            "f.yaml:2:4: an alias (*x) is not allowed; write the value out",
        ],
    ),
    (b"a: !!float 1\n", ["f.yaml:1:4: a tag (tag:yaml.org,2002:float) is not allowed; remove it"]),
    (b"a: ! x\n", ["f.yaml:1:4: a tag (!) is not allowed; remove it"]),
    (
        b"a: !!python/object:os.system []\n",
        ["f.yaml:1:4: a tag (tag:yaml.org,2002:python/object:os.system) is not allowed; remove it"],
    ),
    (b"<<: {a: 1}\n", ["f.yaml:1:1: a merge key (<<) is not allowed; write the keys out"]),
    (
        b"a: 1\n---\nb: 1\n",
        ["f.yaml:2:1: the file has a second document; put it into its own file"],
    ),
    (b"? [a]\n: 1\n", ["f.yaml:1:3: a list cannot be a key; keys are plain words"]),
    (b"? {a: b}\n: 1\n", ["f.yaml:1:3: a mapping cannot be a key; keys are plain words"]),
    (b"~: 1\n", ["f.yaml:1:1: a key is empty; write its name, in quotes if this text is meant"]),
    (b"%YAML 1.1\n---\na: 1\n", ["f.yaml:1:1: a YAML directive (%) is not allowed; remove it"]),
    (b"a: \xff\n", ["f.yaml:1:4: the file is not UTF-8 (byte 0xFF); save the file as UTF-8"]),
    (b"\xff\xfea\0", ["f.yaml:1:1: the file is UTF-16, not UTF-8; save the file as UTF-8"]),
    (b"a: x\0y\n", ["f.yaml:1:5: a NUL character is not allowed here; remove it"]),
    (
        "a: x\u2028y\n".encode(),
        ["f.yaml:1:5: the character U+2028 is not allowed here; write a plain line break"],
    ),
    (b"a: \x1b[31mred\n", ["f.yaml:1:4: the character U+001B is not allowed here; remove it"]),
    (b'a: "\\e[31m"\n', ["f.yaml:1:4: the escaped character U+001B is not allowed in a text; remove it"]),
    (
        "a: x\u200b\n".encode(),
        ["f.yaml:1:5: the character U+200B cannot be seen; remove it, or write \\u200b in double quotes"],
    ),
    (
        "a: 1 # \u202e\n".encode(),
        ["f.yaml:1:8: the character U+202E cannot be seen; remove it, or write \\u202e in double quotes"],
    ),
    (
        "a: x\U000e0061\n".encode(),
        ["f.yaml:1:5: the character U+E0061 cannot be seen; remove it, or write \\U000e0061 in double quotes"],
    ),
    (b'a: "\\ud800"\n', ["f.yaml:1:4: the escaped character U+D800 is not allowed in a text; remove it"]),
    (b'a: "\\UFFFFFFFF"\n', ["f.yaml:1:1: not readable as YAML: an escape or number is out of range"]),
    (b"a:\n\tb: 1\n", ["f.yaml:2:1: a tab in the indentation; indent with spaces"]),
    (
        b"a:\t1\n",
        [
            "f.yaml:1:3: not readable as YAML: while scanning for the next token, "
            "found character '\\t' that cannot start any token; use spaces instead of the tab"
        ],
    ),
    (
        b"a: b: c\n",
        [
            "f.yaml:1:5: not readable as YAML: mapping values are not allowed here; "
            'check the indentation, and quote a text that holds ": "'
        ],
    ),
    (b"[" * 40, ["f.yaml:1:33: the file is nested deeper than 32 levels; simplify it"]),
    (b"#" * (MAX_BYTES + 1), [f"f.yaml:1:1: the file has more than {MAX_BYTES} bytes; split it"]),
]


@pytest.mark.parametrize(("raw", "messages"), REFUSED, ids=[str(raw[:24]) for raw, _ in REFUSED])
def test_is_refused_with_its_place(raw: bytes, messages: list[str]) -> None:
    assert said(raw) == messages


def test_all_problems_are_told_even_those_before_a_syntax_error() -> None:
    assert [line.split(":")[1] for line in said(b"a: &x 1\na: 2\nb: 'open\n")] == ["1", "2", "4"]


def test_the_first_of_two_equal_keys_is_kept() -> None:
    problems: list[Problem] = []
    node = parse(b"a: 1\na: {b: 2}\nc: 3\n", "f.yaml", problems)
    assert node is not None
    assert plain(node) == {"a": "1", "c": "3"}


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_arbitrary_bytes_give_a_tree_or_an_input_error(raw: bytes) -> None:
    try:
        load(raw, "f.yaml")
    except InputError as error:
        assert error.problems


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t\\<0.~", max_size=60))
def test_yaml_shaped_text_gives_a_tree_or_an_input_error(text: str) -> None:
    try:
        load(text.encode(), "f.yaml")
    except InputError as error:
        assert error.problems


@pytest.mark.parametrize(
    "text", ["p\u200b", "p\u200d", "p\ufe0f", "\u2060p", "a\u202eb", "p\u200e", "p\U000e0061\U000e0062"]
)
def test_what_nobody_sees_is_refused_unless_it_is_escaped(text: str) -> None:
    (problem, *_) = said(f'a: "{text}"\n'.encode())
    assert "cannot be seen" in problem
    node = load(escaped(f'a: "{text}"\n').encode(), "f.yaml")
    assert isinstance(node, Mapping)
    value = node.get("a")
    assert isinstance(value, Scalar)
    assert value.text == text


@pytest.mark.parametrize(
    "text",
    [
        "سلام\u200cها",
        "שלום\u200f",
        "\U0001f469\u200d\U0001f52c",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e007f",
        "e\u0301",
        "a b",
    ],
)
def test_what_scripts_and_emoji_need_is_a_text(text: str) -> None:
    load(f"a: {text} # {text}\n".encode(), "f.yaml")
    assert escaped(text) == text


def everything(node: Node | None) -> object:
    """A tree with the places and the sources of its scalars."""
    if isinstance(node, Scalar):
        return node, node.source
    if isinstance(node, Sequence):
        return node.at, [everything(item) for item in node.items]
    return node and (node.at, [(everything(key), everything(below)) for key, below in node.entries])


def both_ways(text: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What a text is read as, with PyYAML's parser in C and without."""
    found = []
    for loader in (getattr(yaml, "CSafeLoader", None), None):
        monkeypatch.setattr(strict_yaml, "_C_LOADER", loader)
        problems: list[Problem] = []
        found.append((everything(parse(text.encode(), "f.yaml", problems)), problems))
    return found


FILES = sorted(path for folder in ("examples", "tests/cases", "src") for path in Path(folder).rglob("*.yaml"))


@pytest.mark.parametrize("part", range(8))
def test_files_are_read_alike_with_the_parser_in_c_and_without(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(FILES) > 1000
    for path in FILES[part::8]:
        with_c, without = both_ways(path.read_text(encoding="utf-8"), monkeypatch)
        assert with_c == without, path


MARKS = [": ", ":\n", "- ", "\n", "\n\n", "\n  ", "[", "]", "{", "}", ", ", "'", '"', "#", " #", "|\n", ">-\n", "|2\n"]
MARKS += [
    "a",
    "é",
    "😀",
    "1",
    "---\n",
    "...\n",
    "? ",
    "\t",
    "&a ",
    "*a",
    "!t ",
    "%YAML 1.2\n",
    "<<: ",
    "\\n",
    "\\u0041",
    "`",
]
MARKS += ["@", "~"]


@given(st.lists(st.sampled_from(MARKS), max_size=30).map("".join))
@settings(max_examples=500)
def test_any_text_is_read_alike_with_the_parser_in_c_and_without(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        with_c, without = both_ways(text, patch)
    assert with_c == without
