"""GitLab: `.gitlab-ci.yml` with the local files that it includes. Its runner stops at the first error of a script."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading
from mlgate.doctor.gate_options import look_at_options
from mlgate.doctor.gate_script import GateCall, Script, gate_calls, joined, script_in
from mlgate.doctor.shell_outcome import ShellSettings
from mlgate.doctor.yaml_values import flag_of, items_of, mapping_at, text_at
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import InputError, Location, Problem

FILE = ".gitlab-ci.yml"
SHELL = ShellSettings(errexit=True, pipefail=False)
"""A runner sets pipefail only where the shell of the image has it, so a pipe is safe only if the script says so."""
_NOT_JOBS = frozenset(
    ["default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script", "spec"]
) | {"after_script"}
_MOST_FILES, _MOST_PARENTS = 50, 10
_ONLY_CHANGES = ("merge_requests", "branches", "external_pull_requests", "pushes")
_CHANGES = re.compile(r"merge_request")


@dataclass(frozen=True)
class _GitlabJob:
    name: str
    node: Mapping
    file: str

    def at(self, *keys: str) -> tuple[str, int]:
        found = self.node.place_of(*keys)
        return found.file, found.line


def present(checkout: Checkout) -> tuple[str, ...]:
    """The file at the top."""
    return (FILE,) if (checkout.top / FILE).exists() else ()


def read(checkout: Checkout, files: tuple[str, ...]) -> SystemReading:
    """What the file and those that it includes say about the gate."""
    reading = SystemReading()
    whole: dict[str, tuple[Node, str]] = {}
    every = list(_documents(files[0], checkout, reading))
    for file, node in every:
        for key, value in node.entries:
            whole[key.text] = value, file
    jobs = {name: value for name, (value, _) in whole.items() if isinstance(value, Mapping) and name not in _NOT_JOBS}
    gated = False
    for name, node in jobs.items():
        if not name.startswith("."):
            job = _GitlabJob(name, _extended(node, jobs), whole[name][1])
            gated |= _look_at_job(job, whole, checkout, reading)
    if gated:
        reading.files += [file for file, _ in every]
        if "workflow" in whole:
            _look_at_rules(_GitlabJob("workflow", _as_mapping(whole["workflow"][0]), whole["workflow"][1]), reading)
    return reading


def _documents(path: str, checkout: Checkout, reading: SystemReading) -> Iterator[tuple[str, Mapping]]:
    """The included files first, as what stands in the including file takes their place."""
    waiting, found, seen = [path], list[tuple[str, Mapping]](), set[str]()
    while waiting and len(seen) < _MOST_FILES:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        try:
            node = checkout.yaml(file)
            if node is None:
                raise InputError(
                    [Problem(Location(file), "this file is included and does not exist; correct the path")]
                )
        except InputError as error:
            reading.add_unreadable(error)
            continue
        found.append((file, node))
        for entry in items_of(node.get("include")):
            waiting += _included(entry, checkout, reading)
    yield from reversed(found)


def _included(entry: Node, checkout: Checkout, reading: SystemReading) -> Iterator[str]:
    """The local files of an entry of `include`; others are named, because they are not seen."""
    at = entry.at.file, entry.at.line
    local = entry.text if isinstance(entry, Scalar) else text_at(entry, "local") if isinstance(entry, Mapping) else ""
    if local and "://" not in local:
        pattern = posixpath.normpath(local.lstrip("/"))
        if "*" in pattern:
            every = checkout.below("", ".yml", ".yaml")
            yield from (each for each in every if fnmatchcase(each, pattern.replace("**", "*")))
        else:
            yield pattern
        return
    said = ", ".join(f"{key.text}: {value.text}" for key, value in entry.entries if isinstance(value, Scalar)) \
        if isinstance(entry, Mapping) else local  # fmt: skip
    reading.notes.append(f"{at[0]}:{at[1]} includes {said[:100]}, whose jobs are not seen from here")
    fixed = isinstance(entry, Mapping) and re.fullmatch(r"[0-9a-f]{40,64}", text_at(entry, "ref"))
    if isinstance(entry, Mapping) and entry.get("project") and not fixed:
        why = "this include is not pinned by a commit, so that its owner can change what runs beside the gate"
        reading.add("unpinned-include", at, why, "write `ref:` with the whole commit id")


def _as_mapping(node: Node) -> Mapping:
    return node if isinstance(node, Mapping) else Mapping((), node.at)


def _extended(node: Mapping, jobs: dict[str, Mapping], depth: int = 0) -> Mapping:
    """A job with the keys of those that it extends, its own first."""
    entries = {key.text: (key, value) for key, value in node.entries}
    for parent in reversed(items_of(node.get("extends"))):
        known = jobs.get(parent.text) if isinstance(parent, Scalar) else None
        if known is not None and depth < _MOST_PARENTS:
            for key, value in _extended(known, jobs, depth + 1).entries:
                entries.setdefault(key.text, (key, value))
    return Mapping(tuple(entries.values()), node.at)


def _look_at_job(
    job: _GitlabJob, whole: dict[str, tuple[Node, str]], checkout: Checkout, reading: SystemReading
) -> bool:
    """Note what is weak in a job with a gate. Returns whether it has one."""
    fresh = SystemReading()
    before = _lines(job, "before_script", whole)
    scripts = [_script([*before, *_lines(job, "script", whole)])]
    calls = [(script, call) for script in scripts if script for call in gate_calls(script, checkout, fresh)]
    after = _script(_lines(job, "after_script", whole))
    late = gate_calls(after, checkout, fresh) if after else []
    if not calls and not late:
        reading.weaknesses += [each for each in fresh.weaknesses if each.id == "unreadable"]
        return False
    reading.take(fresh)
    reading.gates += [call.at for _, call in calls] + [call.at for call in late]
    reading.jobs.append(job.name)
    for call in late:
        said = "`after_script` runs the gate, and GitLab ignores how that ends"
        reading.add("exit-code-lost", call.at, said, "run `mlgate check` in `script`")
    for script, call in calls:
        variables = _variables(job, whole)
        if look_at_options(call, checkout, reading, variables=variables):
            _look_at_depth(script, call, variables.get("GIT_DEPTH", ""), reading)
    _look_at_failure(job, reading)
    _look_at_rules(job, reading)
    return True


def _lines(job: _GitlabJob, key: str, whole: dict[str, tuple[Node, str]]) -> list[Scalar]:
    """The lines of a script, of the job or else by default, also those in lists inside it."""
    found = job.node.get(key)
    if found is None and key != "script":
        default = whole.get("default")
        found = _as_mapping(default[0]).get(key) if default else None
        found = found or (whole[key][0] if key in whole else None)
    return list(_scalars(found))


def _scalars(node: Node | None) -> Iterator[Scalar]:
    for each in items_of(node):
        if isinstance(each, Scalar):
            yield each
        elif isinstance(each, Sequence):
            yield from _scalars(each)


def _script(lines: list[Scalar]) -> Script | None:
    """The lines as one script, as a runner joins them."""
    return joined([script_in(each, SHELL) for each in lines])


def _variables(job: _GitlabJob, whole: dict[str, tuple[Node, str]]) -> dict[str, str]:
    """The variables of all jobs, and of this one."""
    common = _as_mapping(whole["variables"][0]) if "variables" in whole else Mapping((), job.node.at)
    entries = (*common.entries, *mapping_at(job.node, "variables").entries)
    return {key.text: value.text for key, value in entries if isinstance(value, Scalar)}


def _look_at_depth(script: Script, call: GateCall, depth: str, reading: SystemReading) -> None:
    if depth != "0" and not re.search(r"\bgit\s+(-\S+\s+\S+\s+)*fetch\b", script.text):
        said = "GitLab clones 20 commits of the change alone, so that the commit to compare with may not be there"
        reading.add("shallow-clone", call.at, said, "write `GIT_DEPTH: 0`, and `git fetch origin main` before it")


def _look_at_failure(job: _GitlabJob, reading: SystemReading) -> None:
    given = job.node.get("allow_failure")
    if given is not None and not flag_of(given, "false"):
        said = "the job of the gate may fail without failing its pipeline"
        reading.add("continue-on-error", job.at("allow_failure"), said, "remove `allow_failure`")
    when = text_at(job.node, "when")
    if when in ("manual", "delayed", "on_failure", "never"):
        said = f"the job of the gate runs `when: {when}`, and a pipeline succeeds without it"
        reading.add("condition", job.at("when"), said, "remove `when:`")
    only = [each.text for each in items_of(job.node.get("only")) if isinstance(each, Scalar)]
    if only and not any(each in _ONLY_CHANGES or each.startswith("/") for each in only):
        said = f"`only` runs the gate on {', '.join(only)[:80]}, and not on merge requests"
        reading.add("not-on-changes", job.at("only"), said, "write `only: [merge_requests]`")
    for key in ("only", "except"):
        node = job.node.get(key)
        if isinstance(node, Mapping) and node.get("changes"):
            said = f"`{key}: changes` lets changes of other files, such as data and policies, pass without the gate"
            reading.add("path-filter", job.at(key, "changes"), said, "remove it")
        if key == "except" and node is not None:
            reading.add(
                "condition", job.at(key), "`except` leaves out changes, which then pass without the gate", "remove it"
            )


def _look_at_rules(job: _GitlabJob, reading: SystemReading) -> None:
    rules = [each for each in items_of(job.node.get("rules")) if isinstance(each, Mapping)]
    for rule in rules:
        at = rule.at.file, rule.at.line
        if rule.get("changes") or rule.get("exists"):
            key = "changes" if rule.get("changes") else "exists"
            said = f"`{key}` lets changes of other files, such as data and policies, pass without the gate"
            place = rule.place_of(key)
            reading.add("path-filter", (place.file, place.line), said, f"remove `{key}`")
        when = text_at(rule, "when")
        if when in ("never", "manual", "delayed", "on_failure"):
            said = f"a rule says `when: {when}`, and a pipeline succeeds without this job"
            reading.add("condition", at, said, "remove the rule")
        given = rule.get("allow_failure")
        if given is not None and not flag_of(given, "false"):
            said = "by this rule the job of the gate may fail without failing its pipeline"
            reading.add("continue-on-error", at, said, "remove `allow_failure`")
    conditions = [text_at(rule, "if") for rule in rules]
    if rules and all(conditions) and not any(map(_CHANGES.search, conditions)):
        said = "no rule is about merge requests, so that nothing holds a change before it merges"
        remedy = 'write `- if: $CI_PIPELINE_SOURCE == "merge_request_event"`'
        reading.add("not-on-changes", job.at("rules"), said, remedy)
    for rule, condition in zip(rules, conditions):
        if "&&" in condition and _CHANGES.search(condition):
            said = f"the gate runs only if {condition[:80]}, and a pipeline succeeds without it"
            reading.add("condition", (rule.at.file, rule.at.line), said, "ask for the merge request event alone")


SYSTEM = CiSystem(
    "gitlab",
    "GitLab",
    present,
    read,
    (
        (
            "Settings, Merge requests: pipelines must succeed, and a skipped pipeline does not count as a success "
            "(`[skip ci]` in a message skips the job `{job}`)."
        ),
        "Settings, Protected branches: nobody may push to the branch; code owners must approve.",
        (
            "Settings, Merge requests: remove approvals where commits are added; enable pipelines for merged results "
            "or a merge train, so that what is judged is what is merged."
        ),
    ),
)
