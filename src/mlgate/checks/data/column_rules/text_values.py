"""Demands on texts: their length, a regular expression for the whole text or a part of it, and named forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_rule import AskedColumn, ColumnRule, Faults
from mlgate.checks.data.formats import FORMATS
from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.spellings import Spellings
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.words import counted

_ESCAPED = re.compile(r"\\[^1-9ZuUN]")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_STRANGE_ESCAPE = re.compile(r"\\[1-9ZuUN]")
_NOT_RE2 = re.compile(r"\(\?(?:=|!|<=|<!|P=|>|#|\(|[a-zA-Z]*[axuL])|[*+?}]\+|\{[0-9]*,?(?!1000\})0*[1-9][0-9]{3,}[,}]")
"""What Python reads and the engine's linear expressions (RE2) do not have."""
_NOT_PYTHON = re.compile(r"\\Q(?P<quoted>.*?)\\E|(?P<sign>\\[pP](?:\{\^?\w+\}|[A-Z])|\[:\^?\w+:\]|\\z)|\\.", re.DOTALL)
"""What RE2 reads and Python does not: quoted text, Unicode and POSIX classes, the end; and other escaped signs."""


def _for_python(pattern: str) -> str:
    """A pattern that Python can read where RE2 can read the given one."""

    def sign(found: re.Match[str]) -> str:
        if found["quoted"] is not None:
            return re.escape(found["quoted"])
        return r"\w" if found["sign"] else found[0]

    return _NOT_PYTHON.sub(sign, pattern)


def _expression(key: str) -> Callable[[ColumnKeys], Iterator[str]]:
    """Whether the text of a key is a regular expression that takes linear time."""

    def wrong(keys: ColumnKeys) -> Iterator[str]:
        pattern: str = getattr(keys, key)
        read = _for_python(pattern)
        plain = _ESCAPED.sub("_", read)
        if found := _STRANGE_ESCAPE.search(plain) or _NOT_RE2.search(_CLASS.sub("_", plain)):
            yield f"`{found[0]}` is not supported in expressions that take linear time (RE2); write it without"
            return
        try:
            re.compile(read)
        except re.error as error:
            yield f"`{pattern}` is not a regular expression: {error}"

    return wrong


def _holds(asked: AskedColumn, condition: str) -> str:
    return f"not {asked.column.missing} and {condition}"


def _whole(asked: AskedColumn, pattern: str) -> str:
    return f"coalesce(matches({asked.column.column.text}, {literal(pattern)}), false)"


def _anywhere(asked: AskedColumn) -> str:
    # Around what is looked for, a line break is a character like any other.
    return _whole(asked, f"(?s:.*)(?:{asked.keys.contains})(?s:.*)")


def _length(asked: AskedColumn) -> str:
    signs = {"at_least": ">=", "at_most": "<="}
    length = f"length({asked.column.column.text})"
    inside = " and ".join(
        f"{length} {signs[side]} {int(bound)}" for side, bound in (asked.keys.length or Demand()).sides
    )
    return _holds(asked, f"not ({inside})")


def _length_said(asked: AskedColumn) -> str:
    return f"of a length {asked.keys.length}".replace("≥", "of at least").replace("≤", "of at most")


class Spelling(ColumnRule):
    """No two texts differ only in case, blanks or Unicode form."""

    key = "spelling"

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The texts that are alike."""
        return asked.missing, self._alike(asked)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """A claim that none is."""
        found = facts[self._alike(asked)]
        where = asked.where(self.key)
        if not found.distinct:
            yield Unanswered(where, "every value is missing, so nothing was evaluated")
            return
        of = counted(found.distinct, "different value")
        said = f"{found.alike:,} of {of} differ from another only in case, blanks or Unicode form"
        none = f"none of {of} differs from another only in case, blanks or Unicode form"
        yield Claim(where, not found.alike, f"`{asked.name}`: {said if found.alike else none}")

    def _alike(self, asked: AskedColumn) -> Spellings:
        return Spellings(asked.rows.table, asked.within, value=asked.column.text)


RULES = (
    Faults("length", _length, _length_said),
    Faults(
        "matches",
        lambda asked: _holds(asked, f"not {_whole(asked, asked.keys.matches)}"),
        lambda asked: f"matched by `{asked.keys.matches}`",
        _expression("matches"),
    ),
    Faults(
        "not_matches",
        lambda asked: _holds(asked, _whole(asked, asked.keys.not_matches)),
        lambda asked: f"not matched by `{asked.keys.not_matches}`",
        _expression("not_matches"),
        broken=lambda asked: f"matched by `{asked.keys.not_matches}`",
    ),
    Faults(
        "contains",
        lambda asked: _holds(asked, f"not {_anywhere(asked)}"),
        lambda asked: f"matched somewhere by `{asked.keys.contains}`",
        _expression("contains"),
    ),
    Faults(
        "format",
        lambda asked: _holds(
            asked, f"not coalesce({FORMATS[asked.keys.format].holds(asked.column.column.text)}, false)"
        ),
        lambda asked: FORMATS[asked.keys.format].said,
    ),
    Spelling(),
)
