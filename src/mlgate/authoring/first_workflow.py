"""What a first workflow is: the file of one system that runs the gate on each change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from mlgate.authoring import workflows as folder
from mlgate.values.family import FilesBelow
from mlgate.version import __version__

INSTALL = f"python -m pip install mlgate=={__version__}"


@dataclass(frozen=True)
class GateToRun:
    """The gate that a workflow runs: where the candidate and its policies are, and the branch that changes go into."""

    candidate: str
    """The candidate file, from the top of the repository."""
    policies: str
    """The folder of its policies, from the top."""
    branch: str = "main"

    @property
    def command(self) -> str:
        """The command, from the top of the repository."""
        named = "" if self.candidate == "candidate.yaml" else f" {self.candidate}"
        policy = "" if self.policies == "policies" else f" --policy {self.policies}"
        return f"mlgate check{named}{policy} --policy-ref origin/{self.branch} --bootstrap --report junit=mlgate.xml"


@dataclass(frozen=True)
class FirstWorkflow:
    """One system: the file that it reads, and another one where that exists already."""

    name: str
    path: str
    text: Callable[[GateToRun], str]
    beside: str = ""
    """Where the text goes if `path` exists; empty if nothing is then written."""
    including: str = ""
    """What to do then, so that the system reads that file."""
    owned: bool = True
    """Whether it is hosted where CODEOWNERS counts."""


@cache
def first_workflows() -> Mapping[str, FirstWorkflow]:
    """Every system by its name: the WORKFLOW of each file of the folder."""
    found = dict(FilesBelow(folder.__name__, _workflow_in))
    return {name: found[name] for name in sorted(found)}


def _workflow_in(module: ModuleType) -> dict[str, FirstWorkflow]:
    found = getattr(module, "WORKFLOW", None)
    return {found.name: found} if isinstance(found, FirstWorkflow) else {}
