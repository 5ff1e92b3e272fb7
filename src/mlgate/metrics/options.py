"""The parameters of a metric. Each is declared once: its key, its values, its meaning, its words and its example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from mlgate.evidence.tables.texts import NORMALISATIONS
from mlgate.reading.fields import Choice, Flag, Integer, MapOf, Number, OneOrMany, Text, param

Wording = Callable[[Any], str]


# ruff: noqa: RUF009 - `_option` declares a field, as `field` does


def _option(
    spec: Any, doc: str, said: Wording | None = None, *, many: bool = False, key: str = "", sample: str = ""
) -> Any:
    """A parameter. `said` gives the words that it adds to the metric's name, or is None where it changes the name
    itself.

    `sample` is the value that examples give to a required parameter.
    """
    declared = param(spec, default=() if many else None, doc=doc, key=key)
    return field(default=declared.default, metadata={**declared.metadata, "said": said, "sample": sample})


def _number(before: str) -> Wording:
    return lambda value: f"{before} {float(value):g}"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The parameters of a metric; None or empty where the rule does not give them. Words are added in this order."""

    average: str | None = _option(
        Choice("macro", "micro", "samples", "weighted"),
        "Several classes: how their values are averaged; `samples` averages over the rows of a multilabel task.",
    )
    k: Fraction | None = _option(Number(above=0), "Top k: rows, a share of the rows below 1, or classes.", sample="0.1")
    class_: str | None = _option(
        Text(),
        "Several classes: this class against the rest.",
        lambda name: f"of class {name}",
        key="class",
        sample="cat",
    )
    column: str | None = _option(
        Text(), "The column whose mean, rate or quantile is measured.", lambda name: f"of {name}", sample="latency_ms"
    )
    threshold: Fraction | None = _option(
        Number(), "Decide positive where the score is at least this.", _number("at threshold")
    )
    normalise: tuple[str, ...] = _option(
        OneOrMany(Choice(*NORMALISATIONS)),
        "Texts: which differences are removed before they are compared; by default only those of Unicode's NFC.",
        lambda names: f"with {', '.join(names)} made alike",
        many=True,
    )
    season: int | None = _option(
        Integer(min=1, max=1_000_000),
        "Time steps per season, for the seasonal naive forecast; 1 for no season.",
        lambda season: f"of season {season}",
        sample="12",
    )
    beta: Fraction | None = _option(
        Number(above=0), "Weight of recall against precision in fbeta.", _number("with beta"), sample="2"
    )
    quantile: Fraction | None = _option(
        Number(above=0, below=1), "Which quantile, between 0 and 1.", _number("of quantile"), sample="0.95"
    )
    equals: tuple[str, ...] = _option(
        OneOrMany(Text()),
        "For rate: the values that count.",
        lambda values: f"being {' or '.join(values)}",
        many=True,
        sample="[timeout, refused]",
    )
    allow_absent: bool | None = _option(
        Flag(), "For rate: a value of `equals` may occur in no row, so that a rate of 0 is meant."
    )
    costs: tuple[tuple[str, Fraction], ...] = _option(
        MapOf(Number()),
        "Cost (or value) of each of tp, fp, fn and tn.",
        lambda costs: f"with {', '.join(f'{cell} {float(cost):g}' for cell, cost in costs)}",
        many=True,
        sample="{tp: 0, fp: 1, fn: 20, tn: 0}",
    )
    cap: Fraction | None = _option(
        Number(), "Mean of min(value, cap): bounds the influence of one row.", _number("capped at")
    )
    bins: int | None = _option(
        Integer(min=2, max=1000), "Bins of a calibration error; 15 by default.", lambda bins: f"in {bins} bins"
    )
    gain: str | None = _option(
        Choice("linear", "exponential"),
        "Gain of an item in ndcg: `linear`, its grade (default), or `exponential`, 2^grade - 1.",
        lambda gain: f"with {gain} gain",
    )
    relevant_from: Fraction | None = _option(
        Number(above=0),
        "Rankings: the lowest grade of a relevant item; by default any grade above 0.",
        _number("of grades ≥"),
    )
    inputs: str | None = _option(
        Choice("prediction", "score", "scores"),
        "For `module:function`: what it is given with the label. `prediction` by default; `score` is that of the "
        "positive class; `scores` is a matrix with one column per class, in the order of their names.",
        lambda inputs: {"prediction": "of decisions", "score": "of scores", "scores": "of class scores"}[inputs],
    )
    table: str | None = _option(
        Text(), "For column metrics: a table of the candidate; by default `predictions`.", lambda name: f"in {name}"
    )

    def given(self) -> tuple[str, ...]:
        """The keys that the rule gives."""
        return tuple(each.metadata["key"] or each.name for each in fields(Options) if self._value(each.name))

    def in_words(self, metric: str) -> str:
        """A metric with its parameters in words: "p95 of latency_ms", "recall of class cat"."""
        return " ".join([self._named(metric), *self._said()])

    def _named(self, metric: str) -> str:
        name = f"p{float(100 * self.quantile):g}" if self.quantile is not None and self.column else metric
        if self.k is not None:
            named = name.replace("_k", f"_{float(self.k):g}")
            name = named if named != name else f"{name}@{float(self.k):g}"
        return f"{self.average} {name}" if self.average else name

    def _said(self) -> Iterator[str]:
        for each in fields(Options):
            value, said = self._value(each.name), each.metadata["said"]
            if value and said and not (each.name == "quantile" and self.column):
                yield said(value[0])

    def _value(self, name: str) -> tuple[Any, ...]:
        """The value of a parameter as a tuple of one, or an empty tuple where the rule does not give it."""
        value = getattr(self, name)
        return () if value is None or value == () else (value,)


def samples() -> dict[str, str]:
    """For each key, the value that examples give where a metric requires it."""
    return {each.metadata["key"] or each.name: each.metadata["sample"] for each in fields(Options)}
