"""The default owner of policies: `owner.yaml` names it once for a folder and the folders below it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from mlgate.policy.folder_file import nearest
from mlgate.reading import locate
from mlgate.reading.fields import FormatVersion, ProblemReport, Text, param, read_record
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.values.errors import Location
from mlgate.values.provenance import Input

FILE_NAME = "owner.yaml"


@dataclass(frozen=True)
class OwnerKeys:
    """Who owns the policies of a folder."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    owner: str = param(Text(), doc="Who is responsible for the folder's policies that do not name an owner.")


@dataclass(frozen=True)
class FolderOwner:
    """An owner, the place that names it, and the digest of the file."""

    owner: str
    """Empty if the file could not be read; its problems are then in the report."""
    at: Location
    input: Input


@dataclass
class FolderOwners:
    """The owner files of a workspace, each read once."""

    workspace: Path
    report: ProblemReport
    prefix: str = ""
    """What reports write before the paths of files."""
    _read: dict[Path, FolderOwner] = field(default_factory=dict)

    def of(self, policy: Path) -> FolderOwner | None:
        """The owner in the nearest `owner.yaml`."""
        file = nearest(FILE_NAME, policy, self.workspace)
        if file is None:
            return None
        if file not in self._read:
            self._read[file] = self._of(file)
        return self._read[file]

    def _of(self, file: Path) -> FolderOwner:
        name = self.prefix + locate.shown(file, self.workspace)
        raw = locate.read(file, name)
        node = parse(raw, name, self.report.problems)
        given = None if node is None else read_record(OwnerKeys, node, self.report)
        at = node.key_at("owner") if isinstance(node, Mapping) else Location(name)
        return FolderOwner(given.owner if given else "", at, Input("policy", name, hashlib.sha256(raw).hexdigest()))
