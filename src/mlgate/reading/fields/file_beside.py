"""A key that names a small text file beside the file that it stands in, such as a public key beside a policy."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from mlgate.reading import locate
from mlgate.reading.fields.problem_report import Missing, ProblemReport
from mlgate.reading.fields.scalars import Text
from mlgate.reading.strict_yaml import Node
from mlgate.values.errors import InputError
from mlgate.values.plain import Schema

ENDINGS = (".pem", ".pub")
"""How such files are called, so that whoever reads policies at a commit knows which files belong to them."""
_LONGEST = 1 << 16
"""The most bytes of such a file."""


@dataclass(frozen=True)
class TextBeside:
    """A text file as it was when the file that names it was read."""

    path: str
    """Its path from the workspace."""
    text: str
    """Its text."""
    sha256: str
    """The SHA-256 of its bytes."""

    def __str__(self) -> str:
        return f"{self.path} ({self.sha256[:12]})"


@dataclass(frozen=True)
class FileBeside:
    """A key that names a text file. It is read with the file that names it, and part of the verdict's inputs.

    It lies in the same repository, so that whoever reads policies at a base commit reads the file there, too.
    """

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return f"the path of a file ({' or '.join(f'*{ending}' for ending in ENDINGS)})"

    def read(self, node: Node, report: ProblemReport) -> TextBeside | Missing:
        """The file's text, or MISSING with the problem in the report."""
        stated = Text().read(node, report)
        if isinstance(stated, Missing):
            return stated
        if not stated.endswith(ENDINGS):
            return report.refuse(node.at, f"must be {self.noun}, not `{stated}`; rename the file")
        files = report.files and report.files.of_file(node.at.file)
        if files is None:
            return report.refuse(node.at, "names a file, which a pack cannot; name it in the policy that extends it")
        place = files.folder / stated
        real = Path(os.path.realpath(place)) if "\0" not in stated else Path()
        if os.path.isabs(stated) or not real.is_relative_to(os.path.realpath(files.top)):
            said = f"names `{stated}`, which leads out of this file's repository or folder"
            return report.refuse(node.at, f"{said}; put the file beside this one")
        name = files.prefix + locate.shown(place, files.workspace)
        try:
            raw = locate.read(place, name)
            if len(raw) > _LONGEST:
                return report.refuse(node.at, f"names `{stated}`, which has more than {_LONGEST >> 10} KiB")
            return TextBeside(name, raw.decode("utf-8-sig"), hashlib.sha256(raw).hexdigest())
        except InputError as error:
            return report.refuse(node.at, f"names a file that cannot be read: {error.problems[0].message}")
        except UnicodeDecodeError:
            return report.refuse(node.at, f"names `{stated}`, which is not a text in UTF-8; correct the path")

    def schema(self) -> Schema:
        """A text."""
        return Text().schema()


def texts_beside(value: object) -> Iterator[TextBeside]:
    """Every file that a record names, in its fields and lists."""
    if isinstance(value, TextBeside):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts_beside(getattr(value, field.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from texts_beside(entry)
