"""What stands around a first candidate and policy: the workflow, owners, the register, and tests of the policy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlgate.authoring.first_workflow import FirstWorkflow, GateToRun, first_workflows
from mlgate.authoring.source import FileToStart, FirstFiles
from mlgate.git.code_owners import PLACES
from mlgate.git.repository import Repository
from mlgate.reading.edge import workspace
from mlgate.reading.strict_yaml import Mapping, Scalar, escaped, load
from mlgate.values.errors import EvidenceError

CANDIDATE, POLICIES, REGISTER = "candidate.yaml", "policies", "models.yaml"
NO_WORKFLOW = "none"
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")
_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9/._-]*|[^@\s]+@[^@\s]+\.[^@\s]+")
"""Whom CODEOWNERS can name: a login, a team, or an address."""
_IDENTITY = ("task", "positive")


@dataclass
class FirstRepository:
    """The files to write, by their paths from the top of the repository, and what to do next."""

    wanted: FileToStart
    drafted: FirstFiles
    files: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    @property
    def top(self) -> Path:
        """The top of the repository."""
        return workspace(self.wanted.workspace)

    @property
    def folder(self) -> str:
        """The candidate's folder, from the top; empty for the top itself."""
        found = Path(os.path.relpath(self.wanted.workspace.resolve(), self.top)).as_posix()
        return "" if found == "." else f"{found}/"

    def around(self, system: str, *, organisation: bool) -> FirstRepository:
        """With the files around the candidate and its policy. What exists stays as it is, and the steps say so."""
        workflow = first_workflows().get(system)
        own = [f"/{self.folder}{POLICIES}/"]
        if organisation:
            self._add_tests()
            own += self._add_register()
        written = self._add_workflow(workflow) if workflow else ""
        if workflow and (workflow.owned or organisation):
            self._add_owners(own, written)
        return self

    def _exists(self, path: str) -> bool:
        return os.path.lexists(self.top / path)

    def _add_tests(self) -> None:
        if self.drafted.tests:
            self.files[f"{self.folder}{POLICIES}/{self.wanted.candidate}.test.yaml"] = self.drafted.tests
            self.steps.append("Run `mlgate test`: each rule is seen to block what it must.")
        elif self.drafted.untestable:
            self.steps.append(f"No tests of the policy are written: {self.drafted.untestable}.")

    def _add_workflow(self, workflow: FirstWorkflow) -> str:
        """The path of the workflow that is written; empty if none is."""
        gate = GateToRun(f"{self.folder}{CANDIDATE}", f"{self.folder}{POLICIES}", self._branch())
        if not _PLAIN.fullmatch(gate.candidate):
            self.steps.append("No workflow is written, because the folder's name has signs that a shell reads.")
            return ""
        path = workflow.path if not self._exists(workflow.path) else workflow.beside
        if not path or self._exists(path):
            self.steps.append(f"{workflow.path} exists and stays as it is; let it run `{gate.command}`.")
            return ""
        if path != workflow.path:
            self.steps.append(workflow.including)
        self.files[path] = workflow.text(gate)
        self.steps.append(f"{path} runs the gate on each change; remove `--bootstrap` once the policies are merged.")
        self.steps.append("Run `mlgate doctor`: it says what only settings can hold, such as that its job is required.")
        return path

    def _branch(self) -> str:
        """The branch that changes go into, by its usual names."""
        repository = Repository.at(self.top)
        try:
            for name in ("main", "master") if repository else ():
                if repository and (repository.commit_of(f"origin/{name}") or repository.commit_of(name)):
                    return name
        except EvidenceError:
            return "main"
        head = self.top / ".git" / "HEAD"
        unborn = head.read_text(encoding="utf-8", errors="replace") if head.is_file() else ""
        return "master" if unborn.strip() == "ref: refs/heads/master" else "main"

    def _add_owners(self, own: list[str], workflow: str) -> None:
        """CODEOWNERS for what decides, or the lines that are to be added to it."""
        present = next((each for each in PLACES if self._exists(each)), "")
        place = present or (".github/CODEOWNERS" if workflow.startswith(".github/") else "CODEOWNERS")
        paths = [*own, *([f"/{workflow}"] if workflow else []), f"/{place}"]
        if not _OWNER.fullmatch(self.wanted.owner):
            said = "Write CODEOWNERS, so that nobody changes what decides without its owner:"
            self.steps.append(f"{said} {', '.join(paths)}.")
        elif present:
            lines = "; ".join(f"{path} {self.wanted.owner}" for path in paths)
            self.steps.append(f"{present} exists and stays as it is; add these lines: {lines}")
        else:
            self.files[place] = (
                "# Who must agree to a change of what decides. Of several lines that match, the last one counts.\n"
                + "".join(f"{path} {self.wanted.owner}\n" for path in paths)
            )

    def _add_register(self) -> list[str]:
        """The register of models, or the entry that is to be added to it. Returns what needs an owner."""
        entry = "".join(f"    {line}\n" for line in self._entry())
        whole = f"  {self.folder}{CANDIDATE}:\n{entry}"
        if self._exists(REGISTER):
            self.steps.append(
                f"{REGISTER} exists and stays as it is; add this entry to its `models`:\n{whole.rstrip()}"
            )
            return []
        self.files[REGISTER] = (
            "# Who each model is, whatever its own file says. docs/monorepo.md of mlgate has all keys.\n"
            f"mlgate: 1\nowner: {_text(self.wanted.owner)}\nmodels:\n{whole}"
        )
        return [f"/{REGISTER}"]

    def _entry(self) -> Iterator[str]:
        tree = load(escaped(self.drafted.candidate).encode(), CANDIDATE)
        yield f"name: {self.wanted.candidate}"
        for key in _IDENTITY:
            value = tree.get(key) if isinstance(tree, Mapping) else None
            if isinstance(value, Scalar):
                yield f"{key}: {_text(value.text)}" if value.quoted else f"{key}: {value.text}"
        yield f"policies: [{self.wanted.candidate}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
