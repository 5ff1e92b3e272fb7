"""Arrow files (Feather version 2, IPC) and streams, as `save_to_disk` writes them: read by pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlgate.evidence.files import reading
from mlgate.evidence.open.frames import open_frame
from mlgate.evidence.open.reader import Contents, Loader, TableFiles
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.words import counted

_FILE = b"ARROW1"


def open_arrow(engine: Loader, files: TableFiles, relation: str) -> Contents:
    """Make a table of Arrow files of one schema.

    Raises MachineError without pyarrow, EvidenceError for a damaged file.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MachineError(f"{files.shown}: reading Arrow files needs pyarrow; `pip install mlgate[arrow]`") from error
    tables = [_table(path, files.called(path)) for path in files.paths]
    for path, table in zip(files.paths, tables, strict=True):
        if not table.schema.equals(tables[0].schema):
            first = files.called(files.first)
            raise EvidenceError(f"{files.called(path)}: other columns than in {first}; write all files alike")
    return open_frame(engine, pa.concat_tables(tables), relation, files.shown)


def _table(path: Path, shown: str) -> Any:
    """The table of one file or stream, mapped into memory."""
    import pyarrow as pa
    import pyarrow.ipc

    with reading(shown):
        with path.open("rb") as opened:
            whole = opened.read(len(_FILE)) == _FILE
        try:
            mapped = pa.memory_map(str(path))
            if not whole:
                _require_end(mapped, shown)
            table = (pyarrow.ipc.open_file if whole else pyarrow.ipc.open_stream)(mapped).read_all()
            table.validate(full=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowSerializationError, OSError) as error:
            said = str(error).split("\n", 1)[0]
            raise EvidenceError(f"{shown}: not a readable Arrow file ({said}); write or fetch it again") from error
    return table


def _require_end(mapped: Any, shown: str) -> None:
    """Raise EvidenceError for a stream that was cut off between two batches of rows, and for one that goes on after it
    has ended: readers stop there, and would leave out the rows that follow. It is then at its start again."""
    import pyarrow.ipc

    messages = pyarrow.ipc.MessageReader.open_stream(mapped)
    try:
        while True:
            ended = mapped.tell()
            messages.read_next_message()
    except StopIteration:
        marked, left = mapped.tell() > ended, mapped.size() - mapped.tell()
    if not marked:
        raise EvidenceError(f"{shown}: the Arrow stream has no mark of its end, so rows may be missing; write it again")
    if left:
        goes_on = f"the Arrow stream goes on for {counted(left, 'byte')} after its end, and readers stop there"
        raise EvidenceError(f"{shown}: {goes_on}; write all rows to one stream")
    mapped.seek(0)
