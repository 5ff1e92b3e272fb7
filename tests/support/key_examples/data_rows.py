"""Keys of `data.rows`, on a table of people."""

from __future__ import annotations

import pandas as pd

from support.key_examples import Pairwise

PEOPLE = pd.DataFrame(
    {
        "id": ["1", "2", "3", "4"],
        "start": ["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05"],
        "end": ["2024-01-01", "2024-01-03", "2024-01-03", None],
        "score": [1.0, 2.0, -999.0, 4.0],
        "unit": ["a", "a", "b", "b"],
        "label": ["x", "y", "x", "x"],
    }
)
PLACES = pd.DataFrame({"unit": ["a", "b"], "city": ["Ulm", "Bonn"]})
GIVEN = {"tables": {"people": PEOPLE, "places": PLACES, "some": PEOPLE[:2]}}
IF_MISSING = "{a: {holds: score > 0, if_missing: pass}}"

TWO = {
    "table": ({"must": "end >= date(start)", "table": "some"}, {"must": "end >= date(start)"}),
    "where": ({"must": "score > 0", "where": 'id != "3"'}, {"must": "score > 0", "where": 'id != "2"'}),
    "missing": ({"must": IF_MISSING, "missing": "['-999']"}, {"must": IF_MISSING, "missing": "['4']"}),
}
ONE = {
    "must": ("{a: {holds: score > 0, at_most_share: 0.25}}", "{a: {holds: score > 0, at_most: 0}}"),
    "count": ("{of: places, at_least: 2}", "{of: places, at_most: 1.9}"),
    "duplicates": ("{}", "{columns: unit}"),
    "key": ("[unit, start]", "[unit, label]"),
    "foreign_key": ("{columns: unit, table: places}", "{columns: unit, table: places, to: city, at_most: 3}"),
    "one_to_one": ("{columns: id, table: people, to: id}", "[{columns: id, table: some}]"),
    "label_balance": ("{column: label, at_least: 0.25}", "{column: label, at_most: 0.7}"),
    "complete": ("{at_least: 1, columns: [id, start]}", "{at_least: 1}"),
    "missing_together": ("[[id, start]]", "[[id, start], [start, end]]"),
    "conflicting_labels": ("{features: [unit, start], label: label}", "{features: unit, label: label, at_most: 1}"),
    "no_gap": ("{column: start, step: day, by: unit}", "{column: start, step: day}"),
}

PAIRS = {
    ("data.rows", key): Pairwise({"table": "people", **passes}, {"table": "people", **blocks}, given=GIVEN)
    for key, (passes, blocks) in (TWO | {key: ({key: one}, {key: two}) for key, (one, two) in ONE.items()}).items()
}
