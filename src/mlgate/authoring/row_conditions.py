"""Conditions of other tools about rows, as conditions of ours that hold for exactly the same rows.

In SQL a comparison with a missing value leaves its row out, also below `not`, so every comparison says that its columns
have a value. Under pandas a missing value fulfils `!=` and `not` or not, by the type of its column: such a condition is
not decided for it, which is an error when the rule is judged. What else might choose other rows is refused: functions,
arithmetic, templates, the order of texts, and dates, whose time zone is that of the other tool.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlgate.authoring.given_node import NotCarriedError, in_condition
from mlgate.reading.fields import number

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.])|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)"""
    r"""|(?P<quoted>`[^`]+`)|(?P<text>'(?:[^'\\]|'')*'|"[^"\\]*")|(?P<sign><=|>=|<>|!=|==|[=<>()\[\],&|~-]))"""
)
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_SIGNS = {"==": "=", "<>": "!="} | {sign: sign for sign in _OPPOSITE}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COL = re.compile(r"""col\("([A-Za-z][\w.-]*)"\)\s*(?:(\.notnull\(\))|(==|!=|<=|>=|<|>)\s*(\S.*?))\s*""", re.IGNORECASE)
_TEXT = re.compile(r"""(?P<quote>["'])([^"'\\]+)(?P=quote)""")


@dataclass(frozen=True)
class _Test:
    """A test of a row: in which columns it needs a value, the condition for it, and that for its opposite."""

    columns: tuple[str, ...]
    holds: str
    fails: str
    negative: bool = False
    """Whether it may hold for a missing value, by the type of the column."""


@dataclass(frozen=True)
class _Opposite:
    of: _Node


@dataclass(frozen=True)
class _Joined:
    word: str
    of: tuple[_Node, ...]


_Node = _Test | _Opposite | _Joined


@dataclass(frozen=True)
class _Language:
    """How a language writes its words and signs."""

    words: Mapping[str, str]
    """Its words and signs for ours."""
    texts: str
    """The quotes of its texts."""
    any_case: bool


_SQL = _Language(
    {word: word for word in ("and", "or", "not", "in", "between", "is", "null", "true", "false")}, "'", any_case=True
)
_QUERY = _Language(
    {"and": "and", "or": "or", "not": "not", "in": "in", "&": "and", "|": "or", "~": "not", "True": "true"}
    | {"False": "false"},
    "'\"",
    any_case=False,
)
_METHODS = {"isnull": "missing", "isna": "missing", "notnull": "not missing", "notna": "not missing"}
"""What the methods of pandas say about a column."""


def sql_condition(text: str) -> str:
    """The condition of a `where` of SQL. NotCarriedError for one that ours cannot say."""
    return _sql(_parsed(text, _SQL), holds=True)


def sql_demand(text: str) -> str:
    """The condition that no row breaks an expression of SQL: one that is NULL for a row is not broken.
    NotCarriedError for one that ours cannot say."""
    return f"not ({_sql(_parsed(text, _SQL), holds=False)})"


def query_condition(text: str) -> str:
    """The condition of `DataFrame.query` of pandas. NotCarriedError for one that ours cannot say."""
    return _query(_parsed(text, _QUERY))


def col_condition(text: str) -> str:
    """The condition of Great Expectations' own form, `col("age") > 5`. NotCarriedError for one that ours cannot say."""
    found = _COL.fullmatch(text.strip())
    if found is None:
        raise NotCarriedError(f"`{text}` is not one comparison of a column")
    name, present, sign, value = found.groups()
    if present:
        return _present(name)
    plain, of_text = re.fullmatch(r"[+-]?\d+(\.\d+)?", value), _TEXT.fullmatch(value)
    if plain is None and of_text is None:
        raise NotCarriedError(f"`{value}` is not a number or a text in quotes")
    literal = value.removeprefix("+") if of_text is None else _as_text(of_text[2])
    return _sql(_compared(in_condition(name), _SIGNS[sign], literal, (name,)), holds=True)


CONDITIONS: Mapping[str, Callable[[str], str]] = {
    "pandas": query_condition,
    "spark": sql_condition,
    "great_expectations": col_condition,
    "great_expectations__experimental__": col_condition,
}
"""By the name of the parser in Great Expectations."""


def both(one: str, other: str) -> str:
    """The condition that two conditions hold, of which one may be empty."""
    return f"({one}) and ({other})" if one and other else one or other


def _present(column: str) -> str:
    return f"{in_condition(column)} is not missing"


def _sql(node: _Node, *, holds: bool) -> str:
    """For which rows a condition is true, or false."""
    if isinstance(node, _Opposite):
        return _sql(node.of, holds=not holds)
    if isinstance(node, _Joined):
        word = node.word if holds else {"and": "or", "or": "and"}[node.word]
        return f" {word} ".join(f"({_sql(each, holds=holds)})" for each in node.of)
    return " and ".join([*map(_present, node.columns), node.holds if holds else node.fails])


def _query(node: _Node) -> str:
    """For which rows a condition is true; not decided where that depends on how pandas holds a missing value."""
    if isinstance(node, _Joined):
        return f" {node.word} ".join(f"({_query(each)})" for each in node.of)
    if isinstance(node, _Opposite) or node.negative:
        return _plain(node)
    return " and ".join([*map(_present, node.columns), node.holds])


def _plain(node: _Node) -> str:
    if isinstance(node, _Opposite):
        return f"not ({_plain(node.of)})"
    if isinstance(node, _Joined):
        return f" {node.word} ".join(f"({_plain(each)})" for each in node.of)
    return node.holds


def _compared(left: str, sign: str, right: str, columns: tuple[str, ...]) -> _Test:
    """A comparison. NotCarriedError for the order of texts, which depends on the other tool."""
    if sign not in ("=", "!="):
        _refuse_texts(left, right)
    return _Test(
        tuple(dict.fromkeys(columns)),
        f"{left} {sign} {right}",
        f"{left} {_OPPOSITE[sign]} {right}",
        negative=sign == "!=",
    )


def _refuse_texts(*values: str) -> None:
    for value in values:
        if moment := re.fullmatch(r'"(\d{4}-\d\d-\d\d)"', value):
            raise NotCarriedError(
                f"the zone of {value} is the other tool's; if that is UTC, write `where` by hand with {moment[1]}"
            )
        if value.startswith('"'):
            raise NotCarriedError(f"the order of the text {value} depends on the other tool")


def _as_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _parsed(text: str, language: _Language) -> _Node:
    if "{{" in text or "{%" in text:
        raise NotCarriedError("its condition is made by a template")
    reader = _ConditionReader(text, language)
    found = reader.either()
    if reader.kind != "end":
        raise reader.refused()
    return found


class _ConditionReader:
    """Reads a condition of another language by recursive descent."""

    def __init__(self, text: str, language: _Language) -> None:
        self._text, self._language, self._at = text, language, 0
        self.kind = self.found = ""
        self._depth = 0
        self.step()

    def step(self) -> None:
        """Go to the next word or sign."""
        if not self._text[self._at :].strip():
            self.kind, self.found = "end", ""
            return
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise NotCarriedError(f"its condition has `{self._text[self._at :].strip()[:20]}`, which ours cannot say")
        self._at, self.kind, self.found = match.end(), match.lastgroup, match[match.lastgroup]
        word = self.found.lower() if self._language.any_case else self.found
        if self.kind in ("name", "sign") and word in self._language.words:
            self.kind, self.found = "word", self._language.words[word]

    def refused(self) -> NotCarriedError:
        """What stands where a condition cannot have it."""
        return NotCarriedError(f"its condition has `{self.found or 'an end'}` where ours cannot have it")

    def takes(self, *words: str) -> bool:
        """Step over a word or sign if it is next."""
        if self.kind in ("word", "sign") and self.found in words:
            self.step()
            return True
        return False

    def wants(self, word: str) -> None:
        """Step over a word or sign that must be next."""
        if not self.takes(word):
            raise self.refused()

    def either(self) -> _Node:
        """Terms joined by `or`."""
        return self._joined("or", lambda: self._joined("and", self._negated))

    def _joined(self, word: str, part: Callable[[], _Node]) -> _Node:
        found = [part()]
        while self.takes(word):
            found.append(part())
        return found[0] if len(found) == 1 else _Joined(word, tuple(found))

    def _negated(self) -> _Node:
        self._depth += 1
        if self._depth > 30:
            raise NotCarriedError("its condition is nested too deeply")
        inverted = self._text[self._at - 1 : self._at] == "~"
        if self.takes("not"):
            if inverted and self.found != "(":  # in Python, `~x > 5` is `(~x) > 5`
                raise self.refused()
            found: _Node = _Opposite(self._negated())
        elif self.takes("("):
            found = self.either()
            self.wants(")")
            if self.kind == "sign" and self.found in _SIGNS:
                raise self.refused()
        else:
            found = self._test()
        self._depth -= 1
        return found

    def _test(self) -> _Node:
        if self._language is _QUERY and self.kind == "name" and self.found.rpartition(".")[2] in _METHODS:
            return self._of_method()
        left, columns = self._value()
        if not columns:
            sign = self._sign()
            right, named = self._value()
            if not named or sign is None:
                raise self.refused()
            return self._ended(_compared(right, _TURNED.get(sign, sign), left, named))
        if sign := self._sign():
            right, named = self._value()
            return self._ended(_compared(left, sign, right, (*columns, *named)))
        return self._of_words(left, columns)

    def _of_method(self) -> _Test:
        """`column.notnull()`."""
        name, _, method = self.found.rpartition(".")
        self.step()
        self.wants("(")
        self.wants(")")
        if not name or "." in name:
            raise NotCarriedError(f"its condition calls `{method}` of something other than a column")
        opposite = {"missing": "not missing", "not missing": "missing"}[_METHODS[method]]
        return _Test((), f"{in_condition(name)} is {_METHODS[method]}", f"{in_condition(name)} is {opposite}")

    def _ended(self, found: _Test) -> _Test:
        """A comparison that is not followed by another one: `1 < x < 5`."""
        if self.kind == "sign" and self.found in _SIGNS:
            raise self.refused()
        return found

    def _of_words(self, left: str, columns: tuple[str, ...]) -> _Node:
        sql = self._language is _SQL
        if sql and self.takes("is"):
            opposite = self.takes("not")
            self.wants("null")
            test = _Test((), f"{left} is missing", f"{left} is not missing")
            return _Opposite(test) if opposite else test
        opposite = self.takes("not")
        if self.takes("in"):
            listed = self._list()
            test = _Test(columns, f"{left} in {listed}", f"{left} not in {listed}")
            if opposite:
                return _Test(columns, test.fails, test.holds, negative=True)
            return test
        if sql and self.takes("between"):
            low = self._end(">=", left, columns)
            self.wants("and")
            found = _Joined("and", (low, self._end("<=", left, columns)))
            return _Opposite(found) if opposite else found
        if opposite:
            raise self.refused()
        return _Test(columns, f"{left} = true", f"{left} = false")

    def _end(self, sign: str, left: str, columns: tuple[str, ...]) -> _Test:
        """One end of a range. Where only the other one is missing, it may still be known that a value is outside."""
        value, named = self._value()
        _refuse_texts(left, value)
        return _compared(left, sign, value, (*columns, *named))

    def _sign(self) -> str | None:
        if self.kind == "sign" and self.found in _SIGNS:
            sign = _SIGNS[self.found]
            if self.found == "=" and self._language is _QUERY:
                raise self.refused()
            self.step()
            return sign
        return None

    def _list(self) -> str:
        opening, closing = ("(", ")") if self._language is _SQL else ("[", "]")
        if self._language is _QUERY and self.found == "(":
            opening, closing = "(", ")"
        self.wants(opening)
        found = []
        while True:
            value, columns = self._value()
            if columns:
                raise self.refused()
            found.append(value)
            if not self.takes(","):
                break
        self.wants(closing)
        return f"[{', '.join(found)}]"

    def _value(self) -> tuple[str, tuple[str, ...]]:
        """A column or a value, as ours, and the columns that it is made of."""
        negative = self.takes("-")
        kind, found = self.kind, self.found
        if kind == "number" and number(found) is not None:
            self.step()
            return f"{'-' * negative}{found}", ()
        if negative:
            raise self.refused()
        if kind == "text" and found[0] in self._language.texts:
            self.step()
            if self._language is _QUERY and "'" in found[1:-1] and found[0] == "'":  # two texts of Python
                raise self.refused()
            return _as_text(found[1:-1].replace("''", "'") if self._language is _SQL else found[1:-1]), ()
        if kind == "word" and found in ("true", "false"):
            self.step()
            return found, ()
        if kind in ("name", "quoted"):
            self.step()
            if self.kind == "sign" and self.found == "(":
                raise NotCarriedError(f"its condition calls `{found}`, which ours cannot say")
            if kind == "name" and "." in found:
                raise NotCarriedError(f"its condition names `{found}`, and ours has columns of one table only")
            name = found.strip("`")
            return in_condition(name), (name,)
        raise self.refused()
