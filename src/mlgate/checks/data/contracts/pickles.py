"""A pickle, also of joblib: it is recognised in order to be refused, since reading it runs the code in it."""

from __future__ import annotations

from mlgate.checks.data.contract_document import ContractDocument, ContractFact, ContractReader
from mlgate.values.errors import EvidenceError

_PROTOCOLS = tuple(bytes([0x80, version]) for version in range(2, 6))
_COMPRESSED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"BZh", b"\xfd7zXZ")


def _recognises(document: ContractDocument) -> bool:
    return document.head.startswith(_PROTOCOLS + _COMPRESSED)


def _never(document: ContractDocument, _part: str) -> ContractFact:
    raise EvidenceError(
        f"{document.path} is a pickle or a compressed file; mlgate reads none, because reading a pickle runs the code "
        "in it. Store the model by skops, ONNX or MLflow, or write its columns as a JSON Schema"
    )


READER = ContractReader("pickle", "no pickle", _recognises, _never)
