"""How a script ends when one of its commands fails and all others do what hides it best.

The script is performed in mind: the command fails the first time that it runs, and each other command succeeds, or
fails where a condition or `&&` asks for it. All ways through the script are tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from mlgate.doctor.shell_tokens import ShellSyntaxError, unquoted
from mlgate.doctor.shell_tree import (
    AndOr,
    CaseCommand,
    Command,
    CommandList,
    GroupCommand,
    IfCommand,
    LoopCommand,
    Pipeline,
    SimpleCommand,
    shell_tree,
)
from mlgate.doctor.shell_walk import at_line, given_script, substituted

MOST_WAYS, MOST_STEPS, MOST_CALLS = 256, 20_000, 10
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*|\?)\}?")
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEEPING = ("local", "export", "declare", "readonly", "typeset")
IsGate = Callable[[SimpleCommand], bool]
"""Whether a command runs the gate."""
Code = int | None
"""The exit code of a command, or the value of a variable that holds one; None for one that is not known."""


@dataclass(frozen=True)
class ShellSettings:
    """What a shell does when a command fails."""

    errexit: bool
    """Whether the script ends, as after `set -e`."""
    pipefail: bool
    """Whether a pipeline fails with each of its commands."""


@dataclass(frozen=True)
class LostFailure:
    """A way through a script that ends with 0 although the gate failed or never ran."""

    command: SimpleCommand
    ran: bool
    """Whether the gate ran on this way."""
    errexit: bool
    """Whether the script would end at an error where the gate ran."""
    pipefail: bool
    """Whether a pipeline failed with each of its commands there."""


class _Exit(Exception):  # noqa: N818 - it is how the script ends
    def __init__(self, code: Code) -> None:
        self.code = code


class _Return(Exception):  # noqa: N818 - it is how a function ends
    def __init__(self, code: Code) -> None:
        self.code = code


def lost_failure(
    script: CommandList, gate: SimpleCommand, settings: ShellSettings, is_gate: IsGate
) -> LostFailure | None:
    """A way through the script on which the gate fails or does not run and the script ends with 0; None if there is
    none. Raises ShellSyntaxError where there are too many ways.
    """
    choices: list[bool] = []
    for _ in range(MOST_WAYS):
        way = _Way(gate, is_gate, settings.errexit, settings.pipefail, list(choices))
        code = way.perform(script)
        if not code and (way.ran or not way.others):
            return LostFailure(gate, way.ran, way.errexit_at_gate, way.pipefail_at_gate)
        choices = way.taken
        while choices and choices[-1]:
            choices.pop()
        if not choices:
            return None
        choices[-1] = True
    raise ShellSyntaxError("the script has too many conditions", gate.line)


@dataclass
class _Way:
    """One way through a script."""

    gate: SimpleCommand
    is_gate: IsGate
    errexit: bool
    pipefail: bool
    given: list[bool]
    """The choices to make, at first; all further ones are False."""
    taken: list[bool] = field(default_factory=list)
    ran: bool = False
    others: bool = False
    """Whether another command that is the gate ran."""
    errexit_at_gate: bool = True
    pipefail_at_gate: bool = True
    last: Code = 0
    parts: tuple[Code, ...] = ()
    """The codes of the last pipeline's commands."""
    waiting: Code = 0
    variables: dict[str, Code] = field(default_factory=dict)
    functions: dict[str, Command] = field(default_factory=dict)
    trapped: bool = False
    """Whether a trap ends the script with 0."""
    steps: int = 0
    calls: int = 0

    def perform(self, script: CommandList) -> Code:
        """The exit code of the whole script."""
        try:
            code = self._list(script, checked=False)
        except (_Exit, _Return) as end:
            code = end.code
        return 0 if self.trapped else code

    def _choose(self) -> bool:
        choice = self.given[len(self.taken)] if len(self.taken) < len(self.given) else False
        self.taken.append(choice)
        return choice

    def _list(self, script: CommandList, *, checked: bool) -> Code:
        """`checked` is whether what runs it looks at its code, so that an error does not end the script."""
        code: Code = 0
        for item in script:
            code = self._and_or(item, checked=checked)
        return code

    def _and_or(self, item: AndOr, *, checked: bool) -> Code:
        if item.background:
            self.waiting = self._joined(item, checked=True)
            self.last = 0
            return 0
        return self._joined(item, checked=checked)

    def _joined(self, item: AndOr, *, checked: bool) -> Code:
        code = self._pipeline(item.first, checked=checked or bool(item.rest))
        last = not item.rest
        for place, (sign, pipeline) in enumerate(item.rest, start=1):
            if (sign == "&&") == (not code):
                last = place == len(item.rest)
                code = self._pipeline(pipeline, checked=checked or not last)
            else:
                last = False
        negated = (item.rest[-1][1] if item.rest else item.first).negated
        self._ends_at_error(code, checked=checked or not last or negated)
        return code

    def _ends_at_error(self, code: Code, *, checked: bool) -> None:
        if code and self.errexit and not checked:
            raise _Exit(code)

    def _pipeline(self, pipeline: Pipeline, *, checked: bool) -> Code:
        alone = len(pipeline.commands) == 1
        codes: list[Code] = []
        for command in pipeline.commands:
            inside = checked or pipeline.negated
            if alone:
                codes.append(self._command(command, checked=inside))
            else:
                codes.append(self._apart(partial(self._command, command, checked=inside)))
        self.parts = tuple(codes)
        code = next((each for each in reversed(codes) if each), 0) if self.pipefail else codes[-1]
        self.last = int(not code) if pipeline.negated else code
        return self.last

    def _apart(self, run: Callable[[], Code]) -> Code:
        """The code of what runs in a shell of its own, whose settings and variables end with it."""
        kept = self.errexit, self.pipefail, dict(self.variables)
        try:
            return run()
        except (_Exit, _Return) as end:
            return end.code
        finally:
            self.errexit, self.pipefail, self.variables = kept

    def _command(self, command: Command, *, checked: bool) -> Code:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ShellSyntaxError("the script is too long", self.gate.line)
        if isinstance(command, SimpleCommand):
            return self._simple(command, checked=checked)
        if isinstance(command, GroupCommand):
            if not command.subshell:
                return self._list(command.body, checked=checked)
            return self._apart(partial(self._list, command.body, checked=checked))
        if isinstance(command, IfCommand):
            for condition, body in command.branches:
                if condition is None or not self._list(condition, checked=True):
                    return self._list(body, checked=checked)
            return 0
        if isinstance(command, LoopCommand):
            return self._loop(command, checked=checked)
        if isinstance(command, CaseCommand):
            return self._case(command, checked=checked)
        self.functions[command.name] = command.body
        return 0

    def _loop(self, command: LoopCommand, *, checked: bool) -> Code:
        """The body runs twice: what fails the first time succeeds the second."""
        code: Code = 0
        for _ in range(2):
            if command.condition is not None:
                self._list(command.condition, checked=True)
            code = self._list(command.body, checked=checked)
        return code

    def _case(self, command: CaseCommand, *, checked: bool) -> Code:
        for place, body in enumerate(command.bodies):
            if (command.otherwise and place == len(command.bodies) - 1) or not self._choose():
                return self._list(body, checked=checked)
        return 0

    def _simple(self, command: SimpleCommand, *, checked: bool) -> Code:
        inner: Code = 0
        for script in map(shell_tree, substituted(command)):
            # bash does not stop at errors there, whatever is set outside.
            inner = self._apart(partial(self._list, at_line(script, command.line), checked=True))
        words = list(command.words)
        assigned: dict[str, Code] = {}
        while words and (found := _ASSIGNMENT.fullmatch(words[0])):
            assigned[found[1]] = self._value(found[2])
            words.pop(0)
        if not words:
            self.variables.update(assigned)
            return inner
        return self._called(command, [unquoted(word) for word in words], checked=checked)

    def _called(self, command: SimpleCommand, words: list[str], *, checked: bool) -> Code:
        name, *given = words
        if self.is_gate(command):
            return self._gate(command, words)
        if name in self.functions and self.calls < MOST_CALLS:
            return self._function(self.functions[name], checked=checked)
        if text := given_script(command):
            return self._script(text, command, words)
        builtin = getattr(self, f"_run_{_BUILTINS[name]}", None) if name in _BUILTINS else None
        if builtin is not None:
            found: Code = builtin(given)
            return found
        if name in _KEEPING:
            for word in given:
                if found_one := _ASSIGNMENT.fullmatch(word):
                    self.variables[found_one[1]] = self._value(found_one[2])
            return 0
        if name in ("[", "[[", "test") or name.startswith("(("):
            known = self._tested(words)
            return int(self._choose()) if known is None else int(not known)
        return int(self._choose()) if checked else 0

    def _gate(self, command: SimpleCommand, words: list[str]) -> Code:
        if command != self.gate:
            self.others = True
            return 0
        code = 0 if self.ran else 1
        if not self.ran:
            self.errexit_at_gate, self.pipefail_at_gate = self.errexit, self.pipefail
        self.ran = True
        each = words[0] == "find" and words[-1] in (";", "\\;")  # find ends with 0 whatever it runs
        return 0 if each else code

    def _function(self, body: Command, *, checked: bool) -> Code:
        self.calls += 1
        try:
            return self._command(body, checked=checked)
        except _Return as end:
            return end.code
        finally:
            self.calls -= 1

    def _script(self, text: str, command: SimpleCommand, words: list[str]) -> Code:
        """What `bash -c` or `eval` runs."""
        script = at_line(shell_tree(text), command.line)
        if words[0] == "eval":
            return self._list(script, checked=False)
        flags = [word for word in words if re.fullmatch(r"-[a-z]+", word)]

        def run() -> Code:
            self.errexit, self.pipefail = any("e" in flag for flag in flags), "pipefail" in words
            return self._list(script, checked=False)

        return self._apart(run)

    def _value(self, text: str) -> Code:
        """The exit code that a text means; None for any other text."""
        plain = unquoted(text).strip()
        if plain.isdecimal():
            return int(plain)
        if plain.startswith("${PIPESTATUS[0]}"):
            return self.parts[0] if self.parts else 0
        if plain.startswith("$(("):
            values = [self.variables.get(name) for name in _NAMES.findall(plain)]
            return None if None in values else max((each or 0 for each in values), default=0)
        if found := _VARIABLE.fullmatch(plain):
            return self.last if found[1] == "?" else self.variables.get(found[1])
        if found := re.fullmatch(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?-([0-9]+)\}", plain):
            return self.variables.get(found[1], int(found[2]))
        return None

    def _tested(self, words: list[str]) -> bool | None:
        """Whether a test holds; None if this is not known."""
        if words[0].startswith("(("):
            inside = words[0].strip("() ")
            found = re.fullmatch(r"(\S+?)\s*(==|!=|>|<|>=|<=)\s*(\S+)", inside)
            if not found:
                code = self.variables.get(inside.lstrip("$"))
                return None if code is None else bool(code)
            parts = [found[1], found[2], found[3]]
        else:
            parts = [word for word in words[1:] if word not in ("]", "]]")]
        negated = parts[:1] == ["!"]
        parts = parts[1:] if negated else parts
        if len(parts) != 3:
            return None
        left, right = (self._value(f"${each}" if each in self.variables else each) for each in (parts[0], parts[2]))
        if left is None or right is None or parts[1] not in _COMPARED:
            return None
        return _COMPARED[parts[1]](left, right) != negated

    def _run_true(self, _given: list[str]) -> Code:
        return 0

    def _run_false(self, _given: list[str]) -> Code:
        return 1

    def _run_exit(self, given: list[str]) -> Code:
        raise _Exit(self._value(given[0]) if given else self.last)

    def _run_return(self, given: list[str]) -> Code:
        raise _Return(self._value(given[0]) if given else self.last)

    def _run_wait(self, given: list[str]) -> Code:
        return self.waiting if given else 0

    def _run_trap(self, given: list[str]) -> Code:
        self.trapped |= bool(given) and bool(re.search(r"\bexit 0\b", given[0]))
        return 0

    def _run_set(self, given: list[str]) -> Code:
        for place, word in enumerate(given):
            on = word.startswith("-")
            if re.fullmatch(r"[-+][a-zA-Z]+", word):
                if "e" in word:
                    self.errexit = on
                named = given[place + 1] if word.endswith("o") and place + 1 < len(given) else ""
                if named == "errexit":
                    self.errexit = on
                if named == "pipefail":
                    self.pipefail = on
        return 0


_BUILTINS = {
    ":": "true", "true": "true", "false": "false", "exit": "exit", "return": "return", "wait": "wait", "trap": "trap",
    "set": "set",
}  # fmt: skip
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "-eq": int.__eq__, "==": int.__eq__, "=": int.__eq__, "-ne": int.__ne__, "!=": int.__ne__, "-gt": int.__gt__,
    ">": int.__gt__, "-lt": int.__lt__, "<": int.__lt__, "-ge": int.__ge__, ">=": int.__ge__, "-le": int.__le__,
    "<=": int.__le__,
}  # fmt: skip
