"""What every rule about forecasts asks first: that each is ahead of what it could know, and is counted once."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import quote
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.tables.forecast_rows import FAULT
from mlgate.values.errors import EvidenceError


def guards(subject: Subject, table: str) -> Iterator[Need]:
    """The question what is wrong with the forecasts by themselves."""
    if table == PREDICTIONS and "horizon" in subject.roles:
        yield _faults(subject)


def trust(subject: Subject, table: str, facts: Facts) -> None:
    """Raise EvidenceError, with counts, where a forecast is not ahead of what it could know, or is there twice."""
    for _ in guards(subject, table):
        fact: CountsFact = facts[_faults(subject)]
        broken = [(cell.n, cell.values[0]) for cell in fact.cells if cell.values[0] is not None]
        if broken:
            every = sum(cell.n for cell in fact.cells)
            said = "; ".join(f"{rows}: {reason}" for rows, reason in sorted(broken, reverse=True))
            raise EvidenceError(f"{sum(rows for rows, _ in broken)} of {every} forecasts cannot be judged. {said}")


def _faults(subject: Subject) -> Counts:
    return Counts(subject.rows().table, terms=(Term("fault", quote(FAULT)),))
