"""From paths to policies. Every file is read once, and all problems of all files are reported together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from mlgate.policy.chain import Chain, Setting, setting
from mlgate.policy.compose import compose
from mlgate.policy.demanded import Policy
from mlgate.policy.draft import Draft, read_draft
from mlgate.policy.extended_keys import Extended
from mlgate.policy.filed_waivers import FILE_NAME as WAIVERS
from mlgate.policy.filed_waivers import FolderWaivers
from mlgate.policy.granting import HistoryOf, granted, of_work_tree
from mlgate.policy.named_tests import refuse_policies, tests_among
from mlgate.policy.origins import Origins, PolicyOrigin, pack_origin
from mlgate.policy.overriding import RulesOfFile, rules_of
from mlgate.policy.owners import FILE_NAME as OWNERS
from mlgate.policy.rules import CheckTypes
from mlgate.policy.variables import SetValue
from mlgate.policy.vocabulary import refuse_strange_selectors
from mlgate.reading import locate
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError, Location

DEEPEST = 30
"""Through how many files, each of which extends the next, a policy may lead."""
_NO_POLICIES = {OWNERS: "the file with a folder's owner", WAIVERS: "the file with a folder's waivers"}
"""The files beside policies that are none."""


def load_policies(
    paths: Sequence[Path],
    *,
    workspace: Path,
    checks: CheckTypes | None = None,
    roots: Iterable[Path] = (),
    history: HistoryOf = of_work_tree,
) -> tuple[Policy, ...]:
    """The policies in some files, folders and globs, combined with the policies that they extend.

    Raises InputError with all problems of all files. `checks` replaces the registered checks; `roots` are where links
    out of the workspace may lead; `history` says who brought waivers in.
    """
    files, tests = find_policies(paths), find_tests(paths)
    locate.refuse_links_out((*files, *tests), workspace, roots)
    refuse_policies(tests, workspace)
    with ExitStack() as opened:
        library = _library(workspace, _registered() if checks is None else checks, opened, tuple(roots))
        policies = [policy for file in files if (policy := library.policy(file))]
        library.waivers.refuse_unread(file for file in _files(paths) if file.name == WAIVERS)
        refuse_strange_selectors(policies, library.report)
        library.report.raise_if_any()
        return tuple(granted(policy, workspace, history) for policy in policies)


def load_pack(name: str) -> Policy:
    """The policy of a pack by its name and version, `baseline@1`. Raises InputError where it is not right."""
    with ExitStack() as opened:
        library = _library(Path(), _registered(), opened)
        policy = library.composed(pack_origin(name))
        library.report.raise_if_any()
    if policy is None:
        raise InputError(f"the pack `{name}` cannot be read")
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


def _library(workspace: Path, checks: CheckTypes, opened: ExitStack, roots: tuple[Path, ...] = ()) -> _Library:
    report = ProblemReport()
    return _Library(checks, report, Origins(workspace, report, opened), FolderWaivers(workspace, report, roots))


@dataclass
class _Library:
    """The drafts of all needed files, each read once."""

    checks: CheckTypes
    report: ProblemReport
    origins: Origins
    waivers: FolderWaivers
    drafts: dict[tuple[str, Setting], Draft | None] = field(default_factory=dict)
    rules: dict[tuple[str, Setting], RulesOfFile] = field(default_factory=dict)
    """The rules of each file with those that it extends."""
    names: dict[str, Location] = field(default_factory=dict)

    def policy(self, path: Path) -> Policy | None:
        """One combined policy; None if its file could not be read."""
        return self.composed(self.origins.file(path))

    def composed(self, origin: PolicyOrigin) -> Policy | None:
        """The policy of a file or a pack, combined with those that it extends; None if it could not be read."""
        chain = Chain()
        self._walk(origin, (), chain, {})
        if origin.key not in chain.drafts:
            return None
        draft = chain.drafts[origin.key]
        self._name(draft)
        filed = self.waivers.beside(origin.path, draft.keys.policy) if origin.path else None
        return compose(tuple(chain.drafts.values()), self.rules[origin.key, setting({})], self.report, filed)

    def _name(self, draft: Draft) -> None:
        name, at = draft.keys.policy, draft.node.key_at("policy")
        first = self.names.setdefault(name, at)
        if name and first != at:
            said = f"policy `{name}` is also defined at {first.file}:{first.line}"
            self.report.add(at, f"{said}; give every policy its own name")

    def _walk(
        self, origin: PolicyOrigin, above: tuple[PolicyOrigin, ...], chain: Chain, given: Mapping[str, SetValue]
    ) -> None:
        """Add the files that a file extends to the chain, in order, then the file itself, with the values of its
        variables that those above it set.
        """
        draft = self._draft(origin, given)
        if draft is None or (origin.key, setting(given)) in chain.walked:
            chain.broken |= draft is None
            return
        chain.take(draft, origin.key, given)
        below, parents, passed = (*above, origin), [], {**given, **(draft.sets or {})}
        entries = tuple(_entries(draft))
        for entry, at in entries:
            parent = self.origins.extended(entry, origin, at)
            if parent is None:
                chain.broken = True
            elif any(parent.key == link.key for link in below):
                names = " -> ".join(link.shown for link in (*below, parent))
                self.report.add(at, f"`extends` forms a circle: {names}; remove one of them")
            elif len(below) >= DEEPEST:
                self.report.add(
                    at, f"`extends` leads through more than {DEEPEST} files, one after the other; extend fewer"
                )
            elif not chain.ended:
                self._walk(parent, below, chain, passed)
                chain.refuse_too_many_ways(at, self.report)
                chain.refuse_two_values(parent.key, self._draft(parent, passed), at, self.report)
                parents.append((parent.key, setting(passed)))
        chain.refuse_untaken(draft, self.report)
        chain.drafts.setdefault(origin.key, draft)
        key = (origin.key, setting(given))
        if key not in self.rules:
            read = [self.rules[each] for each in parents if each in self.rules]
            whole = len(read) == len(entries)
            self.rules[key] = rules_of(draft, read, self.checks, self.report, whole=whole)

    def _draft(self, origin: PolicyOrigin, given: Mapping[str, SetValue]) -> Draft | None:
        key = (origin.key, setting(given))
        if key not in self.drafts:
            raw = origin.read()
            read = read_draft(raw, origin.shown, self.checks, origin.owner, self.report, origin.beside, given)
            self.drafts[key] = read
        return self.drafts[key]


def _entries(draft: Draft) -> Iterable[tuple[Extended, Location]]:
    """The entries of `extends`, each with its place."""
    node = draft.node.get("extends")
    if isinstance(node, ListNode):
        return [(entry, item.at) for entry, item in zip(draft.keys.extends, node.items)]
    return [(entry, draft.node.key_at("extends")) for entry in draft.keys.extends]
