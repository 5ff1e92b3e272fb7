"""The guard of every rule about forecasts: each was made before what it forecasts, and counts once."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import quote
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.tables.forecast_rows import FAULT
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted


def sound_forecasts(subject: Subject, table: str) -> Iterator[Guard]:
    """A guard: every forecast was made before the time it forecasts, and none occurs twice."""
    if table == PREDICTIONS and "horizon" in subject.roles:
        yield Guard(Counts(subject.rows().table, terms=(Term("fault", quote(FAULT)),)), _refuse_faults)


def _refuse_faults(fact: CountsFact) -> None:
    broken = [(cell.n, cell.values[0]) for cell in fact.cells if cell.values[0] is not None]
    if broken:
        said = "; ".join(f"{rows}: {reason}" for rows, reason in sorted(broken, reverse=True))
        raise EvidenceError(
            f"{sum(rows for rows, _ in broken):,} of {counted(fact.rows, 'forecast')} cannot be judged. {said}"
        )
