"""Keys of `data.drift`, on two tables of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from support.key_examples import Pairwise

_AT = np.arange(2000)
REFERENCE = pd.DataFrame(
    {
        "x": _AT % 100,
        "word": np.array(["aa", "b", "cc", "dd"])[_AT % 4],
        "wing": np.array(["east", "west"])[_AT // 1000],
    }
)
CURRENT = pd.DataFrame(
    {
        "x": (_AT % 100) + 20 * (_AT // 1000),
        "word": np.where(_AT % 4 == 0, "ee", REFERENCE["word"]),
        "wing": REFERENCE["wing"],
    }
)
"""In the west all x are 20 higher, and everywhere one word became another of the same length."""
GIVEN: dict[str, Any] = {"tables": {"now": CURRENT, "then": REFERENCE, "again": REFERENCE.iloc[:-3]}}


def drift(**keys: str) -> dict[str, str]:
    """A rule about the drift of `now`."""
    return {"table": "now", "against": "then", "at_most": "0.1", **keys}


def pair(key: str, passes: dict[str, str], blocks: dict[str, str]) -> dict[tuple[str, str], Pairwise]:
    return {("data.drift", key): Pairwise(drift(**passes), drift(**blocks), given=GIVEN)}


X, WORD = {"columns": "x"}, {"columns": "word"}
FAR = {**X, "distance": "wasserstein", "at_most": "0.2"}
PAIRS = {
    **pair("table", {"table": "again"}, {"table": "now"}),
    **pair("against", {"table": "again"}, {"table": "again", "against": "now"}),
    **pair("facts_sha256", {"table": "again"}, {"table": "again", "facts_sha256": f"'{'0' * 64}'"}),
    **pair("columns", {"columns": "wing"}, {"columns": "/w.*/"}),
    **pair("except", {"except": "[x, word]"}, {"except": "[x]"}),
    **pair(
        "distance",
        {**X, "distance": "total_variation", "at_most": "0.15"},
        {**X, "distance": "jensen_shannon", "at_most": "0.15"},
    ),
    **pair(
        "per",
        {**X, "distance": "wasserstein", "per": "range", "at_most": "0.2"},
        {**X, "distance": "wasserstein", "per": "std", "at_most": "0.2"},
    ),
    **pair("bins", {**X, "bins": "2", "at_most": "0.15"}, {**X, "bins": "20", "at_most": "0.15"}),
    **pair("edges", {**X, "edges": "{x: [1000]}"}, {**X, "edges": "{x: [90]}"}),
    **pair("categories", {**WORD, "categories": "3"}, {**WORD, "categories": "9"}),
    **pair("missing", {**WORD, "missing": "[ee, aa]"}, {**WORD, "missing": "[aa]"}),
    **pair("read_as", {**WORD, "read_as": "{word: length}"}, {**WORD, "read_as": "{word: category}"}),
    **pair("share_of_columns_above", {"share_of_columns_above": "0.9"}, {"share_of_columns_above": "0.01"}),
    **pair("by", {**X, "by": "wing", "at_most": "0.45"}, {**X, "by": "wing", "at_most": "0.3"}),
}
