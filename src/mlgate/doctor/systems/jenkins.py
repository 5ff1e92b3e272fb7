"""Jenkins: `Jenkinsfile`, as text. Its step `sh` starts `sh -xe`, unless the script names its own interpreter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading
from mlgate.doctor.gate_options import look_at_options
from mlgate.doctor.gate_script import Script, gate_calls, note_code
from mlgate.doctor.shell_outcome import ShellSettings
from mlgate.values.errors import InputError

_NAMES = re.compile(r"Jenkinsfile([.-].+)?|.+\.(jenkinsfile|Jenkinsfile)|jenkinsfile")
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<brace>[{}])""",
    re.DOTALL,
)
_STEP = re.compile(
    r"\b(sh|bat|powershell|pwsh)\b\s*\(?\s*((?:\w+\s*:\s*(?:'[^']*'|\"[^\"]*\"|[^'\",]+),\s*)*(?:script\s*:\s*)?)$"
)
_SWALLOWING = ("catchError", "warnError", "try")
_CONDITIONS = ("if", "else", "when", "switch", "for", "while")
_SHELL = {"sh": "bash", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}


@dataclass(frozen=True)
class _Block:
    """A block `header { ... }` by the place where it begins."""

    header: str
    start: int
    above: tuple[_Block, ...]


@dataclass(frozen=True)
class _ShellStep:
    """A text that a step runs."""

    program: str
    text: str
    start: int
    """Where the text begins."""
    rest: str
    """What stands before it and after it in the call."""
    inside: tuple[_Block, ...]


def present(checkout: Checkout) -> tuple[str, ...]:
    """The files that are called so, at the top and in the folders of CI."""
    top = sorted(each.name for each in checkout.top.iterdir() if each.is_file() and _NAMES.fullmatch(each.name))
    below = [each for folder in ("ci", ".ci", "jenkins", ".jenkins") for each in checkout.below(folder, "")]
    return (*top, *(each for each in below if _NAMES.fullmatch(each.rpartition("/")[2])))


def read(checkout: Checkout, files: tuple[str, ...]) -> SystemReading:
    """What the files say about the gate."""
    reading = SystemReading()
    for file in files:
        try:
            text = checkout.text(file)
            if text is not None:
                _look_at(file, text, checkout, reading)
        except InputError as error:
            reading.add_unreadable(error)
    return reading


def _look_at(file: str, text: str, checkout: Checkout, reading: SystemReading) -> None:
    steps, blocks = _parsed(text)
    before: list[Script] = []
    gated = False
    for step in steps:
        script = _script(file, text, step)
        calls = gate_calls(script, checkout, reading)
        if not calls:
            before.append(script)
            continue
        gated = True
        for earlier in before:
            note_code(earlier, reading)
        before = []
        for call in calls:
            reading.gates.append(call.at)
            look_at_options(call, checkout, reading)
            _look_at_around(call.at, step, blocks, text, reading)
    if gated:
        reading.files.append(file)
        _look_at_clone(file, text, reading)
    elif re.search(r"\bmlgate\b", text):
        at = file, text[: text.index("mlgate")].count("\n") + 1
        said = "this file names mlgate, and no step `sh` that runs `mlgate check` is found in it"
        reading.add("unreadable", at, said, "run it as `sh 'mlgate check --policy-ref origin/main'`")


def _parsed(text: str) -> tuple[list[_ShellStep], list[_Block]]:
    """The steps that run a text, and all blocks. Comments are passed over, and braces in texts do not count."""
    steps: list[_ShellStep] = []
    blocks: list[_Block] = []
    inside: tuple[_Block, ...] = ()
    after = 0
    for found in _TOKEN.finditer(text):
        if found["brace"] == "{":
            header = _header(_without_comments(text[after : found.start()]))
            inside = (*inside, _Block(header, found.start(), inside))
            blocks.append(inside[-1])
        elif found["brace"]:
            inside = inside[:-1]
        elif found["text"]:
            before = text[max(after, found.start() - 200) : found.start()]
            if step := _STEP.search(before):
                line_end = text.find("\n", found.end())
                rest = before[step.start() :] + text[found.end() : line_end if line_end >= 0 else len(text)]
                steps.append(_ShellStep(step[1], *_content(found), rest, inside))
            continue
        if found["brace"]:
            after = found.end()
    return steps, blocks


def _header(before: str) -> str:
    """The statement at the end of a text: its last line, and those before it that a parenthesis opens."""
    found = ""
    for line in reversed(before.split("\n")):
        found = f"{line.strip()} {found}".strip()
        if found and found.count("(") >= found.count(")"):
            break
    return found.rpartition(";")[2].strip()


def _without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def _content(found: re.Match[str]) -> tuple[str, int]:
    """What a text says, and where it begins."""
    quote = 3 if found["text"][:3] in ("'''", '"""') else 1
    inside = found["text"][quote:-quote]
    return re.sub(r"\\([\\'\"$])", r"\1", inside), found.start() + quote


def _script(file: str, text: str, step: _ShellStep) -> Script:
    line = text[: step.start].count("\n") + 1
    script = step.text
    settings = ShellSettings(errexit=True, pipefail=False)
    first = script.lstrip().partition("\n")[0]
    if first.startswith("#!"):
        settings = ShellSettings(bool(re.search(r"\s-[a-z]*e", first)), False)
    return Script(script, file, line, settings, _SHELL[step.program])


def _look_at_around(
    at: tuple[str, int], step: _ShellStep, blocks: list[_Block], text: str, reading: SystemReading
) -> None:
    if re.search(r"returnStatus\s*:\s*true", step.rest):
        said = "`returnStatus: true` gives the exit code to the script instead of failing the step"
        reading.add("exit-code-lost", at, said, "remove `returnStatus`")
    for block in step.inside:
        name = re.split(r"[\s(]", block.header)[0] if block.header else ""
        line = text[: block.start].count("\n") + 1
        if name in _SWALLOWING:
            said = f"`{name}` goes on where the gate fails"
            reading.add("continue-on-error", (at[0], line), said, "take the gate out of it")
        if name in ("if", "else", "when", "switch", "for", "while", "lock", "milestone") and name not in (
            "lock",
            "milestone",
        ):
            said = f"the gate runs only in `{block.header[:80]}`, and a build succeeds without it"
            reading.add("condition", (at[0], line), said, "take the gate out of it")
        if name == "stage":
            _look_at_stage(at[0], block, blocks, text, reading)
            stage = re.search(
                r"['\"]([^'\"]+)['\"]", text[max(0, block.start - 200) : block.start].rpartition("stage")[2]
            )
            if stage and stage[1] not in reading.jobs:
                reading.jobs.append(stage[1])


def _look_at_stage(file: str, stage: _Block, blocks: list[_Block], text: str, reading: SystemReading) -> None:
    """`when { ... }` of a stage: a stage that is skipped fails nothing."""
    for block in blocks:
        if block.header == "when" and block.above[-1:] == (stage,):
            line = text[: block.start].count("\n") + 1
            inside = text[block.start : block.start + 400]
            path = bool(re.search(r"\bchangeset\b", inside.partition("}")[0]))
            kind, what = ("path-filter", "changeset") if path else ("condition", "when")
            said = f"`{what}` skips the stage of the gate, and a build succeeds without it"
            reading.add(kind, (file, line), said, "remove `when`")


def _look_at_clone(file: str, text: str, reading: SystemReading) -> None:
    if found := re.search(r"shallow\s*:\s*true|depth\s*:\s*[1-9]|shallowClone\(", text):
        said = "the clone is shallow, so that the commit to compare with is not there and the gate ends with 3"
        reading.add("shallow-clone", (file, text[: found.start()].count("\n") + 1), said, "clone the whole history")
    if found := re.search(r"currentBuild\.result\s*=\s*['\"](SUCCESS|UNSTABLE)['\"]", text):
        said = f"the result of the build is set to {found[1]}, whatever the gate says"
        reading.add("exit-code-lost", (file, text[: found.start()].count("\n") + 1), said, "remove it")


SYSTEM = CiSystem(
    "jenkins",
    "Jenkins",
    present,
    read,
    (
        (
            "The multibranch job: it builds pull requests merged with their target; for untrusted authors it takes the "
            "Jenkinsfile of the target."
        ),
        "The host of the repository: the status of this job (stage `{job}`) is required before a merge.",
        (
            "The host of the repository: nobody may push to the branch, and code owners must review changes of the "
            "Jenkinsfile and of the policies."
        ),
    ),
)
