"""The words and operators of a shell script, as POSIX sh and bash divide it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS = (";;&", "&>>", "<<<", ";;", ";&", "&&", "||", "|&", "&>", ">>", "<<-", "<<", ">&", "<&", ">|", "<>")
_SINGLE = ";&|()<>\n"
REDIRECTS = frozenset({"<", ">", ">>", "<<", "<<-", "<<<", ">&", "<&", ">|", "<>", "&>", "&>>"})
_DELIMITER = re.compile(r"\s*(\\?['\"]?)([A-Za-z_0-9.!%-]+)['\"]?")


class ShellSyntaxError(ValueError):
    """The script is not understood, at a line that counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class ShellToken:
    """A word as it is written, with its quotes, or an operator."""

    text: str
    line: int
    """From 1."""
    operator: bool = False
    joined: bool = False
    """Whether an operator follows the word before it without a blank, as in `2>&1`."""


def shell_tokens(script: str) -> tuple[ShellToken, ...]:
    """The tokens of a script without its comments and here-documents. Raises ShellSyntaxError for an open quote."""
    return tuple(_ShellReader(script).tokens())


@dataclass
class _ShellReader:
    text: str
    at: int = 0
    line: int = 1

    def tokens(self) -> Iterator[ShellToken]:
        documents: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            if self.text.startswith("\\\n", self.at):
                self._skip(2)
            elif sign in " \t\r":
                self._skip(1)
            elif sign == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text.startswith("((", self.at):
                line = self.line
                yield ShellToken(self._taken(self._nested("(", ")")), line)
            elif operator := self._operator():
                joined = self.text[self.at - 1 : self.at].isalnum()
                yield ShellToken(operator, self.line, operator=True, joined=joined)
                self._skip(len(operator))
                if operator in ("<<", "<<-") and (found := _DELIMITER.match(self.text, self.at)):
                    documents.append(found[2])
                if operator == "\n":
                    for delimiter in documents:
                        self._skip_document(delimiter)
                    documents = []
            else:
                line = self.line
                yield ShellToken(self._taken(self._word()), line)

    def _operator(self) -> str:
        if self.text[self.at : self.at + 2] in ("<(", ">("):
            return ""  # a process, which is a word
        return next((each for each in _OPERATORS if self.text.startswith(each, self.at)), "") or (
            self.text[self.at] if self.text[self.at] in _SINGLE else ""
        )

    def _skip(self, signs: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + signs)
        self.at += signs

    def _taken(self, end: int) -> str:
        found = self.text[self.at : end]
        self._skip(len(found))
        return found

    def _skip_document(self, delimiter: str) -> None:
        """Go on after the line that ends a here-document."""
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            found = self.text[self.at : end].strip()
            self._skip(end + 1 - self.at)
            if found == delimiter:
                return

    def _word(self) -> int:
        """Where the word that begins here ends."""
        at = self.at
        while at < len(self.text):
            sign = self.text[at]
            if self.text[at : at + 2] in ("<(", ">(") and at == self.at:
                at = self._closed(at + 1, "(", ")")
            elif sign in " \t\r" or sign in _SINGLE:
                break
            else:
                at = self._part(at)
        return at

    def _part(self, at: int) -> int:
        """Where a quoted text, an expansion or a single sign ends."""
        sign = self.text[at]
        if sign == "\\":
            return at + 2
        if sign == "'":
            return self._found("'", at + 1)
        if sign == '"':
            return self._quoted(at)
        if sign == "`":
            return self._found("`", at + 1)
        if self.text.startswith("${{", at):
            return self._found("}}", at + 3)
        if self.text.startswith("$(", at):
            return self._closed(at + 1, "(", ")")
        if self.text.startswith("${", at):
            return self._closed(at + 1, "{", "}")
        return at + 1

    def _quoted(self, at: int) -> int:
        at += 1
        while at < len(self.text):
            if self.text[at] == '"':
                return at + 1
            at = self._part(at) if self.text[at] != "'" else at + 1
        raise ShellSyntaxError("a quote is not closed", self.line)

    def _nested(self, opening: str, closing: str) -> int:
        return self._closed(self.at, opening, closing)

    def _closed(self, at: int, opening: str, closing: str) -> int:
        """Where what is opened at a place is closed again."""
        depth = 0
        while at < len(self.text):
            sign = self.text[at]
            if sign in (opening, closing):
                depth += 1 if sign == opening else -1
                at += 1
                if depth == 0:
                    return at
            elif sign == "#" and self.text[at - 1] in " \n\t":
                end = self.text.find("\n", at)
                at = len(self.text) if end < 0 else end
            else:
                at = self._part(at)
        raise ShellSyntaxError(f"`{opening}` is not closed", self.line)

    def _found(self, sign: str, after: int) -> int:
        end = self.text.find(sign, after)
        if end < 0:
            raise ShellSyntaxError(f"a {sign} is missing", self.line)
        return end + len(sign)


def unquoted(word: str) -> str:
    """A word without its quotes. What a variable or a command would give stays as it is written."""
    return re.sub(r"\\(.)|'([^']*)'|\"", lambda found: found[1] or found[2] or "", word)
