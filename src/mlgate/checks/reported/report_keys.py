"""The reports that a candidate names, and when its model was trained: the candidate keys of the family `reported`."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.candidate.named_files import FilePath
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest, DigestFact
from mlgate.evidence.sources import FileSource
from mlgate.reading.fields import Identifier, MapOf, Missing, ProblemReport, Text, param
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.errors import EvidenceError
from mlgate.values.instants import zoned_instant
from mlgate.values.words import did_you_mean

MOST_REPORTS = 1_000
_LONGEST = 40


@dataclass(frozen=True)
class Instant(Text):
    """A date and time with its zone, as ISO 8601 writes it."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a date and time with its zone, such as 2026-11-20T10:00:00Z"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        if zoned_instant(node.text) is None:
            return report.refuse(node.at, f"must be {self.noun}, not {node}")
        return node.text


@dataclass(frozen=True)
class ReportKeys:
    """The files in which others report what they measured."""

    reports: tuple[tuple[str, FileSource], ...] = param(
        MapOf(FilePath(), key=Identifier(), max=MOST_REPORTS),
        default=(),
        doc="Files with results that others measured, by the names that rules use in `from`.",
    )
    trained_at: str = param(
        Instant(),
        default="",
        doc="When the model was trained. A report that records an earlier time is not about it.",
    )


def path_of(subject: Subject, name: str) -> str:
    """The path of a report from the workspace. Raises EvidenceError if the candidate does not name it."""
    named = dict(subject.candidate.of(ReportKeys).reports)
    if name not in named:
        known = did_you_mean(name, named) or f" (it names: {', '.join(sorted(named)) or 'none'})"
        raise EvidenceError(f"the candidate names no report `{name}`{known}; add it to `reports`", "reports")
    return subject.candidate.path_of(named[name])


def key_of(name: str) -> str:
    """The key of the candidate file that names a report, for messages."""
    return f"reports.{name}"


def refuse_older(subject: Subject, time: str, name: str, *, required: bool) -> str:
    """Raise EvidenceError for a report that was written before the model was trained, as far as both times are known.

    Only times that the report and the candidate record are compared: the time of a file is that of a checkout or a
    copy. `required` refuses a report whose order in time is not known. Returns what a reader must know about the time.
    """
    trained, written = subject.candidate.of(ReportKeys).trained_at, zoned_instant(time)
    if not trained:
        if required:
            said = "`after_training` requires the time when the model was trained; add `trained_at` to the candidate"
            raise EvidenceError(said, "reports")
        return ""
    if written is None:
        lacks = f"records the time `{time[:_LONGEST]}`, which has no zone" if time else "records no time"
        if required:
            raise EvidenceError(f"report `{name}` {lacks}, so it is not shown to be newer than the model", key_of(name))
        return f"the report {lacks}, so it is not compared with `trained_at`"
    moment = zoned_instant(trained)
    if moment is not None and written < moment:
        said = f"report `{name}` is of {time}, before the model was trained at {trained}"
        raise EvidenceError(f"{said}; measure this model and write the report again", key_of(name), "trained_at")
    return ""


def model_digest(subject: Subject, name: str) -> Digest:
    """The question for the digest of the candidate's model. Raises EvidenceError where the candidate has none."""
    model = subject.candidate.model
    if model is None:
        said = f"the rule compares the model with the digest in report `{name}`, and the candidate names no model"
        raise EvidenceError(f"{said}; add `model: {{path: ...}}`", "model")
    return Digest("model", subject.candidate.path_of(model.source))


def refuse_other_model(found: DigestFact, stated: str, name: str) -> None:
    """Raise EvidenceError where a report states the digest of another file than the candidate's model."""
    if stated.lower().removeprefix("sha256:") != found.sha256:
        said = f"report `{name}` is about the model {stated[:80]}, and the candidate's model is {found.sha256}"
        raise EvidenceError(f"{said}; measure this model and write the report again", key_of(name), "model.path")
