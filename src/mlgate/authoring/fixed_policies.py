"""What `mlgate lint --fix` does: it removes from policy files what is not needed and changes no demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mlgate.authoring.recorded_run import write_whole
from mlgate.authoring.removed_entries import without_entries
from mlgate.values.errors import Location, Problem

_REMEDY = "; remove it"


def remove_unneeded(found: Iterable[Problem], given: Iterable[Path], workspace: Path) -> Iterator[Problem]:
    """Remove the entries of lists at the places of some findings, from the files that are given or lie in given
    folders, with what was done about each.

    Each file is written in one step. Raises MachineError where one cannot be.
    """
    named = [Path(path).resolve() for path in given]
    by_file: dict[str, dict[Location, str]] = {}
    for each in found:
        if each.at:
            by_file.setdefault(each.at.file, {})[each.at] = each.message.removesuffix(_REMEDY)
    for name, entries in sorted(by_file.items()):
        place = workspace / name
        ours = any(place.resolve().is_relative_to(one) for one in named)
        if ours and place.is_file() and not place.is_symlink():
            yield from _removed(place, entries)
        else:
            said = "not fixed: the file is not among those that are given"
            yield from (Problem(at, said) for at in entries)


def _removed(place: Path, entries: Mapping[Location, str]) -> Iterator[Problem]:
    text, removed = without_entries(place.read_bytes().decode("utf-8"), entries)
    if removed:
        write_whole(place, text)
    for at, said in sorted(entries.items(), key=lambda each: each[0].line):
        done = f"fixed: {said}, and was removed" if at in removed else f"not fixed: {said}{_REMEDY} by hand"
        yield Problem(at, done)
