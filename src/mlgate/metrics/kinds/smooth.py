"""Metrics that are smooth functions of sums over rows: ratios of sums, R², averages over classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.both import ALIKE, Both, fraction, of_champion
from mlgate.metrics.metric import Alone, Inquiry, Pair, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.sums import FINEST, ROUNDED, UNSEEN, Combination, Product, Summed, Sums
from mlgate.metrics.units import in_units
from mlgate.stats.bounds import Bounds, LessOne
from mlgate.stats.linearised import BELOW_ONE, LOG, Added, Apart, How, Link, Of, compared, linearised
from mlgate.stats.means import too_few
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Totals = NDArray[Any]

MOST_VALUES = 50
"""The most parts of one question, because the sums of all products of two are computed."""
FINEST_LABEL = Fraction(1, 2**11)
"""The least spread of a label for R², as a share of the table's range: fourth powers lose more digits to rounding."""
RowValues = tuple[float, ...]
RowsToAdd = Callable[[RowValues], tuple[RowValues, ...]]
"""From the means of the arguments to the rows to add, each with a value per argument."""
FormulaArgument = tuple[Combination, Fraction]
"""An argument of the formula, as a combination of parts, and the largest distance of a row's value from the pivot."""


def no_rows(_means: RowValues) -> tuple[RowValues, ...]:
    """No rows to add."""
    return ()


def defined(_question: Question, _totals: tuple[Fraction, ...]) -> str | None:
    """None, because the value is defined for all totals."""
    return None


def as_they_are(parts: tuple[Product, ...], stats: Sums) -> tuple[FormulaArgument, ...]:
    """The parts themselves as arguments; each part must be a single value."""
    return tuple((stats.plain(value), stats.reach(value)) for (value,) in parts)


@dataclass(frozen=True)
class Smooth(Alone):
    """A smooth formula of sums over rows, with bounds by the delta method (`stats.linearised`)."""

    parts: Callable[[Question], tuple[Product, ...]]
    """The products of a row's numbers, as SQL, that are summed."""
    formula: Callable[[Totals], Totals]
    """From an array of shape (n, arguments), of floats or fractions, to the n values; NaN or ZeroDivisionError for 0/0.
    """
    link: Link
    """The scale on which bounds are symmetric."""
    guard: Callable[[Question], Iterable[Need]]
    arguments: Callable[[tuple[Product, ...], Sums], tuple[FormulaArgument, ...]] = as_they_are
    """The formula's arguments from one model's parts. May raise Undefined."""
    unbounded: Callable[[tuple[Product, ...], Sums], str | None] = lambda _parts, _stats: None
    """The reason for no bound where sums may be rounding alone, else None."""
    undefined: Callable[[Question, tuple[Fraction, ...]], str | None] = defined
    """The reason for no value at some totals, else None."""
    gradient: Callable[[Totals], Totals] | None = None
    """The formula's partial derivatives. Left out, they are differences, which require sums that are not negative."""
    worse: RowsToAdd = no_rows
    """The rows of which halves are added for the lower bound: one per kind of mistake, and one with many at once."""
    better: RowsToAdd = no_rows
    """The rows of which halves are added for the upper bound."""
    exact: bool = False
    """Whether a row's values are whole numbers, so that the metric is an exact fraction."""
    spreadless: str = "it has no spread here"
    """The reason for no bound where the variance is 0."""
    perfect: Callable[[int, tuple[Fraction, ...]], Bounds] | None = None
    """The bounds of a value of 1 from the rows and the arguments' sums, where a row's values have a range."""
    weighted = False

    @property
    def method(self) -> str:
        """The delta method with its scale, and the rows added."""
        on = {LOG: "the log of the ratio", BELOW_ONE: "the log of one minus the value"}.get(self.link, "the logit")
        half = "" if self.worse is no_rows else ", with half a row added per mistake or right answer"
        return f"delta method on {on}{half}"

    @property
    def in_units(self) -> str:  # type: ignore[override]
        """The same, with the sums of units."""
        return f"{self.method}, between units"

    compared = "delta method on both models' sums per row, or per unit"

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The guards, and the first and second joint moments of the parts."""
        guards = (need for question in asked.questions for need in self.guard(question))
        return (*guards, *self.summed(asked).needs(asked.first))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        return self.summed(asked).by_group(asked.first, facts)

    def estimate(self, asked: Inquiry, stats: Sums) -> Estimate:
        """The value, or the difference of two models' values. Raises Undefined where one is 0/0."""
        return self._difference(asked, stats) if isinstance(asked, Pair) else self._single(asked, stats)

    def _single(self, question: Question, stats: Sums) -> Estimate:
        arguments, value = self._value(question, stats, 0)
        exact, rows = Fraction(value) if self.exact else None, stats.rows
        because = self._few(stats) or self.unbounded(stats.summed.models[0], stats)
        rounding = 0.0 if self.exact else self._rounding(arguments, stats, value)
        found = Estimate((), float(value), rows, rows, exact=exact, no_bound_because=because, rounding=rounding)
        if value == 1 and self.perfect is not None and stats.of_units is None:
            end = self.perfect(rows, tuple(stats.sum(each) for each, _ in arguments))
            return replace(found, lower=end.lower, upper=end.upper)
        if because is not None:
            return shown(found, stats)
        found = replace(found, no_bound_because=self.spreadless if rows > 1 else "one row has no spread")
        bounds = cache(partial(self._bounds, stats, arguments))
        lower, upper = (lambda alpha: bounds().lower(alpha)), (lambda alpha: bounds().upper(alpha))
        return shown(replace(found, lower=lower, upper=upper), stats)

    def _rounding(self, arguments: tuple[FormulaArgument, ...], stats: Sums, value: Any) -> float:
        """How far the rounding of each sum may move the value; infinite where it may become 0/0."""
        import numpy as np

        totals = [stats.sum(each) for each, _ in arguments]
        moved = 0.0
        for at, (_, reach) in enumerate(arguments):
            off = Fraction(ROUNDED) * stats.rows * reach
            for sign in (-1, 1):
                beside = [total + sign * off * (place == at) for place, total in enumerate(totals)]
                try:
                    moved = max(moved, abs(float(self.formula(np.array([beside], dtype=object))[0] - value)))
                except ArithmeticError:
                    return float("inf")
        return moved

    def _difference(self, pair: Pair, stats: Sums) -> Estimate:
        one, new = self._value(pair.new, stats, 0)
        with of_champion():
            other, old = self._value(pair.old, stats, 1)
        if pair.relative and self.link == BELOW_ONE:
            raise Undefined("the relative change of R² depends on its distance from 0: compare without `relative`")
        values = Both(new, old)
        value, rows = values.less(pair.relative), stats.rows
        exact = fraction(value) if self.exact else None
        rounding = 0.0 if self.exact else self._rounding_apart(pair, stats, (one, new), (other, old))
        found = Estimate(
            (), float(value), rows, rows, exact=exact, no_bound_because=ALIKE, note=values.note, rounding=rounding
        )
        if few := self._few(stats):
            return replace(found, no_bound_because=few)
        if any(self.unbounded(parts, stats) for parts in stats.summed.models):
            return shown(found, stats)
        how: How = "difference" if not pair.relative else "log" if new > 0 else "ratio"
        bounds = cache(partial(self._apart, stats, (*one, *other), how))
        lower, upper = (lambda alpha: bounds().lower(alpha)), (lambda alpha: bounds().upper(alpha))
        return shown(replace(found, lower=lower, upper=upper), stats)

    def _rounding_apart(
        self, pair: Pair, stats: Sums, new: tuple[tuple[FormulaArgument, ...], Any], old: tuple[Any, Any]
    ) -> float:
        """How far rounding may move the difference of two values, or the relative difference."""
        moved, moved_old = (self._rounding(arguments, stats, value) for arguments, value in (new, old))
        if not pair.relative:
            return moved + moved_old
        after, before = float(new[1]), float(old[1])
        return (moved + moved_old * abs(after / before)) / before

    def _few(self, stats: Sums) -> str | None:
        """Why there are too few rows for a bound, where no added rows guard it; None where there are enough."""
        return too_few(stats.rows) if self.worse is no_rows and stats.of_units is None else None

    def _bounds(self, stats: Sums, arguments: tuple[FormulaArgument, ...]) -> Bounds:
        import numpy as np

        k = len(arguments)
        totals = stats.totals(*zip(*arguments))
        of = Of(self.formula, k, np.arange(k), self.gradient)
        means = tuple(float(each) for each in of.arguments(totals.sums) / stats.rows)
        return linearised(totals, of, self.link, *(_half(rows(means)) for rows in (self.worse, self.better)))

    def _apart(self, stats: Sums, arguments: tuple[FormulaArgument, ...], how: How) -> Bounds:
        import numpy as np

        totals, k = stats.totals(*zip(*arguments)), len(arguments) // 2
        none = np.full(k, -1)
        new = Of(self.formula, k, np.concatenate([np.arange(k), none]), self.gradient)
        old = Of(self.formula, k, np.concatenate([none, np.arange(k)]), self.gradient)
        found = compared(totals, Apart(new, old, how))
        return LessOne(found) if how == "log" else found

    def summed(self, asked: Inquiry) -> Summed:
        """The sums to ask for. Raises EvidenceError where there are more than `MOST_VALUES`."""
        summed = Summed(tuple(self.parts(question) for question in asked.questions))
        if len(summed.parts) > MOST_VALUES:
            raise EvidenceError(
                f"an average over classes may have at most {MOST_VALUES} sums, and this one has {len(summed.parts)}; "
                "choose `average: micro`, or rules with `class:` for the classes that matter"
            )
        return summed

    def _value(self, question: Question, stats: Sums, model: int) -> tuple[tuple[FormulaArgument, ...], Any]:
        """The formula's arguments of one model, and its exact value. Raises Undefined where it is 0/0."""
        import numpy as np

        arguments = self.arguments(stats.summed.models[model], stats)
        totals = tuple(stats.sum(each) for each, _ in arguments)
        reason = self.undefined(question, totals)
        if reason is not None:
            raise Undefined(reason)
        return arguments, self.formula(np.array([totals], dtype=object))[0]


def shown(found: Estimate, stats: Sums, effective: float | None = None) -> Estimate:
    """The estimate; for rows in units, with the note about units."""
    if stats.of_units is None:
        return found
    return in_units(found, found.lower, found.upper, stats.of_units.units, effective)


def _half(rows: tuple[RowValues, ...]) -> Added | None:
    """Half of each of some rows, as rows to add; None for no rows."""
    import numpy as np

    if not rows:
        return None
    added = np.array(rows)
    return Added(added.sum(axis=0) / 2, added.T @ added / 2)


def ratio(totals: Totals) -> Totals:
    """The first argument divided by the second."""
    return totals[:, 0] / totals[:, 1]


def ratio_slopes(at: Totals) -> Totals:
    """The partial derivatives of `ratio`."""
    import numpy as np

    return np.array([1 / at[1], -at[0] / at[1] ** 2])


def ratio_of_sums(
    numerator: Callable[[Question], str],
    denominator: Callable[[Question], str],
    guard: Callable[[Question], Iterable[Need]],
) -> Smooth:
    """The ratio of two sums over rows of values that are 0 or more."""
    return Smooth(
        lambda question: ((numerator(question),), (denominator(question),)), ratio, LOG, guard,
        undefined=lambda _question, totals: None if totals[1] else "the sum to divide by is 0", gradient=ratio_slopes,
        spreadless="all rows have the same ratio, so its spread is unknown",
    )  # fmt: skip


def explained(
    actual: Callable[[Question], str],
    predicted: Callable[[Question], str],
    guard: Callable[[Question], Iterable[Need]],
    perfect: Callable[[int, tuple[Fraction, ...]], Bounds] | None = None,
) -> Smooth:
    """R² or Brier skill: 1 - Σe²/Σ(y - ȳ)² of an expression y and its prediction, e being the error."""

    def parts(question: Question) -> tuple[Product, ...]:
        label, error = actual(question), f"({actual(question)} - {predicted(question)})"
        return ((f"{error} * {error}",), (label,), (label, label))

    return Smooth(
        parts, _unexplained, BELOW_ONE, guard, arguments=_error_and_spread, unbounded=_too_fine,
        gradient=lambda at: -ratio_slopes(at), spreadless="its errors or labels hardly vary here",
        perfect=perfect,
    )  # fmt: skip


def _unexplained(totals: Totals) -> Totals:
    return 1 - totals[:, 0] / totals[:, 1]


def _error_and_spread(parts: tuple[Product, ...], stats: Sums) -> tuple[FormulaArgument, ...]:
    """A row's squared error, and its squared distance from the mean label.

    The mean is treated as fixed: the derivative of Σ(y - ȳ)² by ȳ is 0.
    """
    (error,), (label,), squared = parts
    if stats.rows < 2 or not stats.stands_out(label, UNSEEN):
        raise Undefined("the label has one value only, so there is nothing to explain")
    wanted, rows = stats.summed.parts, Fraction(stats.rows)
    mean = stats.of_rows.total(wanted.index((label,))) / rows
    spread = (
        (wanted.index(squared), Fraction(1)),
        (wanted.index((label,)), -2 * mean),
        (len(wanted), mean**2),
    )
    return (stats.plain(error), stats.reach(error)), (spread, stats.reach(label) ** 2)


def _too_fine(parts: tuple[Product, ...], stats: Sums) -> str | None:
    """The reason for no bound where errors or labels vary so little that rounding hides their powers, else None."""
    (error,), (label,), _ = parts
    fine = stats.stands_out(label, FINEST_LABEL) and stats.stands_out(error, FINEST)
    return None if fine else "its errors or labels hardly vary here"
