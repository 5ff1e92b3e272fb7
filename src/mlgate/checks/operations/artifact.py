"""operations.artifact: what the files of a model are, by their content, and how large."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Check, Wrong
from mlgate.checks.operations.artifact_question import ArtifactFact, ArtifactOf
from mlgate.checks.operations.artifact_scan import UNKNOWN, ArtifactPart, format_names
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import Choice, ListOf, Missing, ProblemReport, Text, param
from mlgate.reading.fields.scalars import OneScalar
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.plain import Schema
from mlgate.values.words import Words, counted, did_you_mean

_SIZE = re.compile(r"([1-9][0-9]{0,14})(?: ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB))?")
_UNITS = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


@dataclass(frozen=True)
class FileSize(OneScalar[int]):
    """A number of bytes, with a unit."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a whole number of bytes, or of kB, MB, GB, KiB, MiB, GiB as in `500 MB`"

    def _value(self, node: Scalar, report: ProblemReport) -> int | Missing:
        found = _SIZE.fullmatch(node.text)
        if not found:
            return report.refuse(node.at, f"must be {self.noun}, not {node}")
        return int(found[1]) * _UNITS[found[2] or ""]

    def schema(self) -> Schema:
        """A whole number, or a text of the pattern."""
        return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{_SIZE.pattern}$"}]}


@dataclass(frozen=True, kw_only=True)
class OperationsArtifact(Check):
    """The files of the model are of allowed formats, whole, not too large, and run no code when they are loaded.

    ## What it does
    Reads the file or folder in the candidate's `model.path`, and recognises the format of each file. The content tells,
    never the name: a pickle that is called `model.onnx` is a pickle.

    | format | what it is |
    |---|---|
    | `onnx`, `safetensors`, `skops`, `xgboost`, `lightgbm`, `catboost`, `pmml` | models without code |
    | `gguf`, `tflite` | models of llama.cpp and of TensorFlow Lite, without code |
    | `sentencepiece`, `png`, `jpeg` | vocabularies and images beside a model |
    | `pickle` | protocols 0 to 5, joblib, and torch before 1.6 |
    | `torch`, `keras`, `npz` | archives of torch, Keras and numpy |
    | `numpy`, `hdf5` | arrays; models of Keras before version 3 |
    | `zip`, `tar`, `gzip`, `bzip2`, `xz`, `lzma`, `zlib` | archives, in which every file is judged too |
    | `json`, `text`, `empty` | what lies beside a model |
    | `program` | programs, libraries, compiled Python |
    | `unknown` | anything else |

    Code runs when these are loaded: a pickle, an array of objects (numpy stores it as a pickle), a Lambda layer of
    Keras or an import of anything but Keras in its description, a program, the text of one. They are a FAIL unless
    `code: allow`. A pickle is found by following its opcodes as an unpickler would, without running any: also without
    a header, and also where it breaks off after a call.

    A file that is cut off or followed by something else, that can be read as two formats, lies in more than three
    archives, is encrypted, or unpacks to more than 4 GiB is an ERROR, for nobody can say what it is. So is a file of
    an unknown format, unless `formats` names `unknown`: so a SavedModel of TensorFlow, whose variables have no mark.

    ## Why it matters
    Whoever loads a pickle runs what is in it, with the rights of the service. A format that a runtime does not know, or
    a file that does not fit, is found in production otherwise.

    ## Example
    ```yaml
    - id: safe-to-load
      check: operations.artifact
      formats: [onnx, safetensors, json]
      max_size: 500 MB
    ```

    ## Notes
    It does not show that a model is harmless: custom operators, a template in a tokenizer or a bug in a runtime are not
    looked for, and neither are pickles in the attributes of an HDF5 file. Whether the file is the one that was trained
    is a question for `lineage.verified`.
    """

    id: ClassVar[str] = "operations.artifact"
    bounded: ClassVar[bool] = False
    own_needs: ClassVar = (ArtifactOf,)

    formats: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="The formats that files may have, those in archives too; if left out, every known one.",
    )
    max_size: int | None = param(
        FileSize(),
        default=None,
        doc="The most bytes of all files together, such as `500 MB` or `2 GiB`.",
        tighter="at_most",
    )
    code: str = param(
        Choice("refuse", "allow"),
        default="refuse",
        doc="Whether files may run code when they are loaded.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "files of the model"

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """A waiver may name a file."""
        return (("file",),)

    def words(self, _subject: Subject) -> Words:
        """A finding is about one file."""
        return Words("file", improve="the file")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Unknown formats."""
        known = format_names()
        for name in self.formats:
            if name not in known:
                hint = did_you_mean(name, known) or f"; formats: {', '.join(known)}"
                yield "formats", f"names `{name}`, which is not a format{hint}"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """What the files are."""
        yield _artifact_of(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for each file, and one for the size of all."""
        found: ArtifactFact = facts[_artifact_of(subject)]
        for part in found.parts:
            yield self._answer(part)
        if self.max_size is not None:
            size = f"all files have {counted(found.size, 'byte')}"
            met = found.size <= self.max_size
            said = f"{size}, at most {self.max_size:,}" if met else f"{size}, more than the {self.max_size:,} allowed"
            yield Claim((("file", "all"),), met, said if met else f"{said}; make the model smaller")

    def _answer(self, part: ArtifactPart) -> Claim | Unanswered:
        where = (("file", part.name),)
        if part.fault:
            return Unanswered(where, f"{part.name} {part.fault}")
        if part.code and self.code == "refuse":
            return Claim(where, False, f"{part.name} {part.code}; {_REMEDY}")
        allowed = part.own or part.format in self.formats
        if part.format == UNKNOWN and not allowed:
            said = f"{part.name} is of no format that mlgate knows, so nothing shows that it runs no code"
            return Unanswered(where, f"{said}; store it in a known one, or allow `unknown` in `formats`")
        if self.formats and not allowed:
            said = f"{part.name} is `{part.format}`, and allowed are {', '.join(self.formats)}"
            return Claim(where, False, f"{said}; convert it, or remove it from the model's folder")
        return Claim(where, True, f"{part.name} is {part.format}, {counted(part.size, 'byte')}")


_REMEDY = "store the model as ONNX, safetensors or skops, or in the format of its own library"


def _artifact_of(subject: Subject) -> ArtifactOf:
    model = subject.candidate.model
    if model is None:
        raise EvidenceError("the candidate names no model, so no file can be judged; add `model: {path: ...}`", "model")
    return ArtifactOf(subject.candidate.path_of(model.source))
