"""The question for what the files of a model are, and how large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlgate.checks.operations.artifact_content import ArtifactContent, BrokenContentError, Unpacked, Window
from mlgate.checks.operations.artifact_scan import MOST_PARTS, UNKNOWN, ArtifactPart, scanned
from mlgate.evidence.files import Unchanged, contained, located, reading, regular, walk
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import is_glob
from mlgate.values.reach import Reach
from mlgate.values.words import counted

MOST_FILES, MOST_UNPACKED = 10_000, 4 << 30


@dataclass(frozen=True)
class ArtifactFact:
    """The files of a model, those in archives too, and the bytes of the files themselves."""

    parts: tuple[ArtifactPart, ...]
    size: int


@dataclass(frozen=True)
class ArtifactOf(Need):
    """What the files of a model are, by their content."""

    name = "artifact"
    fact = ArtifactFact
    beside = True
    path: str

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ArtifactFact) -> str:
        """No file, and a size below 0."""
        return not_counts(fact.size, *(part.size for part in fact.parts)) or ("" if fact.parts else "it has no file")

    def answer(self, tables: OpenTables) -> ArtifactFact:
        """The files. Raises EvidenceError or MachineError where they cannot be read."""
        reach = tables.reach
        path, budget = located(FileSource(self.path, reach.workspace), reach), Unpacked(MOST_UNPACKED)
        if is_glob(self.path) and not path.exists():
            raise EvidenceError(f"{self.path} names several files; name the model's file or folder", "model.path")
        names = sorted(walk(path, reach, hidden=True)) if path.is_dir() else [path]
        if not 0 < len(names) <= MOST_FILES:
            said = f"{self.path} has {counted(len(names), 'file')}, and from 1 to {MOST_FILES:,} are judged"
            raise EvidenceError(f"{said}; name the model's own file or folder", "model.path")
        parts: list[ArtifactPart] = []
        size = 0
        for name in names:
            shown = self.path if name == path else f"{self.path}/{name.relative_to(path).as_posix()}"
            found = list(_parts(name, shown, reach, budget, folder=name != path))
            size += found[0].size
            parts += found
            if len(parts) > MOST_PARTS:
                raise EvidenceError(f"{self.path} has more than {MOST_PARTS:,} files in its archives", "model.path")
        return ArtifactFact(tuple(parts), size)


def _parts(path: Path, shown: str, reach: Reach, budget: Unpacked, *, folder: bool) -> Iterator[ArtifactPart]:
    contained(path, reach, shown)
    with reading(shown):
        regular(path, shown, empty=folder)
        before = Unchanged.of([path])
        size = before.signatures[0][1][2]
        with path.open("rb") as opened:
            content = ArtifactContent.of(shown, Window(opened, 0, size), size)  # type: ignore[arg-type]  # reads alike
            try:
                yield from scanned(content, budget)
            except BrokenContentError as error:
                yield ArtifactPart(shown, UNKNOWN, size, fault=str(error))
        before.check()
