"""Questions to the evidence: frozen, hashable values, so that equal questions are asked once.

SQL in a need is the small DuckDB dialect of `dialect.py`: quoted column names that were checked against the
schema, literals, and the functions listed there. A need opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Term:
    """A named expression over a table's columns; as a group it is exact text, NULL where the value is missing."""

    name: str
    sql: str


@dataclass(frozen=True)
class Need:
    """One question; `inputs` are the needs whose facts must be there before it can be asked."""

    name: ClassVar[str] = ""

    @property
    def inputs(self) -> Sequence[Need]:
        """Needs to be answered first."""
        return ()


@dataclass(frozen=True)
class TableNeed(Need):
    """A question to the rows of one table that satisfy `where`, each counted `count` times."""

    table: str
    where: str = ""
    """A boolean expression; empty for all rows."""
    count: str = ""
    """An expression giving each row's frequency; empty for one."""

    def profiles(self, *values: str) -> tuple[Profile, ...]:
        """The profiles of some numbers of the same rows: their least and greatest fix pivot and scale of a sum."""
        return tuple(Profile(self.table, self.where, self.count, value, value) for value in values)


@dataclass(frozen=True)
class Schema(Need):
    """Exact column names and their kinds."""

    name = "schema"
    table: str


@dataclass(frozen=True)
class Digest(Need):
    """SHA-256 of a file, or of a folder's manifest (sorted relative paths with their digests)."""

    name = "digest"
    role: str
    path: str


@dataclass(frozen=True)
class EarlierVerdict(Need):
    """What a stored verdict says of metrics; of several verdicts in it, the one on `candidate`."""

    name = "earlier-verdict"
    path: str
    candidate: str


@dataclass(frozen=True)
class Keys(Need):
    """How the key columns of two tables match; with `right` empty, only whether `left` repeats a key."""

    name = "keys"
    left: str
    columns: tuple[str, ...]
    right: str = ""
    right_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile(TableNeed):
    """How many values of a column can be used: nulls, NaN, infinities, text that is no number, least and greatest.

    `raw` is the column as it stands, `value` its numeric reading; a row with raw but no value is unreadable.
    """

    name = "profile"
    raw: str = ""
    value: str = ""


@dataclass(frozen=True)
class Counts(TableNeed):
    """Joint counts of some terms: a cube's cells. With `weight`, also the sums of weights and squared weights."""

    name = "counts"
    terms: tuple[Term, ...] = ()
    weight: str = ""


@dataclass(frozen=True)
class Moments(TableNeed):
    """Exact sums of products of powers of some numeric values, by group.

    `monomials` are exponents, one for each value: with values (a, b), (2, 1) asks for the sum of a*a*b. Sums are taken
    of the values less a pivot, in fixed point; the fact gives them back as exact fractions.
    """

    name = "moments"
    values: tuple[str, ...] = ()
    monomials: tuple[tuple[int, ...], ...] = ()
    by: tuple[Term, ...] = ()

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profiles of the values."""
        return self.profiles(*self.values)


@dataclass(frozen=True)
class TopShare(TableNeed):
    """The share of a non-negative value's sum that its largest rows carry, by group."""

    name = "top-share"
    value: str = ""
    fraction: float = 0.01
    by: tuple[Term, ...] = ()

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profile of the value."""
        return self.profiles(self.value)


@dataclass(frozen=True)
class Placements(TableNeed):
    """Sums and sums of squares of doubled mid-rank placements of a score in each class, by group."""

    name = "placements"
    score: str = ""
    positive: str = ""
    """A boolean expression: whether the row's label is the positive class."""
    by: tuple[Term, ...] = ()


@dataclass(frozen=True)
class PairedPlacements(TableNeed):
    """The placements of two scores of the same rows, and their cross sums in each class, by group."""

    name = "paired-placements"
    new: str = ""
    old: str = ""
    positive: str = ""
    by: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Ranking(TableNeed):
    """The score's distinct values from high to low with their positives and negatives, by group.

    Where there are more than `bins` distinct values, neighbours are put together into about that many bins of
    equal count.
    """

    name = "ranking"
    score: str = ""
    positive: str = ""
    by: tuple[Term, ...] = ()
    bins: int = 65536


@dataclass(frozen=True)
class Order(TableNeed):
    """The values at the ranks that estimate and bound one quantile, at each of some one-sided levels, by group."""

    name = "order"
    value: str = ""
    quantile: float = 0.5
    alphas: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Resample(TableNeed):
    """A function of scikit-learn's signature on the rows, and on `replicates` bootstrap samples of them, by group."""

    name = "resample"
    function: str = ""
    """`module:function`, called as f(label, prediction)."""
    label: str = ""
    prediction: str = ""
    numeric: bool = True
    """Whether label and prediction are numbers; else they are class names."""
    by: tuple[Term, ...] = ()
    replicates: int = 200
    seed: int = 0
