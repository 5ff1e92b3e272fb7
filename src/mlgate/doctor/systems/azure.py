"""Azure Pipelines: `azure-pipelines.yml` and what lies in its usual folders. Its shells do not stop at errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading
from mlgate.doctor.gate_options import look_at_options
from mlgate.doctor.gate_script import GateCall, Script, gate_calls, note_code, script_in
from mlgate.doctor.shell_outcome import ShellSettings
from mlgate.doctor.yaml_values import flag_of, mapping_at, nodes_below, text_at
from mlgate.reading.strict_yaml import MAX_NODES, Mapping, Node, Scalar, Sequence
from mlgate.values.errors import InputError, Location, Problem

FOLDERS = (".azure-pipelines", "azure-pipelines", ".azuredevops", ".pipelines")
SHELL = ShellSettings(errexit=False, pipefail=False)
_SHELLS = {"script": "bash", "bash": "bash", "pwsh": "pwsh", "powershell": "powershell"}
_TASKS = {"bash": "bash", "cmdline": "bash", "powershell": "powershell", "shellscript": "bash"}
_HARMLESS = re.compile(r"(always\(\)|succeeded\(\)|succeededOrFailed\(\)|not\(canceled\(\)\)|true)", re.I)


@dataclass(frozen=True)
class _Step:
    node: Mapping
    above: tuple[Mapping, ...]
    """The mappings that it is in, from the outermost."""


def present(checkout: Checkout) -> tuple[str, ...]:
    """The pipelines, and the templates beside them."""
    names = ("azure-pipelines.yml", "azure-pipelines.yaml", ".azure-pipelines.yml")
    top = [name for name in names if (checkout.top / name).is_file()]
    return (*top, *(each for folder in FOLDERS for each in checkout.below(folder, ".yml", ".yaml")))


def read(checkout: Checkout, files: tuple[str, ...]) -> SystemReading:
    """What the pipelines say about the gate."""
    reading = SystemReading()
    for file in files:
        try:
            node = checkout.yaml(file)
            if node is not None:
                _look_at(file, node, checkout, reading)
        except InputError as error:
            reading.add_unreadable(error)
    return reading


def _look_at(file: str, node: Mapping, checkout: Checkout, reading: SystemReading) -> None:
    deep, gated = False, False
    before: list[Script] = []
    for step in _steps(node):
        if step.node.get("job") or step.node.get("deployment"):  # it has a machine and a clone of its own
            deep, before = False, []
        deep |= text_at(step.node, "fetchDepth") == "0"
        script = _script_of(step.node, windows=_on_windows(step.above))
        if script is None:
            _look_at_template(step.node, reading)
            continue
        calls = gate_calls(script, checkout, reading)
        deep |= bool(re.search(r"\bgit\s+(-\S+\s+\S+\s+)*fetch\b", script.text))
        if calls:
            gated = True
            for earlier in before:
                note_code(earlier, reading)
            before = []
            _look_at_gate(step, calls, deep, checkout, reading)
        else:
            before.append(script)
    if gated:
        reading.files.append(file)
        _look_at_trigger(file, node, reading)


def _steps(whole: Mapping) -> Iterator[_Step]:
    """Every mapping, however deep, in the order of the file: steps are those that have a script.

    Raises InputError where aliases make the file too large.
    """
    waiting: list[tuple[Node, tuple[Mapping, ...]]] = [(whole, ())]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node, above = waiting.pop()
        if isinstance(node, Sequence):
            waiting += [(item, above) for item in reversed(node.items)]
        elif isinstance(node, Mapping):
            yield _Step(node, above)
            below = [value for key, value in reversed(node.entries) if key.text != "inputs"]
            waiting += [(value, (*above, node)) for value in below]
    said = "this file is too large once its aliases are written out; shorten it"
    raise InputError([Problem(Location(whole.at.file), said)])


def _on_windows(above: tuple[Mapping, ...]) -> bool:
    """Whether a step runs on Windows, where `script` is for cmd."""
    pools = [pool for node in above if (pool := node.get("pool"))]
    return any("windows" in each.text for pool in pools for each in nodes_below(pool) if isinstance(each, Scalar))


def _script_of(node: Mapping, *, windows: bool) -> Script | None:
    for key, shell in _SHELLS.items():
        value = node.get(key)
        if isinstance(value, Scalar):
            return script_in(value, SHELL, "cmd" if windows and key == "script" else shell)
    task = text_at(node, "task").partition("@")[0].casefold()
    value = mapping_at(node, "inputs").get("script")
    if task in _TASKS and isinstance(value, Scalar):
        return script_in(value, SHELL, _TASKS[task])
    return None


def _look_at_gate(step: _Step, calls: list[GateCall], deep: bool, checkout: Checkout, reading: SystemReading) -> None:
    for call in calls:
        reading.gates.append(call.at)
        if look_at_options(call, checkout, reading) and not deep:
            said = "the clone may be shallow, so that the commit to compare with is not there and the gate ends with 3"
            reading.add("shallow-clone", call.at, said, "add a step `checkout: self` with `fetchDepth: 0`")
    name = ""
    for node in (*step.above, step.node):
        name = text_at(node, "job") or text_at(node, "displayName") or name
        given = node.get("continueOnError")
        if given is not None and not flag_of(given, "false"):
            said = "the gate may fail without failing its pipeline"
            reading.add("continue-on-error", _at(node, "continueOnError"), said, "remove it")
        if flag_of(node.get("enabled"), "false"):
            reading.add("condition", _at(node, "enabled"), "the gate is switched off", "remove `enabled: false`")
        condition = text_at(node, "condition")
        if condition and not _HARMLESS.fullmatch(condition.strip()):
            said = f"the gate runs only on `condition: {condition[:80]}`, and a pipeline succeeds without it"
            reading.add("condition", _at(node, "condition"), said, "remove `condition:`")
        for key, _ in node.entries:
            if key.text.startswith("${{") and node is not step.node:
                said = f"the gate runs only where `{key.text[:80]}` holds, and a pipeline succeeds without it"
                reading.add("condition", (key.at.file, key.at.line), said, "take it out of the expression")
    if name and name not in reading.jobs:
        reading.jobs.append(name)


def _look_at_template(node: Mapping, reading: SystemReading) -> None:
    used = text_at(node, "template")
    if "@" in used:
        at = _at(node, "template")
        reading.notes.append(f"{at[0]}:{at[1]} uses {used[:100]}, whose steps are not seen from here")


def _look_at_trigger(file: str, node: Mapping, reading: SystemReading) -> None:
    given = node.get("pr")
    if isinstance(given, Scalar) and given.text == "none":
        said = "`pr: none` keeps the gate from running on pull requests of GitHub and Bitbucket"
        reading.add("not-on-changes", _at(node, "pr"), said, "remove it")
    if isinstance(given, Mapping):
        if given.get("paths"):
            said = "`paths` lets changes of other files, such as data and policies, pass without the gate"
            reading.add("path-filter", _at(given, "paths"), said, "remove it")
        if flag_of(given.get("drafts"), "false"):
            said = "`drafts: false` leaves drafts unjudged until a further push"
            reading.add("event-filter", _at(given, "drafts"), said, "remove it")


def _at(node: Mapping, key: str) -> tuple[str, int]:
    at = node.key_at(key)
    return at.file, at.line


SYSTEM = CiSystem(
    "azure",
    "Azure Pipelines",
    present,
    read,
    (
        (
            "Branch policies: build validation by this pipeline is required and has no path filter; in Azure Repos "
            "nothing else makes `{job}` run on pull requests."
        ),
        "Branch policies: reviewers are added by path for the policies and the pipeline, and a push resets votes.",
        "Security of the branch: nobody may bypass policies when completing a pull request or when pushing.",
    ),
    has_owners=False,
)
