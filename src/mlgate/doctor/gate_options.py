"""What the options of a gate say: whose policies it has, and what it lets pass."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import SystemReading
from mlgate.doctor.gate_command import values_of
from mlgate.doctor.gate_script import GateCall

_OF_THE_CHANGE = re.compile(
    r"^(@|HEAD([~^].*)?)$|github\.sha|GITHUB_SHA|head_ref|HEAD_REF|pull_request\.head|CI_COMMIT_SHA|CI_COMMIT_REF|"
    r"CI_MERGE_REQUEST_SOURCE|Build\.Source(Version|Branch)|BUILD_SOURCE(VERSION|BRANCH)|GIT_COMMIT|CHANGE_BRANCH"
)
"""Names of the commit that is judged."""
DEFAULT = "policies"
REMEDY = "add `--policy-ref origin/main`, or the name of the branch that changes merge into"


def look_at_options(
    call: GateCall,
    checkout: Checkout,
    reading: SystemReading,
    folder: str = "",
    at_base: Mapping[str, bool] | None = None,
) -> bool:
    """Note what is weak in the options of a gate that runs in a folder. Returns whether it needs another commit.

    `at_base` has the folders of further checkouts, each with whether it is of the commit to merge into.
    """
    refs = [*values_of("--policy-ref", call.arguments)]
    named = [*values_of("--policy", call.arguments)] or [DEFAULT]
    paths = [posixpath.normpath(posixpath.join(folder, each)) for each in named]
    reading.policies += [within(path, at_base or {}) for path in paths]
    for ref in refs:
        if _OF_THE_CHANGE.search(ref):
            said = f"`--policy-ref {ref}` names the change itself, so the change brings its own policies"
            reading.add("no-policy-ref", call.at, said, REMEDY)
    if not refs and not all(_of_base(path, at_base or {}) for path in paths):
        said = f"the policies in {', '.join(paths)} are those of the change, which can weaken them in the same step"
        reading.add("no-policy-ref", call.at, said, REMEDY)
    if "--bootstrap" in call.arguments and any(checkout.is_in_base(path) for path in reading.policies):
        said = "`--bootstrap` is left from the first change: should the policies ever be gone, nothing would be asked"
        reading.add("bootstrap", call.at, said, "remove it: the branch that changes merge into has policies")
    return bool(refs or [*values_of("--changed-from", call.arguments)])


def _of_base(path: str, at_base: Mapping[str, bool]) -> bool:
    return any(good and (path == each or path.startswith(f"{each}/")) for each, good in at_base.items())


def within(path: str, checkouts: Mapping[str, bool]) -> str:
    """The path of a policy within the repository, where it is named in a further checkout."""
    inside = [each for each in checkouts if path.startswith(f"{each}/")]
    return path.removeprefix(f"{inside[0]}/") if inside else path
