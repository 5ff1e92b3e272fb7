"""Reads a model card: Markdown with or without front matter, as on the Hugging Face Hub, or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlgate.reading.cards.card_json import card_of_json
from mlgate.reading.cards.card_markdown import numbers_of, sections_of
from mlgate.reading.cards.model_card import CardField, ModelCard, StatedNumber
from mlgate.reading.placeholders import placeholder_in
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence, parse
from mlgate.values.errors import EvidenceError, Problem

MOST_BYTES, MOST_SECTIONS = 4 << 20, 2_000
_MARK = re.compile(r"---[ \t]*")
_BREAKS = re.compile(r"\r\n|\r|\n")
_MOST_PROBLEMS = 3


def read_card(raw: bytes, path: str) -> ModelCard:
    """The card in the bytes of a file. Raises EvidenceError where it is not one."""
    if len(raw) > MOST_BYTES:
        raise EvidenceError(f"{path} has more than {MOST_BYTES >> 20} MiB; a model card is text, so move its pictures")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{path} is not UTF-8 (byte {error.start + 1}); write it as UTF-8") from error
    if "\0" in text:
        raise EvidenceError(f"{path} has a NUL, so it is not a text; name the model card")
    card = card_of_json(text, path) if text.lstrip()[:1] == "{" else _card_of_markdown(text, path)
    if len(card.sections) > MOST_SECTIONS:
        raise EvidenceError(f"{path} has more than {MOST_SECTIONS:,} headings; name a model card")
    return card


def _card_of_markdown(text: str, path: str) -> ModelCard:
    lines = _BREAKS.split(text)
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    end = _end_of_front_matter(lines, first)
    fields = tuple(_front_matter(lines[first + 1 : end], first, path)) if end else ()
    after = end + 1 if end else 0
    sections = sections_of(lines[after:], after + 1)
    numbers = (*_model_index(fields), *numbers_of(sections))
    return ModelCard(path, fields, tuple(sections), numbers)


def _end_of_front_matter(lines: list[str], first: int) -> int:
    """The index of the line that ends the front matter; 0 if there is none."""
    if not lines or not _MARK.fullmatch(lines[first]):
        return 0
    return next((at for at in range(first + 1, len(lines)) if _MARK.fullmatch(lines[at])), 0)


def _front_matter(lines: list[str], before: int, path: str) -> Iterator[CardField]:
    """The fields. Raises EvidenceError where they are not a mapping of YAML."""
    problems: list[Problem] = []
    empty = all(not line.strip() or line.lstrip().startswith("#") for line in lines)
    node = None if empty else parse(("\n" * (before + 1) + "\n".join(lines) + "\n").encode(), path, problems)
    held = placeholder_in("\n".join(lines)) if problems else ""
    if held:
        raise EvidenceError(f"{path}:{before + 1}: the front matter has the placeholder `{held}`; write its fields")
    if problems:
        raise EvidenceError("; ".join(map(str, problems[:_MOST_PROBLEMS])))
    if node is not None and not isinstance(node, Mapping):
        raise EvidenceError(f"{path}: the front matter is {node}, and it must be a mapping; correct it")
    if node is not None:
        yield from _fields(node, ())


def _fields(node: Node, keys: tuple[str, ...]) -> Iterator[CardField]:
    if isinstance(node, Mapping):
        for key, below in node.entries:
            yield from _fields(below, (*keys, key.text))
    elif isinstance(node, Sequence):
        for at, below in enumerate(node.items):
            yield from _fields(below, (*keys, str(at)))
    elif isinstance(node, Scalar):
        yield CardField(keys, "" if node.null else node.text, node.at.line)


_RESULT = ("model-index", "results", "metrics")
_NAMING = (("dataset", "name"), ("dataset", "type"), ("dataset", "config"), ("dataset", "split"), ("task", "name"))


def _model_index(fields: tuple[CardField, ...]) -> Iterator[StatedNumber]:
    """The metrics of `model-index`, each by its type and by its name, with the model and the data that it is about."""
    known = {found.keys: found for found in fields}
    for found in fields:
        keys = found.keys
        if len(keys) == 7 and (keys[0], keys[2], keys[4], keys[6]) == (*_RESULT, "value"):
            result, metric = keys[:4], keys[:6]
            places = ((*keys[:2], "name"), *((*result, *names) for names in _NAMING))
            of = tuple(known[place].text for place in places if place in known)
            called = [known[*metric, key].text for key in ("type", "name") if (*metric, key) in known]
            for name in dict.fromkeys(called) or [""]:
                yield StatedNumber(name, found.text, of, found.line, declared=True)
