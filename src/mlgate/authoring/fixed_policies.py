"""What `mlgate lint --fix` does: it removes from policy files what is not needed and changes no demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mlgate.authoring.recorded_run import write_whole
from mlgate.authoring.removed_entries import without_entries
from mlgate.planning.policy_lint import LintFinding, linted
from mlgate.policy.demanded import Policy
from mlgate.values.errors import Location


@dataclass(frozen=True)
class Fixed:
    """What was done about a finding."""

    at: Location
    said: str


def fix_policies(policies: Sequence[Policy], given: Iterable[Path], workspace: Path, day: date) -> Iterator[Fixed]:
    """Remove what lints find not to be needed, from the files that are given or lie in given folders.

    Each file is written in one step. Raises MachineError where one cannot be.
    """
    named = [Path(path).resolve() for path in given]
    found: dict[str, dict[Location, LintFinding]] = {}
    for policy in policies:
        for each in linted(policy, policies, day):
            if each.unneeded:
                found.setdefault(each.at.file, {})[each.at] = each
    for name, of in sorted(found.items()):
        place = workspace / name
        ours = any(place.resolve().is_relative_to(one) for one in named)
        if ours and place.is_file() and not place.is_symlink():
            yield from _fixed(place, of)
        else:
            yield from (Fixed(at, "not fixed: the file is not among those that are given") for at in of)


def _fixed(place: Path, found: dict[Location, LintFinding]) -> Iterator[Fixed]:
    raw = place.read_bytes()
    text, removed = without_entries(raw.decode("utf-8"), found)
    if removed:
        write_whole(place, text)
    for at, finding in sorted(found.items(), key=lambda each: each[0].line):
        said = finding.message.removesuffix("; remove it")
        yield Fixed(at, f"fixed: {said}, and was removed" if at in removed else f"not fixed: {said}; remove it by hand")
