"""What the files of a model are: each recognised by its content, and those in archives too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

from mlgate.checks.operations import artifact_formats as folder
from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    ArtifactMember,
    BrokenContentError,
    ContentReading,
    Unpacked,
)
from mlgate.values.family import FilesBelow

UNKNOWN = "unknown"
"""What content is that no format recognises."""
DEEPEST = 3
"""How many archives may lie in each other."""
MOST_PARTS = 100_000


@dataclass(frozen=True)
class ArtifactPart:
    """A file of the model, or one in an archive among them: its name, format and size, and what is wrong with it."""

    name: str
    format: str
    size: int
    code: str = ""
    """Why code runs when it is loaded; empty if none is known to."""
    fault: str = ""
    """Why nobody can say what it is; empty if its format is clear and it is whole."""
    own: bool = False
    """Whether it is a part of a format such as `torch`, and so of no format of its own choice."""


@cache
def artifact_formats() -> Mapping[str, tuple[ArtifactFormat, ...]]:
    """The formats by the file that has them."""
    return dict(FilesBelow(folder.__name__, _formats_in))


def _formats_in(module: ModuleType) -> Mapping[str, tuple[ArtifactFormat, ...]]:
    found = getattr(module, "FORMAT", None)
    return {module.__name__.rpartition(".")[2]: (found,)} if isinstance(found, ArtifactFormat) else {}


@cache
def format_names() -> tuple[str, ...]:
    """The names of all formats, and of content that is none of them."""
    names = {name for found in artifact_formats().values() for each in found for name in each.names}
    return (*sorted(names), UNKNOWN)


def scanned(content: ArtifactContent, budget: Unpacked, depth: int = 0, *, own: bool = False) -> Iterator[ArtifactPart]:
    """A file, and each file in it that is of interest: all in an archive, and of other formats those at fault."""
    found = _recognised(content)
    yield ArtifactPart(content.name, found.format, content.size, found.code, found.fault, own)
    if not found.fault:
        inner = _members(content.name, found, budget, depth + 1, own=own or found.own)
        yield from _foremost(inner) if found.own else inner


def _members(outer: str, found: ContentReading, budget: Unpacked, depth: int, *, own: bool) -> Iterator[ArtifactPart]:
    for member in found.members:
        name = f"{outer}!{member.name}" if member.name else f"{outer}!"
        if depth > DEEPEST:
            fault = f"lies in more than {DEEPEST} archives, deeper than mlgate looks; store it as it is"
            yield ArtifactPart(name, UNKNOWN, 0, fault=fault)
            return
        yield from _inside(name, member, budget, depth, own=own)


def _foremost(parts: Iterator[ArtifactPart]) -> Iterator[ArtifactPart]:
    """The parts at fault, and the first that runs code with the number of the others: a format has it in many parts."""
    first, others = None, 0
    for part in parts:
        if part.fault:
            yield part
        elif first is None:
            first = part
        else:
            others += 1
    if first:
        yield replace(first, code=f"{first.code} (and {others:,} more there)" if others else first.code)


def _inside(name: str, member: ArtifactMember, budget: Unpacked, depth: int, *, own: bool) -> Iterator[ArtifactPart]:
    try:
        opened = member.unpacked(budget)
    except BrokenContentError as error:
        yield ArtifactPart(name, UNKNOWN, 0, fault=str(error))
        return
    with opened:
        content = ArtifactContent.of(name, opened, opened.seek(0, os.SEEK_END))
        for part in scanned(content, budget, depth, own=own):
            if not part.own or part.code or part.fault:
                yield part


def _recognised(content: ArtifactContent) -> ContentReading:
    """What content is. What two formats recognise, or one and it is broken, has a fault."""
    found: list[ContentReading] = []
    known = [each for formats in artifact_formats().values() for each in formats]
    for each in sorted(known, key=lambda each: each.plain):
        if each.plain and found:
            break
        try:
            reading = each.read(content)
        except BrokenContentError as error:
            reading = ContentReading(each.names[0], fault=str(error))
        if reading is not None:
            found.append(reading)
    if not found:
        return ContentReading(UNKNOWN)
    if len(found) == 1:
        return found[0]
    code = next((reading.code for reading in found if reading.code), "")
    names = " and ".join(reading.format for reading in found)
    faults = ", and ".join(reading.fault for reading in found if reading.fault)
    said = f"can be read as {names}, so that two programs see two things"
    return replace(found[0], code=code, fault=f"{said}: it {faults}" if faults else said, members=())
