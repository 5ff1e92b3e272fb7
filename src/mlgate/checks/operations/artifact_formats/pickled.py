"""Pickles of every protocol, those of joblib and of torch before version 1.6 too: found by their opcodes."""

from __future__ import annotations

from mlgate.checks.operations.artifact_content import ArtifactContent, ArtifactFormat, ContentReading
from mlgate.checks.operations.pickle_walk import walked


def _read(content: ArtifactContent) -> ContentReading | None:
    found = walked(content)
    if found.kind == "none":
        return None
    calls = f", and this one imports {', '.join(found.names)}" if found.names else ""
    fault = "ends before its pickle does; it may be cut off" if found.kind == "cut off" else ""
    return ContentReading("pickle", f"is a pickle, and reading a pickle runs the code in it{calls}", fault)


FORMAT = ArtifactFormat(("pickle",), "a pickle, also of joblib", _read)
