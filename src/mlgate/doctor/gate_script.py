"""The gate in a script of a workflow: whether its exit code becomes that of the step, and what its options say."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import SystemReading
from mlgate.doctor.gate_command import arguments_of_gate, installs_any_version, runs_code_of_the_change
from mlgate.doctor.shell_outcome import LostFailure, ShellSettings, lost_failure
from mlgate.doctor.shell_tokens import ShellSyntaxError, unquoted
from mlgate.doctor.shell_tree import AndOr, Command, CommandList, Pipeline, SimpleCommand, shell_tree
from mlgate.doctor.shell_walk import nested_lists, simple_commands
from mlgate.reading.strict_yaml import Scalar

PLAIN_SHELLS = ("bash", "sh", "dash", "zsh", "ksh")
_MENTIONS = re.compile(r"\bmlgate\b[^\n|;&]*\bcheck\b|\$\{?[A-Za-z_]*mlgate[A-Za-z_]*\}?[\"']?\s+check\b", re.I)
_ALONE = re.compile(r"[^\n;&|<>]*\bmlgate(\.exe)?\s+check\b[^\n;&|]*\n?")
PIPE = "pipe-without-pipefail"
_QUIET = ("true", ":")
_MOST_SCRIPTS = 5


@dataclass(frozen=True)
class Script:
    """A script of a workflow, or a file that one runs."""

    text: str
    file: str
    line: int
    """The line of the file in which it begins."""
    settings: ShellSettings
    shell: str = "bash"
    folder: str = ""
    """Where it runs, from the top of the repository."""
    places: tuple[tuple[str, int], ...] = ()
    """The file and line of each of its lines, where they are not those that follow the first."""
    depth: int = 0

    def at(self, line: int) -> tuple[str, int]:
        """The place of one of its lines in a file."""
        if self.places:
            return self.places[min(line, len(self.places)) - 1]
        return self.file, self.line + line - 1


@dataclass(frozen=True)
class GateCall:
    """A command that is the gate, with its arguments."""

    at: tuple[str, int]
    arguments: tuple[str, ...]


def script_in(node: Scalar, settings: ShellSettings, shell: str = "bash", folder: str = "") -> Script:
    """The script in a value of a workflow."""
    literal = node.source.startswith("|")
    lines = node.text.rstrip("\n").count("\n") + 1
    folded = ((node.at.file, node.at.line),) * lines if lines > 1 and not literal else ()
    return Script(node.text, node.at.file, node.at.line + literal, settings, shell, folder, folded)


def joined(scripts: Sequence[Script]) -> Script | None:
    """Several scripts as one, for a shell that runs one after the other; None for no script."""
    if not scripts:
        return None
    text = "".join(f"{each.text.rstrip(chr(10))}\n" for each in scripts)
    lines = [(each, line) for each in scripts for line in range(each.text.rstrip("\n").count("\n") + 1)]
    return replace(scripts[0], text=text, places=tuple(each.at(line + 1) for each, line in lines))


def gate_calls(script: Script, checkout: Checkout, reading: SystemReading) -> list[GateCall]:
    """The gates of a script, also those in files of the repository that it runs; what is weak there is noted."""
    if script.shell not in PLAIN_SHELLS:
        return _in_another_shell(script, reading)
    try:
        tree = shell_tree(script.text)
        commands = list(simple_commands(tree))
    except ShellSyntaxError as error:
        return _not_followed(script, error, reading)
    calls: list[GateCall] = []
    running: list[SimpleCommand] = []
    for command in commands:
        arguments = arguments_of_gate(command.words)
        own = [] if arguments is None else [GateCall(script.at(command.line), arguments)]
        own += _in_files(command, script, checkout, reading) if arguments is None else []
        if own:
            running.append(command)
            calls += own
        if installs_any_version(command.words):
            said = "installs whatever version of mlgate is newest, so the gate can change without a change here"
            remedy = "write the version that you trust: mlgate==VERSION"
            reading.add("unpinned-install", script.at(command.line), said, remedy)
    for command in running:
        _look_at(command, tree, script, running, reading)
    if running:
        note_code_before(commands[: commands.index(running[0])], script, reading)
    return calls


def note_code_before(commands: Sequence[SimpleCommand], script: Script, reading: SystemReading) -> None:
    """Note the commands before the gate that run what the change brings along."""
    for command in commands:
        if runs_code_of_the_change(command.words):
            said = f"`{' '.join(command.words)[:60]}` runs code of the change, which can alter the gate after it"
            remedy = "run the gate in a job of its own, which gets the files that it judges as an artifact"
            reading.add("code-of-the-change", script.at(command.line), said, remedy)


def note_code(script: Script, reading: SystemReading) -> None:
    """Note the commands of a script without a gate, which runs before one."""
    if script.shell in PLAIN_SHELLS:
        with contextlib.suppress(ShellSyntaxError):
            note_code_before(list(simple_commands(shell_tree(script.text))), script, reading)


def _in_another_shell(script: Script, reading: SystemReading) -> list[GateCall]:
    """PowerShell and others end as their last command does, so the gate must be the only one."""
    if not _MENTIONS.search(script.text):
        return []
    if not _ALONE.fullmatch(script.text.strip()):
        said = f"the gate stands among other commands for `{script.shell}`, whose exit codes cannot be followed here"
        reading.add("exit-code-lost", script.at(1), said, "run `mlgate check` alone in a step of its own")
    words = script.text.split()
    return [GateCall(script.at(1), arguments_of_gate(words) or ())]


def _not_followed(script: Script, error: ShellSyntaxError, reading: SystemReading) -> list[GateCall]:
    """The gates of a script that is not understood, as far as its words show them."""
    found = list(_MENTIONS.finditer(script.text))
    if found:
        _not_understood(script, error, reading)
    rest = [script.text[each.end() :].partition("\n")[0].split() for each in found]
    lines = [script.text[: each.start()].count("\n") + 1 for each in found]
    return [GateCall(script.at(line), tuple(words)) for line, words in zip(lines, rest)]


def _not_understood(script: Script, error: ShellSyntaxError, reading: SystemReading) -> None:
    said = f"this script runs the gate and cannot be followed: {error}"
    reading.add("unreadable", script.at(error.line), said, "run `mlgate check` alone in a step of its own")


def _look_at(
    gate: SimpleCommand, tree: CommandList, script: Script, running: list[SimpleCommand], reading: SystemReading
) -> None:
    """Note where the exit code of a gate is lost, or the gate does not run."""
    at = script.at(gate.line)
    try:
        lost = lost_failure(tree, gate, script.settings, lambda command: command in running)
    except ShellSyntaxError as error:
        _not_understood(script, error, reading)
        return
    if lost and not lost.ran:
        said = "the script can end with 0 without running the gate"
        reading.add("gate-skipped", at, said, "run `mlgate check` without a condition before it")
    elif lost:
        reading.add(*_why_lost(lost, tree, script, at))
    elif quiet := _followed_by(gate, tree):
        said = f"`{quiet}` follows the gate on its line and hides its exit code in a shell that does not stop at errors"
        reading.add("exit-code-lost", at, said, f"remove `; {quiet}`")


def _why_lost(
    lost: LostFailure, tree: CommandList, script: Script, at: tuple[str, int]
) -> tuple[str, tuple[str, int], str, str]:
    """How the exit code is lost, as the arguments of `add`."""
    kind, why, remedy = _cause(tree, lost.command) or ("", "", "")
    if kind == PIPE and lost.pipefail:
        kind = ""
    if not kind and not lost.errexit:
        off = bool(re.search(r"\bset \+[a-z]*e|\bset \+o errexit", script.text))
        kind = "set-plus-e" if off else "exit-code-lost"
        why = (
            "after `set +e` the script goes on" if off else "the shell does not stop at errors, and the script goes on"
        )
        remedy = "write `set -e` before it, or run `mlgate check` as the last command"
    if not kind:
        kind, why, remedy = "exit-code-lost", "the commands after it decide how the script ends", "let it be the last"
    return kind, at, f"the exit code of the gate is lost: {why}", remedy


def _cause(tree: CommandList, gate: SimpleCommand) -> tuple[str, str, str] | None:
    """What around a gate takes its exit code, from the outside in."""
    for item in tree:
        for place, pipeline in enumerate((item.first, *(each for _, each in item.rest))):
            for position, command in enumerate(pipeline.commands):
                if gate in simple_commands((AndOr(Pipeline((command,))),)):
                    return _around(item, place, pipeline, position, command, gate) or _inside(command, gate)
    return None


def _around(
    item: AndOr, place: int, pipeline: Pipeline, position: int, command: Command, gate: SimpleCommand
) -> tuple[str, str, str] | None:
    if item.background:
        return "exit-code-lost", "`&` starts it in the background", "remove the `&`"
    if following := next((each for sign, each in item.rest[place:] if sign == "||"), None):
        named = _first_word(following)
        return "exit-code-lost", f"`|| {named}` takes its place", f"remove `|| {named}`"
    if pipeline.negated:
        return "exit-code-lost", "`!` turns it around", "remove the `!`"
    if position < len(pipeline.commands) - 1:
        named = _first_word(Pipeline(pipeline.commands[position + 1 :]))
        why = f"it is piped into `{named}`, and the shell has no `pipefail`"
        return PIPE, why, "write `set -o pipefail` before it, or `--report` instead of the pipe"
    if item.rest[place:]:
        return "exit-code-lost", "`&&` follows it, and then further commands", "put what follows on a line of its own"
    if isinstance(command, SimpleCommand) and command != gate:
        return "exit-code-lost", f"`{command.words[0]}` runs it and ends by itself", "run it as a command of its own"
    return None


def _inside(command: Command, gate: SimpleCommand) -> tuple[str, str, str] | None:
    for body, condition in nested_lists(command):
        if gate in simple_commands(body):
            if condition and not _cause(body, gate):
                why = "it is a condition, and the script goes on where it fails"
                return "exit-code-lost", why, "run it as a command of its own"
            return _cause(body, gate)
    return None


def _first_word(pipeline: Pipeline) -> str:
    command = next(iter(simple_commands((AndOr(pipeline),))), None)
    return command.words[0] if command and command.words else "..."


def _followed_by(gate: SimpleCommand, tree: CommandList) -> str:
    """`true`, `:` or `exit 0` after the gate on its line; empty for anything else."""
    commands = list(simple_commands(tree))
    place = commands.index(gate)
    after = next((each for each in commands[place + 1 : place + 2] if each.line == gate.line), None)
    said = " ".join(after.words) if after else ""
    return said if said in (*_QUIET, "exit 0") and any(_ends_with(item, gate) for item in tree) else ""


def _ends_with(item: AndOr, gate: SimpleCommand) -> bool:
    return item == AndOr(Pipeline((gate,)))


def _in_files(command: SimpleCommand, script: Script, checkout: Checkout, reading: SystemReading) -> list[GateCall]:
    """The gates in the files that a command runs: a shell script, or targets of a Makefile."""
    if script.depth >= _MOST_SCRIPTS:
        return []
    words = [unquoted(word) for word in command.words]
    found: list[GateCall] = []
    for inner in (*_script_file(words, script, checkout), *_recipes(words, script, checkout, reading)):
        if _MENTIONS.search(inner.text) or inner.depth < 2:
            inside = gate_calls(replace(inner, depth=script.depth + 1), checkout, reading)
            if inside and inner.file not in reading.files:
                reading.files.append(inner.file)
            found += inside
    return found


def _script_file(words: list[str], script: Script, checkout: Checkout) -> Iterator[Script]:
    flags = [word for word in words[1:3] if re.fullmatch(r"-[a-z]+", word)]
    rest = [word for word in words if word not in flags]
    runs = rest[:1] and rest[0].rpartition("/")[2] in (*PLAIN_SHELLS, "source", ".")
    name = rest[1] if runs and rest[1:] else rest[0] if rest and "/" in rest[0] else ""
    path = posixpath.normpath(posixpath.join(script.folder, name)) if name else ""
    if not path or path.startswith(("..", "/")):
        return
    text = checkout.text(path)
    if text is None or not (name.endswith((".sh", ".bash")) or text.startswith("#!") or runs):
        return
    first = text.partition("\n")[0]
    by_first = first.startswith("#!") and not runs
    errexit = bool(re.search(r"\s-[a-z]*e", first)) if by_first else any("e" in flag for flag in flags)
    sourced = rest[0] in ("source", ".")
    shell = "bash" if not first.startswith("#!") or re.search(r"\b(ba|da|z|k)?sh\b", first) else first[2:].strip()
    yield Script(text, path, 1, script.settings if sourced else ShellSettings(errexit, False), shell)


def _recipes(words: list[str], script: Script, checkout: Checkout, reading: SystemReading) -> Iterator[Script]:
    """The lines of the targets that `make` is asked for, each a script of its own."""
    if words[:1] != ["make"]:
        return
    path = posixpath.normpath(posixpath.join(script.folder, "Makefile"))
    text = checkout.text(path) or ""
    ignoring = [word for word in words if word in ("-i", "-k", "-ik", "--ignore-errors", "--keep-going")]
    for number, line in _lines_of(text, [word for word in words[1:] if not word.startswith("-") and "=" not in word]):
        recipe = line.lstrip("@+-\t ")
        if not _MENTIONS.search(recipe):
            continue
        if "-" in line[: len(line) - len(recipe)] or ignoring:
            said = "`make` goes on where the gate fails"
            reading.add("exit-code-lost", (path, number), said, "remove the `-` before the command, and `-i`")
        yield Script(recipe.replace("$$", "$"), path, number, ShellSettings(False, False))


def _lines_of(text: str, targets: list[str]) -> Iterator[tuple[int, str]]:
    """The recipe lines of some targets of a Makefile, or of the first one, and of what these require."""
    lines = text.split("\n")
    rules: dict[str, tuple[int, list[str]]] = {}
    for number, line in enumerate(lines):
        if found := re.match(r"([A-Za-z0-9_./-][A-Za-z0-9_./ -]*):(?!=)([^#]*)", line):
            for name in found[1].split():
                rules.setdefault(name, (number, found[2].split()))
    waiting = targets or [name for name in rules if not name.startswith(".")][:1]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in rules:
            continue
        seen.add(name)
        number, needed = rules[name]
        waiting += needed
        for place in range(number + 1, len(lines)):
            if lines[place] and not lines[place].startswith(("\t", "#")):
                break
            if lines[place].startswith("\t"):
                yield place + 1, lines[place]
