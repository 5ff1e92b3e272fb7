"""Who granted a waiver, where the policy asks for another person: the author of the commit that brought it in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from mlgate.candidate.presented import Candidate
from mlgate.git.file_history import FileHistory
from mlgate.git.repository import Repository
from mlgate.lineage.approvals import Person
from mlgate.policy.demanded import Policy, Waiver
from mlgate.policy.filed_waivers import FILE_NAME, WaiversFileKeys
from mlgate.policy.policy_keys import PolicyKeys, WaiverKeys
from mlgate.reading.fields import ProblemReport, params
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location

Grants = frozenset[tuple[object, ...]]
HistoryOf = Callable[[Path], FileHistory | None]
"""The history of a file; None where it has none."""
_SEPARATORS = re.compile(r"[,;/&]|\band\b")


def of_work_tree(file: Path) -> FileHistory | None:
    """The history up to the commit that is checked out around a file."""
    repository = Repository.at(file.parent)
    if repository is None or not repository.head:
        return None
    return FileHistory(repository, repository.head, file.relative_to(os.path.realpath(repository.top)).as_posix())


def granted(policy: Policy, workspace: Path, history: HistoryOf) -> Policy:
    """The policy with those who granted each waiver, if it asks who they are.

    `workspace` is the folder that the waivers' places are named from.
    """
    if policy.approver != "other" or not policy.waivers:
        return policy
    return replace(policy, waivers=tuple(_granted(policy, each, workspace, history) for each in policy.waivers))


def _granted(policy: Policy, waiver: Waiver, workspace: Path, history: HistoryOf) -> Waiver:
    file = Path(os.path.realpath(workspace / waiver.at.file))
    found = history(file)
    if found is None:
        return replace(waiver, ungranted=f"{waiver.at.file} is in no commit, and its approver is who commits it")
    filed = file.name == FILE_NAME
    wanted = next((each for each in _terms(file.read_bytes(), filed, waiver.at)), None)
    name = f"{policy.name}:{waiver.rule}" if filed else waiver.rule
    if wanted is None or wanted[0] != name or wanted not in _grants(found.text, filed):
        said = "it is not committed as it is here, so that nobody has granted it yet"
        return replace(waiver, ungranted=f"{said}; let another person commit it")
    commits = found.brought_by(lambda text: wanted in _grants(text, filed))
    if not commits:
        said = "the clone lacks the commit that brought it in"
        return replace(waiver, ungranted=f"{said}; fetch it with `git fetch --unshallow`")
    return replace(waiver, granted_by=tuple(dict.fromkeys(each.author for each in commits)))


@lru_cache(maxsize=256)
def _grants(text: bytes, filed: bool) -> Grants:
    """What the waivers of a file allow."""
    return frozenset(_terms(text, filed))


def _terms(text: bytes, filed: bool, at: Location | None = None) -> Iterator[tuple[object, ...]]:
    """What each waiver of a file allows, for whom and until when; with a place, only the one there.

    A waiver that cannot be read is none.
    """
    node = parse(text, "", [])
    listed = node.get("waivers") if isinstance(node, Mapping) else None
    spec = next(entry.spec for entry in params(WaiversFileKeys if filed else PolicyKeys) if entry.key == "waivers")
    if not isinstance(listed, ListNode):
        return
    for item in listed.items:
        if at is None or (item.at.line, item.at.column) == (at.line, at.column):
            report = ProblemReport()
            alone = spec.read(replace(listed, items=(item,)), report)
            if not report.problems and isinstance(alone, tuple):
                yield from map(_allowed, alone)


def _allowed(keys: WaiverKeys) -> tuple[object, ...]:
    bounds = tuple(None if each is None else each.value for each in (keys.not_below, keys.not_above))
    return keys.rule, frozenset(keys.where), *bounds, keys.applies_to, keys.granted, keys.expires


def why_not_granted(waiver: Waiver, candidate: Candidate) -> str:
    """Why a waiver is not granted to a candidate by another person than the model's owner; empty if it is."""
    if waiver.ungranted or not waiver.granted_by:
        return waiver.ungranted or "who granted it is not known"
    if not candidate.owner.strip():
        said = "the candidate names no `owner`, so that nobody can tell whether another person granted it"
        return f"{said}; add its owner"
    owners = [Person(each) for each in (candidate.owner, *_SEPARATORS.split(candidate.owner)) if each.strip()]
    for author in waiver.granted_by:
        if any(Person(author).may_be(owner) for owner in owners):
            return f"{author} brought it in and owns the model; another person must commit it"
    return ""
