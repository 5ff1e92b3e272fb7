"""Reports on disk: whole or not at all, and never one of an earlier run."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from mlgate.values.errors import InputError, MachineError


def remove_stale(paths: Iterable[Path]) -> None:
    """Remove reports of an earlier run, so that none outlives a refused one, or raise MachineError."""
    for path in paths:
        _refuse_special(path)
        _refuse_strangers(path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise MachineError(f"cannot remove the earlier report {path}: {_reason(error)}") from error


def write_report(path: Path, text: str) -> None:
    """Write a report by a new file beside it that then takes its name; folders on the way are made.

    Raises MachineError where it cannot, also for a link or a device; the path is then as it was before.
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
    # Run as root, unlinking /dev/null or renaming over /dev/stdout would take it from the whole machine; and
    # /dev/stdout is a link that leads to a regular file where output is redirected, so no link is followed.
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
    """Raise InputError for a file that no report of ours can be: a model or data named by mistake is not deleted."""
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
