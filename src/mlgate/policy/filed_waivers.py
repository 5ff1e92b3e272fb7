"""Waivers in a file of their own: `waivers.yaml`, for the policies of its folder and of the folders below it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlgate.policy.folder_file import nearest
from mlgate.policy.policy_keys import WaiverKeys
from mlgate.reading import locate
from mlgate.reading.fields import FormatVersion, ListOf, ProblemReport, Record, Text, param, place, read_record
from mlgate.reading.placeholders import says_nothing
from mlgate.reading.strict_yaml import parse
from mlgate.values.errors import Location
from mlgate.values.provenance import Input
from mlgate.values.words import did_you_mean

FILE_NAME = "waivers.yaml"


@dataclass(frozen=True, kw_only=True)
class FiledWaiverKeys(WaiverKeys):
    """An exception to one rule of one policy."""

    rule: str = param(Text(), doc="The full name of the rule, `policy:rule`, as reports show it.")
    owner: str = param(Text(), default="", doc="Who is responsible for the waiver; if left out, the file's owner.")


@dataclass(frozen=True)
class WaiversFileKeys:
    """Waivers of the policies in this folder and the folders below it, in a file with an owner of its own."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    owner: str = param(Text(), doc="Who is responsible for the file, and for its waivers that name no owner.")
    waivers: tuple[FiledWaiverKeys, ...] = param(
        ListOf(Record(FiledWaiverKeys), min=0), default=(), doc="Dated exceptions."
    )
    at: Location = place()


@dataclass(frozen=True)
class FiledWaivers:
    """What a file holds, and its digest."""

    entries: tuple[FiledWaiverKeys, ...]
    input: Input

    def of(self, policy: str) -> tuple[WaiverKeys, ...]:
        """Those of one policy, with the ids of its rules."""
        named = ((entry, entry.rule.partition(":")) for entry in self.entries)
        return tuple(replace(entry, rule=rule) for entry, (of, colon, rule) in named if colon and of == policy)


@dataclass
class FolderWaivers:
    """The waiver files of a workspace, each read once."""

    workspace: Path
    report: ProblemReport
    roots: tuple[Path, ...] = ()
    """Where links out of the workspace may lead."""
    _read: dict[Path, FiledWaivers] = field(default_factory=dict)
    _policies: dict[Path, list[str]] = field(default_factory=dict)
    """The names of the policies that each file is for."""

    def beside(self, policy: Path, name: str) -> FiledWaivers | None:
        """What the nearest file holds, which may be for other policies; `name` is that of the policy."""
        file = nearest(FILE_NAME, policy, self.workspace)
        if file is None:
            return None
        self._policies.setdefault(file, []).append(name)
        return self._held(file)

    def refuse_unread(self, named: Iterable[Path]) -> None:
        """Report the waivers in some files that are for no policy: it has another name, or lies elsewhere."""
        for file in (path.parent.resolve() / path.name for path in named):
            policies = self._policies.get(file, [])
            for entry in self._held(file).entries:
                of, colon, _ = entry.rule.partition(":")
                if not colon:
                    self.report.add(entry.at, f"waiver for `{entry.rule}`, which names no policy; write `policy:rule`")
                elif of not in policies:
                    hint = did_you_mean(of, policies) or "; name one in this folder or a folder below it"
                    self.report.add(entry.at, f"waiver for `{entry.rule}`, but no policy `{of}` reads this file{hint}")

    def _held(self, file: Path) -> FiledWaivers:
        if file not in self._read:
            self._read[file] = self._of(file)
        return self._read[file]

    def _of(self, file: Path) -> FiledWaivers:
        locate.refuse_links_out([file], self.workspace, self.roots)
        name = locate.shown(file, self.workspace)
        raw = locate.read(file, name)
        node = parse(raw, name, self.report.problems)
        given = None if node is None else read_record(WaiversFileKeys, node, self.report)
        if given and says_nothing(given.owner):
            said = f"`owner` is `{given.owner}`, which says nothing; write who is responsible for this file"
            self.report.add(given.at, said)
        entries = tuple(replace(entry, owner=entry.owner or given.owner) for entry in given.waivers) if given else ()
        return FiledWaivers(entries, Input("policy", name, hashlib.sha256(raw).hexdigest()))
