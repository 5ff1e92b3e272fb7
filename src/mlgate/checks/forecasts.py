"""What every rule about forecasts asks first: that each is ahead of what it could know, and is counted once."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.checks.subject import PREDICTIONS, Subject
from mlgate.evidence.dialect import quote
from mlgate.evidence.facts import CountsFact
from mlgate.evidence.forecasts import FAULT
from mlgate.evidence.guard import Guard
from mlgate.evidence.needs import Counts, Term
from mlgate.values.errors import EvidenceError


def sound_forecasts(subject: Subject, table: str) -> Iterator[Guard]:
    """The guard that every forecast is ahead of what it could know, and is there once."""
    if table == PREDICTIONS and "horizon" in subject.roles:
        yield Guard(Counts(subject.rows().table, terms=(Term("fault", quote(FAULT)),)), _refuse_faults)


def _refuse_faults(fact: CountsFact) -> None:
    broken = [(cell.n, cell.values[0]) for cell in fact.cells if cell.values[0] is not None]
    if broken:
        every = sum(cell.n for cell in fact.cells)
        said = "; ".join(f"{rows}: {reason}" for rows, reason in sorted(broken, reverse=True))
        raise EvidenceError(f"{sum(rows for rows, _ in broken)} of {every} forecasts cannot be judged. {said}")
