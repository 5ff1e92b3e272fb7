"""From files with tests of policies to what is to be run. All problems of all files are reported together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_pack, load_policies
from mlgate.policy.named_tests import PATTERNS, is_named_as_tests
from mlgate.policy.packs import PREFIX, packs, why_no_pack
from mlgate.policy.policy_test_keys import (
    Answered,
    ChangeKeys,
    ExpectedKeys,
    MutationKeys,
    PolicyTestFileKeys,
    PolicyTestKeys,
    is_none,
)
from mlgate.reading import locate
from mlgate.reading.fields import FilesBeside, FormatVersion, Missing, ProblemReport, read_record
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar, parse
from mlgate.testing.made_files import FileSet
from mlgate.values.errors import InputError, Location
from mlgate.values.words import did_you_mean

NAME = "tested"
"""The name of a candidate that a test does not name."""
OWN_RULES = ("expects", "inputs")
"""Ids of outcomes that are of no rule: of `expects:` and of the gate itself."""


@dataclass(frozen=True)
class TrialCandidate:
    """A candidate of a test: the tree of its file, and the files that it names."""

    node: MappingNode
    files: Mapping[str, bytes]
    as_of: date | None
    committed: Mapping[str, bytes] = field(default_factory=dict)
    """The files of the commit that other files name; empty if none names one."""
    naming_commit: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One test: a candidate, and what must become of it."""

    name: str
    at: Location
    candidate: TrialCandidate
    verdict: Answered | None = None
    message: str = ""
    expect: Mapping[str, ExpectedKeys] = field(default_factory=dict)
    """By the full names of rules, `policy:rule`."""
    caught_by: tuple[str, ...] = ()
    """The full names of rules. Only a mutation has some."""
    good: TrialCandidate | None = None
    """The candidate that was mutated."""


@dataclass(frozen=True)
class PolicySuite:
    """One file with tests, and the policies that it tests."""

    file: str
    policies: tuple[Policy, ...]
    trials: tuple[Trial, ...]


def load_suites(paths: Sequence[Path], workspace: Path) -> tuple[PolicySuite, ...]:
    """The tests in some files, folders and globs. Raises InputError with all problems of all files."""
    files = locate.find(paths, is_named_as_tests, cwd=Path.cwd(), what=f"tests of policies ({PATTERNS[0]})")
    locate.refuse_links_out(files, workspace, ())
    report = ProblemReport()
    found = [_SuiteReading(path, locate.shown(path, workspace), workspace, report).suite() for path in files]
    report.raise_if_any()
    return tuple(suite for suite in found if suite)


@dataclass
class _SuiteReading:
    """One file as it is read."""

    path: Path
    name: str
    workspace: Path
    report: ProblemReport
    policies: tuple[Policy, ...] = ()

    def suite(self) -> PolicySuite | None:
        if not is_named_as_tests(self.path.name):
            said = f"a file with tests of policies has a name such as `credit{PATTERNS[0][1:]}`"
            self.report.add(Location(self.name), f"{said}; name such a file, or a folder")
            return None
        node = parse(locate.read(self.path, self.name), self.name, self.report.problems)
        given = self._keys(node) if node else None
        if given is None or not isinstance(node, MappingNode):
            return None
        before = len(self.report.problems)
        if not given.tests and not given.mutations:
            self.report.add(node.at, "the file tests nothing; add `tests` or `mutations`")
        self.policies = tuple(self._with_functions(policy) for policy in self._tested(given, node))
        if len(self.report.problems) > before:
            return None
        trials = tuple(_Trials(given, node, self).all())
        return PolicySuite(self.name, self.policies, trials)

    def _keys(self, node: Node) -> PolicyTestFileKeys | None:
        if isinstance(node, MappingNode):
            version = node.get("mlgate")
            if version and isinstance(FormatVersion().read(version, self.report.inside("mlgate")), Missing):
                return None
            if node.get("policy"):
                said = "this is a policy, and a file with tests of policies is required"
                self.report.add(node.key_at("policy"), f"{said}; rename the file, or remove `policy`")
                return None
        return read_record(PolicyTestFileKeys, node, self.report)

    def _tested(self, given: PolicyTestFileKeys, node: MappingNode) -> Iterator[Policy]:
        """The policies that the file names, or the one beside it."""
        at = node.key_at("policies")
        entries = given.policies or tuple(self._beside(at))
        files = [self.path.parent / entry for entry in entries if not entry.startswith(PREFIX)]
        top = Path(os.path.realpath(FilesBeside.of(self.path.parent, self.workspace).top))
        if out := next((file for file in files if not Path(os.path.realpath(file)).is_relative_to(top)), None):
            self.report.add(at, f"`policies` names {out}, which is outside the repository; name a policy inside it")
            return
        try:
            yield from load_policies(files, workspace=self.workspace) if files else ()
            for entry in entries:
                if entry.startswith(PREFIX) and entry.removeprefix(PREFIX) not in packs():
                    self.report.add(at, why_no_pack(entry, packs()))
                elif entry.startswith(PREFIX):
                    yield load_pack(entry.removeprefix(PREFIX))
        except InputError as error:
            self.report.problems.extend(error.problems)

    def _with_functions(self, policy: Policy) -> Policy:
        """The policy whose functions lie beside it, and not in the folder of a test's candidate."""
        own = ((rule, str(self.workspace / rule.folder) if rule.folder else "") for rule in policy.rules)
        return replace(policy, rules=tuple(replace(rule, functions_in=place) for rule, place in own))

    def _beside(self, at: Location) -> Iterator[str]:
        ending = next(pattern[1:] for pattern in PATTERNS if self.path.name.casefold().endswith(pattern[1:]))
        stem = self.path.name[: -len(ending)]
        names = [f"{stem}.yaml", f"{stem}.yml"]
        there = [name for name in names if (self.path.parent / name).is_file()]
        if not there:
            self.report.add(at, f"there is no policy `{names[0]}` beside this file; name the policies as `policies:`")
        yield from there[:1]


@dataclass(frozen=True)
class _Trials:
    """The tests and mutations of one file."""

    given: PolicyTestFileKeys
    node: MappingNode
    of: _SuiteReading

    def all(self) -> Iterator[Trial]:
        report, base = self.of.report, self._base()
        good_node = merged(None, self.given.candidate, report, named=True)
        good = self._candidate(good_node, base, None) if self.given.mutations else None
        names: dict[str, Location] = {}
        for entry, key, number in self._entries():
            name = entry.test if isinstance(entry, PolicyTestKeys) else entry.mutation
            if (first := names.setdefault(name, entry.at)) != entry.at:
                report.add(entry.at, f"`{name}` is also at line {first.line}; give each test its own name")
            expect = {self._rule(rule, (key, number, "expect", rule)): of for rule, of in entry.expect}
            node = merged(good_node, entry.candidate, report, named=True)
            files = base.changed(entry.files, entry.edit, entry.at, report)
            candidate = self._candidate(node, files, entry)
            if isinstance(entry, MutationKeys):
                if good and _alike(candidate, good):
                    said = f"the mutation `{name}` leaves the good candidate as it is"
                    report.add(entry.at, f"{said}; change it by `candidate`, `files` or `edit`")
                caught = tuple(self._rule(rule, (key, number, "caught_by")) for rule in entry.caught_by)
                yield Trial(name, entry.at, candidate, expect=expect, caught_by=caught, good=good)
            else:
                self._check_test(entry)
                yield Trial(name, entry.at, candidate, entry.verdict or None, entry.message, expect)

    def _entries(self) -> Iterator[tuple[PolicyTestKeys | MutationKeys, str, str]]:
        yield from ((entry, "tests", str(number)) for number, entry in enumerate(self.given.tests))
        yield from ((entry, "mutations", str(number)) for number, entry in enumerate(self.given.mutations))

    def _base(self) -> FileSet:
        nothing = FileSet(FilesBeside.of(self.of.path.parent, self.of.workspace))
        return nothing.changed(self.given.files, (), self.node.key_at("files"), self.of.report)

    def _candidate(self, node: MappingNode, files: FileSet, entry: ChangeKeys | None) -> TrialCandidate:
        digests = None
        if entry and entry.keep_digests:
            digests = self._base().made(ProblemReport()) or {}
        made = files.made(self.of.report, digests) or {}
        naming = files.naming_commit
        before = made if digests is None else digests
        committed = {name: raw for name, raw in before.items() if name not in naming} if naming else {}
        day = (entry.as_of if entry else None) or self.given.as_of
        return TrialCandidate(node, made, day, committed, naming)

    def _check_test(self, entry: PolicyTestKeys) -> None:
        report = self.of.report
        if not entry.verdict and not entry.expect:
            report.add(entry.at, f"the test `{entry.test}` expects nothing; add `verdict` or `expect`")
        if entry.message and entry.verdict != "refused":
            report.add(entry.at, "`message` is why a candidate is refused; add `verdict: refused`, or use `expect`")
        if entry.expect and entry.verdict in ("refused", "not covered"):
            report.add(entry.at, f"no rule is asked where the verdict is `{entry.verdict}`; remove `expect`")

    def _rule(self, name: str, place: tuple[str, ...]) -> str:
        """The full name of a rule of the tested policies. A name that none has is reported."""
        names = rule_names(self.of.policies)
        found = names.get(name, ())
        if len(found) == 1:
            return found[0]
        at = self.node.place_of(*place)
        if found:
            self.of.report.add(at, f"`{name}` is a rule of several policies; write one of {', '.join(found)}")
        else:
            hint = (
                did_you_mean(name, names) or f"; choose one of {', '.join(each for each in names if ':' not in each)}"
            )
            self.of.report.add(at, f"the tested policies have no rule `{name}`{hint}")
        return ""


def _alike(one: TrialCandidate, other: TrialCandidate) -> bool:
    """Whether two candidates are the same to the gate, wherever their keys stand."""
    return one.files == other.files and _plain(one.node) == _plain(other.node)


def _plain(node: Node) -> object:
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    return (node.text, node.quoted) if isinstance(node, Scalar) else [_plain(item) for item in node.items]


def rule_names(policies: Iterable[Policy]) -> Mapping[str, tuple[str, ...]]:
    """The full names that a name of a rule can mean: its id, or its full name."""
    found: dict[str, tuple[str, ...]] = {}
    for policy in policies:
        own = [rule.id for rule in policy.rules] + ["expects"] * bool(policy.expects)
        for rule in own:
            full = f"{policy.name}:{rule}"
            found[rule] = (*found.get(rule, ()), full)
            found[full] = (full,)
    return {"inputs": ("mlgate:inputs",), **found}


def merged(good: MappingNode | None, own: Node | None, report: ProblemReport, *, named: bool = False) -> MappingNode:
    """The keys of a good candidate with those that differ. With `named`, the keys that may be left out are added."""
    entries: dict[str, tuple[Scalar, Node]] = {key.text: (key, value) for key, value in (good.entries if good else ())}
    at = own.at if own else good.at if good else Location("")
    if own is not None and not isinstance(own, MappingNode):
        report.add(own.at, f"`candidate` must be a mapping with keys of a candidate file, not {own}")
    for key, value in own.entries if isinstance(own, MappingNode) else ():
        before = entries.get(key.text, (None, None))[1]
        if is_none(value):
            if entries.pop(key.text, None) is None:
                said = f"`{key.text}: none` takes a key away that the good candidate does not have"
                report.add(key.at, f'{said}; remove this line, or write "none" in quotes if the text is meant')
        elif isinstance(before, MappingNode) and isinstance(value, MappingNode):
            entries[key.text] = (key, merged(before, value, report))
        else:
            entries[key.text] = (key, value)
    if named:
        for name, text in (("candidate", NAME), ("mlgate", "1")):
            entries.setdefault(name, (Scalar(name, False, at), Scalar(text, False, at)))
    return MappingNode(tuple(entries.values()), at)
