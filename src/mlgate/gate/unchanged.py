"""Which candidates a change leaves as they are: their file and every input are in git, and equal at a commit."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from mlgate.candidate.lineage_sources import LineageKeys, presented_by
from mlgate.candidate.named_files import files
from mlgate.candidate.presented import Candidate
from mlgate.gate import bind
from mlgate.gate.base_commit import found_commit, is_policy
from mlgate.gate.registers import Registers
from mlgate.gate.run import Settings
from mlgate.git.repository import Repository
from mlgate.lineage.assembled import assembled
from mlgate.lineage.lineage_reader import lineage_readers
from mlgate.policy.demanded import Policy
from mlgate.policy.filed_waivers import FILE_NAME as WAIVERS
from mlgate.policy.owners import FILE_NAME as OWNERS
from mlgate.policy.register import FILE_NAME
from mlgate.policy.selector import MOST_NAMED, matches
from mlgate.reading.fields import ENDINGS
from mlgate.values.errors import MlgateError
from mlgate.values.file_search import before_pattern, covers, is_glob
from mlgate.values.reach import Reach
from mlgate.values.unjudged import Unjudged
from mlgate.values.verdict import Verdict, Verdicts

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True)
class Touched:
    """What a change touches of some candidates."""

    judged: tuple[Path, ...]
    """The candidate files to judge."""
    unjudged: tuple[Unjudged, ...] = ()
    """Those that the change leaves as they are."""
    beside: tuple[Candidate, ...] = ()
    """The same, as candidates."""
    demanded: tuple[Path, ...] = ()
    """Those of them of which the change touches only what is demanded."""

    def informed(self, found: Verdicts) -> tuple[Unjudged, ...]:
        """Those that are not judged, each with its verdict under the policies here, which decides nothing."""
        said = {verdict.path: _would_be(verdict) for verdict in found.verdicts}
        said |= {each.path: f"it would be refused: {each.problems[0].message}" for each in found.refusals}
        return tuple(
            replace(entry, message=f"{entry.message}; for information: under the policies here, {said[entry.path]}")
            if entry.path in said
            else entry
            for entry in self.unjudged
        )


def _would_be(verdict: Verdict) -> str:
    blocking = [f"{outcome.name} ({outcome.status.value})" for outcome in verdict.outcomes if outcome.blocking]
    if verdict.allowed or not blocking:
        return "it would be allowed" if verdict.allowed else "nothing would be asked of it"
    more = f" and {len(blocking) - MOST_NAMED} more" if len(blocking) > MOST_NAMED else ""
    return f"it would be blocked by {', '.join(blocking[:MOST_NAMED])}{more}"


def changed_since(
    ref: str,
    paths: Sequence[Path],
    policies: Sequence[Policy],
    settings: Settings,
    registers: Registers,
    demanding: Sequence[Path],
    *,
    list_uncovered: bool,
) -> Touched:
    """What a change since a commit touches of some candidates.

    A file that is wrong is to be judged, which says so. With `list_uncovered` an unchanged candidate to which no policy
    applies is listed, else it is to be judged, too. `demanding` are the files and folders with policies and the like: a
    change of these alone leaves every candidate as it is, also one whose inputs are not in git.
    """
    repository, commit = found_commit(ref, settings.workspace, "--changed-from")
    tree = EarlierTree(repository, commit)
    changed = repository.differing(commit)
    alone = bool(changed) and all(_is_demanded(path, policies, demanding, settings.workspace, tree) for path in changed)
    judged, unjudged, beside, informed = [], [], [], []
    for path in paths:
        with suppress(MlgateError):
            own = bind.load(path, policies, settings.workspace, settings.roots, settings.servers)
            candidate = registers.candidate(own, path)
            covered = any(matches(policy.applies_to, candidate) for policy in policies)
            as_it_was = registers.knows(path) and not tree.watched(registers.watched(path), changed, alone=alone)
            rests = alone and not any(covers(_parts(on), _parts(file)) for on in tree.rests_on(own) for file in changed)
            if (covered or list_uncovered) and as_it_was and (rests or tree.has_as_it_is(own)):
                why: Any = "UNCHANGED" if covered else "NOT COVERED"
                said = (
                    "only what is demanded has changed since" if alone else "its file and all that it names are as at"
                )
                unjudged.append(Unjudged(candidate.file, candidate.name, why, f"{said} {ref} ({commit[:12]})"))
                beside.append(candidate)
                informed += [path] if alone and covered else []
                continue
        judged.append(path)
    return Touched(tuple(judged), tuple(unjudged), tuple(beside), tuple(informed))


def _is_demanded(
    path: str, policies: Sequence[Policy], demanding: Sequence[Path], workspace: Path, tree: EarlierTree
) -> bool:
    """Whether a file, by its path from the top, is a policy or what belongs to policies: waivers, owners, the register.

    Also one that is gone, if it lay where policies are. Elsewhere a file may make the model, too, and a change could
    bring a policy that reads it: there it counts only by its name, or if it was a policy at the commit.
    """
    named = (workspace / path).is_relative_to
    within = any(named(os.path.abspath(each)) for each in demanding)
    if path == FILE_NAME or (within and path.casefold().endswith((".yaml", ".yml"))):
        return True
    read = any(path == entry.path for policy in policies for entry in policy.inputs)
    return read and (within or _known_by_name(path) or tree.has_policy(path))


def _known_by_name(path: str) -> bool:
    """Whether a file has a name that only files of policies have: waivers, an owner, or a public key."""
    return posixpath.basename(path) in (WAIVERS, OWNERS) or path.endswith(ENDINGS)


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


@dataclass(frozen=True)
class EarlierTree:
    """The files of a commit, to which those of the work tree are compared byte by byte.

    What git does not track, as what is generated or fetched, what lies behind a link or outside the repository, and
    what a server says, counts as changed.
    """

    repository: Repository
    commit: str

    def has_as_it_is(self, candidate: Candidate) -> bool:
        """Whether a candidate's file, all that it names, and the records beside it are those of the commit."""
        if (candidate.source and candidate.source.mlflow) or _asks_a_server(candidate):
            return False
        named = [candidate.path_of(source) for _, source in files(candidate)]
        if not all(map(self.equal, (candidate.file, *named))):
            return False
        beside = tuple(self._beside(candidate))
        try:
            recorded = tuple(self._recorded(candidate))
        except MlgateError:  # there is no record, or judging it says what is wrong with it
            if candidate.of(LineageKeys).lineage or any((self.repository.top / path).exists() for path in beside):
                return False
            recorded = ()
        return all(map(self._alike, (*_OWNERS, *beside, *recorded)))

    def rests_on(self, candidate: Candidate) -> Iterator[str]:
        """Its file, all that it names, the records beside it, and the files that these name: paths and globs."""
        yield candidate.file
        yield from (candidate.path_of(source) for _, source in files(candidate))
        yield from (*_OWNERS, *self._beside(candidate))
        with suppress(MlgateError):  # then there is no record
            yield from self._recorded(candidate)

    def watched(self, globs: Sequence[str], changed: Sequence[str], *, alone: bool) -> bool:
        """Whether a file changed that is watched. A glob that no file matches watches nothing, which counts as a change
        unless what is demanded changed `alone`: that may be its repair.
        """
        if any(covers(_parts(glob), _parts(path)) for glob in globs for path in changed):
            return True
        there = [] if alone or not globs else [*self.repository.files_below(self.commit, "")]
        return not alone and not all(any(covers(_parts(glob), _parts(path)) for path in there) for glob in globs)

    def _recorded(self, candidate: Candidate) -> Iterator[str]:
        """The files that the records of the model's history name. Raises as `assembled`."""
        if candidate.model is not None:
            graph = assembled(presented_by(candidate), Reach.of(self.repository.top))
            yield from (node.path for node in graph.nodes if node.path)

    def has_policy(self, path: str) -> bool:
        """Whether the commit has a policy at a path."""
        return is_policy(self.repository.small(self.repository.blob(self.commit, path)))

    def equal(self, path: str) -> bool:
        """Whether a file, a folder or what is around a glob is there, and the same."""
        if path.startswith(("..", "/")) or not path:
            return False
        place = self.repository.top / path
        if is_glob(path) and not place.exists():
            place = before_pattern(place)
        here = self._here(place)
        return bool(here) and here == self.repository.files_below(self.commit, self._from_top(place))

    def _alike(self, path: str) -> bool:
        """Whether a file or folder is the same, or is in neither."""
        place = self.repository.top / path
        if not os.path.lexists(place):
            return not self.repository.files_below(self.commit, path)
        return self.equal(path)

    def _here(self, place: Path) -> dict[str, str]:
        """The digests of a file, or of all files below a folder; none where a link leads away."""
        if os.path.realpath(place) != os.path.abspath(place):
            return {}
        every = [place] if place.is_file() else list(place.rglob("*"))
        if any(file.is_symlink() or "\n" in str(file) or file.name == ".git" for file in every):
            return {}
        found = [file for file in every if not file.is_dir()]
        digests = self.repository.blobs_of(found)
        return dict(zip(map(self._from_top, found), digests, strict=True)) if len(digests) == len(found) else {}

    def _from_top(self, place: Path) -> str:
        return place.relative_to(self.repository.top).as_posix()

    def _beside(self, candidate: Candidate) -> Iterator[str]:
        """The records of other tools that lie beside a candidate, now or at the commit."""
        folder = posixpath.dirname(candidate.file)
        yield from (posixpath.join(folder, name) for reader in lineage_readers().values() for name in reader.found_as)
        here = (file.name for file in (self.repository.top / folder).glob("*.dvc"))
        earlier = self.repository.files_below(self.commit, folder)
        there = (posixpath.basename(path) for path in earlier if posixpath.dirname(path) == folder)
        names = {*here, *(name for name in there if name.endswith(".dvc"))}
        yield from (posixpath.join(folder, name) for name in sorted(names))


def _asks_a_server(value: object) -> bool:
    """Whether a candidate, or a part of it, is what a server says."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = [(field.name, getattr(value, field.name)) for field in fields(value)]
        return any((name == "server" and bool(part)) or _asks_a_server(part) for name, part in parts)
    if isinstance(value, dict):
        return any(map(_asks_a_server, value.values()))
    return isinstance(value, (tuple, list)) and any(map(_asks_a_server, value))
