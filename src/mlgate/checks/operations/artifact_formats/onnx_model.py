"""Models of ONNX, whose fields fill the file to its end. The model itself is never loaded."""

from __future__ import annotations

from typing import BinaryIO, cast

from mlgate.checks.data.contract_document import ContractDocument
from mlgate.checks.data.contracts import onnx
from mlgate.checks.operations.artifact_content import ArtifactContent, ArtifactFormat, ContentReading


def _read(content: ArtifactContent) -> ContentReading | None:
    opened = cast("BinaryIO", content.opened)
    document = ContractDocument(content.name, opened, content.head, content.size)
    return ContentReading("onnx") if onnx.READER.recognises(document) else None


FORMAT = ArtifactFormat(("onnx",), "a model of ONNX", _read)
