"""The commands of a shell script, also those in `$(...)`, in backticks, in `bash -c` and in functions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlgate.doctor.shell_tokens import ShellSyntaxError, unquoted
from mlgate.doctor.shell_tree import (
    AndOr,
    CaseCommand,
    Command,
    CommandList,
    FunctionCommand,
    GroupCommand,
    IfCommand,
    LoopCommand,
    Pipeline,
    SimpleCommand,
    shell_tree,
)

_SHELLS = ("bash", "sh", "dash", "zsh", "ksh")


def simple_commands(script: CommandList) -> Iterator[SimpleCommand]:
    """Every command of a script, in its order, also inside `$(...)` and `bash -c`."""
    for item in script:
        for pipeline in (item.first, *(each for _, each in item.rest)):
            for command in pipeline.commands:
                yield from _within(command)


def _within(command: Command) -> Iterator[SimpleCommand]:
    if isinstance(command, SimpleCommand):
        yield command
        for inner in _inner(command):
            yield from simple_commands(inner)
    elif isinstance(command, FunctionCommand):
        yield from _within(command.body)
    else:
        yield from (each for body, _ in nested_lists(command) for each in simple_commands(body))


def nested_lists(command: Command) -> Iterator[tuple[CommandList, bool]]:
    """The lists of commands that a compound command has, each with whether it is a condition."""
    if isinstance(command, GroupCommand):
        yield command.body, False
    elif isinstance(command, LoopCommand):
        yield command.condition or (), True
        yield command.body, False
    elif isinstance(command, CaseCommand):
        yield from ((body, False) for body in command.bodies)
    elif isinstance(command, IfCommand):
        for condition, body in command.branches:
            yield condition or (), True
            yield body, False


def _inner(command: SimpleCommand) -> Iterator[CommandList]:
    """The scripts inside a command: what `$(...)`, backticks and `bash -c` run."""
    for text in (*substituted(command), *([given] if (given := given_script(command)) else [])):
        try:
            yield at_line(shell_tree(text), command.line)
        except ShellSyntaxError as error:
            raise ShellSyntaxError(str(error), command.line) from error


def substituted(command: SimpleCommand) -> Iterator[str]:
    """The scripts in `$(...)` and backticks of a command."""
    for word in command.words:
        if "'" not in word[:1]:
            place = 0
            while (place := word.find("$(", place)) >= 0:
                end = _closing(word, place + 1)
                if not word.startswith("$((", place):
                    yield word[place + 2 : end]
                place = end
            yield from re.findall(r"`([^`]*)`", word)


def _closing(word: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(word)):
        depth += (word[place] == "(") - (word[place] == ")")
        if depth == 0:
            return place
    return len(word)


def given_script(command: SimpleCommand) -> str:
    """The script that `bash -c` or `eval` is given; empty for another command."""
    plain = [unquoted(word) for word in command.words]
    if plain[:1] == ["eval"]:
        return " ".join(plain[1:])
    shells = [place for place, word in enumerate(plain) if word.rpartition("/")[2] in _SHELLS]
    for place in range(shells[0] + 1, len(plain) - 1) if shells else ():
        if re.fullmatch(r"-[a-z]*c", plain[place]):
            return plain[place + 1]
    return ""


def at_line(script: CommandList, line: int) -> CommandList:
    """A script whose commands are all in one line: that of the command that runs it."""

    def pipeline(of: Pipeline) -> Pipeline:
        return Pipeline(tuple(map(command, of.commands)), of.negated)

    def command(of: Command) -> Command:
        if isinstance(of, SimpleCommand):
            return SimpleCommand(of.words, line)
        if isinstance(of, GroupCommand):
            return GroupCommand(at_line(of.body, line), of.subshell)
        if isinstance(of, LoopCommand):
            return LoopCommand(of.condition and at_line(of.condition, line), at_line(of.body, line))
        if isinstance(of, CaseCommand):
            return CaseCommand(tuple(at_line(body, line) for body in of.bodies), of.otherwise)
        if isinstance(of, FunctionCommand):
            return FunctionCommand(of.name, command(of.body))
        return IfCommand(tuple((test and at_line(test, line), at_line(body, line)) for test, body in of.branches))

    return tuple(
        AndOr(pipeline(item.first), tuple((sign, pipeline(each)) for sign, each in item.rest), item.background)
        for item in script
    )
