"""Answers about a table itself: exact counts and shares of its rows, each under a demand of its own.

A check of this kind has `about = "table"`: what is counted decides. Where a rule asks for `proof: shown`, a share has
the exact bounds of a proportion, and a number has none.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.stats.planning import rows_for_share
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.estimate import Estimate, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import plural

NO_BOUND = "it is counted in this table and has no bound beyond it; ask for `proof: estimate`"


def demanded(measured: str, at_least: Fraction | int | None = None, at_most: Fraction | int | None = None) -> OwnDemand:
    """What is measured, and the lowest and the highest value that is allowed."""
    low, high = (None if bound is None else Fraction(bound) for bound in (at_least, at_most))
    return OwnDemand(measured, Demand(low, high, _text(low), _text(high)))


def share_of(
    where: Where, found: MatchingFact, own: OwnDemand, *, of: str = "row", offenders: ExampleRows | None = None
) -> Estimate | Unanswered:
    """The share of the rows that match. Without any row there is no answer, so the rule does not pass.

    `of` is the noun of what is counted: "row", "value".
    """
    if not found.of:
        return Unanswered(where, f"there are no {plural(of)} to judge", 0)
    share = Fraction(found.rows, found.of)
    return Estimate(
        where,
        float(share),
        found.of,
        found.of,
        partial(clopper_pearson_lower, found.rows, found.of),
        partial(clopper_pearson_upper, found.rows, found.of),
        exact=share,
        counts=f"{found.rows}/{found.of}",
        counted=plural(of),
        rows_to_settle=lambda bound, side, alpha, power: rows_for_share(float(share), bound, alpha, power, side),
        share=(found.rows, found.of),
        own=own,
        offenders=offenders,
    )


def number_of(
    where: Where, value: Fraction | int, rows: int, own: OwnDemand, *, offenders: ExampleRows | None = None
) -> Estimate | Unanswered:
    """A number of this table: a count, a sum, a largest value. Without any row there is no answer."""
    if not rows:
        return Unanswered(where, "there are no rows to judge", 0)
    exact = Fraction(value)
    return Estimate(
        where, float(exact), rows, rows, exact=exact, no_bound_because=NO_BOUND, own=own, offenders=offenders
    )


def _text(bound: Fraction | None) -> str:
    if bound is None:
        return ""
    return str(bound.numerator) if bound.denominator == 1 else f"{float(bound):.12g}"
