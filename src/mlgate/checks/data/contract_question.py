"""The question for the columns of a contract: their names in order, and what each must be."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, BinaryIO

from mlgate.checks.data import contracts as folder
from mlgate.checks.data.contract_document import ContractDocument, ContractFact, ContractReader
from mlgate.checks.data.judged_columns import mistakes
from mlgate.checks.reported.parsed import Numeral, is_json, json_document, text_of
from mlgate.evidence.files import opened_file
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping as YamlMapping
from mlgate.reading.strict_yaml import Node, Scalar, Sequence
from mlgate.reading.strict_yaml import parse as parse_yaml
from mlgate.values.errors import EvidenceError, Problem
from mlgate.values.family import FilesBelow
from mlgate.values.reach import MOST_TEXT

_HEAD = 1024
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@cache
def contract_readers() -> Mapping[str, ContractReader]:
    """The readers of all formats, by the name of the format: the READER of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _reader_in))


def _reader_in(module: ModuleType) -> Mapping[str, ContractReader]:
    found = getattr(module, "READER", None)
    return {found.name: found} if isinstance(found, ContractReader) else {}


@dataclass(frozen=True)
class ContractColumns(Need):
    """The columns that a contract demands."""

    name = "contract-columns"
    fact = ContractFact
    beside = True
    path: str
    part: str = ""

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ContractFact) -> str:
        """No column, or one twice."""
        twice = [name for name, times in Counter(name for name, _ in fact.columns).items() if times > 1]
        return "it has no column" if not fact.columns else f"column {twice[0]!r} occurs twice" if twice else ""

    def answer(self, tables: OpenTables) -> ContractFact:
        """The columns. Raises EvidenceError where the file is not a contract, or gives no column to judge."""
        with opened_file(self.path, tables.reach) as opened:
            found = read_contract(opened, self.path, self.part)
        if wrong := self.impossible(found):
            raise EvidenceError(f"{self.path} cannot be judged by: {wrong}; correct the contract")
        for name, keys in found.columns:
            if wrong := next((said for _, said in mistakes(keys)), ""):
                raise EvidenceError(f"{self.path} has a demand of `{name}` that cannot be judged: {wrong}")
        return found


def read_contract(opened: BinaryIO, path: str, part: str = "") -> ContractFact:
    """The contract in a file, by its content. Raises EvidenceError where no format, or several, recognise it."""
    document = _document(opened, path)
    found = [reader for reader in contract_readers().values() if reader.recognises(document)]
    if len(found) != 1:
        which = ", ".join(reader.said for reader in (found or contract_readers().values()) if reader.name != "pickle")
        raise EvidenceError(f"{path} {'could be' if found else 'is none of'}: {which}; name a file of one of these")
    return found[0].read(document, part)


def _document(opened: BinaryIO, path: str) -> ContractDocument:
    head, size = opened.read(_HEAD), opened.seek(0, os.SEEK_END)
    opened.seek(0)
    binary = not _CONTROL.isdisjoint(head) or head[:2] in (b"PK", b"BZ")
    return ContractDocument(path, opened, head, size, None if binary else _tree(opened.read(MOST_TEXT + 1), path))


def _tree(raw: bytes, path: str) -> Any:
    if len(raw) > MOST_TEXT:
        raise EvidenceError(f"{path} has more than {MOST_TEXT >> 20} MiB; name the file that is meant")
    text = text_of(raw, path)
    if is_json(text):
        return json_document(text, path, Numeral)
    problems: list[Problem] = []
    node = parse_yaml(raw, path, problems)
    if problems or node is None:
        raise EvidenceError(f"{problems[0] if problems else f'{path} is empty'}; a contract is JSON, YAML or a model")
    return plain_tree(node)


def plain_tree(node: Node) -> Any:
    """The plain values of YAML, with numbers as Numeral."""
    if isinstance(node, YamlMapping):
        return {key.text: plain_tree(below) for key, below in node.entries}
    if isinstance(node, Sequence):
        return [plain_tree(below) for below in node.items]
    return node.text if node.quoted else _scalar(node)


def _scalar(node: Scalar) -> Any:
    if node.null:
        return None
    if node.text in _TRUTHS:
        return _TRUTHS[node.text]
    return Numeral(node.text) if number(node.text) is not None else node.text
