"""Reads the options for outputs: every report has its own path, and none overwrites a file that is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mlgate.cli.output import STDOUT
from mlgate.reports.registry import reports, unknown
from mlgate.values.errors import InputError, OverwritingError


def parse_report_option(option: str) -> tuple[str, Path]:
    """`junit=out/report.xml` as (name, path), without loading a plugin. Raises InputError for anything else."""
    name, equals, target = option.partition("=")
    if name not in reports():
        raise InputError(f"--report {option}: {unknown(name)}")
    if not equals or not target or target.isspace():
        raise InputError(f"--report {option}: a path is required; write {name}=PATH, or {name}=- for standard output")
    if "\0" in target:
        raise InputError(f"--report {name}=...: a path cannot hold a NUL character")
    return name, Path(target)


def parse_report_options(options: Iterable[str], inputs: Iterable[Path] = ()) -> tuple[tuple[str, Path], ...]:
    """All `--report` options. Raises InputError if two have the same path, or one would overwrite an input."""
    parsed = tuple(parse_report_option(option) for option in options)
    _refuse_inputs([(f"--report {name}={path}", path) for name, path in parsed], inputs)
    taken: dict[str, str] = {}
    for name, path in parsed:
        option = f"--report {name}={path}"
        if (holder := taken.setdefault(_same(path), option)) != option or parsed.count((name, path)) > 1:
            raise InputError(f"{option} would overwrite {holder}; give every report its own path")
    return parsed


def refuse_overwriting(option: str, path: Path, inputs: Iterable[Path]) -> None:
    """Raise InputError if an output would overwrite an input."""
    _refuse_inputs([(f"{option} {path}", path)], inputs)


def _refuse_inputs(outputs: Iterable[tuple[str, Path]], inputs: Iterable[Path]) -> None:
    """Raise OverwritingError if outputs, each with its option, would overwrite inputs."""
    read = {_same(path): path for path in inputs}
    wrong = [(option, path) for option, path in outputs if _same(path) in read]
    if wrong:
        option, path = wrong[0]
        message = f"{option} would overwrite the input {read[_same(path)]}; name another path"
        raise OverwritingError(message, [path for _, path in wrong])


def _same(path: Path) -> str:
    return "-" if path == STDOUT else os.path.normcase(os.path.realpath(path))
