"""The steps of a job of GitHub Actions, and the gates among them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import SystemReading
from mlgate.doctor.gate_options import look_at_options
from mlgate.doctor.gate_script import GateCall, Script, gate_calls, note_code, script_in
from mlgate.doctor.shell_outcome import ShellSettings
from mlgate.doctor.yaml_values import flag_of, items_of, mapping_at, nodes_below, text_at
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.reading.strict_yaml import Sequence as ListNode

_HARMLESS = re.compile(r"(\$\{\{)?\s*(always\(\)|!\s*cancelled\(\)|success\(\) \|\| failure\(\)|true)\s*(\}\})?")
_BASE = re.compile(r"base\.sha|base_sha|base_ref|default_branch|^(refs/heads/)?(main|master|trunk|develop)$")


@dataclass(frozen=True)
class GithubWorkflow:
    """A workflow, by its file."""

    file: str
    node: MappingNode

    @property
    def events(self) -> Mapping[str, Node | None]:
        """What starts it, each with its filters."""
        given = self.node.get("on")
        if isinstance(given, MappingNode):
            return {key.text: value for key, value in given.entries}
        return {each.text: None for each in items_of(given) if isinstance(each, Scalar)}

    @property
    def at(self) -> tuple[str, int]:
        return self.file, self.node.key_at("on").line

    def event_at(self, name: str) -> tuple[str, int]:
        """The line of an event."""
        given = self.node.get("on")
        if isinstance(given, ListNode):
            return next(
                (place_of_node(each) for each in given.items if isinstance(each, Scalar) and each.text == name), self.at
            )
        return self.file, self.node.place_of("on", name).line

    def job_at(self, key: str) -> tuple[str, int]:
        """The line of a job."""
        return self.file, self.node.place_of("jobs", key).line

    @property
    def jobs(self) -> Iterator[GithubJob]:
        given = self.node.get("jobs")
        for key, value in given.entries if isinstance(given, MappingNode) else ():
            if isinstance(value, MappingNode):
                yield GithubJob(self, key.text, value)


@dataclass(frozen=True)
class GithubJob:
    """A job of a workflow."""

    workflow: GithubWorkflow
    key: str
    node: MappingNode

    @property
    def name(self) -> str:
        """What its check is called."""
        return text_at(self.node, "name") or self.key

    @property
    def steps(self) -> tuple[MappingNode, ...]:
        return tuple(each for each in items_of(self.node.get("steps")) if isinstance(each, MappingNode))

    def at(self, *keys: str) -> tuple[str, int]:
        return self.workflow.file, self.node.place_of(*keys).line


@dataclass
class _Steps:
    """The steps of a job as they are read one after the other."""

    job: GithubJob
    checkout: Checkout
    reading: SystemReading
    shell: str
    folder: str
    at_base: dict[str, bool] = field(default_factory=dict)
    """The folders of further checkouts, each with whether it has the commit to merge into."""
    deep: bool = False
    """Whether the clone has the commits of other branches."""
    shallow_at: tuple[str, int] = ("", 1)
    before: list[Script] = field(default_factory=list)
    gates: list[GateCall] = field(default_factory=list)

    def read(self) -> list[GateCall]:
        """The gates of the job. What is weak in their steps is noted."""
        for step in self.job.steps:
            found = self._used(step) if step.get("uses") else self._run(step)
            if found:
                self._about(step)
                self.gates += found
        return self.gates

    def _about(self, step: MappingNode) -> None:
        for script in self.before:
            note_code(script, self.reading)
        self.before = []
        given = step.get("continue-on-error")
        if given is not None and not flag_of(given, "false"):
            said = "the step of the gate may fail without failing its job"
            self.reading.add("continue-on-error", place_of_key(step, "continue-on-error"), said, "remove it")
        look_at_condition(step, "the step of the gate", "a step that is skipped fails nothing", self.reading)

    def _used(self, step: MappingNode) -> list[GateCall]:
        used, at = text_at(step, "uses"), place_of_key(step, "uses")
        name, _, _ = used.partition("@")
        given = mapping_at(step, "with")
        if name == "actions/checkout":
            self._checked_out(step, given)
        if used.startswith("./") or used == ".":
            return self._local(used, given, at)
        if name.rpartition("/")[2] == "mlgate":
            return self._action(given, at)
        return []

    def _checked_out(self, step: MappingNode, given: MappingNode) -> None:
        path, ref = text_at(given, "path"), text_at(given, "ref")
        if path:
            self.at_base[posixpath.normpath(path)] = bool(_BASE.search(ref)) and not self._empty_in_queue(ref)
            if self._empty_in_queue(ref):
                said = "this `ref` is empty in a merge queue, and then the policies of the change are checked out"
                remedy = "write ${{ github.event.pull_request.base.sha || github.event.merge_group.base_sha }}"
                self.reading.add("no-policy-ref", place_of_key(given, "ref"), said, remedy)
            return
        self.deep = text_at(given, "fetch-depth") == "0"
        self.shallow_at = place_of_key(step, "uses")

    def _empty_in_queue(self, ref: str) -> bool:
        fixed = "merge_group" not in self.job.workflow.events or "merge_group" in ref or "default_branch" in ref
        return not fixed and "${{" in ref

    def _local(self, used: str, given: MappingNode, at: tuple[str, int]) -> list[GateCall]:
        """A composite action of the repository."""
        folder = posixpath.normpath(used)
        files = [posixpath.join(folder, name) for name in ("action.yml", "action.yaml")]
        found = next(((each, node) for each in files if (node := self.checkout.yaml(each))), None)
        if found is None:
            return []
        file, node = found
        steps = _Steps(
            GithubJob(GithubWorkflow(file, node), self.job.key, mapping_at(node, "runs")),
            self.checkout,
            self.reading,
            "",
            "",
        )
        steps.at_base, steps.deep, steps.shallow_at = self.at_base, self.deep, self.shallow_at
        calls = steps.read()
        if calls:
            self.reading.files.append(file)
            return calls
        return self._action(given, at) if text_at(node, "name") == "mlgate" else []

    def _action(self, given: MappingNode, at: tuple[str, int]) -> list[GateCall]:
        policies = [each.strip() for each in text_at(given, "policy").splitlines() if each.strip()]
        candidates = [each.strip() for each in text_at(given, "candidate").splitlines() if each.strip()]
        call = GateCall(at, (*(word for each in policies for word in ("--policy", each)), "--", *candidates))
        look_at_options(call, self.checkout, self.reading, "", self.at_base)
        return [call]

    def _run(self, step: MappingNode) -> list[GateCall]:
        node = step.get("run")
        if not isinstance(node, Scalar):
            return []
        shell = text_at(step, "shell") or self.shell
        folder = posixpath.normpath(text_at(step, "working-directory") or self.folder or ".")
        script = script_in(node, _settings(shell), _program(shell), "" if folder == "." else folder)
        calls = gate_calls(script, self.checkout, self.reading)
        self.deep |= bool(re.search(r"\bgit\s+(-\S+\s+\S+\s+)*fetch\b", node.text))
        for call in calls:
            needs = look_at_options(
                call, self.checkout, self.reading, script.folder, self.at_base, self._variables(step)
            )
            if needs and not self.deep:
                said = "the clone is shallow, so that the commit to compare with is not there and the gate ends with 3"
                at = self.shallow_at if self.shallow_at[0] else call.at
                self.reading.add("shallow-clone", at, said, "add `with: {fetch-depth: 0}` to actions/checkout")
        if not calls:
            self.before.append(script)
        return calls

    def _variables(self, step: MappingNode) -> dict[str, str]:
        """The variables that the workflow, the job and the step set."""
        found: dict[str, str] = {}
        for node in (self.job.workflow.node, self.job.node, step):
            entries = mapping_at(node, "env").entries
            found |= {key.text: value.text for key, value in entries if isinstance(value, Scalar)}
        return found


def _settings(shell: str) -> ShellSettings:
    """What GitHub starts: `bash -e` if no shell is named, with pipefail only if `bash` is."""
    if shell in ("", "sh"):
        return ShellSettings(errexit=True, pipefail=False)
    if shell == "bash":
        return ShellSettings(errexit=True, pipefail=True)
    words = shell.split()
    return ShellSettings(any(re.fullmatch(r"-[a-z]*e[a-z]*", word) for word in words), "pipefail" in words)


def _program(shell: str) -> str:
    return (shell.split() or ["bash"])[0].rpartition("/")[2]


def look_at_condition(node: MappingNode, what: str, why: str, reading: SystemReading) -> None:
    """Note an `if:` by which something may not run."""
    condition = text_at(node, "if")
    if condition and not _HARMLESS.fullmatch(condition.strip()):
        said = f"{what} runs only `if: {' '.join(condition.split())[:80]}`, and {why}"
        reading.add("condition", place_of_key(node, "if"), said, "remove `if:`, and let the gate decide")


def place_of_node(node: Node) -> tuple[str, int]:
    """The file and line of a node."""
    return node.at.file, node.at.line


def place_of_key(node: MappingNode, key: str) -> tuple[str, int]:
    """The file and line of a key."""
    at = node.key_at(key)
    return at.file, at.line


def gates_of_job(job: GithubJob, checkout: Checkout, reading: SystemReading) -> list[GateCall]:
    """The gates of a job. What is weak in its steps is noted."""
    workflow = job.workflow.node
    run = [mapping_at(mapping_at(node, "defaults"), "run") for node in (job.node, workflow)]
    shell, folder = (
        next(filter(None, (text_at(each, key) for each in run)), "") for key in ("shell", "working-directory")
    )
    return _Steps(job, checkout, reading, shell or ("pwsh" if _on_windows(job) else ""), folder).read()


def _on_windows(job: GithubJob) -> bool:
    """Whether a job runs on Windows, or does for some of its matrix: then its shell is PowerShell."""
    named = [node for key in ("runs-on", "strategy") if (node := job.node.get(key))]
    return any("windows" in each.text for node in named for each in nodes_below(node) if isinstance(each, Scalar))
