"""The files of one test: those of the good candidate, with what the test changes, as bytes by their paths."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Never

from mlgate.policy.demanded import Nothing
from mlgate.policy.policy_test_keys import EditKeys, FileKeys
from mlgate.reading import locate
from mlgate.reading.fields import FilesBeside, ProblemReport
from mlgate.reading.strict_yaml import MAX_BYTES
from mlgate.testing.edited_table import EditError, SmallTable, edited
from mlgate.values.errors import InputError, Location
from mlgate.values.words import did_you_mean

_DIGEST = re.compile(r"\$\{sha256:([^}\n]+)\}")
COMMIT = "${commit}"
"""The place of the commit that has all other files of a candidate."""
_LONGEST_NAME = 200


class _WrongError(Exception):
    """A mistake in the files of a test that is in the report already."""


@dataclass(frozen=True)
class FileSet:
    """The files of a candidate as a test describes them."""

    beside: FilesBeside
    """Where files lie that are copied."""
    files: Mapping[str, FileKeys] = field(default_factory=dict)
    edits: tuple[EditKeys, ...] = ()

    def changed(
        self,
        files: Iterable[tuple[str, FileKeys | Nothing]],
        edits: tuple[EditKeys, ...],
        at: Location,
        report: ProblemReport,
    ) -> FileSet:
        """The files with others in their places, without some, and with changes."""
        found = dict(self.files)
        for name, of in files:
            if not isinstance(of, Nothing):
                found[name] = of
            elif found.pop(name, None) is None:
                hint = did_you_mean(name, found) or "; remove this line"
                report.add(at, f"`files` takes `{name}` away, and the good candidate has no such file{hint}")
        return replace(self, files=found, edits=(*self.edits, *edits))

    @property
    def naming_commit(self) -> tuple[str, ...]:
        """The files that name the commit of the others."""
        return tuple(name for name, of in self.files.items() if COMMIT in of.text)

    def made(self, report: ProblemReport, digests_of: Mapping[str, bytes] | None = None) -> Mapping[str, bytes] | None:
        """The bytes of every file by its path; None with the problems in the report.

        `${sha256:FILE}` becomes the digest of one of `digests_of`, by default of these files.
        """
        before = len(report.problems)
        for name, of in self.files.items():
            if why := _unfit(name, self.files):
                report.add(of.at, f"`files` has the path `{name}`, which {why}; write a path below the candidate")
        for edit in self.edits:
            if edit.file not in self.files:
                hint = did_you_mean(edit.file, self.files) or f"; it has {', '.join(self.files) or 'none'}"
                report.add(edit.at, f"`in: {edit.file}` is not one of the `files`{hint}")
        if len(report.problems) > before:
            return None
        making = _Making(self, report, digests_of)
        try:
            return {name: making.whole(name) for name in self.files}
        except _WrongError:
            return None


def _unfit(name: str, among: Mapping[str, FileKeys]) -> str:
    """Why no file can have a path; empty if one can."""
    path = PurePosixPath(name)
    if path.is_absolute() or "\\" in name or ":" in name or not path.parts or name != path.as_posix():
        return "is not a plain path with `/`"
    if any(part in ("..", ".git") or len(part.encode()) > _LONGEST_NAME for part in path.parts):
        return "leads elsewhere, or is too long"
    if any(str(above) in among for above in path.parents):
        return "lies in a path that is itself a file"
    return ""


@dataclass
class _Making:
    """Files that are being made; a file whose text has the digest of another is made after it."""

    of: FileSet
    report: ProblemReport
    digests_of: Mapping[str, bytes] | None
    done: dict[str, bytes] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    def whole(self, name: str) -> bytes:
        if name not in self.done:
            if name in self.under_way:
                circle = " -> ".join((*self.under_way, name))
                self._refuse(self.of.files[name].at, f"`${{sha256:...}}` forms a circle: {circle}; remove one of them")
            self.under_way.append(name)
            self.done[name] = self._made(name, self.of.files[name])
            self.under_way.pop()
        return self.done[name]

    def _made(self, name: str, given: FileKeys) -> bytes:
        raw = self._copied(given) if given.copy_of else given.text.encode()
        edits = [edit for edit in self.of.edits if edit.file == name]
        if not edits and not given.repeat and not given.number and (given.copy_of or b"${" not in raw):
            return raw
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._refuse(given.at, f"`{given.copy_of}` is not a text in UTF-8, so it cannot be changed")
        text = self._refused_at(given.at, partial(_spread, name, text, given))
        for edit in edits:
            text = self._refused_at(edit.at, partial(edited, name, text, edit))
        if given.copy_of:
            return text.encode()
        return _DIGEST.sub(lambda found: self._digest(found[1].strip(), given.at), text).encode()

    def _digest(self, name: str, at: Location) -> str:
        known = self.of.files if self.digests_of is None else self.digests_of
        if name not in known:
            hint = did_you_mean(name, known) or f"; it has {', '.join(known) or 'none'}"
            self._refuse(at, f"`${{sha256:{name}}}` names a file that `files` does not have{hint}")
        if name in self.of.naming_commit:
            said = f"`{name}` names the commit by `{COMMIT}`, so that its digest is not known before"
            self._refuse(at, f"{said}; name another file")
        raw = self.whole(name) if self.digests_of is None else self.digests_of[name]
        return hashlib.sha256(raw).hexdigest()

    def _refused_at(self, at: Location, make: Callable[[], str]) -> str:
        try:
            return make()
        except EditError as error:
            self._refuse(at, str(error))

    def _copied(self, given: FileKeys) -> bytes:
        beside, stated = self.of.beside, given.copy_of
        place = beside.folder / stated
        real = Path(os.path.realpath(place))
        if os.path.isabs(stated) or not real.is_relative_to(os.path.realpath(beside.top)):
            self._refuse(given.at, f"`from: {stated}` leads out of the repository; copy the file into it")
        try:
            raw = locate.read(place, locate.shown(place, beside.workspace))
        except InputError as error:
            self._refuse(given.at, f"`from: {stated}` cannot be read: {error.problems[0].message}")
        if len(raw) > MAX_BYTES:
            self._refuse(given.at, f"`{stated}` has more than {MAX_BYTES >> 20} MiB; use a smaller file for a test")
        return raw

    def _refuse(self, at: Location, message: str) -> Never:
        self.report.add(at, message)
        raise _WrongError


def _spread(name: str, text: str, given: FileKeys) -> str:
    """The table with a row for each one that it counts, and with numbers."""
    if not given.repeat and not given.number:
        return text
    table = SmallTable.of(name, text)
    table = table.counted_out(given.repeat) if given.repeat else table
    return (table.numbered(given.number) if given.number else table).text()
