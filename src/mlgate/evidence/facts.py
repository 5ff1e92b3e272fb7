"""Answers of the evidence: sufficient statistics, small enough to travel, with nothing of a single row in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mlgate.evidence.needs import Need

Group = tuple[str | None, ...]
"""The values of a `by`, in its order; None where a row has no value."""


@dataclass(frozen=True)
class SchemaFact:
    """Column names in the table's order with their kinds: text, integer, float, boolean, time, or other."""

    columns: tuple[tuple[str, str], ...]

    def kind(self, column: str) -> str | None:
        """The kind of a column by its exact name, None where there is none of that name."""
        return dict(self.columns).get(column)


@dataclass(frozen=True)
class DigestFact:
    """Recomputed SHA-256, in hexadecimal, and the size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class EarlierValue:
    """A metric's value in one slice, with bounds at a one-sided level each; a share of counts as (hits, rows)."""

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
    """The candidate and version that a stored verdict is about, and every value in it."""

    candidate: str
    version: str
    values: tuple[EarlierValue, ...]


@dataclass(frozen=True)
class KeysFact:
    """Rows on each side, rows whose key is on both sides, keys that repeat, and rows with a missing key."""

    left_rows: int
    left_repeated: int
    left_missing: int
    right_rows: int = 0
    right_repeated: int = 0
    right_missing: int = 0
    matched: int = 0


@dataclass(frozen=True)
class ProfileFact:
    """What a numeric column holds; `minimum` and `maximum` are of its finite values, None where there is none."""

    rows: int
    nulls: int
    unreadable: int
    nans: int
    infinities: int
    minimum: float | None
    maximum: float | None

    @property
    def usable(self) -> bool:
        """Whether every row has a finite number, and there is a row."""
        return self.rows > 0 and not (self.nulls or self.unreadable or self.nans or self.infinities)


@dataclass(frozen=True)
class Cell:
    """One cell of a cube: the terms' values, the rows in it, and with sampling weights their sums."""

    values: Group
    n: int
    weight: Fraction = Fraction(0)
    weight2: Fraction = Fraction(0)


@dataclass(frozen=True)
class CountsFact:
    """The cells of a cube, sorted by their values; cells without rows are not there."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class MomentsOf:
    """One group's rows and its exact sums of products of (value - pivot), by exponents."""

    group: Group
    n: int
    sums: tuple[tuple[tuple[int, ...], Fraction], ...]


@dataclass(frozen=True)
class MomentsFact:
    """Exact sums by group, and the pivots that were taken from the values before."""

    pivots: tuple[Fraction, ...]
    groups: tuple[MomentsOf, ...]


@dataclass(frozen=True)
class TopShareFact:
    """By group, the share of the sum that the top rows carry, in [0, 1]."""

    groups: tuple[tuple[Group, float], ...]


@dataclass(frozen=True)
class PlacementsOf:
    """One group's classes: for each positive twice the negatives below it plus its ties, summed and squared; likewise
    for each negative the positives above it."""

    group: Group
    positives: int
    negatives: int
    positive_sum: int
    positive_squares: int
    negative_sum: int
    negative_squares: int


@dataclass(frozen=True)
class PlacementsFact:
    """Placements by group, sorted by group."""

    groups: tuple[PlacementsOf, ...]


@dataclass(frozen=True)
class PairedPlacementsOf:
    """One group's placements by two scores, and the sums of their products over each class."""

    new: PlacementsOf
    old: PlacementsOf
    positive_cross: int
    negative_cross: int


@dataclass(frozen=True)
class PairedPlacementsFact:
    """Paired placements by group, sorted by group."""

    groups: tuple[PairedPlacementsOf, ...]


@dataclass(frozen=True)
class RankingOf:
    """One group's scores from high to low (the greatest of a bin), with positives and negatives at each."""

    group: Group
    scores: tuple[float, ...]
    positives: tuple[int, ...]
    negatives: tuple[int, ...]
    binned: bool = False


@dataclass(frozen=True)
class RankingFact:
    """Rankings by group, sorted by group."""

    groups: tuple[RankingOf, ...]


@dataclass(frozen=True)
class OrderOf:
    """One group's quantile: the value at the inverse-CDF rank, the mean of the two middle values where the quantile
    falls between two ranks, and for each level the values at the lower and upper rank (None: no such rank)."""

    group: Group
    n: int
    value: float
    middle: float
    bounds: tuple[tuple[float, float | None, float | None], ...]


@dataclass(frozen=True)
class OrderFact:
    """Quantiles by group, sorted by group."""

    groups: tuple[OrderOf, ...]


@dataclass(frozen=True)
class ResampleOf:
    """One group's value and the values of its bootstrap samples, sorted."""

    group: Group
    n: int
    value: float
    replicates: tuple[float, ...]


@dataclass(frozen=True)
class ResampleFact:
    """Resampled values by group, sorted by group."""

    groups: tuple[ResampleOf, ...]


@dataclass(frozen=True)
class Facts(Mapping[Need, Any]):
    """Every answered need with its fact; what a check reads, and all that it may read."""

    answers: Mapping[Need, Any] = field(default_factory=dict)

    def __getitem__(self, need: Need) -> Any:
        """The fact that answers a need; an EvidenceError or MachineError met while measuring is raised here."""
        answer = self.answers[need]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __iter__(self) -> Iterator[Need]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)
