"""Keys of `data.freshness`, on a table whose rows are old in one group."""

from __future__ import annotations

import pandas as pd

from support.key_examples import Pairwise

DAYS = pd.DataFrame(
    {
        "day": ["2999-01-01", "2020-01-01", "never"] * 2,
        "old": ["2020-01-01"] * 6,
        "mixed": ["never", "2020-01-01", "2020-01-02"] * 2,
        "g": ["a", "a", "b"] * 2,
        "empty": [None, "x", None] * 2,
    }
)
RULE = {"table": "days", "column": "old", "at_most": "99999"}


def pair(passes: dict[str, str], blocks: dict[str, str]) -> Pairwise:
    return Pairwise(RULE | passes, RULE | blocks, given={"tables": {"days": DAYS}})


PAIRS = {
    ("data.freshness", "table"): pair({}, {"table": "predictions"}),
    ("data.freshness", "column"): pair({}, {"column": "day"}),
    ("data.freshness", "by"): pair({"by": "g"}, {"by": "empty"}),
    ("data.freshness", "where"): pair(
        {"where": "g = 'a'"},
        {"where": "g = 'nobody'"},
    ),
    ("data.freshness", "missing"): pair({"column": "mixed", "missing": "[never]"}, {"column": "mixed"}),
}
