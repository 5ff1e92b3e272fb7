"""From paths to policies. Every file is read once, and all problems of all files are reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mlgate.policy.compose import compose
from mlgate.policy.demanded import Policy
from mlgate.policy.draft import Draft, read_draft
from mlgate.policy.filed_waivers import FILE_NAME as WAIVERS
from mlgate.policy.filed_waivers import FolderWaivers
from mlgate.policy.named_tests import refuse_policies, tests_among
from mlgate.policy.overriding import RulesOfFile, rules_of
from mlgate.policy.owners import FILE_NAME as OWNERS
from mlgate.policy.owners import FolderOwners
from mlgate.policy.packs import ENDING, PREFIX, packs, why_no_pack
from mlgate.policy.rules import CheckTypes
from mlgate.reading import locate
from mlgate.reading.fields import FilesBeside, ProblemReport
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError, Location

_NO_POLICIES = {OWNERS: "the file with a folder's owner", WAIVERS: "the file with a folder's waivers"}
"""The files beside policies that are none."""


def load_policies(
    paths: Sequence[Path], *, workspace: Path, checks: CheckTypes | None = None, roots: Iterable[Path] = ()
) -> tuple[Policy, ...]:
    """The policies in some files, folders and globs, combined with the policies that they extend.

    Raises InputError with all problems of all files. `checks` replaces the registered checks; `roots` are where links
    out of the workspace may lead.
    """
    files, tests = find_policies(paths), find_tests(paths)
    locate.refuse_links_out((*files, *tests), workspace, roots)
    refuse_policies(tests, workspace)
    library = _Library(workspace, _registered() if checks is None else checks, tuple(roots))
    policies = [policy for file in files if (policy := library.policy(file))]
    library.waivers.refuse_unread(file for file in _files(paths) if file.name == WAIVERS)
    library.report.raise_if_any()
    return tuple(policies)


def load_pack(name: str) -> Policy:
    """The policy of a pack by its name and version, `baseline@1`. Raises InputError where it is not right."""
    library = _Library(Path(), _registered())
    policy = library.composed(_Origin(f"{PREFIX}{name}", f"{PREFIX}{name}{ENDING}"))
    library.report.raise_if_any()
    if policy is None:
        raise InputError(f"the pack `{PREFIX}{name}` cannot be read")
    return policy


def find_policies(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The policy files in some files, folders and globs. Raises InputError for a path that matches none."""
    found = _files(paths)
    aside = [file for file in found if file.with_suffix(".yaml").name.casefold() in _NO_POLICIES]
    if misnamed := [file.name for file in aside if file.name not in _NO_POLICIES]:
        right = Path(misnamed[0]).with_suffix(".yaml").name.casefold()
        raise InputError(f"`{misnamed[0]}` is not a valid name for {_NO_POLICIES[right]}; rename it to `{right}`")
    others = {*aside, *tests_among(found)}
    # Checked per path, because a path without a policy would be ignored silently.
    for path in paths if others else ():
        if (below := set(_files([path]))) <= others:
            raise InputError(f"`{path}` matches only {_what_else(below)} and no policy; name a policy")
    return tuple(file for file in found if file not in others)


def find_tests(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files with tests of policies in some files, folders and globs."""
    return tests_among(_files(paths))


def _what_else(files: Iterable[Path]) -> str:
    """What lies beside policies and is none."""
    names = sorted({file.name for file in files} & set(_NO_POLICIES))
    if names:
        return " and ".join(f"`{name}`, {_NO_POLICIES[name]}," for name in names)
    return "tests of policies, which `mlgate test` runs,"


def _files(paths: Sequence[Path]) -> tuple[Path, ...]:
    return locate.find(paths, locate.named("*.yaml", "*.yml"), cwd=Path.cwd(), what="policy")


def _registered() -> CheckTypes:
    from mlgate.checks.registry import checks

    return checks()


@dataclass(frozen=True)
class _Origin:
    """A file's identity: the name of a pack, or a path. Reports call it by `shown`."""

    key: str
    shown: str
    path: Path | None = None


@dataclass
class _Library:
    """The drafts of all needed files, each read once."""

    workspace: Path
    checks: CheckTypes
    roots: tuple[Path, ...] = ()
    report: ProblemReport = field(default_factory=ProblemReport)
    drafts: dict[str, Draft | None] = field(default_factory=dict)
    rules: dict[str, RulesOfFile] = field(default_factory=dict)
    """The rules of each file with those that it extends."""
    names: dict[str, Location] = field(default_factory=dict)

    @cached_property
    def owners(self) -> FolderOwners:
        """The `owner.yaml` files of folders."""
        return FolderOwners(self.workspace, self.report)

    @cached_property
    def waivers(self) -> FolderWaivers:
        """The `waivers.yaml` files of folders."""
        return FolderWaivers(self.workspace, self.report, self.roots)

    def policy(self, path: Path) -> Policy | None:
        """One combined policy; None if its file could not be read."""
        return self.composed(self._file(path))

    def composed(self, origin: _Origin) -> Policy | None:
        """The policy of a file or a pack, combined with those that it extends; None if it could not be read."""
        chain: dict[str, Draft] = {}
        self._walk(origin, (), chain)
        if origin.key not in chain:
            return None
        self._name(chain[origin.key])
        name = chain[origin.key].keys.policy
        filed = self.waivers.beside(origin.path, name) if origin.path else None
        return compose(tuple(chain.values()), self.rules[origin.key], self.report, filed)

    def _name(self, draft: Draft) -> None:
        name, at = draft.keys.policy, draft.node.key_at("policy")
        first = self.names.setdefault(name, at)
        if name and first != at:
            said = f"policy `{name}` is also defined at {first.file}:{first.line}"
            self.report.add(at, f"{said}; give every policy its own name")

    def _file(self, path: Path) -> _Origin:
        return _Origin(os.path.realpath(path), locate.shown(path, self.workspace), path)

    def _walk(self, origin: _Origin, above: tuple[_Origin, ...], chain: dict[str, Draft]) -> None:
        """Add the files that a file extends to the chain, in order, then the file itself."""
        draft = self._draft(origin)
        if draft is None or origin.key in chain:
            return
        below, parents = (*above, origin), []
        entries = tuple(_entries(draft))
        for entry, at in entries:
            parent = self._parent(entry, origin, at)
            if parent is None:
                continue
            if any(parent.key == link.key for link in below):
                names = " -> ".join(link.shown for link in (*below, parent))
                self.report.add(at, f"`extends` forms a circle: {names}; remove one of them")
            else:
                self._walk(parent, below, chain)
                parents.append(parent.key)
        chain[origin.key] = draft
        if origin.key not in self.rules:
            read = [self.rules[key] for key in parents if key in self.rules]
            whole = len(read) == len(entries)
            self.rules[origin.key] = rules_of(draft, read, self.checks, self.report, whole=whole)

    def _draft(self, origin: _Origin) -> Draft | None:
        if origin.key not in self.drafts:
            raw = locate.read(origin.path, origin.shown) if origin.path else self._pack(origin.key)
            owner = self.owners.of(origin.path) if origin.path else None
            files = FilesBeside.of(origin.path.parent, self.workspace) if origin.path else None
            self.drafts[origin.key] = read_draft(raw, origin.shown, self.checks, owner, self.report, files)
        return self.drafts[origin.key]

    def _pack(self, key: str) -> bytes:
        return packs()[key.removeprefix(PREFIX)].read_bytes()

    def _parent(self, entry: str, child: _Origin, at: Location) -> _Origin | None:
        """The file that an entry of `extends` names, or None with the problem in the report."""
        if entry.startswith(PREFIX):
            if entry.removeprefix(PREFIX) in packs():
                return _Origin(entry, f"{entry}{ENDING}")
            self.report.add(at, why_no_pack(entry, packs()))
        elif entry.startswith("git+") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", entry):
            said = f"`extends: {entry}` is not supported by this version"
            self.report.add(at, f"{said}; put the file beside this one, or use a pack `mlgate/<name>@<version>`")
        else:
            return self._beside(entry, child, at)
        return None

    def _beside(self, entry: str, child: _Origin, at: Location) -> _Origin | None:
        if child.path is None:
            self.report.add(at, f"a pack can extend only packs, not the file `{entry}`; name a pack")
            return None
        path = child.path.parent / entry
        parent = self._file(path)
        inside = _within(child.path, self.workspace)
        if Path(entry).is_absolute() or (inside and not _within(path, self.workspace)):
            self.report.add(
                at,
                f"`{entry}` is outside {'the workspace' if inside else 'this folder'}; extend a file inside it",
            )
            return None
        if not os.path.isfile(path):
            self.report.add(at, f"the file `{entry}` does not exist beside this one; correct the path")
            return None
        return parent


def _within(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _entries(draft: Draft) -> Iterable[tuple[str, Location]]:
    """The entries of `extends`, each with its place."""
    node = draft.node.get("extends")
    if isinstance(node, ListNode):
        return [(entry, item.at) for entry, item in zip(draft.keys.extends, node.items)]
    return [(entry, draft.node.key_at("extends")) for entry in draft.keys.extends]
