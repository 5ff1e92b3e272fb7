"""GitHub Actions: the workflows below `.github/workflows`, with the local actions and workflows that they use."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading
from mlgate.doctor.gate_script import GateCall
from mlgate.doctor.github_steps import GithubJob, GithubWorkflow, gates_of_job, look_at_condition, place_of_key
from mlgate.doctor.yaml_values import flag_of, items_of, nodes_below, text_at
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.errors import InputError

FOLDER = ".github/workflows"
_PINNED = re.compile(r"[^@]+@([0-9a-f]{40}|[0-9a-f]{64})|docker://.+@sha256:[0-9a-f]{64}|\./.*|\.")
_CHANGES = ("pull_request", "pull_request_target", "merge_group")
_TYPES = frozenset({"opened", "synchronize", "reopened"})
_MAIN = ("main", "master", "trunk", "develop")


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

    job: GithubJob
    gates: list[GateCall]
    steps: SystemReading
    starts: list[tuple[GithubJob, GithubWorkflow]]


def _workflows(checkout: Checkout, files: tuple[str, ...], reading: SystemReading) -> Iterator[GithubWorkflow]:
    for file in files:
        try:
            if node := checkout.yaml(file):
                yield GithubWorkflow(file, node)
        except InputError as error:
            reading.add_unreadable(error)


def _gated(
    job: GithubJob, checkout: Checkout, callers: Sequence[tuple[GithubJob, GithubWorkflow]], reading: SystemReading
) -> _GatedJob | None:
    """A job if it has a gate."""
    steps = SystemReading()
    try:
        gates = gates_of_job(job, checkout, steps)
    except InputError as error:
        reading.add_unreadable(error)
        return None
    if not gates:
        return None
    return _GatedJob(job, gates, steps, list(_starting(job, callers)))


def _look_at(found: _GatedJob, workflows: Sequence[GithubWorkflow], reading: SystemReading) -> None:
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


def _starting(
    job: GithubJob, callers: Sequence[tuple[GithubJob, GithubWorkflow]]
) -> Iterator[tuple[GithubJob, GithubWorkflow]]:
    """The workflows that start a job: its own, and those that call its workflow."""
    if set(job.workflow.events) != {"workflow_call"}:
        yield job, job.workflow
    if "workflow_call" in job.workflow.events:
        for caller, workflow in callers:
            if posixpath.normpath(text_at(caller.node, "uses").partition("@")[0]) == job.workflow.file:
                yield caller, workflow


def _look_at_triggers(workflow: GithubWorkflow, reading: SystemReading) -> None:
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
            reading.add("path-filter", place_of_key(given, key), said, remedy)
    branches = [each.text for each in items_of(given.get("branches")) if isinstance(each, Scalar)]
    if given.get("branches-ignore"):
        said = "changes into the branches of `branches-ignore` pass without the gate"
        reading.add("branch-filter", place_of_key(given, "branches-ignore"), said, "remove it")
    if branches and not any(fnmatchcase(name, each.replace("**", "*")) for each in branches for name in _MAIN):
        said = f"only changes into {', '.join(branches)[:80]} are judged"
        reading.add(
            "branch-filter", place_of_key(given, "branches"), said, "name the branch that is protected, or remove it"
        )
    types = {each.text for each in items_of(given.get("types")) if isinstance(each, Scalar)}
    if types and not types >= _TYPES and "checks_requested" not in types:
        said = f"`types` leaves out {', '.join(sorted(_TYPES - types))}, so that a later push is not judged"
        reading.add("event-filter", place_of_key(given, "types"), said, "remove `types:`")


def _look_at_job(job: GithubJob, reading: SystemReading) -> None:
    given = job.node.get("continue-on-error")
    if given is not None and not flag_of(given, "false"):
        said = "the job of the gate may fail without failing its workflow"
        reading.add("continue-on-error", job.at("continue-on-error"), said, "remove it")
    look_at_condition(job.node, "the job of the gate", "GitHub counts a job that is skipped as a success", reading)
    if job.node.get("needs") and "always()" not in text_at(job.node, "if"):
        needed = ", ".join(each.text for each in items_of(job.node.get("needs")) if isinstance(each, Scalar))
        said = f"where {needed} fails, the job of the gate is skipped, and GitHub counts that as a success"
        reading.add("skipped-with-others", job.at("needs"), said, "remove `needs:`, or add `if: always()`")
    for node in (job.node, *job.steps):
        used = text_at(node, "uses")
        if used and not _PINNED.fullmatch(used):
            said = f"`{used}` is not pinned by its commit, so that its owner can change what runs beside the gate"
            reading.add("unpinned-action", place_of_key(node, "uses"), said, "write the whole commit id after the `@`")
    if job.name not in reading.jobs:
        reading.jobs.append(job.name)


def _look_at_name(job: GithubJob, workflows: Sequence[GithubWorkflow], reading: SystemReading) -> None:
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


def _look_at_remote(callers: Sequence[tuple[GithubJob, GithubWorkflow]], reading: SystemReading) -> None:
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
