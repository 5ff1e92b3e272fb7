"""GitHub Actions: the workflows below `.github/workflows`, with the local actions and workflows that they use."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading
from mlgate.doctor.gate_options import look_at_options
from mlgate.doctor.gate_script import GateCall, Script, gate_calls, note_code, script_in
from mlgate.doctor.shell_outcome import ShellSettings
from mlgate.doctor.yaml_values import flag_of, items_of, mapping_at, nodes_below, text_at
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError

FOLDER = ".github/workflows"
_PINNED = re.compile(r"[^@]+@([0-9a-f]{40}|[0-9a-f]{64})|docker://.+@sha256:[0-9a-f]{64}|\./.*|\.")
_HARMLESS = re.compile(r"(\$\{\{)?\s*(always\(\)|!\s*cancelled\(\)|success\(\) \|\| failure\(\)|true)\s*(\}\})?")
_CHANGES = ("pull_request", "pull_request_target", "merge_group")
_TYPES = frozenset({"opened", "synchronize", "reopened"})
_MAIN = ("main", "master", "trunk", "develop")
_BASE = re.compile(r"base\.sha|base_sha|base_ref|default_branch|^(refs/heads/)?(main|master|trunk|develop)$")


@dataclass(frozen=True)
class _Workflow:
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
            return next((_at(each) for each in given.items if isinstance(each, Scalar) and each.text == name), self.at)
        return self.file, self.node.place_of("on", name).line

    def job_at(self, key: str) -> tuple[str, int]:
        """The line of a job."""
        return self.file, self.node.place_of("jobs", key).line

    @property
    def jobs(self) -> Iterator[_Job]:
        given = self.node.get("jobs")
        for key, value in given.entries if isinstance(given, MappingNode) else ():
            if isinstance(value, MappingNode):
                yield _Job(self, key.text, value)


@dataclass(frozen=True)
class _Job:
    workflow: _Workflow
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

    job: _Job
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
            self.reading.add("continue-on-error", _key_at(step, "continue-on-error"), said, "remove it")
        _look_at_condition(step, "the step of the gate", "a step that is skipped fails nothing", self.reading)

    def _used(self, step: MappingNode) -> list[GateCall]:
        used, at = text_at(step, "uses"), _key_at(step, "uses")
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
                self.reading.add("no-policy-ref", _key_at(given, "ref"), said, remedy)
            return
        self.deep = text_at(given, "fetch-depth") == "0"
        self.shallow_at = _key_at(step, "uses")

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
            _Job(_Workflow(file, node), self.job.key, mapping_at(node, "runs")), self.checkout, self.reading, "", ""
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


def _look_at_condition(node: MappingNode, what: str, why: str, reading: SystemReading) -> None:
    condition = text_at(node, "if")
    if condition and not _HARMLESS.fullmatch(condition.strip()):
        said = f"{what} runs only `if: {' '.join(condition.split())[:80]}`, and {why}"
        reading.add("condition", _key_at(node, "if"), said, "remove `if:`, and let the gate decide")


def _at(node: Node) -> tuple[str, int]:
    return node.at.file, node.at.line


def _key_at(node: MappingNode, key: str) -> tuple[str, int]:
    at = node.key_at(key)
    return at.file, at.line


def present(checkout: Checkout) -> tuple[str, ...]:
    """The workflows."""
    return tuple(each for each in checkout.below(FOLDER, ".yml", ".yaml") if posixpath.dirname(each) == FOLDER)


def read(checkout: Checkout, files: tuple[str, ...]) -> SystemReading:
    """What the workflows say about the gate."""
    reading = SystemReading()
    workflows = list(_workflows(checkout, files, reading))
    callers = [(caller, workflow) for workflow in workflows for caller in workflow.jobs if caller.node.get("uses")]
    found = [
        each for workflow in workflows for job in workflow.jobs if (each := _gated(job, checkout, callers, reading))
    ]
    on_changes = [each for each in found if any(set(workflow.events) & {*_CHANGES} for _, workflow in each.starts)]
    for each in found:
        if on_changes and each not in on_changes:
            reading.notes.append(f"{each.job.workflow.file} runs the gate too, but not on pull requests")
        else:
            _look_at(each, workflows, reading)
    _look_at_remote(callers, reading)
    _look_at_settings(checkout, reading)
    return reading


@dataclass(frozen=True)
class _GatedJob:
    """A job with a gate: what its steps say, and the workflows that start it, each by one of its jobs."""

    job: _Job
    gates: list[GateCall]
    steps: SystemReading
    starts: list[tuple[_Job, _Workflow]]


def _workflows(checkout: Checkout, files: tuple[str, ...], reading: SystemReading) -> Iterator[_Workflow]:
    for file in files:
        try:
            if node := checkout.yaml(file):
                yield _Workflow(file, node)
        except InputError as error:
            reading.add_unreadable(error)


def _gated(
    job: _Job, checkout: Checkout, callers: Sequence[tuple[_Job, _Workflow]], reading: SystemReading
) -> _GatedJob | None:
    """A job if it has a gate."""
    steps = SystemReading()
    try:
        gates = _gates(job, checkout, steps)
    except InputError as error:
        reading.add_unreadable(error)
        return None
    if not gates:
        return None
    return _GatedJob(job, gates, steps, list(_starting(job, callers)))


def _look_at(found: _GatedJob, workflows: Sequence[_Workflow], reading: SystemReading) -> None:
    reading.gates += [gate.at for gate in found.gates]
    reading.take(found.steps)
    reading.files.append(found.job.workflow.file)
    if not found.starts:
        said = "no workflow calls this one, so that its gate never runs"
        reading.add("not-on-changes", found.job.workflow.at, said, "add `pull_request:` and `merge_group:` to `on:`")
    for caller, workflow in found.starts:
        reading.files.append(workflow.file)
        _look_at_triggers(workflow, reading)
        if caller is not found.job:
            _look_at_job(caller, reading)
    _look_at_job(found.job, reading)
    _look_at_name(found.job, workflows, reading)


def _gates(job: _Job, checkout: Checkout, reading: SystemReading) -> list[GateCall]:
    workflow = job.workflow.node
    run = [mapping_at(mapping_at(node, "defaults"), "run") for node in (job.node, workflow)]
    shell, folder = (
        next(filter(None, (text_at(each, key) for each in run)), "") for key in ("shell", "working-directory")
    )
    return _Steps(job, checkout, reading, shell, folder).read()


def _starting(job: _Job, callers: Sequence[tuple[_Job, _Workflow]]) -> Iterator[tuple[_Job, _Workflow]]:
    """The workflows that start a job: its own, and those that call its workflow."""
    if set(job.workflow.events) != {"workflow_call"}:
        yield job, job.workflow
    if "workflow_call" in job.workflow.events:
        for caller, workflow in callers:
            if posixpath.normpath(text_at(caller.node, "uses").partition("@")[0]) == job.workflow.file:
                yield caller, workflow


def _look_at_triggers(workflow: _Workflow, reading: SystemReading) -> None:
    events = workflow.events
    if not set(events) & {"pull_request", "pull_request_target"}:
        said = "the gate does not run on pull requests, so that nothing holds a change before it merges"
        reading.add("not-on-changes", workflow.at, said, "add `pull_request:` and `merge_group:` to `on:`")
        return
    if "pull_request_target" in events:
        said = "`pull_request_target` runs at the base commit, with its secrets: it judges not what the change brings"
        reading.add("pull-request-target", workflow.event_at("pull_request_target"), said, "write `pull_request`")
    if "merge_group" not in events:
        said = "the gate does not run in a merge queue, where changes are merged that were never judged together"
        reading.add("no-merge-group", workflow.at, said, "add `merge_group:` to `on:`")
    for name in _CHANGES:
        given = events.get(name)
        if isinstance(given, MappingNode):
            _look_at_filters(given, reading)


def _look_at_filters(given: MappingNode, reading: SystemReading) -> None:
    for key in ("paths", "paths-ignore"):
        if given.get(key):
            said = f"`{key}` lets changes of other files, such as data and policies, pass without the gate"
            remedy = "remove it; `mlgate check --changed-from` passes quickly over what did not change"
            reading.add("path-filter", _key_at(given, key), said, remedy)
    branches = [each.text for each in items_of(given.get("branches")) if isinstance(each, Scalar)]
    if given.get("branches-ignore"):
        said = "changes into the branches of `branches-ignore` pass without the gate"
        reading.add("branch-filter", _key_at(given, "branches-ignore"), said, "remove it")
    if branches and not any(fnmatchcase(name, each.replace("**", "*")) for each in branches for name in _MAIN):
        said = f"only changes into {', '.join(branches)[:80]} are judged"
        reading.add(
            "branch-filter", _key_at(given, "branches"), said, "name the branch that is protected, or remove it"
        )
    types = {each.text for each in items_of(given.get("types")) if isinstance(each, Scalar)}
    if types and not types >= _TYPES and "checks_requested" not in types:
        said = f"`types` leaves out {', '.join(sorted(_TYPES - types))}, so that a later push is not judged"
        reading.add("event-filter", _key_at(given, "types"), said, "remove `types:`")


def _look_at_job(job: _Job, reading: SystemReading) -> None:
    given = job.node.get("continue-on-error")
    if given is not None and not flag_of(given, "false"):
        said = "the job of the gate may fail without failing its workflow"
        reading.add("continue-on-error", job.at("continue-on-error"), said, "remove it")
    _look_at_condition(job.node, "the job of the gate", "GitHub counts a job that is skipped as a success", reading)
    if job.node.get("needs") and "always()" not in text_at(job.node, "if"):
        needed = ", ".join(each.text for each in items_of(job.node.get("needs")) if isinstance(each, Scalar))
        said = f"where {needed} fails, the job of the gate is skipped, and GitHub counts that as a success"
        reading.add("skipped-with-others", job.at("needs"), said, "remove `needs:`, or add `if: always()`")
    for node in (job.node, *job.steps):
        used = text_at(node, "uses")
        if used and not _PINNED.fullmatch(used):
            said = f"`{used}` is not pinned by its commit, so that its owner can change what runs beside the gate"
            reading.add("unpinned-action", _key_at(node, "uses"), said, "write the whole commit id after the `@`")
    if job.name not in reading.jobs:
        reading.jobs.append(job.name)


def _look_at_name(job: _Job, workflows: Sequence[_Workflow], reading: SystemReading) -> None:
    """Another job whose check has the same name would do instead of the gate's."""
    for workflow in workflows:
        for other in workflow.jobs:
            if other.name == job.name and (workflow.file, other.key) != (job.workflow.file, job.key):
                said = f"another job is called `{job.name}` too, and a required check is chosen by its name"
                at = (
                    other.at("name")
                    if other.node.get("name")
                    else (workflow.file, workflow.node.place_of("jobs", other.key).line)
                )
                reading.add("same-name", at, said, "give each job a name of its own")


def _look_at_remote(callers: Sequence[tuple[_Job, _Workflow]], reading: SystemReading) -> None:
    for caller, workflow in callers:
        used = text_at(caller.node, "uses")
        if not used.startswith("./"):
            reading.notes.append(
                f"{workflow.file}:{caller.at('uses')[1]} calls {used[:100]}, whose steps are not seen from here"
            )


def _look_at_settings(checkout: Checkout, reading: SystemReading) -> None:
    """`.github/settings.yml`, by which an app sets which checks are required."""
    file = next((each for each in (".github/settings.yml", ".github/settings.yaml") if checkout.raw(each)), "")
    if not file or not reading.jobs:
        return
    try:
        text = checkout.text(file) or ""
        node = checkout.yaml(file)
    except InputError as error:
        reading.add_unreadable(error)
        return
    reading.files.append(file)
    named = {each.text for each in nodes_below(node) if isinstance(each, Scalar)} if node else set()
    for job in reading.jobs:
        if "required_status_checks" in text and not any(job in each for each in named):
            said = f"the job `{job}` is not among the checks that this file requires"
            reading.add("not-required", (file, 1), said, f"add `{job}` to the contexts of `required_status_checks`")


SYSTEM = CiSystem(
    "github",
    "GitHub Actions",
    present,
    read,
    (
        "Rules of the branch: require the check `{job}`, by its name, and from the app GitHub Actions.",
        "Rules of the branch: require a pull request, and a review by code owners; let administrators bypass nothing.",
        "Rules of the branch: dismiss approvals where something is pushed after them.",
        "Settings of Actions: require approval for workflows of first-time contributors; let GITHUB_TOKEN only read.",
    ),
)
