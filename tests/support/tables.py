"""Random tables of every task: many small groups `g` per table, with ties, missing classes and constants among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.forecast_rows import Forecasts
from mlgate.evidence.tables.ranked_queries import Queries
from mlgate.evidence.tables.recipe import TableOrigin
from mlgate.evidence.tables.texts import Texts

TAGS = ("cat", "dog", "%_ü'")
"""The classes of multilabel tables."""
VOCABULARY = ("the", "The", "cat", "cat,", "sat", "Straße", "e\u0301te", "été", "...", "\u3000")


@dataclass(frozen=True, eq=False)
class Frame:
    """A table whose groups are in column `g`, and which role each of its columns has."""

    rows: pd.DataFrame
    task: str
    roles: Mapping[str, str]
    classes: tuple[str, ...] = ()
    positive: str | None = None
    scores: tuple[tuple[str, str], ...] = ()
    """The column of each class's score, where there is one per class."""
    history: pd.DataFrame | None = None
    """For forecasts: the values of series `s` at time `t`."""

    def repeated(self) -> Frame:
        """The same rows without counts: each row as often as its count says."""
        rows = self.rows.loc[self.rows.index.repeat(self.rows["count"])].reset_index(drop=True)
        roles = {role: name for role, name in self.roles.items() if role != "count"}
        return replace(self, rows=rows, roles=roles)

    def tables(self) -> dict[str, TableOrigin]:
        """The tables that the gate opens; the last is the one that is judged."""
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
        """The same table with the column of that name in its role."""
        return replace(self, roles={**self.roles, role: role})


def _sizes(random: np.random.Generator, groups: int) -> list[int]:
    """The rows of each group: many tiny groups, some of medium size."""
    return [int(random.choice([1, 2, 3, 5, 8, 20, 60])) for _ in range(groups)]


def _joined(groups: list[pd.DataFrame], random: np.random.Generator) -> pd.DataFrame:
    """All groups in one table, shuffled, with a count and a sampling weight per row; some weights are 0."""
    rows = pd.concat([group.assign(g=f"g{at}") for at, group in enumerate(groups)], ignore_index=True)
    rows["count"] = random.choice([1, 1, 2, 7], len(rows))
    rows["weight"] = np.where(random.random(len(rows)) < 0.05, 0.0, random.lognormal(0, 1, len(rows)))
    return rows.sample(frac=1, random_state=7).reset_index(drop=True)


def _scores(random: np.random.Generator, n: int) -> Any:
    """Scores that are continuous, tied, constant, or all 0 and 1."""
    style = random.integers(4)
    if style == 0:
        return random.random(n)
    if style == 1:
        return random.integers(0, 5, n) / 4
    return np.full(n, random.random()) if style == 2 else random.integers(0, 2, n).astype(float)


def _column(random: np.random.Generator, n: int) -> Any:
    """Numbers rounded to 0 to 5 digits, for metrics of one column."""
    return np.round(random.normal(3, 2, n), int(random.integers(0, 6))) + 0.0


def binary(seed: int, negative: str, positive: str, groups: int = 45) -> Frame:
    """Two classes; some groups hold or predict only one of them."""
    random, parts = np.random.default_rng(seed), []
    for n in _sizes(random, groups):
        prevalence, skill = random.choice([0.0, 0.02, 0.3, 0.5, 0.95, 1.0]), random.random()
        label = random.random(n) < prevalence
        guess = random.random(n) < random.choice([0.0, 0.3, 0.7, 1.0])
        prediction = np.where(random.random(n) < skill, label, guess)
        named = {key: np.where(value, positive, negative) for key, value in (("y", label), ("p", prediction))}
        parts.append(pd.DataFrame({**named, "score": _scores(random, n), "value": _column(random, n)}))
    roles = {"label": "y", "prediction": "p", "score": "score"}
    return Frame(_joined(parts, random), "binary", roles, (negative, positive), positive)


def binary_with_logits(seed: int) -> Frame:
    """Two classes whose scores are never 0 or 1, so that each has a logit."""
    frame = binary(seed, "NO", "YES")
    return replace(frame, rows=frame.rows.assign(score=0.001 + 0.99 * frame.rows["score"]))


def multiclass(seed: int, classes: tuple[str, ...], groups: int = 45) -> Frame:
    """Several classes; in many groups some have no rows, or are never predicted."""
    random, parts = np.random.default_rng(seed), []
    names, k = np.array(classes), len(classes)
    for n in _sizes(random, groups):
        shares = random.dirichlet(np.full(k, random.choice([0.2, 1, 10])))
        label = random.choice(k, n, p=shares)
        prediction = np.where(random.random(n) < random.random(), label, random.integers(0, k, n))
        tied = random.random() < 0.3
        raw = random.integers(1, 4, (n, k)).astype(float) if tied else random.exponential(1, (n, k))
        scores = raw / raw.sum(axis=1, keepdims=True)
        columns = {f"s{at}": scores[:, at] for at in range(k)}
        parts.append(pd.DataFrame({"y": names[label], "p": names[prediction], **columns, "value": _column(random, n)}))
    scored = tuple((name, f"s{at}") for at, name in enumerate(classes))
    return Frame(_joined(parts, random), "multiclass", {"label": "y", "prediction": "p"}, classes, None, scored)


def _tagged(random: np.random.Generator, n: int) -> tuple[Any, Any]:
    """Which tags each row has, and which are predicted; in many groups some tag is never there."""
    has = random.random((n, 3)) < random.choice([0.0, 0.1, 0.5, 0.9], 3)
    return has, np.where(random.random((n, 3)) < random.random(), has, random.random((n, 3)) < 0.4)


def multilabel_columns(seed: int, yes: Any, no: Any, groups: int = 45) -> Frame:
    """One column per tag, with its values written as given."""
    random, parts = np.random.default_rng(seed), []
    for n in _sizes(random, groups):
        has, guess = _tagged(random, n)
        marks = {f"t{at}": np.where(has[:, at], yes, no) for at in range(3)}
        marks |= {f"p{at}": np.where(guess[:, at], yes, no) for at in range(3)}
        marks |= {f"s{at}": np.round(np.where(guess[:, at], 0.6, 0.2) + random.random(n) / 3, 2) for at in range(3)}
        parts.append(pd.DataFrame(marks))
    roles = {f"{key}.{name}": f"{letter}{at}" for key, letter in (("labels", "t"), ("decisions", "p"))
             for at, name in enumerate(TAGS)}  # fmt: skip
    scores = tuple((name, f"s{at}") for at, name in enumerate(TAGS))
    return Frame(_joined(parts, random), "multilabel", roles, TAGS, None, scores)


def multilabel_text(seed: int, groups: int = 45) -> Frame:
    """The tags of a row in one text, in any order, separated by `|`."""
    random, parts = np.random.default_rng(seed), []

    def named(row: Any) -> str:
        return "|".join(TAGS[at] for at in random.permutation(3) if row[at])

    for n in _sizes(random, groups):
        has, guess = _tagged(random, n)
        parts.append(pd.DataFrame({"tags": list(map(named, has)), "guess": list(map(named, guess)), "separator": "|"}))
    return Frame(_joined(parts, random), "multilabel", {"label": "tags", "prediction": "guess"}, TAGS)


def regression(seed: int, offset: float = 0.0, groups: int = 45) -> Frame:
    """Labels of both signs, groups that are constant or predicted perfectly, errors with heavy tails."""
    random, parts = np.random.default_rng(seed), []
    for n in _sizes(random, groups):
        spread = random.choice([0.0, 0.1, 1.0, 10.0])
        label = offset + random.normal(1, spread, n) + random.choice([0, 3])
        error = random.choice([0.0, 0.5, 2.0]) * random.standard_t(3, n)
        lower, upper = label + error - random.random(n), label + error + random.random(n)
        columns = {"y": label, "p": label + error, "lower": lower, "upper": upper}
        parts.append(pd.DataFrame({**columns, "value": _column(random, n)}))
    roles = {"label": "y", "prediction": "p", "lower": "lower", "upper": "upper"}
    return Frame(_joined(parts, random), "regression", roles)


def counts(seed: int, groups: int = 45) -> Frame:
    """Labels that are counts from 0, predictions above 0."""
    random, parts = np.random.default_rng(seed), []
    for n in _sizes(random, groups):
        rate = random.exponential(3, n) + 1e-3
        parts.append(pd.DataFrame({"y": random.poisson(rate).astype(float), "p": rate}))
    return Frame(_joined(parts, random), "regression", {"label": "y", "prediction": "p"})


def forecasting(seed: int, groups: int = 45) -> Frame:
    """One series per group, a random walk with a season, forecast from several origins."""
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
        prediction = label + random.choice([0.0, 0.5, 2.0]) * size * random.normal(0, 1, len(o))
        rows = {"s": f"s{at}", "t": 100 + o + h, "o": 100 + o, "h": h, "y": label, "p": prediction}
        parts.append(pd.DataFrame(rows))
    roles = {"label": "y", "prediction": "p", "horizon": "h", "history": "y"}
    return Frame(_joined(parts, random), "forecasting", roles, history=pd.concat(past, ignore_index=True))


def ranking(seed: int, groups: int = 30) -> Frame:
    """Queries of few and many items, whose scores differ, tie or are all equal; many have no relevant item."""
    random, parts = np.random.default_rng(seed), []
    for at in range(groups):
        for query in range(int(random.choice([1, 2, 5, 20]))):
            n = int(random.choice([1, 2, 3, 4, 5, 12]))
            grade = (random.random(n) < random.choice([0.0, 0.3, 1.0])) * random.choice([0.5, 1, 2, 3], n)
            columns = {"q": f"q{at}-{query}", "y": grade, "score": _scores(random, n), "g": f"g{at}"}
            parts.append(pd.DataFrame(columns))
    rows = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=7).reset_index(drop=True)
    return Frame(rows, "ranking", {"label": "y", "score": "score", "query": "q"})


def text(seed: int, groups: int = 40) -> Frame:
    """Short texts, many of them equal or empty."""
    random, parts = np.random.default_rng(seed), []

    def written() -> str:
        return " ".join(random.choice(VOCABULARY, int(random.choice([0, 1, 3, 6]))))

    for n in _sizes(random, groups):
        empty, same = random.random() < 0.2, random.random()
        label = ["" if empty else written() for _ in range(n)]
        prediction = [y if random.random() < same else written() for y in label]
        parts.append(pd.DataFrame({"y": label, "p": prediction}))
    return Frame(_joined(parts, random), "text", {"label": "y", "prediction": "p"})


TABLES: Mapping[str, tuple[Callable[[], Frame], ...]] = {
    "binary": (
        lambda: binary(1, "NO", "YES"),
        lambda: binary(2, "7", "007"),
        lambda: binary(3, "0.0", "1.0"),
        lambda: binary(4, "true", "don't"),
    ),
    "binary with logits": (
        lambda: binary_with_logits(1),
        lambda: binary_with_logits(2),
        lambda: binary_with_logits(10),
    ),
    "multiclass": (
        lambda: multiclass(5, ("007", "1.0", "NO")),
        lambda: multiclass(6, ("1", "2", "3", "4", "5")),
    ),
    "multilabel": (
        lambda: multilabel_columns(11, 1, 0),
        lambda: multilabel_text(14),
        lambda: multilabel_columns(12, "true", "0"),
        lambda: multilabel_columns(13, True, False),
    ),
    "regression": (lambda: regression(7), lambda: regression(8, 1e9)),
    "counts": (lambda: counts(9),),
    "forecasting": (lambda: forecasting(10),),
    "ranking": (lambda: ranking(10), lambda: ranking(11)),
    "text": (lambda: text(21), lambda: text(22)),
}
"""The tables of each kind: the first is that of the fast tests, the others vary how classes are written, and sizes."""


@cache
def table(kind: str, at: int = 0, role: str = "") -> Frame:
    """One table of a kind, made once; its column `weight` or `count` has a role only on demand."""
    return table(kind, at).with_role(role) if role else TABLES[kind][at]()
