"""A candidate as it was written in an earlier commit, whose source is not asked again: the run may be gone since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlgate.candidate.from_source import SOURCE, Sourcing, with_text
from mlgate.candidate.presented import Candidate
from mlgate.evidence.sources import FileSource, Source
from mlgate.reading.strict_yaml import Mapping

_UNKNOWN = "what the source says"


def as_supplied_to(now: Candidate) -> Sourcing:
    """What completes the earlier candidate, so that only what people have written in it is compared.

    A file that was left to the source is the one that the candidate has now.
    """

    def completed(node: Mapping, _folder: Path) -> Mapping:
        found = node
        for keys, path, supplied in _files(now) if node.get(SOURCE) is not None else ():
            written = _has(node, *keys)
            if not _has(node, *keys, "path") and not _has(node, *keys, "facts") and (written or supplied):
                found = with_text(found, (*keys, "path"), path or _UNKNOWN, node.key_at(SOURCE))
        return found

    return completed


def _files(now: Candidate) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """The keys of each file that a source can say, the candidate's path, and whether its source has said it."""
    tables = {name: table.source for name, table in now.tables}
    sources: dict[tuple[str, ...], Source | None] = {("model",): now.model.source if now.model else None}
    sources |= {("predictions",): now.predictions.source if now.predictions else None}
    sources |= {("tables", name): tables.get(name) for name in ("train", "evaluation")}
    for keys, source in sources.items():
        name = ".".join((*keys, "path"))
        supplied = SOURCE in now.written and name in now.written and now.written[name].at == now.written[SOURCE].at
        yield keys, source.path if isinstance(source, FileSource) else "", supplied


def _has(node: Mapping, *keys: str) -> bool:
    """Whether a tree has something at a path of keys."""
    first, *rest = keys
    below = node.get(first)
    return below is not None if not rest else isinstance(below, Mapping) and _has(below, *rest)
