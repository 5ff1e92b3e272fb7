"""governance.expires: the model, or its approval, is not older than a number of days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from mlgate.checks.governance.model_approvals import ApprovalCheck, ModelApprovals, nearest_of, said_of
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.reported.report_keys import ReportKeys
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.reading.fields import Choice, Integer, param
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.instants import zoned_instant
from mlgate.values.words import counted

MODEL, APPROVAL = "model", "approval"
MOST_DAYS = 36_500


@dataclass(frozen=True, kw_only=True)
class GovernanceExpires(ApprovalCheck):
    """The model, or its approval, is not older than a number of days.

    ## What it does
    Computes the age on the day of the verdict (`--as-of`, by default today, in UTC).

    | `of` | since when |
    |---|---|
    | `model` | the end of the last run that made it, by a source of lineage, or `trained_at` of the candidate |
    | `approval` | the newest one that counts by `governance.approval`: of this model, and not by who made it |

    Of two times when the model was trained, the earlier one counts. The time of a file decides nothing: it is that of a
    checkout or of a copy. Where nobody has recorded the time, or no approval counts, that is an ERROR; a time after the
    day of the verdict is a FAIL.

    ## Why it matters
    The world changes, and a model that nobody looks at again goes on as it was. An end date makes somebody look.

    ## Example
    ```yaml
    - id: trained-this-year
      check: governance.expires
      days: 365
    - id: approved-this-quarter
      check: governance.expires
      of: approval
      days: 92
    ```

    ## Use instead
    `data.freshness` judges the age of the rows. With `days`, `governance.approval` counts only recent approvals.
    """

    id: ClassVar[str] = "governance.expires"

    days: int = param(Integer(min=1, max=MOST_DAYS), doc="The most days since then.", tighter="lower")
    of: str = param(Choice(MODEL, APPROVAL), default=MODEL, doc="What may not be older: `model` or `approval`.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"age of the {self.of}"

    @property
    def reads_commits(self) -> bool:
        """Whether it asks for approvals."""
        return self.of == APPROVAL

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim."""
        yield self._approval(subject, facts) if self.of == APPROVAL else self._model(subject, facts)

    def _model(self, subject: Subject, facts: Facts) -> Claim | Unanswered:
        graph = facts[lineage_of(subject)]
        name = graph.by_id[graph.root].name
        stated = (graph.trained, zoned_instant(subject.candidate.of(ReportKeys).trained_at))
        since = min(filter(None, stated), default=None)
        if since is None:
            said = f"nobody has recorded when {name} was trained"
            return Unanswered((), f"{said}; record the end of its run, or add `trained_at` to the candidate")
        return self._judged(f"{name} was trained", since, subject.as_of, "train it again")

    def _approval(self, subject: Subject, facts: Facts) -> Claim | Unanswered:
        found = self.approvals_of(subject, facts)
        counting = [each for each in found.found if not found.refused(each, not_author=True)]
        times = [(when, each) for each in counting if (when := zoned_instant(each.at))]
        if not times or not found.authors_known:
            return Unanswered((), _why_none(found))
        when, approval = max(times, key=lambda each: each[0])
        said = f"the newest approval, by {said_of(approval)}, was given"
        return self._judged(said, when, subject.as_of, "let it be approved again")

    def _judged(self, said: str, since: datetime, day: date, remedy: str) -> Claim:
        on = since.astimezone(UTC).date()
        age = (day - on).days
        if age < 0:
            return Claim((), False, f"{said} on {on}, after the day of the verdict, {day}; correct the record")
        within = age <= self.days
        end = "" if within else f"; {remedy}"
        relation = "≤" if within else ">"
        return Claim((), within, f"{said} on {on}, {counted(age, 'day')} before {day} {relation} {self.days:,}{end}")


def _why_none(found: ModelApprovals) -> str:
    """Why no approval counts."""
    if not found.authors_known:
        said = f"nobody is known to have made {found.model}, so an approval may be by who did"
        return f"{said}; record `by` of its run, or the commit"
    nearest = nearest_of(found.found, found.sha256)
    if nearest is None:
        return f"no approval of {found.model} counts: no source has one; let somebody approve it"
    why = found.refused(nearest, not_author=True)
    return f"no approval of {found.model} counts: that by {said_of(nearest)} {why}; let somebody approve it"
