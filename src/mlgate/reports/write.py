"""Writes reports to disk: completely or not at all, and without leaving one of an earlier run."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from mlgate.values.errors import InputError, MachineError


def remove_stale(paths: Iterable[Path]) -> None:
    """Remove reports of an earlier run, so that a failed run leaves none. Raises MachineError if that fails."""
    for path in paths:
        _refuse_special(path)
        _refuse_strangers(path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise MachineError(f"cannot remove the earlier report {path}: {_reason(error)}") from error


def write_report(path: Path, text: str) -> None:
    """Write a report to a temporary file, then rename it. Missing folders are created.

    Raises MachineError if that fails, also for a link or a device. The path is then unchanged.
    """
    _refuse_special(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise MachineError(f"cannot write the report {path}: {_reason(error)}") from error


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


def _refuse_special(path: Path) -> None:
    # As root, unlinking /dev/null or renaming over /dev/stdout would remove it for the whole machine. With redirected
    # output, /dev/stdout is a link to a regular file, so links are refused.
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise MachineError(f"cannot look at the report path {path}: {_reason(error)}") from error
    if stat.S_ISDIR(mode):
        raise MachineError(f"the report path {path} is a folder; name a file in it")
    if stat.S_ISLNK(mode):
        raise MachineError(f"the report path {path} is a link; name the file itself, or `-` for standard output")
    if not stat.S_ISREG(mode):
        raise MachineError(f"the report path {path} is not a regular file; for standard output write `-`")


def _refuse_strangers(path: Path) -> None:
    """Raise InputError for a file that is not one of our reports, so that a model or data are never deleted."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except FileNotFoundError:
        return
    except OSError as error:
        raise MachineError(f"cannot look at the report path {path}: {_reason(error)}") from error
    if start and (b"mlgate" not in start or start.startswith(b"mlgate:")):
        raise InputError(f"{path} is not a report of mlgate, so it is not overwritten; remove it or name another path")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
