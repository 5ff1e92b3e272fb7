"""A shell script as a tree: lists of pipelines of commands, with the compound commands of POSIX sh and bash."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.doctor.shell_tokens import REDIRECTS, ShellSyntaxError, ShellToken, shell_tokens

MOST_NESTED = 40


@dataclass(frozen=True)
class SimpleCommand:
    """Words as they are written."""

    words: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class GroupCommand:
    """`{ ... }` or `( ... )`."""

    body: CommandList
    subshell: bool


@dataclass(frozen=True)
class IfCommand:
    """Conditions with what follows each; the last may have no condition."""

    branches: tuple[tuple[CommandList | None, CommandList], ...]


@dataclass(frozen=True)
class LoopCommand:
    """`for`, `while` or `until`."""

    condition: CommandList | None
    body: CommandList


@dataclass(frozen=True)
class CaseCommand:
    """The bodies of a `case`, of which one runs, or none."""

    bodies: tuple[CommandList, ...]
    otherwise: bool
    """Whether `*)` takes all that is left."""


@dataclass(frozen=True)
class FunctionCommand:
    """The definition of a function."""

    name: str
    body: Command


Command = SimpleCommand | GroupCommand | IfCommand | LoopCommand | CaseCommand | FunctionCommand


@dataclass(frozen=True)
class Pipeline:
    """Commands that are joined by `|`."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True)
class AndOr:
    """Pipelines that are joined by `&&` and `||`."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...] = ()
    background: bool = False


CommandList = tuple[AndOr, ...]

_ENDS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})


def shell_tree(script: str) -> CommandList:
    """The tree of a script. Raises ShellSyntaxError where it is not understood."""
    parser = _Parser(shell_tokens(script))
    found = parser.commands()
    if parser.token is not None:
        raise ShellSyntaxError(f"`{parser.token.text}` is not understood", parser.token.line)
    return found


@dataclass
class _Parser:
    tokens: tuple[ShellToken, ...]
    place: int = 0
    depth: int = 0

    @property
    def token(self) -> ShellToken | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _is(self, *texts: str, operator: bool) -> bool:
        token = self.token
        return token is not None and token.operator == operator and token.text in texts

    def _take(self) -> ShellToken:
        token = self.token
        if token is None:
            raise ShellSyntaxError("the script ends too early", self.tokens[-1].line if self.tokens else 1)
        self.place += 1
        return token

    def _expect(self, text: str, *, operator: bool = False) -> None:
        token = self._take()
        if token.text != text or token.operator != operator:
            raise ShellSyntaxError(f"`{token.text}` stands where `{text}` is required", token.line)

    def _lines(self) -> None:
        while self._is("\n", ";", operator=True):
            self.place += 1

    def commands(self) -> CommandList:
        """The commands up to a word or sign that ends them."""
        found: list[AndOr] = []
        self._lines()
        while self.token and not self._is(*_ENDS, operator=False) and not self._is(")", ";;", ";&", operator=True):
            found.append(self._and_or())
            if not self._is("\n", ";", operator=True):
                break
            self._lines()
        return tuple(found)

    def _and_or(self) -> AndOr:
        first, rest = self._pipeline(), []
        while self._is("&&", "||", operator=True):
            sign = self._take().text
            self._lines()
            rest.append((sign, self._pipeline()))
        background = self._is("&", operator=True)
        if background:  # it also ends the command
            here = self._take()
            self.tokens = (
                *self.tokens[: self.place],
                ShellToken(";", here.line, operator=True),
                *self.tokens[self.place :],
            )
        return AndOr(first, tuple(rest), background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._is("!", "time", operator=False):
            negated ^= self._take().text == "!"
        commands = [self._command()]
        while self._is("|", "|&", operator=True):
            self._take()
            self._lines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise ShellSyntaxError("it is nested too deeply", self.token.line if self.token else 1)
        compound = self._compound()
        self.depth -= 1
        if compound is None:
            return self._simple()
        self._redirects()
        return compound

    def _compound(self) -> Command | None:
        if self._is("(", operator=True):
            self._take()
            body = self.commands()
            self._expect(")", operator=True)
            return GroupCommand(body, subshell=True)
        if self._is("{", operator=False):
            self._take()
            body = self.commands()
            self._expect("}")
            return GroupCommand(body, subshell=False)
        if self._is("if", operator=False):
            return self._if()
        if self._is("while", "until", operator=False):
            self._take()
            condition = self.commands()
            return LoopCommand(condition, self._done())
        if self._is("for", "select", operator=False):
            self._take()
            while self.token and not self._is("do", operator=False):
                self._take()
            return LoopCommand(None, self._done())
        if self._is("case", operator=False):
            return self._case()
        return self._function()

    def _done(self) -> CommandList:
        self._expect("do")
        body = self.commands()
        self._expect("done")
        return body

    def _if(self) -> IfCommand:
        branches: list[tuple[CommandList | None, CommandList]] = []
        self._take()
        condition: CommandList | None = self.commands()
        self._expect("then")
        branches.append((condition, self.commands()))
        while self._is("elif", "else", operator=False):
            condition = None
            if self._take().text == "elif":
                condition = self.commands()
                self._expect("then")
            branches.append((condition, self.commands()))
        self._expect("fi")
        return IfCommand(tuple(branches))

    def _case(self) -> CaseCommand:
        while not self._is("in", operator=False):
            self._take()
        self._take()
        self._lines()
        bodies, otherwise = [], False
        while not self._is("esac", operator=False):
            pattern = []
            while not self._is(")", operator=True):
                pattern.append(self._take().text)
            self._take()
            otherwise |= "*" in pattern
            bodies.append(self.commands())
            if self._is(";;", ";&", ";;&", operator=True):
                self._take()
            self._lines()
        self._take()
        return CaseCommand(tuple(bodies), otherwise)

    def _function(self) -> FunctionCommand | None:
        following = self.tokens[self.place + 1 : self.place + 3]
        plain = [each.text for each in following if each.operator] == ["(", ")"]
        if not plain and not self._is("function", operator=False):
            return None
        if self._is("function", operator=False):
            self._take()
        name = self._take().text
        if self._is("(", operator=True):
            self._take()
            self._expect(")", operator=True)
        self._lines()
        return FunctionCommand(name, self._command())

    def _simple(self) -> SimpleCommand:
        words: list[str] = []
        start, line = self.place, self.token.line if self.token else 1
        test = self._is("[[", operator=False)
        while token := self.token:
            if token.operator and token.text in REDIRECTS and not test:
                if words and words[-1].isdecimal() and token.joined:
                    words.pop()  # the number of a stream, as in 2>&1
                self._redirects()
            elif token.operator and not test:
                break
            else:
                words.append(self._take().text)
            if test and token.text == "]]":
                break
        if self.place == start:
            text = self.token.text.strip() if self.token else ""
            raise ShellSyntaxError(f"a command is missing before `{text or 'the end'}`", line)
        return SimpleCommand(tuple(words), line)

    def _redirects(self) -> None:
        while self.token and self.token.operator and self.token.text in REDIRECTS:
            self._take()
            if self.token and not self.token.operator:
                self._take()
