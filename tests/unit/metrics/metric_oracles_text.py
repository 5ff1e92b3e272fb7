"""The oracles of predicted texts, by plain definitions, and the frames they are compared on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from metric_oracles import Oracle
from metric_samples import Frame, Sample, joined, sizes

from mlgate.metrics.options import Options

VOCABULARY = ("the", "The", "cat", "cat,", "sat", "Straße", "e\u0301te", "été", "...", "\u3000")
NORMALISED = (Options(), Options(normalise=("whitespace", "case")), Options(normalise=("punctuation", "articles")))


def distance(one: Sequence[Any], other: Sequence[Any]) -> int:
    """The table of Wagner and Fischer."""
    row = list(range(len(other) + 1))
    for at, entry in enumerate(one, 1):
        last, row[0] = row[0], at
        for place, against in enumerate(other, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (entry != against))
    return row[-1]


def _texts(s: Sample) -> list[tuple[str, str]]:
    return [(_plain(y, s.options), _plain(p, s.options)) for y, p in zip(s.rows["y"], s.rows["p"])]


def _plain(text: str, options: Options) -> str:
    """By regular expressions, for the few signs there are."""
    text = text.replace("e\u0301", "é")
    if "case" in options.normalise:
        text = text.lower().replace("ß", "ss")
    if "punctuation" in options.normalise:
        text = re.sub(r"[.,]", "", text)
    if "articles" in options.normalise:
        text = re.sub(r"\b[Tt]he\b", " ", text)
    return re.sub(r"\s+", " ", text).strip() if "whitespace" in options.normalise else text


def _token_f1(label: str, prediction: str) -> float:
    """As SQuAD's own script reckons it."""
    wanted, given = label.split(), prediction.split()
    if not wanted or not given:
        return float(wanted == given)
    left, same = list(wanted), 0
    for word in given:
        if word in left:
            left.remove(word)
            same += 1
    if not same:
        return 0.0
    precision, recall = same / len(given), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _rate(parts: Callable[[str], Sequence[Any]]) -> Callable[[Sample], Any]:
    def value(s: Sample) -> Any:
        errors = sum(distance(parts(y), parts(p)) for y, p in _texts(s))
        whole = sum(len(parts(y)) for y, _ in _texts(s))
        return errors / whole if whole else None

    return value


def _mean(of: Callable[[str, str], float]) -> Callable[[Sample], Any]:
    return lambda s: np.average([of(y, p) for y, p in _texts(s)], weights=s.w)


def texts(seed: int, groups: int = 40) -> Frame:
    """Short texts, many of them equal or empty."""
    random, parts = np.random.default_rng(seed), []

    def text() -> str:
        return " ".join(random.choice(VOCABULARY, int(random.choice([0, 1, 3, 6]))))

    for n in sizes(random, groups):
        empty, same = random.random() < 0.2, random.random()
        label = ["" if empty else text() for _ in range(n)]
        prediction = [y if random.random() < same else text() for y in label]
        parts.append(pd.DataFrame({"y": label, "p": prediction}))
    return Frame(joined(parts, random), "text", {"label": "y", "prediction": "p"})


FRAMES: Mapping[str, Callable[[], tuple[Frame, ...]]] = {"text": lambda: (texts(21), texts(22))}
TEXT: Mapping[str, Oracle] = {
    "exact_match": Oracle(_mean(lambda y, p: float(y == p)), "text", NORMALISED),
    "token_f1": Oracle(_mean(_token_f1), "text", NORMALISED),
    "word_error_rate": Oracle(_rate(str.split), "text", NORMALISED),
    "character_error_rate": Oracle(_rate(list), "text", NORMALISED),
}
