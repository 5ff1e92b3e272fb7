"""What every check of a report has: the name of the report, and whether it must be newer than the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Check
from mlgate.checks.reported.report_keys import ReportKeys, path_of, refuse_older
from mlgate.checks.subject import Subject
from mlgate.reading.fields import Flag, Identifier, param
from mlgate.values.verdict import About


@dataclass(frozen=True, kw_only=True)
class ReportedCheck(Check):
    """A check of one report that the candidate names in `reports`."""

    about: ClassVar[About] = "report"
    candidate_keys: ClassVar = ReportKeys

    report: str = param(Identifier(), key="from", doc="The report's name in the candidate's `reports`.")
    after_training: bool = param(
        Flag(),
        default=False,
        doc="Whether the report must be shown to be newer than the candidate's `trained_at`.",
        tighter=(False, True),
    )

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    @property
    def entries_read(self) -> tuple[tuple[str, ...], ...]:
        """The report."""
        return (("reports", self.report),)

    def path(self, subject: Subject) -> str:
        """The path of the report from the workspace. Raises EvidenceError if the candidate does not name it."""
        return path_of(subject, self.report)

    def undated(self, subject: Subject, time: str) -> str:
        """What a reader must know about the time that the report records. Raises EvidenceError for one that is older
        than the model.
        """
        return refuse_older(subject, time, self.report, required=self.after_training)
