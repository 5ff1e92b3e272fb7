"""Random and degenerate samples, many as groups of one frame, and their values through the real evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.forecast_rows import Forecasts
from mlgate.evidence.tables.ranked_queries import Queries
from mlgate.evidence.tables.recipe import TableOrigin
from mlgate.evidence.tables.texts import Texts
from mlgate.metrics.base import Metric, StagedKind, Undefined
from mlgate.metrics.kinds.determination import Determination
from mlgate.metrics.kinds.over_queries import OfQueries
from mlgate.metrics.kinds.sums import Sums
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate

ROUNDING = 2.0**-50
COSTS = (("tp", Fraction(-3, 2)), ("fp", Fraction(1)), ("fn", Fraction(10)), ("tn", Fraction(1, 10)))


@dataclass(frozen=True)
class Frame:
    """A frame of groups `g`, with the roles of its columns."""

    rows: pd.DataFrame
    task: str
    roles: Mapping[str, str]
    classes: tuple[str, ...] = ()
    positive: str | None = None
    scores: tuple[tuple[str, str], ...] = ()
    history: pd.DataFrame | None = None
    """For forecasts: the values of series `s` at time `t`."""

    def repeated(self) -> Frame:
        """The same without frequencies: every row as often as its count says."""
        rows = self.rows.loc[self.rows.index.repeat(self.rows["count"])].reset_index(drop=True)
        roles = {role: name for role, name in self.roles.items() if role != "count"}
        return replace(self, rows=rows, roles=roles)

    def tables(self) -> dict[str, TableOrigin]:
        """The tables to open; the last is the one that is judged."""
        found: dict[str, TableOrigin] = {"predictions": FrameSource(self.rows)}
        if self.history is not None:
            made = Forecasts("predictions", ("s",), "t", "h", "o", "y", history="history", key=("s", "t"), value="y")
            found |= {"history": FrameSource(self.history), "forecasts": made}
        if self.task == "text":
            found |= {"texts": Texts("predictions")}
        if self.task == "ranking":
            found |= {"queries": Queries("predictions", ("q",))}
        return found

    def with_role(self, role: str) -> Frame:
        """The same with the column of that name in its role."""
        return replace(self, roles={**self.roles, role: role})


@dataclass(frozen=True)
class Sample:
    """One group as arrays: what an oracle sees."""

    rows: pd.DataFrame
    frame: Frame
    options: Options
    weights: Any = field(default=None)

    def __getattr__(self, name: str) -> Any:
        found = np.array(self.rows[self.frame.roles.get(name, name)].tolist())
        object.__setattr__(self, name, found)
        return found

    @property
    def positive(self) -> str:
        return self.options.class_ or str(self.frame.positive)

    @cached_property
    def hit(self) -> Any:
        return self.label == self.positive

    @cached_property
    def chosen(self) -> Any:
        if self.options.threshold is not None:
            return self.score >= float(self.options.threshold)
        return self.prediction == self.positive

    @cached_property
    def w(self) -> Any:
        return np.ones(len(self.rows)) if self.weights is None else self.weights


def samples(frame: Frame, options: Options) -> dict[str, Sample]:
    """Every group as a sample."""
    weight = frame.roles.get("weight")
    return {
        str(name): Sample(rows, frame, options, rows[weight].to_numpy() if weight else None)
        for name, rows in frame.rows.groupby("g")
    }


def estimates(metric: Metric, frame: Frame, options: Options) -> dict[str, tuple[Estimate | None, float]]:
    """The metric of every group by the path that the gate takes, None where it is undefined; and how far the rounding
    of the whole table's values may move it."""
    tables = frame.tables()
    judged = list(tables)[-1]
    with open_evidence(tables, Path(), threads=1) as evidence:
        rows = Rows(judged, "the predictions", evidence.schema(judged))
        column = rows.column("value", "column") if "column" in metric.takes else None
        shaped = Options(**{**vars(options), "column": column})
        by = (rows.column("g", "by").term,)
        question = Question(
            rows,
            frame.task,
            frame.roles,
            shaped,
            by,
            positive_class=frame.positive,
            classes=frame.classes,
            scores=frame.scores,
            separator="|",
        )
        # Only what was asked for by name: stored facts hold no more.
        facts = asked(evidence, metric.kind.needs(question))
        if isinstance(metric.kind, StagedKind):
            more = asked(evidence, metric.kind.later(question, facts))
            facts = Facts({**facts.answers, **more.answers})
        groups = metric.kind.groups(question, facts)
        return {str(group[0]): defined(metric, question, stats) for group, stats in groups.items()}


def asked(evidence: OpenEvidence, needs: Iterable[Need]) -> Facts:
    """The facts of some needs and of no other."""
    wanted = tuple(needs)
    measured = evidence.measure(wanted)
    return Facts({need: measured.answers[need] for need in wanted})


def defined(metric: Metric, question: Question, stats: Any) -> tuple[Estimate | None, float]:
    try:
        found = metric.kind.estimate(question, stats)
    except Undefined:
        return None, 0.0
    stats = stats.of if isinstance(stats, OfQueries) else stats
    return found, ROUNDING * rounded(metric, found.value, stats) if isinstance(stats, Sums) else 0.0


def rounded(metric: Metric, value: float, stats: Sums) -> float:
    """How much a value changes by a change of the sums, in units of the table's range."""
    reach = [float(found) for found in stats.reaches]
    if isinstance(metric.kind, Determination):
        return (reach[0] + (1 - value) * reach[1] ** 2) / float(stats.square(1))
    moved = reach[0]
    if len(reach) == 2:
        moved = (reach[0] + abs(value) * reach[1]) * stats.rows / float(stats.total(0, 1))
    return moved / (2 * value) if getattr(metric.kind, "root", False) and value else moved


def sizes(random: np.random.Generator, groups: int) -> list[int]:
    """Rows of each group: many tiny, some of medium size."""
    return [int(random.choice([1, 2, 3, 5, 8, 20, 60])) for _ in range(groups)]


def joined(parts: list[pd.DataFrame], random: np.random.Generator) -> pd.DataFrame:
    rows = pd.concat([part.assign(g=f"g{at}") for at, part in enumerate(parts)], ignore_index=True)
    rows["count"] = random.choice([1, 1, 2, 7], len(rows))
    rows["weight"] = np.where(random.random(len(rows)) < 0.05, 0.0, random.lognormal(0, 1, len(rows)))
    return rows.sample(frac=1, random_state=7).reset_index(drop=True)


def _scores(random: np.random.Generator, n: int) -> Any:
    """Continuous, tied, constant, or at the ends."""
    style = random.integers(4)
    if style == 0:
        return random.random(n)
    if style == 1:
        return random.integers(0, 5, n) / 4
    return np.full(n, random.random()) if style == 2 else random.integers(0, 2, n).astype(float)


def _column(random: np.random.Generator, n: int) -> Any:
    return np.round(random.normal(3, 2, n), int(random.integers(0, 6))) + 0.0


def binary(seed: int, negative: str, positive: str, groups: int = 45) -> Frame:
    """Two classes at any prevalence, single classes and classes never predicted among them."""
    random, parts = np.random.default_rng(seed), []
    for n in sizes(random, groups):
        prevalence, skill = random.choice([0.0, 0.02, 0.3, 0.5, 0.95, 1.0]), random.random()
        label = random.random(n) < prevalence
        guess = random.random(n) < random.choice([0.0, 0.3, 0.7, 1.0])
        prediction = np.where(random.random(n) < skill, label, guess)
        named = {key: np.where(value, positive, negative) for key, value in (("y", label), ("p", prediction))}
        parts.append(pd.DataFrame({**named, "score": _scores(random, n), "value": _column(random, n)}))
    roles = {"label": "y", "prediction": "p", "score": "score"}
    rows = joined(parts, random)
    return Frame(rows, "binary", roles, (negative, positive), positive)


def inside(frame: Frame) -> Frame:
    """The same with no score of 0 or 1, which have no logit."""
    score = 0.001 + 0.99 * frame.rows["score"]
    return replace(frame, rows=frame.rows.assign(score=score))


def multiclass(seed: int, classes: tuple[str, ...], groups: int = 45) -> Frame:
    """Several classes; in many groups some have no rows, or are never predicted."""
    random, parts = np.random.default_rng(seed), []
    names, k = np.array(classes), len(classes)
    for n in sizes(random, groups):
        shares = random.dirichlet(np.full(k, random.choice([0.2, 1, 10])))
        label = random.choice(k, n, p=shares)
        prediction = np.where(random.random(n) < random.random(), label, random.integers(0, k, n))
        tied = random.random() < 0.3
        raw = random.integers(1, 4, (n, k)).astype(float) if tied else random.exponential(1, (n, k))
        scores = raw / raw.sum(axis=1, keepdims=True)
        columns = {f"s{at}": scores[:, at] for at in range(k)}
        parts.append(pd.DataFrame({"y": names[label], "p": names[prediction], **columns, "value": _column(random, n)}))
    rows = joined(parts, random)
    scored = tuple((name, f"s{at}") for at, name in enumerate(classes))
    return Frame(rows, "multiclass", {"label": "y", "prediction": "p"}, classes, None, scored)


def regression(seed: int, offset: float = 0.0, groups: int = 45) -> Frame:
    """Labels of both signs, perfect and constant groups, heavy tails."""
    random, parts = np.random.default_rng(seed), []
    for n in sizes(random, groups):
        spread = random.choice([0.0, 0.1, 1.0, 10.0])
        label = offset + random.normal(1, spread, n) + random.choice([0, 3])
        error = random.choice([0.0, 0.5, 2.0]) * random.standard_t(3, n)
        lower, upper = label + error - random.random(n), label + error + random.random(n)
        columns = {"y": label, "p": label + error, "lower": lower, "upper": upper}
        parts.append(pd.DataFrame({**columns, "value": _column(random, n)}))
    roles = {"label": "y", "prediction": "p", "lower": "lower", "upper": "upper"}
    return Frame(joined(parts, random), "regression", roles)


def counted(seed: int, groups: int = 45) -> Frame:
    """Labels that are counts from 0, predictions above 0."""
    random, parts = np.random.default_rng(seed), []
    for n in sizes(random, groups):
        rate = random.exponential(3, n) + 1e-3
        parts.append(pd.DataFrame({"y": random.poisson(rate).astype(float), "p": rate}))
    return Frame(joined(parts, random), "regression", {"label": "y", "prediction": "p"})


def forecasting(seed: int, groups: int = 45) -> Frame:
    """A series a group, walks and seasons of any size, forecast from several origins."""
    random, parts, past = np.random.default_rng(seed), [], []
    for at in range(groups):
        known, ahead = int(random.integers(14, 60)), int(random.integers(1, 16))
        size = 10.0 ** random.integers(-3, 6)
        y = size * (np.cumsum(random.normal(0, 1, known + ahead)) + 3 * np.sin(np.arange(known + ahead)))
        past.append(pd.DataFrame({"s": f"s{at}", "t": 100 + np.arange(known + ahead), "y": y}))
        origins = [(o, h) for o in range(12, known) for h in range(1, ahead + 1)]
        chosen = [origins[i] for i in random.permutation(len(origins))[: random.choice([1, 2, 3, 20, 60])]]
        o, h = map(np.array, zip(*chosen))
        label = y[o + h]
        rows = {"s": f"s{at}", "t": 100 + o + h, "o": 100 + o, "h": h, "y": label}
        parts.append(
            pd.DataFrame({**rows, "p": label + random.choice([0.0, 0.5, 2.0]) * size * random.normal(0, 1, len(o))})
        )
    roles = {"label": "y", "prediction": "p", "horizon": "h", "history": "y"}
    return Frame(joined(parts, random), "forecasting", roles, history=pd.concat(past, ignore_index=True))


Maker = Callable[[], tuple[Frame, ...]]


def ranking(seed: int, groups: int = 30) -> Frame:
    """Queries of few and many items, with scores that differ, tie or are all the same, and many without relevance."""
    random, parts = np.random.default_rng(seed), []
    for at in range(groups):
        for query in range(int(random.choice([1, 2, 5, 20]))):
            n = int(random.choice([1, 2, 3, 4, 5, 12]))
            grade = (random.random(n) < random.choice([0.0, 0.3, 1.0])) * random.choice([0.5, 1, 2, 3], n)
            columns = {"q": f"q{at}-{query}", "y": grade, "score": _scores(random, n), "g": f"g{at}"}
            parts.append(pd.DataFrame(columns))
    rows = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=7).reset_index(drop=True)
    return Frame(rows, "ranking", {"label": "y", "score": "score", "query": "q"})


FRAMES: Mapping[str, Maker] = {
    "binary": lambda: (
        binary(1, "NO", "YES"),
        binary(2, "7", "007"),
        binary(3, "0.0", "1.0"),
        binary(4, "true", "don't"),
    ),
    "inside": lambda: tuple(inside(binary(seed, "NO", "YES")) for seed in (1, 2, 10)),
    "multiclass": lambda: (
        multiclass(5, ("007", "1.0", "NO")),
        multiclass(6, ("1", "2", "3", "4", "5")),
    ),
    "regression": lambda: (regression(7), regression(8, 1e9)),
    "counted": lambda: (counted(9),),
    "ranking": lambda: (ranking(10), ranking(11)),
    "forecasting": lambda: (forecasting(10),),
}
