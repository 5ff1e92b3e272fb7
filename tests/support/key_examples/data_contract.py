"""Keys of `data.contract`, on a table that meets its contract but for what each key is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from support.key_examples import Pairwise

CONTRACTS = Path(__file__).parents[2] / "unit" / "checks" / "data" / "contracts"
PEOPLE = pd.DataFrame({"id": [1, 2], "age": [30, 40], "sex": ["F", "M"]})
TABLES = {
    "people": PEOPLE,
    "old": PEOPLE.assign(age=[-1, 40]),
    "swapped": PEOPLE[["sex", "age"]],
    "coded": PEOPLE.assign(age=[-9, 40]),
}


def pair(passes: Mapping[str, str], blocks: Mapping[str, str], contract: str = "people.json") -> Pairwise:
    given = {"tables": TABLES, "contract": {"path": str(CONTRACTS / contract)}}
    return Pairwise({"table": "people", **passes}, {"table": "people", **blocks}, given=given)


PAIRS = {
    ("data.contract", "table"): pair({}, {"table": "old"}),
    ("data.contract", "part"): pair({"part": "people"}, {"part": "others"}, "people.odcs.yaml"),
    ("data.contract", "extra_columns"): pair({"extra_columns": "allow"}, {"extra_columns": "refuse"}),
    ("data.contract", "order"): pair({"order": "true"}, {"order": "true", "table": "swapped"}),
    ("data.contract", "unjudged"): pair({"unjudged": "allow"}, {"unjudged": "refuse"}, "steps.json"),
    ("data.contract", "missing"): pair({"table": "coded", "missing": "[-9]"}, {"table": "coded"}),
}
