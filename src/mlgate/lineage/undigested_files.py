"""Files of which no source has a digest: what the commits have of them from which the runs that read them started."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlgate.evidence.file_hashes import file_hashes
from mlgate.git.repository import Repository
from mlgate.lineage.git_lfs import NOT_FETCHED, pointed_at
from mlgate.lineage.graph import CODE, COMMIT, RUN, SHA256, LineageGraph, LineageNode, Pin, State
from mlgate.lineage.source_file import SourceFile
from mlgate.values.reach import Reach

BLOB = "file in git"
"""What fixes a file that the commit has which is checked out: its digest in git."""
_NONE = "no source has recorded a digest of it"


@dataclass(frozen=True)
class UndigestedFiles:
    """What git knows of the files of a history that no source has a digest of."""

    graph: LineageGraph
    reach: Reach
    repository: Repository | None
    head: str
    """The commit that is checked out; empty if there is none."""

    def compared(self, node: LineageNode) -> LineageNode:
        """The file with the digest that fixes it, and its state.

        The commit that is checked out fixes it. It is verified where each run that read it started from a commit that
        has the same file; what a run made is in no commit that the run started from.
        """
        source = SourceFile(node.path, self.reach)
        if self.repository is None or not self.head or not source.is_file:
            return replace(node, why=_NONE)
        found = self._in_head(node, source, self.repository)
        if found.state != "verified":
            return found
        wrong = next(self._not_shown(node, self._inside(source, self.repository), self.repository), None)
        return replace(found, state=wrong[0], why=wrong[1]) if wrong else found

    def _inside(self, source: SourceFile, repository: Repository) -> str:
        """The path of a file from the top of the repository."""
        return posixpath.relpath(source.place.as_posix(), repository.top.as_posix())

    def _in_head(self, node: LineageNode, source: SourceFile, repository: Repository) -> LineageNode:
        """Whether the file is that of the commit that is checked out."""
        inside, head = self._inside(source, repository), self.head
        recorded = repository.blob(head, inside)
        if not recorded:
            return replace(node, why=f"{_NONE}, and the commit does not have it")
        same = repository.blob_of(source.place) == recorded
        pointed = pointed_at(source.head() if same else repository.text_of(head, inside).encode())
        if pointed and same:
            return replace(node, pins=(Pin(SHA256, pointed),), why=NOT_FETCHED)
        if pointed:
            same = not pointed_at(source.head()) and _sha256(source) == pointed
        pin = Pin(SHA256, pointed) if pointed else Pin(BLOB, recorded)
        said = f"it is the file of commit {head[:12]}, and was so when it was read"
        why = said if same else f"it is not the file of commit {head[:12]}; commit it"
        return replace(node, pins=(pin,), state="verified" if same else "contradicted", why=why)

    def _not_shown(self, node: LineageNode, path: str, repository: Repository) -> Iterator[tuple[State, str]]:
        """Why it is not shown that a file, which is that of HEAD, is what the runs have read; nothing if it is."""
        runs = {each.id: each for each in self.graph.nodes if RUN in each.roles}
        made = [runs[source] for thing, source in self.graph.made if thing == node.id and source in runs]
        read = [runs[thing] for thing, source in self.graph.made if source == node.id and thing in runs]
        if made or not read:
            which = f", and {made[0].name} made it" if made else ", nor a run that has read it"
            yield "unverified", f"{_NONE}{which}"
        now = _content(repository, self.head, path)
        for run in sorted(read, key=lambda each: each.id):
            commits = self._commits(run)
            if not commits:
                yield "unverified", f"{_NONE}, nor the commit of {run.name}, which has read it"
            for commit in commits:
                if not repository.has(commit):
                    yield "unverified", f"{_NONE}, and commit {commit[:12]} of {run.name} is not here"
                elif not (then := _content(repository, commit, path)):
                    yield "unverified", f"{_NONE}, and commit {commit[:12]} of {run.name} does not have it"
                elif then != now:
                    yield "contradicted", f"it is not the file of commit {commit[:12]}, from which {run.name} started"

    def _commits(self, run: LineageNode) -> list[str]:
        """The commits that a run started from."""
        code = [node for node in self.graph.sources_of(run.id) if CODE in node.roles]
        return [pin.value for node in code for pin in node.pins if pin.kind == COMMIT]


def _content(repository: Repository, commit: str, path: str) -> str:
    """The SHA-256 of a file as a commit has it, or as the pointer of Git LFS says; empty if it does not have it."""
    return pointed_at(repository.text_of(commit, path).encode()) or repository.sha256_of(commit, path)


def _sha256(source: SourceFile) -> str:
    return file_hashes(source.place, source.path, ("sha256",), empty=True).values[0]
