"""The reports of earlier runs, set aside first of all: none outlives a run that ends without its own."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlgate.values.errors import OverwritingError

_ABOUT_MLGATE = re.compile("--help|--version|-[a-z]*h[a-z]*")
"""The words that ask for a text about mlgate, so that nothing is run; short options may stand together, as in `-vh`."""


def named_reports(arguments: Sequence[str]) -> tuple[Path, ...]:
    """Where a command line says that reports are written, however wrong the rest of it is.

    A file that it names elsewhere too is an input, and left out. A command line that asks for help has no reports.
    """
    paths, others = _targets(arguments)
    options = others[: others.index("--")] if "--" in others else others
    if any(_ABOUT_MLGATE.fullmatch(word) for word in options):
        return ()
    inputs = {os.path.realpath(each) for word in others for each in (word, word.partition("=")[2])}
    return tuple(path for path in paths if str(path) != "-" and os.path.realpath(path) not in inputs)


def _targets(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The paths that options name to write to, and the other words."""
    paths, others, words = [], [], iter(word.replace("\0", "") for word in arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option in ("--report", "--output", "-o"):
            value = value if equals else next(words, "")
        elif word.startswith("-o"):
            option, value = "-o", word[2:]
        else:
            others.append(word)
            continue
        target = value.partition("=")[2] if option == "--report" else value
        if target.strip():
            paths.append(Path(target))
    return paths, others


@contextlib.contextmanager
def without_earlier(paths: Sequence[Path]) -> Iterator[None]:
    """Set reports of earlier runs aside, and give back those that turn out to be inputs."""
    earlier = set_aside(paths)
    try:
        yield
    except OverwritingError as error:
        inputs = {os.path.realpath(path) for path in error.outputs}
        put_back({path: held for path, held in earlier.items() if os.path.realpath(path) in inputs})
        raise


def set_aside(paths: Sequence[Path]) -> Mapping[Path, bytes]:
    """Take away those of some files that are reports of ours; what they held, by their paths."""
    taken: dict[Path, bytes] = {}
    for path in paths:
        if not os.path.lexists(path):
            continue
        from mlgate.reports.write import remove_report  # only where there is something to remove

        with contextlib.suppress(OSError):
            held = path.read_bytes() if path.is_file() else b""
            if remove_report(path):
                taken[path] = held
    return taken


def put_back(taken: Mapping[Path, bytes]) -> None:
    """Give back files that were set aside: they are inputs, not reports to be written."""
    for path, held in taken.items():
        with contextlib.suppress(OSError):
            path.write_bytes(held)
