"""Follows the opcodes of a pickle as an unpickler would, and runs nothing: would it call something?

An unpickler calls functions on the way, also in a pickle that breaks off later. So content is a pickle as soon as an
unpickler would have called something, or comes to the end of it.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from mlgate.checks.operations.artifact_content import ArtifactContent, BrokenContentError

_OPCODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: (1, False),
    pickletools.TAKEN_FROM_ARGUMENT4: (4, True),
    pickletools.TAKEN_FROM_ARGUMENT4U: (4, False),
    pickletools.TAKEN_FROM_ARGUMENT8U: (8, False),
}
_IMPORTS = frozenset({"GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"})
_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_TWO_LINES = frozenset({"GLOBAL", "INST"})
_MEMO = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
"""They keep the top of the stack as it is."""
_PROTO = 0x80
_MOST_STEPS, _LONGEST_LINE, _LONGEST_NAME = 20_000, 1 << 20, 1_000
_MARK = object()
MOST_NAMES = 5


@dataclass
class PickleWalk:
    """What an unpickler would do from the first byte on."""

    kind: Literal["none", "pickle", "cut off"] = "none"
    """Whether it comes to the end with a value or calls something before, or is cut off; else it is not a pickle."""
    names: list[str] = field(default_factory=list)
    """The first things that it imports, as far as they are written in one place."""


class _NotPickleError(Exception):
    """Bytes at which an unpickler stops with an error."""


def walked(content: ArtifactContent) -> PickleWalk:
    """Follow the opcodes from the first byte on, until it is known what they are."""
    found, headed = PickleWalk(), content.head[:1] == bytes([_PROTO])
    walk = _Walk(content, found.names)
    try:
        for step, called in enumerate(walk.steps()):
            if called or step == _MOST_STEPS:
                found.kind = "pickle"
            if step == _MOST_STEPS:
                return found
    except _NotPickleError:
        return found
    except BrokenContentError:
        if headed and found.kind == "none":
            found.kind = "cut off"
        return found
    if headed or walk.imported or walk.at == content.size:
        found.kind = "pickle"
    return found


class _Walk:
    """An unpickler's stack, without values: marks, texts, and anything else as None."""

    def __init__(self, content: ArtifactContent, names: list[str]) -> None:
        self.content, self.names = content, names
        self.at, self.stack, self.imported = 0, list[object](), False

    def steps(self) -> Iterator[bool]:
        """For each opcode, whether it calls something. It ends after STOP."""
        while True:
            opcode = _OPCODES.get(self._take(1)[0])
            if opcode is None:
                raise _NotPickleError
            argument = self._argument(opcode)
            texts = [each for each in self.stack[-2:] if isinstance(each, str)]
            if opcode.name in _MEMO:
                if not self.stack or self.stack[-1] is _MARK:
                    raise _NotPickleError
                yield False
                continue
            self._pop(opcode)
            if opcode.name in _IMPORTS:
                self._import(opcode.name, argument, texts)
            if opcode.name == "STOP":
                self.stack.append(None)
                return
            pushed = argument if opcode.name.endswith(("UNICODE", "UNICODE8", "STRING")) else None
            after = [_MARK if each is pickletools.markobject else None for each in opcode.stack_after]
            self.stack += [pushed] if pushed is not None else after
            yield opcode.name in _CALLS and self.imported

    def _take(self, count: int) -> bytes:
        found = self.content.read(self.at, count)
        self.at += count
        return found

    def _argument(self, opcode: pickletools.OpcodeInfo) -> str | None:
        """The text of an argument that is short enough to be a name; all others are skipped."""
        if opcode.arg is None:
            return None
        if opcode.name in _TWO_LINES:
            return f"{self._line()}.{self._line()}"
        if opcode.arg.n == pickletools.UP_TO_NEWLINE:
            return self._line().strip("'\"")
        if opcode.arg.n not in _LENGTHS:
            self._take(opcode.arg.n)
            return None
        length, signed = _LENGTHS[opcode.arg.n]
        count = int.from_bytes(self._take(length), "little", signed=signed)
        if count < 0:
            raise _NotPickleError
        if count <= _LONGEST_NAME:
            return self._take(count).decode("utf-8", "replace")
        self.at += count  # whatever is read next ends too early, if this does
        return ""

    def _line(self) -> str:
        ahead = self.content.read(self.at, min(_LONGEST_LINE, self.content.size - self.at))
        end = ahead.find(b"\n")
        if end < 0:
            raise BrokenContentError if len(ahead) < _LONGEST_LINE else _NotPickleError
        self.at += end + 1
        return ahead[: min(end, _LONGEST_NAME)].decode("utf-8", "replace")

    def _pop(self, opcode: pickletools.OpcodeInfo) -> None:
        before = opcode.stack_before
        marked = pickletools.markobject in before
        if marked:
            if not any(each is _MARK for each in self.stack):
                raise _NotPickleError
            while self.stack.pop() is not _MARK:
                pass
        if opcode.name == "POP" and self.stack:
            del self.stack[-1:]  # a mark, too
            return
        count = before.index(pickletools.markobject) if marked else len(before)
        if count > len(self.stack) or any(each is _MARK for each in self.stack[len(self.stack) - count :]):
            raise _NotPickleError
        del self.stack[len(self.stack) - count :]

    def _import(self, name: str, argument: str | None, texts: list[str]) -> None:
        self.imported = True
        said = argument if name in _TWO_LINES else ".".join(texts) if name == "STACK_GLOBAL" and len(texts) == 2 else ""
        if said and said not in self.names and len(self.names) < MOST_NAMES:
            self.names.append(said)
