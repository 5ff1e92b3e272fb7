"""The feature names of a scikit-learn model that skops stored. Only the description in the archive is read."""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from mlgate.checks.data.contract_document import (
    ContractDocument,
    ContractFact,
    ContractReader,
    WrittenColumn,
    contract_of,
    no_part,
)
from mlgate.checks.reported.parsed import json_document, text_of
from mlgate.values.errors import EvidenceError

_SCHEMA, _ZIP = "schema.json", b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError)
_MOST_BYTES = 64 << 20
_DEEPEST = 20


def _recognises(document: ContractDocument) -> bool:
    if not document.head.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(document.opened) as archive:
            return archive.namelist().count(_SCHEMA) == 1
    except _BROKEN:
        return False


def _read(document: ContractDocument, part: str) -> ContractFact:
    if part:
        raise no_part(document.path, part)
    names = _names(_schema(document))
    if names is None:
        raise EvidenceError(
            f"{document.path} has no names of features; train the model on a table with column names (a data frame)"
        )
    return contract_of("skops", map(WrittenColumn, names))


def _schema(document: ContractDocument) -> Any:
    try:
        with zipfile.ZipFile(document.opened) as archive, archive.open(_SCHEMA) as opened:
            raw = opened.read(_MOST_BYTES + 1)
    except (*_BROKEN, zlib.error, lzma.LZMAError, RuntimeError, EOFError) as error:
        raise EvidenceError(f"{document.path} is not a whole skops file: {error}") from error
    if len(raw) > _MOST_BYTES:
        raise EvidenceError(f"{document.path} has a description of more than {_MOST_BYTES >> 20} MiB")
    return json_document(text_of(raw, document.path), document.path)


def _names(node: Any, depth: int = 0) -> list[str] | None:
    """The names of an estimator; those of a pipeline are those of its first step that does something."""
    attributes = _at(node, "content", "content")
    if not isinstance(attributes, Mapping) or depth > _DEEPEST:
        return None
    if "feature_names_in_" in attributes:
        found = attributes["feature_names_in_"]
        written = _at(found, "content") if _at(found, "__class__") == "ndarray" else None
        names = [_text(each) for each in written] if isinstance(written, list) else [None]
        return None if None in names else [name for name in names if name is not None]
    steps = _at(attributes.get("steps"), "content")
    if not isinstance(steps, list) or not steps:
        return None
    pairs = (_at(step, "content") for step in steps)
    step = next((pair for pair in pairs if not _passes_on(pair)), None)
    return _names(step[1], depth + 1) if isinstance(step, list) and len(step) == 2 else None


def _passes_on(step: Any) -> bool:
    """Whether a step of a pipeline is none: `("scale", "passthrough")` gives on what it gets."""
    return isinstance(step, list) and len(step) == 2 and _text(step[1]) == "passthrough"


def _at(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _text(node: Any) -> str | None:
    """A text that is stored as JSON; None for anything else."""
    content = _at(node, "content")
    if _at(node, "__loader__") != "JsonNode" or not isinstance(content, str):
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


READER = ContractReader("skops", "a scikit-learn model stored by skops", _recognises, _read)
