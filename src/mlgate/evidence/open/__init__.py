"""Opening tables: one file a format, chosen by the file's extension, never by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mlgate.evidence.engine import Opened
from mlgate.evidence.files import Unchanged, is_glob, located, members, regular
from mlgate.evidence.open.arrow import open_arrow
from mlgate.evidence.open.csv import open_csv
from mlgate.evidence.open.frames import open_frame
from mlgate.evidence.open.jsonlines import open_jsonlines
from mlgate.evidence.open.parquet import open_parquet
from mlgate.evidence.open.reader import Format, Loader
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.values.errors import EvidenceError

FORMATS: Mapping[str, Format] = {
    ".csv": open_csv,
    ".csv.gz": open_csv,
    ".tsv": open_csv,
    ".tsv.gz": open_csv,
    ".jsonl": open_jsonlines,
    ".jsonl.gz": open_jsonlines,
    ".ndjson": open_jsonlines,
    ".ndjson.gz": open_jsonlines,
    ".arrow": open_arrow,
    ".feather": open_arrow,
    ".ipc": open_arrow,
    ".parquet": open_parquet,
    ".pq": open_parquet,
}
SEVERAL: tuple[Format, ...] = (open_parquet,)
"""Formats of which a table may be several files."""


def open_source(engine: Loader, source: FileSource | FrameSource, relation: str, workspace: Path) -> Opened:
    """Make a table or view of a source. Raises EvidenceError where it cannot be read as what it is named."""
    if isinstance(source, FrameSource):
        open_frame(engine, source.frame, relation, source.label)
        return Opened(relation, engine.columns(relation), Unchanged(()))
    path = located(source, workspace)
    if path.is_dir() or (is_glob(source.path) and not path.exists()):
        files = members(path, source.path, workspace)
    else:
        files = (regular(path, source.path),)
    before = Unchanged.of(files)
    _format(files, source.path)(engine, files, relation, source.path)
    before.check()
    return Opened(relation, engine.columns(relation), before)


def _format(files: tuple[Path, ...], shown: str) -> Format:
    found = {path: _by_name(path.name) for path in files}
    formats: set[Format | None] = set(found.values())
    if None in formats:
        unknown = next(path for path, of in found.items() if of is None)
        raise EvidenceError(f"{unknown.name}: a format mlgate does not read; it reads {', '.join(FORMATS)}")
    if len(files) > 1 and not formats <= set(SEVERAL):
        raise EvidenceError(f"{shown} is {len(files)} files; only Parquet tables may be several, all of them Parquet")
    (chosen,) = formats
    if chosen is None:
        raise AssertionError(shown)
    return chosen


def _by_name(name: str) -> Format | None:
    matching: list[tuple[int, Callable[..., None]]] = [
        (len(extension), reader) for extension, reader in FORMATS.items() if name.lower().endswith(extension)
    ]
    return max(matching, key=lambda pair: pair[0])[1] if matching else None
