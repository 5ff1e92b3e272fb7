"""The oracles of predicted texts, by plain definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlgate.metrics.options import Options
from support.oracles.base import Oracle, Sample

NORMALISED = (Options(), Options(normalise=("whitespace", "case")), Options(normalise=("punctuation", "articles")))


def normalised(text: str, options: Options) -> str:
    """By regular expressions, for the few characters that the tables hold."""
    text = text.replace("e\u0301", "é")
    if "case" in options.normalise:
        text = text.lower().replace("ß", "ss")
    if "punctuation" in options.normalise:
        text = re.sub(r"[.,]", "", without_words(text, "[.,]+"))
    if "articles" in options.normalise:
        text = without_words(text, "[Tt]he")
    return re.sub(r"\s+", " ", text).strip() if "whitespace" in options.normalise else text


def without_words(text: str, word: str) -> str:
    """Words go with the blank after them, and those at the end with the blank before them."""
    text = re.sub(rf"(?:\s*(?<!\S)(?:{word})(?!\S))+$", "", text)
    return re.sub(rf"(?<!\S)(?:{word})\s+", "", text)


def pairs(s: Sample) -> list[tuple[str, str]]:
    """Each row's label and prediction, normalised."""
    return [(normalised(y, s.options), normalised(p, s.options)) for y, p in zip(s.rows["y"], s.rows["p"])]


def distance(one: Sequence[Any], other: Sequence[Any]) -> int:
    """The edit distance by the table of Wagner and Fischer."""
    row = list(range(len(other) + 1))
    for at, entry in enumerate(one, 1):
        last, row[0] = row[0], at
        for place, against in enumerate(other, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (entry != against))
    return row[-1]


def token_f1(label: str, prediction: str) -> float:
    """As the script of SQuAD computes it."""
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


def error_rate(parts: Callable[[str], Sequence[Any]]) -> Callable[[Sample], Any]:
    """Edits of all rows per part of all labels."""

    def value(s: Sample) -> Any:
        errors = sum(distance(parts(y), parts(p)) for y, p in pairs(s))
        whole = sum(len(parts(y)) for y, _ in pairs(s))
        return errors / whole if whole else None

    return value


def mean_over_rows(of: Callable[[str, str], float]) -> Callable[[Sample], Any]:
    return lambda s: s.mean([of(y, p) for y, p in pairs(s)])


TEXT: Mapping[str, Oracle] = {
    "exact_match": Oracle(mean_over_rows(lambda y, p: float(y == p)), "text", NORMALISED),
    "token_f1": Oracle(mean_over_rows(token_f1), "text", NORMALISED),
    "word_error_rate": Oracle(error_rate(str.split), "text", NORMALISED),
    "character_error_rate": Oracle(error_rate(list), "text", NORMALISED),
}
