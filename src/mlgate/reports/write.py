"""Writes reports to disk: completely or not at all, and without leaving one of an earlier run."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlgate.reports.registry import reports
from mlgate.values.errors import InputError, MachineError, MlgateError, unusable

_NAMED_WRONGLY = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
"""What the system answers where nothing can be written at a path, however sound the machine is."""


def remove_stale(paths: Iterable[Path], top: Path | None = None) -> None:
    """Remove reports of an earlier run, so that none outlives a refused one.

    Raises InputError where no report can be written because of what the path names: a folder, a file that is not a
    report of ours, a folder in which this user may not write, a link of the workspace `top` that leads out of it.
    Raises MachineError where the machine cannot remove a report.
    """
    for path in paths:
        _refuse_leading_out(path, top)
        _refuse_strangers(path)
        _refuse_unwritable(path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _fault("cannot remove the earlier report", path, error) from error


def remove_report(path: Path) -> bool:
    """Remove a file if it is a report of ours, and say whether it was. Raises OSError where it cannot be removed."""
    try:
        _refuse_strangers(path)
    except MlgateError:
        return False
    path.unlink(missing_ok=True)
    return True


def write_report(path: Path, text: str, top: Path | None = None) -> None:
    """Write a report by a new file beside it that then takes its name; folders on the way are made.

    Raises InputError where `remove_stale` would, and MachineError where the machine cannot write; the path is then as
    it was before.
    """
    _refuse_leading_out(path, top)
    _refuse_strangers(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _fault("cannot write the report", path, error) from error


def _replace(path: Path, content: bytes) -> None:
    fresh = path.parent / f".mlgate-{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(fresh, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def _refuse_leading_out(path: Path, top: Path | None) -> None:
    """Raise InputError where a link of the workspace leads a path out of it: a pull request may bring it along."""
    if top is None:
        return
    within, place = Path(os.path.realpath(top)), Path(os.path.realpath(os.getcwd()))
    if path.is_absolute():
        place = Path(path.anchor)
    for part in path.parent.parts:
        step = place.parent if part == ".." else place / part
        leads = Path(os.path.realpath(step))
        if step.is_symlink() and place.is_relative_to(within) and not leads.is_relative_to(within):
            raise InputError(f"the report path {path} leads out of the workspace by the link {step}; name another path")
        place = leads


def _refuse_strangers(path: Path) -> None:
    """Raise InputError for a file that is not a report of ours: a model or data named by mistake is not deleted.

    A link to a report of ours, or to nothing, is taken for one: the link is replaced, what it leads to stays.
    """
    try:
        # Run as root, unlinking /dev/null or renaming over /dev/stdout would take it from the whole machine; and
        # /dev/stdout is a link that leads to a regular file where output is redirected.
        if stat.S_ISLNK(path.lstat().st_mode) and _of_system(path):
            raise InputError(f"the report path {path} is a link of the system; for standard output write `-`")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _fault("cannot look at the report path", path, error) from error
    if stat.S_ISDIR(mode):
        raise InputError(f"the report path {path} is a folder; name a file in it, as in {path / 'FILE'}")
    if not stat.S_ISREG(mode):
        raise InputError(f"the report path {path} is not a regular file; for standard output write `-`")
    if not _is_ours(path):
        raise InputError(f"{path} is not a report of mlgate, so it is not overwritten; remove it or name another path")


def _refuse_unwritable(path: Path) -> None:
    """Raise InputError where this user may not write, before a long run; MachineError for a disk that is read-only."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return
    if hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise MachineError(f"cannot write the report {path}: {os.strerror(errno.EROFS)}")
    raise _fault("cannot write the report", path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _of_system(path: Path) -> bool:
    return Path(os.path.realpath(path.parent)).parts[1:2] in (("dev",), ("proc",))


def _is_ours(path: Path) -> bool:
    """Whether a file is empty or begins as one of our reports does."""
    try:
        with path.open("rb") as stream:
            start = stream.read(1 << 16).decode("utf-8", "replace")
    except OSError as error:
        raise _fault("cannot read the earlier report", path, error) from error
    return not start or any(re.match(mark, start) for mark in _marks())


def _marks() -> Iterator[str]:
    """What our reports begin with, those of plugins too; a broken plugin is reported where its report is asked for."""
    for name in reports():
        with contextlib.suppress(MlgateError):
            yield from filter(None, [reports()[name].mark])


def _fault(cannot: str, path: Path, error: OSError) -> MlgateError:
    """What an error of the system means: the path is named wrongly, or the machine fails, as with a full disk."""
    said = f"{cannot} {path}"
    if error.errno in _NAMED_WRONGLY:
        return InputError(f"{said}: {error.strerror}; name another path")
    return unusable(said, error)
