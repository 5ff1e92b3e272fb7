"""Makes text from outside mlgate (group values, file names, messages) safe for a line, a terminal or XML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NOT_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled where it is used: that takes longer than all other patterns of mlgate together."""
_FIRST = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
_ASCII = str.maketrans(
    {
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "²": "2",
        "±": "+-",
        "−": "-",
        "–": "-",
        "—": "-",
        "·": "-",
        "…": "...",
        "→": "->",
        "×": "x",
        "∞": "inf",
        "•": "*",
        "─": "-",
    }
)

_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)")
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#~"} | {"&": "&amp;"})


def visible(text: str) -> str:
    """The text with control characters, and characters that change the reading direction, as escapes."""
    return "".join(_escaped(c) if _steers(c) else c for c in text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Safe text on one line, with each run of white space as one space."""
    return visible(" ".join(text.split()))


def no_commands(text: str, colon: str = "\\x3a", number_sign: str = "\\x23") -> str:
    """The text without lines that a runner of GitHub workflows takes for commands: `::` first, or `##[` anywhere.

    One colon or number sign of each is written in another way: as an escape that people read, or that a format has.
    """
    return _FIRST.sub(lambda found: f"{found[1]}{colon}:", text.replace("##[", f"#{number_sign}["))


def markdown_text(text: str) -> str:
    """Safe text on one line as Markdown shows it, without marks, elements, mentions or borders of columns."""
    return _MENTION.sub("@&#8203;", one_line(text).translate(_MARKDOWN))


def markdown_row(values: Sequence[str]) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(values)} |"


def ascii_signs(text: str) -> str:
    """The text with mlgate's signs in ASCII, such as `>=`. Letters of all languages stay."""
    return text.translate(_ASCII)


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold even as escapes."""
    return re.sub(_NOT_XML, "", text.replace("\r\n", "\n").replace("\r", "\n"))


def _steers(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
