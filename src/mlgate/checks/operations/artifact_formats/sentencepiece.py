"""Vocabularies of SentencePiece, such as `tokenizer.model`: a message of pieces, each a text with a score."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from mlgate.checks.operations.artifact_content import ArtifactContent, ArtifactFormat, ContentReading
from mlgate.values.protobuf import (
    BYTES,
    FLOAT,
    VARINT,
    NotProtobufError,
    ProtobufField,
    protobuf_fields,
)

_MOST = 64 << 20
_PIECE, _TRAINER, _NORMALISER, _LAST = 1, 2, 3, 5
_OF_PIECE = {1: BYTES, 2: FLOAT, 3: VARINT}
"""The fields of a piece, and how each is written: its text, score and kind."""


def _read(content: ArtifactContent) -> ContentReading | None:
    if content.head[:1] != b"\x0a" or content.size > _MOST:
        return None
    opened = BytesIO(content.whole(_MOST))
    try:
        fields = list(protobuf_fields(opened, 0, content.size))
        if any(each.wire != BYTES or each.number > _LAST for each in fields):
            return None
        if not all(_is_piece(opened, each) for each in fields if each.number == _PIECE):
            return None
    except NotProtobufError:
        return None
    numbers = [each.number for each in fields]
    whole = _PIECE in numbers and numbers.count(_TRAINER) == numbers.count(_NORMALISER) == 1
    return ContentReading("sentencepiece") if whole else None


def _is_piece(opened: IO[bytes], of: ProtobufField) -> bool:
    fields = list(protobuf_fields(opened, of.start, of.end))
    if any(_OF_PIECE.get(each.number) != each.wire for each in fields):
        return False
    texts = [each for each in fields if each.number == 1]
    return len(texts) == 1 and _is_text(opened, texts[0])


def _is_text(opened: IO[bytes], of: ProtobufField) -> bool:
    opened.seek(of.start)
    try:
        return bool(opened.read(of.end - of.start).decode("utf-8"))
    except UnicodeDecodeError:
        return False


FORMAT = ArtifactFormat(("sentencepiece",), "a vocabulary of SentencePiece", _read)
