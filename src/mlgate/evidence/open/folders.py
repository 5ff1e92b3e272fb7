"""Folders as tables: which of their files count, and the values that names of folders hold.

A folder whose own log says which files count (Delta, Iceberg, Hudi and their like) is refused: reading all of its
files would count rows that were removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from mlgate.evidence.files import by_glob, contained, members, reading, regular, walk
from mlgate.evidence.open.reader import TableFiles
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.reach import MOST_TEXT, Reach

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The name of a folder whose rows have no value."""
_LOGS: Mapping[str, tuple[str, ...]] = {
    "Delta": ("_delta_log",),
    "Hudi": (".hoodie",),
    "Spark streaming": ("_spark_metadata",),
    "Databricks": ("_committed_*",),
    "Iceberg": ("metadata/*.metadata.json",),
    "Paimon": ("snapshot/LATEST", "manifest", "schema"),
}
"""What lies in a folder of a table whose log decides, by the table's format."""
_DUCKLAKE = "ducklake-"


def table_files(path: Path, shown: str, reach: Reach) -> TableFiles:
    """The files of a path that is a file, a folder or a glob. Raises EvidenceError where a log decides on them."""
    with reading(shown):
        if path.is_dir():
            _refuse_splits(path, shown)
            files, folder = _listed(path, shown, reach) or members(path, shown, reach), path
        elif is_glob(shown) and not path.exists():
            files = members(path, shown, reach)
            folder = before_pattern(path)
        else:
            return TableFiles((regular(path, shown),), shown, path.parent)
        _refuse_logs(files, shown)
    return TableFiles(files, shown, folder)


def every_file(path: Path, shown: str, reach: Reach) -> Iterator[Path]:
    """All files of a folder or glob, also those that are not read; none for the path of a file.

    Raises EvidenceError or MachineError where one may not or cannot be read.
    """
    with reading(shown):
        if path.is_dir():
            yield from walk(path, reach, hidden=True)
        elif is_glob(shown) and not path.exists():
            yield from (each for each in sorted({*by_glob(path, reach, hidden=True)}) if not each.is_dir())


def partitions(path: Path, folder: Path) -> Mapping[str, str]:
    """The columns for which folders of a file state a value, as `sex=F/part-0.parquet` does, and how they are written.

    Only folders below the table's own count.
    """
    parts = (part.partition("=") for part in path.relative_to(folder).parts[:-1])
    return {unquote(name): name for name, sign, _ in parts if sign and name}


def _listed(folder: Path, shown: str, reach: Reach) -> tuple[Path, ...]:
    """The files that a dataset of Hugging Face's `save_to_disk` lists in its state; none for any other folder."""
    state = folder / "state.json"
    if not state.is_file() or not (folder / "dataset_info.json").is_file():
        return ()
    contained(state, reach, f"{shown}/state.json")
    try:
        if state.stat().st_size > MOST_TEXT:
            raise ValueError
        names = [entry["filename"] for entry in json.loads(state.read_bytes())["_data_files"]]
        plain = all(isinstance(name, str) and Path(name).name == name for name in names)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EvidenceError(
            f"{shown}: `state.json` does not list the dataset's files; save the dataset again"
        ) from error
    if not names or not plain:
        raise EvidenceError(f"{shown}: `state.json` lists no files of this folder; save the dataset again")
    for name in names:
        contained(folder / name, reach, f"{shown}/{name}")
    return tuple(regular(folder / name, f"{shown} ({name})") for name in names)


def _refuse_splits(folder: Path, shown: str) -> None:
    if (folder / "dataset_dict.json").is_file():
        raise EvidenceError(f"{shown} holds several splits of a dataset; name the folder of one of them")


def _refuse_logs(files: tuple[Path, ...], shown: str) -> None:
    """Raise EvidenceError where a folder that holds some of the files, or one above it, has a log that decides."""
    for each in {above for path in files for above in path.parents}:
        for name, marks in _LOGS.items():
            if all(any(True for _ in each.glob(mark)) for mark in marks):
                raise EvidenceError(_log_decides(shown, f"a {name} table", marks[0]))
    if any(path.name.startswith(_DUCKLAKE) for path in files):
        raise EvidenceError(_log_decides(shown, "of a DuckLake table", "its catalogue"))


def _log_decides(shown: str, what: str, log: str) -> str:
    return (
        f"{shown} is {what}: its log ({log}) says which files count, and mlgate does not read it; write the rows of "
        "one version to Parquet files in another folder and name that"
    )
