"""Earlier models as checks see them: which answers of theirs stand beside the candidate's, or which verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.earlier_verdict import EarlierVerdict


@dataclass(frozen=True)
class Champion:
    """An earlier model, bound to tables."""

    name: str
    table: str = "predictions"
    """The table with its answers beside the candidate's."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Column of that table by role: prediction, score, lower, upper."""
    scores: tuple[tuple[str, str], ...] = ()
    label: str | None = None
    """The column of the label that it was evaluated with, where it names one."""
    files: tuple[Digest, ...] = ()
    """The candidate's own file and its, where equal bytes would mean that they give equal answers; with `verdict`, the
    candidate's own file alone."""
    queries: str = "queries"
    """Of rankings: the table of queries with its answers beside the candidate's."""
    verdict: EarlierVerdict | None = None
    """Instead of all that, the question what an earlier verdict says."""
