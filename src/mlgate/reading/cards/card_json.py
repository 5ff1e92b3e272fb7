"""The sections of a model card in JSON: that of the Model Card Toolkit, and the model card in a CycloneDX document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.reading.cards.model_card import CardField, CardSection, ModelCard, StatedNumber
from mlgate.values.errors import EvidenceError
from mlgate.values.json_text import parse

_DEEPEST = 60
_KEYS = {"model_details", "model_parameters", "quantitative_analysis", "considerations"}
_CYCLONEDX = {"modelParameters", "quantitativeAnalysis", "considerations"}
_MODEL = "machine-learning-model"


def card_of_json(text: str, path: str) -> ModelCard:
    """The card in JSON text. Raises EvidenceError for text that is not JSON, or is not a model card."""
    try:
        found = parse(text)
    except ValueError as error:
        raise EvidenceError(f"{path} cannot be read as JSON: {error}; write it again") from error
    document = _card_in(found, path)
    if _is_deep(document):
        raise EvidenceError(f"{path} is nested more than {_DEEPEST} deep; write it again")
    sections, fields = tuple(_sections(document, 1)), tuple(_fields(document, ()))
    return ModelCard(path, fields, sections, tuple(_numbers(document)))


def _is_deep(document: Any) -> bool:
    """Whether values are nested too deeply to be a card."""
    level = [document]
    for _ in range(_DEEPEST):
        parts = (value.values() if isinstance(value, dict) else value for value in level)
        level = [below for part in parts for below in part if isinstance(below, (dict, list))]
    return bool(level)


def _card_in(found: Any, path: str) -> Mapping[str, Any]:
    """The part that is a model card."""
    if isinstance(found, dict) and found.get("bomFormat") == "CycloneDX":
        metadata = found.get("metadata")
        parts = [metadata.get("component") if isinstance(metadata, dict) else None]
        parts += found["components"] if isinstance(found.get("components"), list) else []
        models = [part for part in parts if isinstance(part, dict) and part.get("type") == _MODEL]
        cards = [model["modelCard"] for model in models if isinstance(model.get("modelCard"), dict)]
        if len(cards) != 1:
            raise EvidenceError(f"{path} has {len(cards)} model cards; name a document with one")
        return {**cards[0], "licenses": models[0].get("licenses", [])}
    if not isinstance(found, dict) or not found.keys() & (_KEYS | _CYCLONEDX):
        said = f"{path} is JSON, and not a model card of the Model Card Toolkit or in CycloneDX"
        raise EvidenceError(f"{said}; name such a file, or one in Markdown")
    return found


def _sections(value: Any, level: int) -> Iterator[CardSection]:
    """Each key as a heading, with its values as text. An entry of a list is text of the list."""
    entries = value.items() if isinstance(value, dict) else ()
    for key, below in entries:
        yield CardSection(_words(key), level, 0, "\n".join(_texts(below)))
        for part in below if isinstance(below, list) else [below]:
            listed = isinstance(below, list) and isinstance(part, dict)
            inside = {name: each for name, each in part.items() if isinstance(each, (dict, list))} if listed else part
            yield from _sections(inside, level + 1)


def _words(key: str) -> str:
    """A key as words: `use_cases` and `useCases` are `use cases`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).replace("_", " ").lower()


def _texts(value: Any) -> Iterator[str]:
    """The texts that belong to a key itself."""
    for part in value if isinstance(value, list) else [value]:
        texts = part.values() if isinstance(part, dict) and isinstance(value, list) else [part]
        yield from (_written(text) for text in texts if text is not None and not isinstance(text, (dict, list)))


def _fields(value: Any, keys: tuple[str, ...]) -> Iterator[CardField]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _fields(below, (*keys, str(key)))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from _fields(below, (*keys, str(at)))
    else:
        yield CardField(keys, "" if value is None else _written(value))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbers(document: Mapping[str, Any]) -> Iterator[StatedNumber]:
    """The metrics of the quantitative analysis."""
    for key in ("quantitative_analysis", "quantitativeAnalysis"):
        analysis = document.get(key)
        for name in ("performance_metrics", "performanceMetrics"):
            metrics = analysis.get(name) if isinstance(analysis, dict) else None
            for metric in metrics if isinstance(metrics, list) else ():
                if isinstance(metric, dict):
                    named, value = metric.get("type") or "", metric.get("value")
                    where = metric.get("slice")
                    yield StatedNumber(str(named), _written(value), (str(where),) if where else (), declared=True)
