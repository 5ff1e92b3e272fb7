"""A crash as one message: what crashed, and whose code raised it, so that people know whom to tell."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlgate.values.errors import MachineError, MlgateError
from mlgate.values.plugins import GROUPS, installed

CRASHES = (Exception, SystemExit)
"""What code that runs within the gate may raise and must not get away with: `sys.exit(0)` in a plugin, too."""
TOO_LARGE = "its numbers are too large or too small for double precision; look for values that are wrong"
"""What is said where arithmetic overflows: the data are at fault, and not the machine."""


@contextmanager
def crashing(what: str, of: object = None) -> Iterator[None]:
    """Whatever is raised within, but for errors on purpose, as a MachineError that says what crashed.

    `of` is an object whose code runs: where it is a plugin's, the message names that plugin even if the error was
    raised by what mlgate did with its answer.
    """
    try:
        yield
    except MlgateError:
        raise
    except CRASHES as error:
        raise MachineError(crashed(what, error, of)) from error


def crashed(what: str, error: BaseException, of: object = None) -> str:
    """`the check crashed: ValueError: boom`; where a plugin is at fault also which one, and what to do."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if plugin := plugin_in(error) or plugin_of(of):
        return f"{what} crashed in the plugin {plugin}: {said}; tell its author, or do without it"
    return f"{what} crashed: {said}"


def plugin_in(error: BaseException) -> str:
    """The plugin whose code an error came through, `acme (acme.py, line 31)`; empty where it was none's."""
    found, plugins = "", _plugins()
    for frame, line in traceback.walk_tb(error.__traceback__):
        if plugin := plugins.get(_package(frame.f_globals.get("__name__", ""))):
            found = f"{plugin} ({Path(frame.f_code.co_filename).name}, line {line})"
    return found


def plugin_of(found: object) -> str:
    """The plugin that defines a class, a function, or the class of an object; empty where none does."""
    package = _package(getattr(found, "__module__", ""))
    return "" if package == "mlgate" else _plugins().get(package, "")


def _package(module: str) -> str:
    return module.partition(".")[0]


def _plugins() -> dict[str, str]:
    """The distribution of every plugin by its package."""
    points = (point for group in GROUPS.values() for point in installed(group))
    return {_package(point.module): point.dist.name for point in points if point.dist}
