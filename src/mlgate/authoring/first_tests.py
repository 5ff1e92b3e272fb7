"""Tests for a first policy: the present candidate passes, and each rule is seen to block a broken one."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlgate.authoring.source import FileToStart

FOLDER = "policies"
_EDITABLE = (".csv", ".tsv")
_MOST_BYTES = 5 << 20
"""Tests run on copies, so that larger files would make them slow."""


@dataclass(frozen=True)
class FirstMutation:
    """A change of the good candidate, and the rules that must then block."""

    name: str
    edit: str
    """A line of the test, such as `edit: [...]`."""
    caught_by: tuple[str, ...]


def why_untestable(wanted: FileToStart, paths: Iterable[str]) -> str:
    """Why no test can edit the files of a candidate; empty if it can."""
    for path in paths:
        if not path.casefold().endswith(_EDITABLE):
            return f"tests edit CSV files, and {path} is none"
        if (wanted.workspace / path).stat().st_size > _MOST_BYTES:
            return f"tests copy their files, and {path} is large"
    return ""


def first_tests(wanted: FileToStart, candidate: str, paths: Sequence[str], mutations: Iterable[FirstMutation]) -> str:
    """The text of the tests beside the policy."""
    kept = [line for line in candidate.splitlines() if line and not line.startswith(("#", "mlgate:", "candidate:"))]
    files = [f"  {_text(path)}: {{from: {_text(posixpath.relpath(path, FOLDER))}}}\n" for path in paths]
    return (
        "# `mlgate test` runs these tests: add what must never pass.\n"
        "mlgate: 1\n"
        f"as_of: {wanted.enforced_from} # from this day on the rules block\n"
        "candidate:\n"
        + "".join(f"  {line}\n" for line in kept)
        + "files:\n"
        + "".join(files)
        + "tests:\n  - test: the present model passes\n    verdict: allowed\n"
        + "mutations:\n"
        + "".join(
            f"  - mutation: {each.name}\n    {each.edit}\n    caught_by: [{', '.join(each.caught_by)}]\n"
            for each in mutations
            if each.caught_by
        )
    )


def dropped(table: str, columns: Sequence[str], caught_by: tuple[str, ...]) -> FirstMutation:
    """A table of which only one column is left."""
    edit = f"edit: [{{in: {_text(table)}, drop: [{', '.join(map(_text, columns[1:] or columns))}]}}]"
    return FirstMutation(f"columns of {posixpath.basename(table)} are missing", edit, caught_by)


def shortened(table: str, rows: int, caught_by: tuple[str, ...]) -> FirstMutation:
    """A table of which most rows are missing."""
    edit = f"edit: [{{in: {_text(table)}, remove: rows, rows: {max(1, rows - rows // 4)}}}]"
    return FirstMutation(f"most rows of {posixpath.basename(table)} are missing", edit, caught_by)


def another_file(path: str, keys: Sequence[str], caught_by: tuple[str, ...] = ("expects",)) -> FirstMutation:
    """A candidate that presents another file, which has the same content."""
    other = f"another-{posixpath.basename(path)}"
    candidate = "".join(f"{{{key}: " for key in keys) + _text(other) + "}" * len(keys)
    files = f"files: {{{_text(other)}: {{from: {_text(posixpath.relpath(path, FOLDER))}}}}}"
    return FirstMutation(f"another file than {path} is presented", f"candidate: {candidate}\n    {files}", caught_by)


def emptied(path: str, text: str, caught_by: tuple[str, ...]) -> FirstMutation:
    """A file that says nothing any more."""
    return FirstMutation(f"{path} says nothing", f"files: {{{_text(path)}: {_text(text)}}}", caught_by)


def mixed(table: str, columns: Sequence[str], caught_by: tuple[str, ...]) -> FirstMutation:
    """Answers that belong to other rows."""
    edit = f"edit: [{{in: {_text(table)}, shuffle: [{', '.join(map(_text, columns))}]}}]"
    return FirstMutation("the answers belong to other rows", edit, caught_by)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
