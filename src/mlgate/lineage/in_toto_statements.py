"""in-toto statements of a file: plain, in a DSSE envelope, in a bundle of Sigstore, or one per line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.lineage.dsse import Envelope, envelope_in
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError

_TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_LINES = ".jsonl"
_SIGNS = (b"in-toto", b"dsseEnvelope", b"payloadType")
MODEL_SIGNATURE = "https://model_signing/signature/v1.0"
"""The type of what is said by the signature of a model, which has a reader of its own."""


def holds_statements(source: SourceFile, endings: tuple[str, ...]) -> bool:
    """Whether a source is a file with one of some endings that looks as if it had statements."""
    named = source.name.endswith(endings) and source.place.is_file()
    head = source.head() if named else b""
    return any(sign in head for sign in _SIGNS)


def statements_in(source: SourceFile) -> Iterator[tuple[Envelope | None, Mapping[str, Any]]]:
    """The statements of a file, each with its envelope, if it has one. Raises EvidenceError for anything else."""
    for document in source.json_lines() if source.name.endswith(_LINES) else (source.json(),):
        envelope = envelope_in(document, source.path)
        statement = document if envelope is None else source.json(_text(source, envelope))
        if statement.get("_type") not in _TYPES:
            raise EvidenceError(
                f"{source.path} has a document that is not an in-toto statement; write it again", "lineage"
            )
        yield envelope, statement


def predicate_types(source: SourceFile) -> set[str]:
    """The types of what the statements of a file say; none of a file that cannot be read as statements."""
    try:
        return {str(statement.get("predicateType")) for _, statement in statements_in(source)}
    except EvidenceError:
        return set()


def _text(source: SourceFile, envelope: Envelope) -> str:
    try:
        return envelope.payload.decode()
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{source.path} has a payload that is not a text; write it again", "lineage") from error
