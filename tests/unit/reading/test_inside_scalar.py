"""The place of a character inside a scalar, in every form that YAML has for a text."""

from __future__ import annotations

import pytest

from mlgate.reading.inside_scalar import place_inside
from mlgate.reading.strict_yaml import Mapping, Scalar, load

FORMS = {
    "plain": "key: one two X three",
    "after an indentation": "key:\n    one X",
    "plain over two lines": "key: one\n  two\n  three X four",
    "in single quotes": "key: 'one ''two'' X'",
    "in double quotes": 'key: "one \\"two\\" X"',
    "with escapes": 'key: "\\u00e9\\x41\\tone\\\\ X \\n"',
    "in quotes over two lines": 'key: "one\n\n  two \\\n  X"',
    "in a block": "key: |\n  one\n    two\n  X three\n",
    "in a block with a remark": "key: |-  # a remark\n  one\n\n  X three\n",
    "in a folded block": "key: >-\n  one\n  two X\n  three\n",
    "with carriage returns": "key: |\r\n  one\r\n  X\r\n",
    "with other letters": "kéy: é 👍 X",
    "in a list in braces": "key: [one, {a: two X}]",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_character_is_found_where_it_was_written(text: str) -> None:
    node = load(text.encode(), "p.yaml")
    scalar = _last(node)
    found = place_inside(scalar, scalar.text.index("X"))
    lines = text.replace("\r\n", "\n").split("\n")
    line = next(at for at, each in enumerate(lines) if "X" in each)
    assert (found.file, found.line, found.column) == ("p.yaml", line + 1, lines[line].index("X") + 1)


def _last(node: object) -> Scalar:
    while not isinstance(node, Scalar):
        node = node.entries[-1][1] if isinstance(node, Mapping) else node.items[-1]  # type: ignore[attr-defined]
    return node


def test_the_end_of_a_text_is_behind_its_last_character() -> None:
    scalar = _last(load(b"key: one", "p.yaml"))
    assert place_inside(scalar, 3).column == 9


def test_a_text_without_a_file_has_the_place_of_its_key() -> None:
    scalar = _last(load(b"key: one", "p.yaml"))
    assert place_inside(Scalar("one", False, scalar.at), 2) == scalar.at
