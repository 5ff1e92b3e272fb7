"""The signature of an MLflow model: the file `MLmodel` beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgate.checks.data.contract_document import (
    ContractDocument,
    ContractFact,
    ContractReader,
    WrittenColumn,
    contract_of,
    name_in,
    no_part,
)
from mlgate.checks.data.limits import whole_numbers
from mlgate.checks.reported.parsed import Numeral, json_document
from mlgate.values.errors import EvidenceError

_PARTS = ("inputs", "outputs")
_TYPES = {
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "text",
    "boolean": "boolean",
    "datetime": "timestamp",
}
_ARRAYS = re.compile(r"(u?int|float|bool|str|datetime)(?:([0-9]+)(?:\[[a-z]+\])?)?")
_KINDS = {
    **dict.fromkeys(("int", "uint"), "integer"),
    "float": "number",
    "bool": "boolean",
    "str": "text",
    "datetime": "timestamp",
}
"""Types of numpy, of which tensors are."""
_BITS = {"integer": 32, "long": 64}
_KNOWN = {"name", "type", "required", "optional"}


def _recognises(document: ContractDocument) -> bool:
    return isinstance(document.tree, Mapping) and "flavors" in document.tree


def _read(document: ContractDocument, part: str) -> ContractFact:
    path, signature = document.path, document.tree.get("signature")
    if part and part not in _PARTS:
        raise no_part(path, part, _PARTS)
    written = signature.get(part or "inputs") if isinstance(signature, Mapping) else None
    if not isinstance(written, str):
        raise EvidenceError(
            f"{path} has no signature of the model's {part or 'inputs'}; log the model with `signature` or "
            "`input_example`"
        )
    columns = json_document(written, path, Numeral)
    if not isinstance(columns, list):
        raise EvidenceError(f"{path} has a signature that is not a list of columns; log the model again")
    return contract_of("mlflow", [_column(column, path) for column in columns])


def _column(found: Any, path: str) -> WrittenColumn:
    column = WrittenColumn(name_in(found, path, "name"))
    kind = found.get("type")
    if kind == "tensor":
        _add_tensor(column, found.get("tensor-spec"))
    elif type_ := _TYPES.get(kind if isinstance(kind, str) else ""):
        column.demand("type", type_, "type")
    else:
        column.unjudged.append(f"type {str(kind)[:40]}")
    if kind in _BITS:
        column.demand("between", whole_numbers(_BITS[kind]), "type")
    if found.get("required") is False or found.get("optional") is True:
        column.demand("required", False, "required")
    column.unjudged += [key for key in found if key not in _KNOWN and key != "tensor-spec"]
    return column


def _add_tensor(column: WrittenColumn, spec: Any) -> None:
    """Add the type of an input that has one value per row. One that has several cannot be judged."""
    dtype, shape = (spec.get(key) if isinstance(spec, Mapping) else None for key in ("dtype", "shape"))
    extents = [str(getattr(extent, "text", extent)) for extent in shape] if isinstance(shape, list) else []
    known = _ARRAYS.fullmatch(dtype) if isinstance(dtype, str) else None
    if known is None or not extents or any(extent != "1" for extent in extents[1:]):
        column.unjudged.append(f"type tensor of {'x'.join(extents[1:]) or str(dtype)} values"[:60])
        return
    word, bits = known[1], int(known[2] or 0)
    column.demand("type", _KINDS[word], "type")
    if word in ("int", "uint"):
        column.demand("between", whole_numbers(bits, signed=word == "int"), "type")


READER = ContractReader("mlflow", "the MLmodel file of an MLflow model", _recognises, _read)
