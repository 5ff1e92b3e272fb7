"""Models in JSON, of XGBoost and CatBoost, and any other JSON beside a model."""

from __future__ import annotations

import re
from typing import Any

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)
from mlgate.checks.operations.layers_with_code import code_of_layers
from mlgate.checks.reported.parsed import json_document, text_of
from mlgate.values.errors import EvidenceError

_OBJECT, _ARRAY = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*["}]'), re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_MOST = 64 << 20


def _read(content: ArtifactContent) -> ContentReading | None:
    sure = _OBJECT.match(content.head)
    if not sure and not _ARRAY.match(content.head):
        return None
    try:
        tree = json_document(text_of(content.whole(_MOST), content.name), content.name)
    except EvidenceError as error:
        if not sure or not _is_text(content.head):
            return None  # a text may begin with a bracket, and other bytes with anything
        raise BrokenContentError("is not whole JSON, or has a key twice; it may be cut off") from error
    return ContentReading(_kind(tree), code_of_layers(tree))


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # the last letter is cut
    return True


def _kind(tree: Any) -> str:
    names = set(tree) if isinstance(tree, dict) else set()
    if {"learner", "version"} <= names:
        return "xgboost"
    if "features_info" in names and names & {"oblivious_trees", "trees"}:
        return "catboost"
    return "json"


FORMAT = ArtifactFormat(("json", "xgboost", "catboost"), "JSON, of XGBoost or CatBoost too", _read)
