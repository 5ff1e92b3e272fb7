"""Parquet: a file, or the files of a folder or glob, as a view; all footers must have the same columns."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mlgate.evidence.open.reader import Loader, check_names, make, paths_literal
from mlgate.values.errors import EvidenceError, MachineError

Footer = tuple[tuple[str, ...], ...]


def open_parquet(engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None:
    """Open Parquet files as a view. Raises EvidenceError where one is damaged or has other columns than the first."""
    names = _shown_names(files, shown)
    first = _footer(engine, files[0], names[0])
    check_names(_top_level(first), names[0])
    for path, name in zip(files[1:], names[1:], strict=True):
        other = _footer(engine, path, name)
        if other != first:
            raise EvidenceError(f"{name}: {_difference(first, other)} than in {names[0]}; write all files alike")
    options = "union_by_name=false, hive_partitioning=false, filename=false, file_row_number=false"
    make(engine, relation, f"read_parquet({paths_literal(files)}, {options})", view=True)


def _shown_names(files: Sequence[Path], shown: str) -> list[str]:
    """The name of each file in messages, without paths of this machine."""
    if len(files) == 1:
        return [shown]
    folder = os.path.commonpath([path.parent for path in files])
    return [f"{shown} ({path.relative_to(folder).as_posix()})" for path in files]


def _footer(engine: Loader, path: Path, shown: str) -> Footer:
    """For every schema element of a file: name, physical and logical type, width, repetition and children."""
    columns = "name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type"
    try:
        rows = engine.load(f"select {columns} from parquet_schema({paths_literal([path])})")
    except (EvidenceError, MachineError) as error:
        # The file was checked to be readable, so the error is about its content.
        raise EvidenceError(f"{shown}: not a readable Parquet file; write or fetch it again") from error
    # The root's name and repetition, and whether values may be missing, do not change values.
    return tuple(tuple(str(value) for value in (*row[:3], *row[4:])) for row in rows[1:])


def _top_level(footer: Footer) -> list[str]:
    """The names of the table's columns, without nested ones."""
    names, left = [], 0
    for element in footer:
        if left:
            left -= 1
        else:
            names.append(element[0])
        children = element[3]
        left += int(children) if children not in ("None", "") else 0
    return names


def _difference(first: Footer, other: Footer) -> str:
    was, now = ({element[0]: element for element in footer} for footer in (first, other))
    for name in was.keys() ^ now.keys():
        return f"column `{name}` is {'missing rather' if name in was else 'more'}"
    changed = [name for name in was if was[name] != now[name]]
    return f"column `{changed[0]}` has another type" if changed else "the columns are in another order"
