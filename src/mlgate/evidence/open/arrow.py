"""Arrow files (Feather version 2, IPC): read by pyarrow, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlgate.evidence.files import reading
from mlgate.evidence.open.frames import open_frame
from mlgate.evidence.open.reader import Loader
from mlgate.values.errors import EvidenceError, MachineError


def open_arrow(engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None:
    """Make a table of one Arrow file. Raises MachineError without pyarrow, EvidenceError for a damaged file."""
    (path,) = files
    try:
        import pyarrow as pa
        import pyarrow.ipc
    except ImportError as error:
        raise MachineError(f"{shown}: reading Arrow files needs pyarrow; `pip install mlgate[arrow]`") from error
    with reading(shown), pa.memory_map(str(path)) as opened:
        try:
            table = pyarrow.ipc.open_file(opened).read_all()
            table.validate(full=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowSerializationError, OSError) as error:
            said = str(error).split("\n", 1)[0]
            raise EvidenceError(f"{shown}: not a readable Arrow file ({said}); write or fetch it again") from error
        open_frame(engine, table, relation, shown)
