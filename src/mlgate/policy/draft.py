"""One policy file as read, before it is combined with the policies that it extends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from mlgate.checks.base import Check
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.lineage.lineage_reader import unfit_server
from mlgate.policy.demanded import Rule, Variable
from mlgate.policy.function_files import function_files
from mlgate.policy.grouping import read_derive, read_groups
from mlgate.policy.owners import FILE_NAME, FolderOwner
from mlgate.policy.policy_keys import PolicyKeys
from mlgate.policy.rules import CheckTypes, read_rules
from mlgate.policy.variables import FileVariables, SetValue, refuse_unused, set_values
from mlgate.reading.fields import (
    FilesBeside,
    FormatVersion,
    Missing,
    ProblemReport,
    keys,
    read_values,
    refuse_unknown,
    texts_beside,
)
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import parse
from mlgate.values.errors import Location
from mlgate.values.provenance import Input

NOTHING_SET: Mapping[str, SetValue] = MappingProxyType({})


@dataclass(frozen=True)
class Draft:
    """One policy file with its own rules. Its problems are in the report that it was read with."""

    file: str
    inputs: tuple[Input, ...]
    """The digests of the file, of the files that its rules name, and of the `owner.yaml` that names its owner."""
    owner: str
    owner_at: Location
    keys: PolicyKeys
    node: MappingNode
    rules: tuple[Rule, ...] = ()
    places: Mapping[str, Location] | None = None
    """The place of each rule id, even of rules with problems."""
    changes: Mapping[str, MappingNode] = field(default_factory=dict)
    """By id: what changes a rule of a file that it extends."""
    files: FilesBeside | None = None
    """Where files lie that its rules name."""
    checks: tuple[type[Check], ...] = ()
    """The checks that its rules name, whether or not the rules have problems."""
    derive: Mapping[str, Bands] | None = None
    groups: Mapping[str, GroupSpec] | None = None
    roots: tuple[Path, ...] = ()
    servers: Mapping[str, str] | None = None
    variables: tuple[Variable, ...] = ()
    """The variables of the file, with their values."""
    variables_of: Mapping[Location, tuple[Variable, ...]] = field(default_factory=dict)
    """Those that each rule names, and each change of a rule, by its place."""
    cutting: frozenset[str] = frozenset()
    """Those in `derive` and `groups`."""
    sets: Mapping[str, SetValue] | None = None
    """What it sets in the files that it extends."""


def read_draft(
    raw: bytes,
    file: str,
    checks: CheckTypes,
    of_folder: FolderOwner | None,
    report: ProblemReport,
    files: FilesBeside | None = None,
    given: Mapping[str, SetValue] = NOTHING_SET,
) -> Draft | None:
    """Read one file as far as its problems allow. None if it is not a mapping of a known format version.

    `files` is where files lie that its rules name; a pack names none. `given` is what extending policies set.
    """
    written = _policy_in(raw, file, report)
    if written is None:
        return None
    values = FileVariables(written, given, report).read()
    node = values.whole(written)
    refuse_unused(values, written)
    before = len(report.problems)
    draft = _draft_of(node, file, raw, checks, of_folder, report, files)
    values.explain(report.problems, before)
    return replace(
        draft,
        rules=tuple(replace(rule, variables=values.rules.get(rule.at, ())) for rule in draft.rules),
        variables=tuple(found.variable for found in values.known.values() if found),
        variables_of=values.rules,
        cutting=frozenset(values.cutting),
        sets=set_values(node),
    )


def _draft_of(
    node: MappingNode,
    file: str,
    raw: bytes,
    checks: CheckTypes,
    of_folder: FolderOwner | None,
    report: ProblemReport,
    files: FilesBeside | None,
) -> Draft:
    """A file whose variables have values."""
    refuse_unknown(node, keys(PolicyKeys), report)
    values = read_values(PolicyKeys, node, report)
    given = PolicyKeys(**{"mlgate": 1, "policy": "", "owner": "", **values})
    owner = None if node.get("owner") else of_folder
    if owner is None and not node.get("owner"):
        said = f"missing key `owner`; add it here, or for all policies of the folder in `{FILE_NAME}`"
        report.add_lacking(node.at, ("owner",), said)
    reading = read_rules(given, checks, replace(report, files=files))
    folder = files.folder if files and not files.prefix else None
    return Draft(
        file=file,
        inputs=(
            Input("policy", file, hashlib.sha256(raw).hexdigest()),
            *([owner.input] if owner else []),
            *(Input("policy", text.path, text.sha256) for rule in reading.rules for text in texts_beside(rule.check)),
            *function_files(reading.rules, files),
        ),
        owner=owner.owner if owner else given.owner,
        owner_at=owner.at if owner else node.key_at("owner"),
        keys=given,
        node=node,
        rules=reading.rules,
        places=reading.places,
        changes=reading.changes,
        files=files,
        checks=reading.checks,
        derive=read_derive(given, node, report),
        groups=read_groups(given),
        roots=_roots(given, node, folder, report),
        servers=_servers(given, node, files is None, report),
    )


def _policy_in(raw: bytes, file: str, report: ProblemReport) -> MappingNode | None:
    """The mapping of a policy of a known format version."""
    node = parse(raw, file, report.problems)
    if node is None:
        return None
    if not isinstance(node, MappingNode):
        report.add(node.at, f"a policy file must be a mapping with the keys {', '.join(keys(PolicyKeys))}")
        return None
    version = node.get("mlgate")
    # A file of another version may have other keys, so further messages would mislead.
    if version and isinstance(FormatVersion().read(version, report.inside("mlgate")), Missing):
        return None
    if node.get("candidate") and not node.get("policy"):
        report.add(node.key_at("candidate"), "this is a candidate file, and a policy is required; name it as CANDIDATE")
        return None
    if node.get("known_failures") and not node.get("policy"):
        at = node.key_at("known_failures")
        report.add(at, "these are known failures, and a policy is required; move the file, and name it by --known")
        return None
    return node


def _roots(given: PolicyKeys, node: MappingNode, folder: Path | None, report: ProblemReport) -> tuple[Path, ...]:
    """The folders of `roots`. The whole machine, or a home folder, which `~` would be, is a mistake."""
    for entry in given.roots:
        at = node.key_at("roots")
        if folder is None:
            said = "a pack, or a policy of another repository, cannot name `roots`"
            report.add(at, f"{said}; name them in the policy that extends it")
        elif entry.startswith("~") or Path(os.path.realpath(folder / entry)) == Path("/"):
            report.add(at, f"`roots` has `{entry}`; name the folder that holds the data, by its whole path")
    return () if folder is None else tuple(folder / entry for entry in given.roots)


def _servers(given: PolicyKeys, node: MappingNode, pack: bool, report: ProblemReport) -> Mapping[str, str]:
    """The addresses of `servers`, by what they are."""
    for name, address in given.servers:
        at = node.place_of("servers", name)
        if pack:
            report.add(at, "a pack cannot name `servers`; name them in the policy that extends it")
        elif why := unfit_server(name, address):
            report.add(at, why)
    return dict(given.servers)
