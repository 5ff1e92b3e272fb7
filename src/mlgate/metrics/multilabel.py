"""Metrics of rows that may have several classes at once. A row counts as one, however many classes it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from mlgate.metrics import binary
from mlgate.metrics.indicators import classes_of, clear, has
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.one_label import OneLabel
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.kinds.smooth import RowValues, Smooth
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.multiclass import OWN_CLASS
from mlgate.metrics.question import UNIT, Question
from mlgate.metrics.sums import Product
from mlgate.stats.linearised import LOGIT
from mlgate.values.errors import EvidenceError

HIGHER, LOWER = Better.HIGHER, Better.LOWER
TASK = ("multilabel",)
SK = "sklearn.metrics:"
MOST_CLASSES = 25
"""The most classes of a macro average, because the sums of all products of two are computed."""
DECIDED = ("threshold",)
AVERAGED = "lower bounds miss 5 % as stated, upper bounds up to 7 %; with many rare classes up to 8 %"
POOLED = AVERAGED + "; where 0.5 % of 200 rows name 20 wrong classes each, lower bounds of precision miss 39 %"
ROWS = "at most 5 % on the grid, also where every row is right"
EMPTY = "A row without classes, for which none is predicted, counts as 1."


@dataclass(frozen=True)
class Ratio:
    """For one class, the ratio of right rows to rows that count, from whether a row has the class (t) and is predicted
    to have it (p)."""

    name: str
    right: str
    of: str
    each: float
    """What a true positive adds to numerator and denominator; a mistake adds 1 to the denominator."""
    missed: float
    """How much more than an average row a row adds to the denominator if all of its predictions are wrong."""
    doc: str


RATIOS = (
    Ratio("f1", "2 * {t} * {p}", "{t} + {p}", 2, 1, "2tp / (2tp + fp + fn)"),
    Ratio("jaccard", "{t} * {p}", "greatest({t}, {p})", 1, 2, "tp / (tp + fp + fn)"),
    Ratio("precision", "{t} * {p}", "{p}", 1, 1, "tp / (tp + fp)"),
    Ratio("recall", "{t} * {p}", "{t}", 1, 1, "tp / (tp + fn)"),
)


def _pairs(question: Question) -> Iterator[tuple[str, str]]:
    """For every class, SQL for whether a row has it, and for whether it is predicted."""
    for name in classes_of(question):
        yield f"({has(question, 'label', name)})", f"({has(question, 'prediction', name)})"


def _total(question: Question, of: str) -> str:
    """SQL for the sum over classes of an expression in {t} and {p}."""
    return f"({' + '.join(of.format(t=t, p=p) for t, p in _pairs(question))})"


def _wrong(question: Question) -> str:
    return _total(question, "abs({t} - {p})")


def _share_wrong(question: Question) -> str:
    return f"{_wrong(question)} / {len(classes_of(question))}"


def _all_right(question: Question) -> str:
    return f"{_wrong(question)} = 0"


def _of_row(ratio: Ratio) -> Callable[[Question], str]:
    def expression(question: Question) -> str:
        right, of = _total(question, ratio.right), _total(question, ratio.of)
        return f"case when {of} = 0 then 1 else {right} / {of} end"

    return expression


def _pooled(ratio: Ratio) -> Callable[[Question], tuple[Product, ...]]:
    return lambda question: ((_total(question, ratio.right),), (_total(question, ratio.of),))


def _each(ratio: Ratio) -> Callable[[Question], tuple[Product, ...]]:
    def parts(question: Question) -> tuple[Product, ...]:
        if len(classes_of(question)) > MOST_CLASSES:
            raise EvidenceError(
                f"a macro average may have at most {MOST_CLASSES} classes, and there are {len(question.classes)}; "
                "choose `average: micro`, or rules with `class:` for the classes that matter"
            )
        return tuple((f"({of.format(t=t, p=p)})",) for t, p in _pairs(question) for of in (ratio.right, ratio.of))

    return parts


def mean_of_ratios(totals: Any) -> Any:
    """The unweighted mean of the ratios of the first to the second total, the third to the fourth, and so on."""
    return (totals[:, 0::2] / totals[:, 1::2]).sum(axis=1) / (totals.shape[1] // 2)


def _one_each(means: RowValues, values: tuple[float, float]) -> tuple[RowValues, ...]:
    """For every ratio, a row that counts for it alone."""
    k = len(means)
    return tuple((0.0,) * at + values + (0.0,) * (k - at - 2) for at in range(0, k, 2))


def _mistakes(means: RowValues, missed: float) -> tuple[RowValues, ...]:
    """For every ratio a row with one mistake, and one average row with all predictions wrong: they are correlated."""
    wrong = tuple(0.0 if at % 2 == 0 else missed * mean for at, mean in enumerate(means))
    return (*_one_each(means, (0.0, 1.0)), wrong)


def _no_pool(_question: Question, totals: tuple[Fraction, ...]) -> str | None:
    return None if totals[1] else "no row counts for any class: 0/0"


def _no_class(question: Question, totals: tuple[Fraction, ...]) -> str | None:
    idle = [f"`{name}`" for name, of in zip(question.classes, totals[1::2]) if not of]
    if not idle:
        return None
    return f"no row counts for {', '.join(idle[:8])}: 0/0, and an average over the other classes is another metric"


def _averaged() -> Iterator[Metric]:
    for ratio in RATIOS:
        oracle = f"{SK}{ratio.name}_score"
        worse, better = partial(_mistakes, missed=ratio.missed), partial(_one_each, values=(ratio.each, ratio.each))

        def entry(average: str, kind: Any, doc: str, caveat: str, name: str = ratio.name, by: str = oracle) -> Metric:
            return Metric(name, TASK, kind, HIGHER, UNIT, by, doc, ("average", *DECIDED), ("average",),
                          Interval.APPROXIMATE, caveat, average=average)  # fmt: skip

        of_ratios = partial(
            Smooth, formula=mean_of_ratios, link=LOGIT, guard=clear, worse=worse, better=better, exact=True
        )
        macro = of_ratios(_each(ratio), undefined=_no_class)
        micro = of_ratios(_pooled(ratio), undefined=_no_pool)
        yield entry("macro", macro, f"Plain mean of {ratio.doc} over all classes.", AVERAGED)
        yield entry("micro", micro, f"{ratio.doc} of the counts of all classes together.", POOLED)
        if ratio.name in ("f1", "jaccard"):
            row = Mean(_of_row(ratio), clear, heavy=False, ends=UNIT)
            yield entry("samples", row, f"Mean over rows of each row's own {ratio.doc}. {EMPTY}", ROWS)


def _own_class() -> Iterator[Metric]:
    for m in binary.METRICS:
        if m.name in OWN_CLASS:
            yield Metric(m.name, TASK, OneLabel(m.kind), m.better, m.range, m.oracle,
                         f"{m.doc} Of the rule's `class`.", ("class", *m.takes), ("class", *m.requires), m.interval,
                         m.caveat, average="class")  # fmt: skip


METRICS: tuple[Metric, ...] = (
    Metric("subset_accuracy", TASK, HitShare(_all_right, clear), HIGHER, UNIT, SK + "accuracy_score",
           "Share of rows for which exactly their own classes are predicted.", DECIDED),
    Metric("hamming_loss", TASK, Mean(_share_wrong, clear, heavy=False, ends=UNIT), LOWER, UNIT,
           SK + "hamming_loss", "Share of wrong answers among all pairs of a row and a class.", DECIDED, (),
           Interval.APPROXIMATE, ROWS),
    *_averaged(),
    *_own_class(),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "subset_accuracy": "exact_match_ratio",
    "hamming_loss": "hamming, hamming_distance",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""
