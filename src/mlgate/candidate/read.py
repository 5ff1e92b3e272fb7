"""From candidate files or arguments to Candidates. All problems are reported together, each with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlgate.candidate.from_source import Sourcing, as_written
from mlgate.candidate.named_files import with_files
from mlgate.candidate.presented import Candidate, completed
from mlgate.candidate.validate import validate
from mlgate.candidate.written import written_keys
from mlgate.evidence.sources import FileSource
from mlgate.reading import locate
from mlgate.reading.fields import FormatVersion, ProblemReport, keys, params, read_values, refuse_unknown
from mlgate.reading.locate import FilesFound
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.values.errors import InputError, Location, Problem

FILE_NAME = "candidate.yaml"
MOST_NAMED = 3
Records = Callable[[], tuple[type[Any], ...]]
"""Gives the records of keys that checks declare. It is called only if a candidate has such a key."""
_wanted = locate.named(FILE_NAME, "*.candidate.yaml", "candidate.yml", "*.candidate.yml")


def find_candidates(arguments: Sequence[str], cwd: Path) -> tuple[Path, ...]:
    """The candidate files that the arguments match: files, folders (searched below) and globs; sorted, each once.

    A search leaves out hidden folders, `node_modules` and virtual environments. Raises InputError for every argument
    that matches nothing.
    """
    return search_candidates(arguments, cwd).files


def search_candidates(arguments: Sequence[str], cwd: Path) -> FilesFound:
    """The same, with the candidate files that lie in folders that the search leaves out."""
    what = f"candidate ({FILE_NAME} or *.candidate.yaml)"
    return locate.search(arguments, _wanted, cwd=cwd, what=what)


def left_unread(found: FilesFound, workspace: Path) -> tuple[str, ...]:
    """What a reader must know about candidate files that a search left out, in one sentence; empty without any."""
    names = [locate.shown(path, workspace) for path in found.passed_over]
    if not names:
        return ()
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    said = "is not judged, because it lies" if len(names) == 1 else "are not judged, because they lie"
    where = "in a hidden folder, node_modules, a virtual environment or behind a link out of the workspace"
    return (f"{', '.join(names[:MOST_NAMED])}{more} {said} {where}; name such a file to judge it",)


def load_candidate(
    path: Path, *, workspace: Path, declared: Records = tuple, sourcing: Sourcing = as_written
) -> Candidate:
    """The candidate in a file, or in the `candidate.yaml` of a folder. Raises InputError with all its mistakes.

    `sourcing` completes it by what its source says, and may raise EvidenceError and MachineError.
    """
    file = path / FILE_NAME if path.is_dir() else path
    name = locate.shown(file, workspace)
    raw = locate.read(file, name)
    report = ProblemReport()
    node = parse(raw, name, report.problems)
    if node is not None and not isinstance(node, Mapping):
        report.add(node.at, f"a candidate file must be a mapping with the keys {', '.join(keys(Candidate))}")
    report.raise_if_any()
    if not isinstance(node, Mapping):
        raise InputError([Problem(Location(name), "the file does not contain a candidate")])
    node = sourcing(node, file.parent)
    found = read_candidate(node, declared, lambda source: replace(source, root=file.parent))
    return replace(found, file=name, sha256=hashlib.sha256(raw).hexdigest())


def read_candidate(node: Mapping, declared: Records, placed: Callable[[FileSource], FileSource]) -> Candidate:
    """The candidate in a tree, from a file or arguments. Raises InputError with all its mistakes.

    `placed` gives a file that the candidate names with the folder that its path starts from.
    """
    _refuse_another_format(node)
    report = ProblemReport()
    only_own = {key.text for key, _ in node.entries} <= {*keys(Candidate)}
    records = () if only_own else declared()
    known = _refuse_unknown_keys(node, records, report)
    of_checks = {record: record(**read_values(record, node, report)) for record in records}
    values = read_values(Candidate, node, report)
    read = Candidate(**{"name": "", **values, "declared": of_checks, "written": written_keys(node)})
    given = with_files(read, placed)
    # A key that could not be read looks missing here, and a message that it is missing would mislead.
    all_read = all(node.get(entry.key) is None or entry.attribute in values for entry in params(Candidate))
    if known and all_read:
        validate(given, node, report)
    report.raise_if_any()
    return completed(given)


def _refuse_another_format(node: Mapping) -> None:
    """Raise InputError for a policy, and for another version, whose keys may be others: more messages would mislead."""
    report = ProblemReport()
    version = node.get("mlgate")
    if node.get("policy") and node.get("rules") and not node.get("candidate"):
        report.add(node.key_at("policy"), "this is a policy, and a candidate file is required; name it by `--policy`")
    elif version:
        FormatVersion().read(version, report.inside("mlgate"))
    report.raise_if_any()


def _refuse_unknown_keys(node: Mapping, records: Sequence[type[Any]], report: ProblemReport) -> bool:
    """Report the keys that neither the candidate nor a check declares. Returns whether there are none."""
    further = (key for record in records for key in keys(record))
    return refuse_unknown(node, (*keys(Candidate), *further), report)
