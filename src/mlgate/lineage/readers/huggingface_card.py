"""A model card of the Hugging Face Hub: the base model, the data sets and the licence in its front matter.

It names data sets and models of the Hub, which can change, and states no digest but the revision of the data on which
a result was measured.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.lineage.graph import (
    BASE_MODEL,
    COMMIT,
    EVALUATION,
    EVALUATION_DATA,
    MODEL,
    TRAINING,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    recorded,
)
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.source_file import SourceFile, digest_of
from mlgate.reading.cards.model_card import CardField, ModelCard
from mlgate.reading.cards.read_card import read_card
from mlgate.reading.cards.stated_licences import licences_of_card
from mlgate.values.errors import EvidenceError

_HUB = "https://huggingface.co/"
_DATASETS = f"{_HUB}datasets/"


def _recognises(source: SourceFile) -> bool:
    return source.name.lower().endswith(".md") and source.place.is_file() and source.head().lstrip().startswith(b"---")


def _read(source: SourceFile) -> LineageRecord:
    card = read_card(source.text().encode(), source.path)
    if not card.fields:
        raise EvidenceError(f"{source.path} has no front matter, so it records nothing; add fields to it", "lineage")
    return recorded(_items(source, card))


def _items(source: SourceFile, card: ModelCard) -> Iterator[LineageNode | LineageArrow]:
    said, root = source.path, f"file:{source.model}"
    licences = licences_of_card(card)
    yield LineageNode(root, source.model, (MODEL,), source.model, said_in=(said,), licences=licences)
    for address, key, role in ((_HUB, "base_model", BASE_MODEL), (_DATASETS, "datasets", TRAINING)):
        for name in filter(None, card.texts(key)):
            labels = (f"{name} of the Hugging Face Hub, which can change",)
            yield LineageNode(f"url:{address}{name}", name, (role,), labels=labels, said_in=(f"{said}: {key}",))
            yield LineageArrow(root, f"url:{address}{name}")
    for node in (*_evaluated_on(card), *_results(card)):
        yield node
        yield LineageArrow(root, node.id, judged=True)


def _evaluated_on(card: ModelCard) -> Iterator[LineageNode]:
    """The data sets of `model-index`, with the revision that fixes them."""
    results: dict[tuple[str, ...], dict[str, str]] = {}
    for value in card.fields:
        if len(value.keys) == 6 and _is_result(value) and value.keys[4] == "dataset":
            results.setdefault(value.keys[:4], {})[value.keys[5]] = value.text
    for keys, data in results.items():
        name, revision = data.get("type") or data.get("name", ""), data.get("revision", "")
        pin = Pin(COMMIT, revision)
        pins, version = ((pin,), "") if pin.whole else ((), revision)
        labels = (" ".join(filter(None, (name, data.get("split", ""), version))),)
        said = f"{card.path}: {'.'.join(keys)}"
        place = f"url:{_DATASETS}{name}" + (f"@{revision}" if revision else "")
        yield LineageNode(place, name, (EVALUATION_DATA,), "", pins, labels, (said,))


def _is_result(value: CardField) -> bool:
    return (value.keys[0], value.keys[2]) == ("model-index", "results")


def _results(card: ModelCard) -> Iterator[LineageNode]:
    """The metrics of `model-index`."""
    metrics = [[*value.keys, value.text] for value in card.values("model-index") if "metrics" in value.keys]
    if metrics:
        pins = (Pin("values", digest_of(metrics)),)
        name = f"card:{card.path}:metrics"
        yield LineageNode(name, f"metrics of {card.path}", (EVALUATION,), "", pins, (), (f"{card.path}: model-index",))


READER = LineageReader("huggingface", "a model card of the Hugging Face Hub", (), _recognises, _read)
