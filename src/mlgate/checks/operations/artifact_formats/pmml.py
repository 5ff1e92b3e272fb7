"""Models in PMML. The document is read to its end, without entities, and nothing of it is kept."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!A-Za-z]")
_DEEPEST = 10_000


def _read(content: ArtifactContent) -> ContentReading | None:
    if not _XML.match(content.head):
        return None
    found: list[str] = []
    try:
        _go_over(content, found)
    except expat.ExpatError as error:
        if b"PMML" not in content.head:
            return None
        raise BrokenContentError("is not a whole document of XML; it may be cut off") from error
    return ContentReading("pmml") if found and found[0] == "PMML" else None


def _go_over(content: ArtifactContent, names: list[str]) -> None:
    """Read the document, and add the name of its root."""
    parser, depth = expat.ParserCreate(), 0

    def start(name: str, _attributes: Any) -> None:
        nonlocal depth
        depth += 1
        names[:] = names or [name.rpartition(":")[2]]
        if depth > _DEEPEST:
            raise BrokenContentError("is XML that is nested too deeply")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: Any) -> None:
        raise BrokenContentError("declares a document type, which may hide its content")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    for part in content.chunks():
        parser.Parse(part, False)
    parser.Parse(b"", True)


FORMAT = ArtifactFormat(("pmml",), "a model in PMML", _read)
