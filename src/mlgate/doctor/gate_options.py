"""What the options of a gate say: whose policies it has, and what it lets pass."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import SystemReading
from mlgate.doctor.gate_command import candidates_of, values_of
from mlgate.doctor.gate_script import GateCall

_OF_THE_CHANGE = re.compile(
    r"^(@|HEAD([~^].*)?)$|github\.sha|GITHUB_SHA|head_ref|HEAD_REF|pull_request\.head|CI_COMMIT_SHA|CI_COMMIT_REF|"
    r"CI_MERGE_REQUEST_SOURCE|Build\.Source(Version|Branch)|BUILD_SOURCE(VERSION|BRANCH)|GIT_COMMIT|CHANGE_BRANCH"
)
"""Names of the commit that is judged."""
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_UNKNOWN = re.compile(r"\$\{?(?!(?:CI_|GITHUB_|SYSTEM_|BUILD_|CHANGE_))[A-Za-z_][A-Za-z0-9_]*\}?")
"""A variable that the system itself does not set."""
DEFAULT = "policies"
REMEDY = "add `--policy-ref origin/main`, or the name of the branch that changes merge into"


def look_at_options(
    call: GateCall,
    checkout: Checkout,
    reading: SystemReading,
    folder: str = "",
    at_base: Mapping[str, bool] = MappingProxyType({}),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Note what is weak in the options of a gate that runs in a folder. Returns whether it needs another commit.

    `at_base` has the folders of further checkouts, each with whether it is of the commit to merge into, and `variables`
    the values that the workflow sets.
    """
    given = [_expanded(word, variables) for word in call.arguments]
    refs = [*values_of("--policy-ref", given)]
    paths = [posixpath.normpath(posixpath.join(folder, each)) for each in [*values_of("--policy", given)] or [DEFAULT]]
    reading.policies += [within(path, at_base) for path in paths]
    reading.known += [posixpath.normpath(posixpath.join(folder, each)) for each in values_of("--known", given)]
    reading.candidates.append((folder, candidates_of(given)))
    for ref in refs:
        if _OF_THE_CHANGE.search(ref):
            said = f"`--policy-ref {ref}` names the change itself, so the change brings its own policies"
            reading.add("no-policy-ref", call.at, said, REMEDY)
        elif found := _UNKNOWN.search(ref):
            reading.notes.append(
                f"{call.at[0]}:{call.at[1]} has `--policy-ref {ref}`, and nothing says what {found[0]} is"
            )
    if not refs and not all(_of_base(path, at_base) for path in paths):
        said = f"the policies in {', '.join(paths)} are those of the change, which can weaken them in the same step"
        reading.add("no-policy-ref", call.at, said, REMEDY)
    if "--bootstrap" in given and any(checkout.is_in_base(path) for path in reading.policies):
        said = "`--bootstrap` is left from the first change: should the policies ever be gone, nothing would be asked"
        reading.add("bootstrap", call.at, said, "remove it: the branch that changes merge into has policies")
    _look_at_evidence(call, given, reading)
    return bool(refs or [*values_of("--changed-from", given)])


def _look_at_evidence(call: GateCall, given: Sequence[str], reading: SystemReading) -> None:
    """Facts that are believed, and a day that never passes."""
    if [*values_of("--facts", given)] and "--verify" not in given:
        said = "`--facts` is believed: whoever can write that file decides what was measured"
        reading.add("unverified-facts", call.at, said, "add `--verify`, or let only a trusted job write the file")
    for day in values_of("--as-of", given):
        if "$" not in day:
            said = f"`--as-of {day}` stops the clock: waivers never end, and `enforce_from` never comes"
            reading.add("fixed-day", call.at, said, "remove it")


def _expanded(word: str, variables: Mapping[str, str]) -> str:
    """A word with the values of variables that the workflow sets."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2] or "", found[0]), word)


def _of_base(path: str, at_base: Mapping[str, bool]) -> bool:
    return any(good and (path == each or path.startswith(f"{each}/")) for each, good in at_base.items())


def within(path: str, checkouts: Mapping[str, bool]) -> str:
    """The path of a policy within the repository, where it is named in a further checkout."""
    inside = [each for each in checkouts if path.startswith(f"{each}/")]
    return path.removeprefix(f"{inside[0]}/") if inside else path
