"""From paths to policies. Every file is read once, and all problems of all files are reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mlgate.policy.compose import compose
from mlgate.policy.demanded import Policy
from mlgate.policy.draft import Draft, read_draft
from mlgate.policy.owners import FILE_NAME as OWNERS
from mlgate.policy.owners import FolderOwners
from mlgate.policy.packs import ENDING, PREFIX, packs, why_no_pack
from mlgate.policy.rules import CheckTypes
from mlgate.policy.variables import SetValue, declared_names
from mlgate.reading import locate
from mlgate.reading.fields import FilesBeside, ProblemReport
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError, Location
from mlgate.values.words import did_you_mean


def load_policies(
    paths: Sequence[Path], *, workspace: Path, checks: CheckTypes | None = None, roots: Iterable[Path] = ()
) -> tuple[Policy, ...]:
    """The policies in some files, folders and globs, combined with the policies that they extend.

    Raises InputError with all problems of all files. `checks` replaces the registered checks; `roots` are where links
    out of the workspace may lead.
    """
    files = find_policies(paths)
    locate.refuse_links_out(files, workspace, roots)
    library = _Library(workspace, _registered() if checks is None else checks)
    policies = [policy for file in files if (policy := library.policy(file))]
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
    owners = [file for file in found if file.name.casefold() in (OWNERS, "owner.yml")]
    if misnamed := [file.name for file in owners if file.name != OWNERS]:
        raise InputError(
            f"`{misnamed[0]}` is not a valid name for the file with a folder's owner; rename it to `{OWNERS}`"
        )
    # Checked per path, because a path without a policy would be ignored silently.
    for path in paths if owners else ():
        if set(_files([path])) <= set(owners):
            said = f"`{path}` matches only `{OWNERS}`, which names the owner of a folder and is not a policy"
            raise InputError(f"{said}; name a policy")
    return tuple(file for file in found if file not in owners)


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


Setting = frozenset[tuple[str, str, Location]]
"""What is set for the variables of a file: names, values as text, and where they are."""


@dataclass
class _Chain:
    """The files of one policy, inherited ones first, and what was set in them."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    walked: set[tuple[str, Setting]] = field(default_factory=set)
    taken: set[Location] = field(default_factory=set)
    """The places of values that some variable took."""
    broken: bool = False
    """Whether some file could not be read, so that its variables are not known."""


def _setting(given: Mapping[str, SetValue]) -> Setting:
    return frozenset((name, value.text, value.at) for name, value in given.items())


@dataclass
class _Library:
    """The drafts of all needed files, each read once."""

    workspace: Path
    checks: CheckTypes
    report: ProblemReport = field(default_factory=ProblemReport)
    drafts: dict[tuple[str, Setting], Draft | None] = field(default_factory=dict)
    names: dict[str, Location] = field(default_factory=dict)

    @cached_property
    def owners(self) -> FolderOwners:
        """The `owner.yaml` files of folders."""
        return FolderOwners(self.workspace, self.report)

    def policy(self, path: Path) -> Policy | None:
        """One combined policy; None if its file could not be read."""
        return self.composed(self._file(path))

    def composed(self, origin: _Origin) -> Policy | None:
        """The policy of a file or a pack, combined with those that it extends; None if it could not be read."""
        chain = _Chain()
        self._walk(origin, (), chain, {})
        if origin.key not in chain.drafts:
            return None
        self._name(chain.drafts[origin.key])
        return compose(tuple(chain.drafts.values()), self.report)

    def _name(self, draft: Draft) -> None:
        name, at = draft.keys.policy, draft.node.key_at("policy")
        first = self.names.setdefault(name, at)
        if name and first != at:
            said = f"policy `{name}` is also defined at {first.file}:{first.line}"
            self.report.add(at, f"{said}; give every policy its own name")

    def _file(self, path: Path) -> _Origin:
        return _Origin(os.path.realpath(path), locate.shown(path, self.workspace), path)

    def _walk(self, origin: _Origin, above: tuple[_Origin, ...], chain: _Chain, given: Mapping[str, SetValue]) -> None:
        """Add the files that a file extends to the chain, in order, then the file itself, with the values of its
        variables that those above it set.
        """
        draft = self._draft(origin, given)
        if draft is None or (origin.key, _setting(given)) in chain.walked:
            chain.broken |= draft is None
            return
        chain.walked.add((origin.key, _setting(given)))
        chain.taken |= {given[name].at for name in declared_names(draft.node) if name in given}
        below, own = (*above, origin), draft.sets or {}
        for entry, at in _entries(draft):
            parent = self._parent(entry, origin, at)
            if parent is None:
                chain.broken = True
            elif any(parent.key == link.key for link in below):
                names = " -> ".join(link.shown for link in (*below, parent))
                self.report.add(at, f"`extends` forms a circle: {names}; remove one of them")
            else:
                self._walk(parent, below, chain, {**given, **own})
                self._refuse_two_values(parent, chain, {**given, **own}, at)
        self._refuse_untaken(draft, chain)
        chain.drafts.setdefault(origin.key, draft)

    def _refuse_two_values(self, parent: _Origin, chain: _Chain, given: Mapping[str, SetValue], at: Location) -> None:
        """Report a file that is extended twice, with different values of one of its variables."""
        first, now = chain.drafts.get(parent.key), self._draft(parent, given)
        if first is None or now is None:
            return
        for one, other in zip(first.variables, now.variables):
            if one.value != other.value:
                self.report.add(at, f"`{parent.shown}` is extended twice: {one}, and {other}; set one value")
                return

    def _refuse_untaken(self, draft: Draft, chain: _Chain) -> None:
        """Report what a file sets without effect. Where a file that it extends is wrong, that is not known."""
        for name, value in (draft.sets or {}).items() if not chain.broken else ():
            if value.at not in chain.taken:
                known = {variable.name: variable for each in chain.drafts.values() for variable in each.variables}
                hint = did_you_mean(name, known) or f"; choose one of {', '.join(known) or 'none'}"
                if name in known:
                    hint = f", because {known[name]} already; remove one of the two"
                self.report.add(value.at, f"`set.{name}` sets no variable of what this policy extends{hint}")

    def _draft(self, origin: _Origin, given: Mapping[str, SetValue]) -> Draft | None:
        key = (origin.key, _setting(given))
        if key not in self.drafts:
            raw = locate.read(origin.path, origin.shown) if origin.path else self._pack(origin.key)
            owner = self.owners.of(origin.path) if origin.path else None
            files = FilesBeside.of(origin.path.parent, self.workspace) if origin.path else None
            self.drafts[key] = read_draft(raw, origin.shown, self.checks, owner, self.report, files, given)
        return self.drafts[key]

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
