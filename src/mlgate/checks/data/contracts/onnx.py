"""The inputs of an ONNX model. Their names and types are read from the file; the model itself is never loaded."""

from __future__ import annotations

from typing import BinaryIO

from mlgate.checks.data.contract_document import (
    ContractDocument,
    ContractFact,
    ContractReader,
    WrittenColumn,
    contract_of,
    no_part,
)
from mlgate.checks.data.limits import whole_numbers
from mlgate.values.errors import EvidenceError
from mlgate.values.protobuf import BYTES, VARINT, NotProtobufError, ProtobufField, protobuf_fields

_IR_VERSION, _GRAPH, _OPSET = 1, 7, 8
_INITIALIZER, _INPUT, _SPARSE_INITIALIZER = 5, 11, 15
_TENSOR_NAME = 8
_NAME, _TYPE = 1, 2
_TENSOR, _ELEMENT, _SHAPE, _DIMENSION, _EXTENT = 1, 1, 2, 1, 1
_TYPES = {
    **dict.fromkeys((1, 10, 11, 16), "number"),
    **dict.fromkeys((2, 3, 4, 5, 6, 7, 12, 13), "integer"),
    8: "text",
    9: "boolean",
}
_RANGES = {
    2: (8, False),
    3: (8, True),
    4: (16, False),
    5: (16, True),
    6: (32, True),
    7: (64, True),
    12: (32, False),
    13: (64, False),
}
_LONGEST_NAME = 1 << 16


def _messages(opened: BinaryIO, of: ProtobufField, *numbers: int) -> list[ProtobufField]:
    """The fields of some numbers that have bytes, in a field."""
    found = [each for each in protobuf_fields(opened, of.start, of.end) if each.number in numbers]
    if any(each.wire != BYTES for each in found):
        raise NotProtobufError
    return found


def _text(opened: BinaryIO, of: ProtobufField) -> str:
    if of.end - of.start > _LONGEST_NAME:
        raise NotProtobufError
    opened.seek(of.start)
    try:
        return opened.read(of.end - of.start).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotProtobufError from error


def _recognises(document: ContractDocument) -> bool:
    if document.tree is not None:
        return False
    try:
        fields = list(protobuf_fields(document.opened, 0, document.size))
    except NotProtobufError:
        return False
    version = [each for each in fields if each.number == _IR_VERSION and each.wire == VARINT]
    messages = {each.number for each in fields if each.wire == BYTES}
    return len(version) == 1 and {_GRAPH, _OPSET} <= messages


def _read(document: ContractDocument, part: str) -> ContractFact:
    if part not in ("", "inputs"):
        raise no_part(document.path, part, ("inputs",))
    opened, path = document.opened, document.path
    try:
        graphs = [each for each in protobuf_fields(opened, 0, document.size) if each.number == _GRAPH]
        if len(graphs) != 1:
            raise NotProtobufError
        inputs, constants = _inputs(opened, graphs[0])
        return contract_of("onnx", [_column(name, of, document) for name, of in inputs if name not in constants])
    except NotProtobufError as error:
        raise EvidenceError(f"{path} is not a whole ONNX model; write it again") from error


def _inputs(opened: BinaryIO, graph: ProtobufField) -> tuple[list[tuple[str, ProtobufField]], set[str]]:
    """The inputs with their names, and the names of inputs that have a constant value."""
    inputs, constants = [], set()
    for each in _messages(opened, graph, _INITIALIZER, _INPUT, _SPARSE_INITIALIZER):
        if each.number == _INPUT:
            inputs.append((_only_text(opened, each, _NAME), each))
        else:
            values = each if each.number == _INITIALIZER else _only(opened, each, 1)
            constants.add(_only_text(opened, values, _TENSOR_NAME))
    return inputs, constants


def _only(opened: BinaryIO, of: ProtobufField, number: int) -> ProtobufField:
    found = _messages(opened, of, number)
    if len(found) != 1:
        raise NotProtobufError
    return found[0]


def _only_text(opened: BinaryIO, of: ProtobufField, number: int) -> str:
    return _text(opened, _only(opened, of, number))


def _column(name: str, of: ProtobufField, document: ContractDocument) -> WrittenColumn:
    """An input that has one value per row. Raises EvidenceError for one that has several, or an unknown number."""
    opened, column = document.opened, WrittenColumn(name)
    tensors = _messages(opened, _only(opened, of, _TYPE), _TENSOR)
    if len(tensors) != 1:
        raise EvidenceError(f"input `{name}` of {document.path} is not a tensor; export one input per column")
    elements = [
        each.value for each in protobuf_fields(opened, tensors[0].start, tensors[0].end) if each.number == _ELEMENT
    ]
    shapes = _messages(opened, tensors[0], _SHAPE)
    extents = [_extent(opened, each) for each in _messages(opened, shapes[0], _DIMENSION)] if shapes else [None, None]
    if any(extent != 1 for extent in extents[1:]):
        wide = "x".join("?" if extent is None else str(extent) for extent in extents[1:])
        raise EvidenceError(
            f"input `{name}` of {document.path} takes {wide} values per row, which have no names; export the model "
            "with one named input per column, or name the columns in a rule `data.columns`"
        )
    kind = elements[0] if len(elements) == 1 else 0
    column.demand("type", _TYPES.get(kind), f"element type {kind}")
    if kind in _RANGES:
        bits, signed = _RANGES[kind]
        column.demand("between", whole_numbers(bits, signed=signed), f"element type {kind}")
    return column


def _extent(opened: BinaryIO, of: ProtobufField) -> int | None:
    """The length of a dimension; None where it is free."""
    found = [
        each for each in protobuf_fields(opened, of.start, of.end) if each.number == _EXTENT and each.wire == VARINT
    ]
    return found[0].value if len(found) == 1 else None


READER = ContractReader("onnx", "an ONNX model", _recognises, _read)
