"""Reads a condition by recursive descent.

condition = "if" condition "then" condition ["else" condition] | and-terms joined by "or"
and-term  = ["not"] test, joined by "and"
test      = sum [sign sum | ["not"] "in" list | ["not"] "between" sum "and" sum | "is" ["not"] "missing"]
sum       = products joined by + and -; product = factors joined by * and /
factor    = "-" factor | number | text | date | true | false | column | function(...) | "(" condition ")"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from mlgate.checks.expressions import tree
from mlgate.checks.expressions.tokens import ConditionError, Token, tokens
from mlgate.checks.expressions.tree import Part
from mlgate.reading.fields import number
from mlgate.values.words import counted, did_you_mean

MOST_DEPTH = 30
"""How deep parentheses, `not` and the like may be nested."""
MOST_LEVELS = 100
"""How deep its tree may be: a + b + c has two levels of sums."""
MOST_OPERATIONS = 12
"""How deep arithmetic may be: the engine takes very long to plan sums of more terms."""
FUNCTIONS_TAKE: Mapping[str, int] = MappingProxyType({"days": 2, "length": 1, "abs": 1, "number": 1, "date": 1})
"""The functions of the language, and how many values each takes."""
COMPARING = ("=", "!=", "<", "<=", ">", ">=")


def parse_condition(text: str) -> Part:
    """The tree of a condition. Raises ConditionError for what is not one."""
    reader = _Reader(tokens(text))
    found = reader.condition()
    if reader.next.kind != "end":
        raise ConditionError(reader.next.at, reader.surplus())
    _require_shallow(found)
    if not any(isinstance(part, tree.NamedColumn) for part in found.every):
        raise ConditionError(0, "it names no column, so it is the same for all rows; name one")
    return found


def _require_shallow(found: Part) -> None:
    _require_levels(found, MOST_LEVELS)
    for part in found.every:
        if isinstance(part, tree.Arithmetic):
            _require_levels(part, MOST_OPERATIONS + 1)


def _require_levels(found: Part, most: int) -> None:
    left, levels = [found], 0
    while left:
        levels += 1
        if levels > most:
            raise ConditionError(left[0].at, f"it has more than {most} levels; split it into several conditions")
        left = [part for each in left for part in each.below]


@dataclass
class _Reader:
    """The tokens of a condition, and how far they are read."""

    found: tuple[Token, ...]
    position: int = 0
    depth: int = 0

    @property
    def next(self) -> Token:
        return self.found[self.position]

    def take(self) -> Token:
        """The next token, which is then read."""
        token = self.next
        self.position += 1
        return token

    def takes(self, *texts: str) -> Token | None:
        """The next word or sign if it is one of some, which is then read."""
        return self.take() if self.next.kind in ("word", "sign") and self.next.text in texts else None

    def require(self, text: str, after: str) -> Token:
        """The next word or sign, which must be a certain one."""
        token = self.takes(text)
        if token is None:
            raise ConditionError(self.next.at, f"`{text}` is missing {after}, before {self.next}; add it")
        return token

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level deeper. Raises ConditionError for one too many."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ConditionError(self.next.at, f"it is nested more than {MOST_DEPTH} levels deep; split it")
        yield
        self.depth -= 1

    def surplus(self) -> str:
        """Why what follows a whole condition does not belong to it."""
        token = self.next
        if token.kind == "sign" and token.text in COMPARING:
            return "a value is compared twice; join two comparisons by `and`"
        if token.kind == "sign" and token.text in ")]":
            return f"`{token.text}` closes nothing; remove it, or open it before"
        return f"{token} does not follow from what is before it; join conditions by `and` or `or`"

    def condition(self) -> Part:
        """`if ... then ...`, or an or-term."""
        with self.deeper():
            start = self.takes("if")
            if start is None:
                return self.joined("or", lambda: self.joined("and", self.negated))
            condition = self.condition()
            self.require("then", "after the condition of `if`")
            demanded = self.condition()
            return tree.Implication(start.at, condition, demanded, self.condition() if self.takes("else") else None)

    def joined(self, word: str, term: Callable[[], Part]) -> Part:
        """Terms that are joined by a word."""
        return self.chain(term, lambda sign, left, right: tree.Connection(sign.at, word, left, right), word)

    def chain(self, term: Callable[[], Part], join: Callable[[Token, Part, Part], Part], *signs: str) -> Part:
        """Terms that are joined by signs, from left to right."""
        left = term()
        while sign := self.takes(*signs):
            left = join(sign, left, term())
        return left

    def negated(self) -> Part:
        """`not` and what it negates, or a test."""
        start = self.takes("not")
        if start is None:
            return self.test()
        with self.deeper():
            return tree.Negation(start.at, self.negated())

    def test(self) -> Part:
        """A value that is compared, or a value."""
        left = self.sum()
        if sign := self.takes(*COMPARING):
            return tree.Relation(sign.at, sign.text, left, self.sum())
        if sign := self.takes("is"):
            return self.missing(left, sign)
        negated = self.takes("not")
        if sign := self.takes("in"):
            found: Part = tree.Membership(sign.at, left, self.list())
        elif sign := self.takes("between"):
            low = self.sum()
            self.require("and", "between the two ends of `between`")
            found = tree.InRange(sign.at, left, low, self.sum())
        elif negated:
            raise ConditionError(negated.at, "`not` does not follow a value; write `not in`, `not between` or `!=`")
        else:
            return left
        return tree.Negation(negated.at, found) if negated else found

    def missing(self, left: Part, sign: Token) -> Part:
        """`is missing` or `is not missing`, of a column."""
        negated = self.takes("not")
        if not self.takes("missing"):
            raise ConditionError(self.next.at, "`is` asks only for missing values; write `is missing`, or `=`")
        if not isinstance(left, tree.NamedColumn):
            raise ConditionError(left.at, "only a column can be missing; write a column before `is`")
        found = tree.IsMissing(sign.at, left)
        return tree.Negation(negated.at, found) if negated else found

    def list(self) -> tuple[Part, ...]:
        """`[a, b, c]`."""
        start = self.require("[", "after `in`")
        if self.takes("]"):
            raise ConditionError(start.at, "the list after `in` is empty; add a value")
        found = [self.sum()]
        while self.takes(","):
            found.append(self.sum())
        self.require("]", "at the end of the list")
        return tuple(found)

    def sum(self) -> Part:
        """Products that are added and subtracted."""
        return self.arithmetic(lambda: self.arithmetic(self.factor, "*", "/"), "+", "-")

    def arithmetic(self, term: Callable[[], Part], *signs: str) -> Part:
        """Terms that are joined by signs of arithmetic."""
        return self.chain(term, lambda sign, left, right: tree.Arithmetic(sign.at, sign.text, left, right), *signs)

    def factor(self) -> Part:
        """A single value, a function, or a condition in parentheses."""
        token = self.take()
        with self.deeper():
            if token.kind == "sign" and token.text == "-":
                return tree.Negative(token.at, self.factor())
            if token.kind == "sign" and token.text == "(":
                found = self.condition()
                self.require(")", "at the end of what `(` opens")
                return found
            if token.kind == "name":
                return self.called(token) if self._calls(token) else tree.NamedColumn(token.at, token.text)
            return _value(token)

    def _calls(self, token: Token) -> bool:
        return self.next.kind == "sign" and self.next.text == "("

    def called(self, token: Token) -> Part:
        """A function with its arguments."""
        if token.text not in FUNCTIONS_TAKE:
            known = did_you_mean(token.text, FUNCTIONS_TAKE) or f"; there are {', '.join(FUNCTIONS_TAKE)}"
            raise ConditionError(token.at, f"there is no function `{token.text}`{known}")
        self.take()
        given = [] if self.takes(")") else [self.sum()]
        while given and self.takes(","):
            given.append(self.sum())
        if given:
            self.require(")", f"at the end of `{token.text}(...)`")
        takes = FUNCTIONS_TAKE[token.text]
        if len(given) != takes:
            raise ConditionError(token.at, f"`{token.text}` takes {counted(takes, 'value')}, not {len(given)}")
        return tree.Called(token.at, token.text, tuple(given))


def _value(token: Token) -> Part:
    if token.kind == "number" and (exact := number(token.text)) is not None:
        return tree.LiteralNumber(token.at, exact, token.text)
    if token.kind == "text":
        return tree.LiteralText(token.at, token.text)
    if token.kind == "moment":
        return tree.LiteralMoment(token.at, token.text)
    if token.kind == "word" and token.text in ("true", "false"):
        return tree.LiteralTruth(token.at, token.text == "true")
    if token.kind == "word" and token.text == "if":
        raise ConditionError(token.at, "`if` inside another condition needs parentheses; add them")
    raise ConditionError(token.at, f"a value is expected, not {token}; write a column, a number, a date or a text")
