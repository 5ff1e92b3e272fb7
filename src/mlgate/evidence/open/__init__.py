"""Opening tables: one module per format. The file's extension selects the format, and its content never does."""

from __future__ import annotations

from mlgate.evidence.engine import Opened
from mlgate.evidence.files import Unchanged, located
from mlgate.evidence.open.arrow import open_arrow
from mlgate.evidence.open.csv import open_csv
from mlgate.evidence.open.folders import every_file, table_files
from mlgate.evidence.open.frames import open_frame
from mlgate.evidence.open.jsonlines import open_jsonlines
from mlgate.evidence.open.parquet import open_parquet
from mlgate.evidence.open.reader import Contents, Format, Loader, TableFiles
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import is_glob
from mlgate.values.reach import Reach

FORMATS = (
    Format("CSV", (".csv", ".csv.gz"), open_csv, typed=False),
    Format("TSV", (".tsv", ".tsv.gz"), open_csv, typed=False),
    Format("JSON Lines", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz"), open_jsonlines),
    Format("Arrow", (".arrow", ".feather", ".ipc"), open_arrow, several=True),
    Format("Parquet", (".parquet", ".pq"), open_parquet, several=True),
)
"""Every format."""


def open_source(engine: Loader, source: FileSource | FrameSource, relation: str, reach: Reach) -> Opened:
    """Open a source as a table or view. Raises EvidenceError where its content does not have the format of its name."""
    if isinstance(source, FrameSource):
        return _opened(open_frame(engine, source.frame, relation, source.label), relation, Unchanged(()))
    files = table_files(located(source, reach), source.path, reach)
    before = Unchanged.of(files.paths)
    contents = _format(files).read(engine, files, relation)
    before.check()
    return _opened(contents, relation, before)


def unread_parts(source: FileSource, reach: Reach) -> tuple[str, ...]:
    """The files of a table's own format that lie in its folder and are not read, as paths from there, sorted.

    Their names, or those of folders that they are in, begin with `.` or `_`, or the list of a dataset lacks them.
    Raises EvidenceError where the files of the table cannot be found, or MachineError where the folder cannot be read.
    """
    path = located(source, reach)
    files = table_files(path, source.path, reach)
    ends, read = _format(files).extensions, frozenset(files.paths)
    found = (each for each in every_file(path, source.path, reach) if each.name.lower().endswith(ends))
    return tuple(sorted(each.relative_to(files.folder).as_posix() for each in found if each not in read))


def typed(source: FileSource | FrameSource) -> bool:
    """Whether the columns of a source have types, by its name. Those of a CSV file have none: each value is a text."""
    untyped = tuple(ends for of in FORMATS if not of.typed for ends in of.extensions)
    return not (isinstance(source, FileSource) and source.path.lower().endswith(untyped))


def of_one_file(path: str) -> bool:
    """Whether a table with this path is one file, by its name: no other of its format may belong to it."""
    return not is_glob(path) and path.lower().endswith(
        tuple(end for of in FORMATS if not of.several for end in of.extensions)
    )


def _opened(contents: Contents, relation: str, files: Unchanged) -> Opened:
    return Opened(relation, contents.columns, files, contents.refused, contents.stored, contents.nameless)


def _format(files: TableFiles) -> Format:
    """The one format of all files. Raises EvidenceError for an unknown one, several, or several files of most."""
    formats = tuple(dict.fromkeys(_by_name(path.name) for path in files.paths))
    if len(files.paths) > 1 and not (len(formats) == 1 and formats[0].several):
        several = " and ".join(of.name for of in FORMATS if of.several)
        raise EvidenceError(
            f"{files.shown} is {len(files.paths)} files; only {several} tables may be several, all of one format"
        )
    return formats[0]


def _by_name(name: str) -> Format:
    """The format with the longest matching extension. Raises EvidenceError where none matches."""
    fitting = [(len(ends), of) for of in FORMATS for ends in of.extensions if name.lower().endswith(ends)]
    if not fitting:
        known = ", ".join(ends for of in FORMATS for ends in of.extensions)
        raise EvidenceError(f"{name}: a format mlgate does not read; it reads {known}")
    return max(fitting, key=lambda pair: pair[0])[1]
