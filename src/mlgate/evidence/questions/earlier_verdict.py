"""Earlier verdict: the values of metrics in a stored verdict, validated as by `mlgate explain`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.values.errors import EvidenceError, InputError
from mlgate.values.reach import Reach


@dataclass(frozen=True)
class EarlierValue:
    """A metric's value in one slice, with its bounds by one-sided level; for a share of counts also (hits, rows)."""

    metric: str
    where: tuple[tuple[str, str], ...]
    value: float
    level: float
    lower: float | None
    upper: float | None
    counts: tuple[int, int] | None
    n: int
    rows: int


@dataclass(frozen=True)
class EarlierVerdictFact:
    """The candidate and version of a stored verdict, and every value in it."""

    candidate: str
    version: str
    values: tuple[EarlierValue, ...]
    predictions: str = ""
    """The digest of the predictions that it is on; empty if they had no file."""


@dataclass(frozen=True)
class EarlierVerdict(Need):
    """The values of metrics by one check in a stored verdict; if the file has several verdicts, that on `candidate`."""

    name = "earlier-verdict"
    fact = EarlierVerdictFact
    path: str
    candidate: str
    check: str = ""
    """The check whose values are read."""

    def impossible(self, fact: EarlierVerdictFact) -> str:
        """A value with bounds, a level or counts that no verdict has, and a text that is not a digest."""
        if fact.predictions and not re.fullmatch("[0-9a-f]{64}", fact.predictions):
            return f"{fact.predictions!r} is not a digest"
        return next((wrong for value in fact.values if (wrong := _impossible(value))), "")

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def answer(self, tables: OpenTables) -> EarlierVerdictFact:
        """Every value of the stored verdict. Raises EvidenceError where the file is not a verdict, or was edited."""
        return read_verdict(self, tables.reach)


def _impossible(found: EarlierValue) -> str:
    """Why no verdict has a value; empty if one can."""
    if not 0 < found.level < 1:
        return f"{found.level:g} is not the level of a bound"
    if found.lower is not None and found.upper is not None and found.lower > found.upper:
        return f"the bounds {found.lower:.12g} and {found.upper:.12g} are not in order"
    if found.counts is not None and not _is_share(*found.counts, found.value):
        return f"{found.value:.12g} is not {found.counts[0]}/{found.counts[1]}"
    return not_counts(found.n, found.rows)


def _is_share(hits: int, rows: int, value: float) -> bool:
    """Whether a value is hits / rows."""
    return 0 <= hits <= rows > 0 and abs(hits / rows - value) < 1e-9


_COUNTS = re.compile(r"([0-9]+)/([0-9]+)")


def read_verdict(need: EarlierVerdict, reach: Reach) -> EarlierVerdictFact:
    """Every value of the stored verdict. Raises EvidenceError where the file is not a verdict, or was edited."""
    from mlgate.values.stored import read

    raw = contents(need.path, reach)
    try:
        found = read(raw.decode("utf-8"), need.path)
    except (InputError, UnicodeDecodeError) as error:
        raise EvidenceError(f"the champion's verdict cannot be used: {error}") from error
    verdict = _of(need, found.verdicts)
    return EarlierVerdictFact(verdict.candidate, verdict.version, tuple(_values(need, verdict)), _predictions(verdict))


def _of(need: EarlierVerdict, verdicts: tuple[Any, ...]) -> Any:
    """The verdict of a file with one verdict, or the only one on a candidate of this name."""
    named = [verdict for verdict in verdicts if verdict.candidate == need.candidate]
    chosen = verdicts if len(verdicts) == 1 else named
    if len(chosen) != 1:
        known = ", ".join(f"{verdict.candidate} {verdict.version}".strip() for verdict in verdicts) or "nobody"
        raise EvidenceError(
            f"{need.path} does not hold exactly one verdict on `{need.candidate}`, but is on: {known}; store one alone"
        )
    return chosen[0]


def _predictions(verdict: Any) -> str:
    return next((entry.sha256 for entry in verdict.inputs if entry.role == "predictions"), "")


def _values(need: EarlierVerdict, verdict: Any) -> Iterator[EarlierValue]:
    for outcome in verdict.outcomes:
        for finding in outcome.findings if outcome.check == need.check else ():
            if finding.value is None or finding.n is None or finding.rows is None:
                continue
            level = float(1 - Fraction(outcome.confidence))
            counts = _counts(need, finding)
            yield EarlierValue(
                outcome.metric, finding.where, finding.value, level, finding.lower, finding.upper, counts, finding.n,
                finding.rows,
            )  # fmt: skip


def _counts(need: EarlierVerdict, finding: Any) -> tuple[int, int] | None:
    """Hits and rows of a share; None for other values. Raises EvidenceError where the value is not hits / rows."""
    found = _COUNTS.fullmatch(finding.exact or "")
    hits, rows = (int(found[1]), int(found[2])) if found else (0, 0)
    if found and not _is_share(hits, rows, finding.value):
        raise EvidenceError(
            f"{need.path} contradicts itself, it was changed after it was given: {finding.value:.12g} is not {found[0]}"
        )
    return (hits, rows) if found else None
