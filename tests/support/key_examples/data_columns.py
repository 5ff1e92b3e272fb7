"""Keys of `data.columns`, on the table `other` with the columns value, g and wing."""

from __future__ import annotations

from support.key_examples import Pairwise

TABLE = {"table": "other", "columns": "{value: {between: [1, 7]}}"}

PAIRS = {
    ("data.columns", "table"): Pairwise(TABLE, {**TABLE, "table": "predictions"}),
    ("data.columns", "columns"): Pairwise(TABLE, {**TABLE, "columns": "{value: {between: [1, 6]}}"}),
    ("data.columns", "where"): Pairwise(
        {**TABLE, "columns": "{value: {below: 7}}", "where": "value < 7"},
        {**TABLE, "columns": "{value: {below: 7}}", "where": "value < 8"},
    ),
    ("data.columns", "missing"): Pairwise(
        {**TABLE, "columns": "{value: {below: 7}}", "missing": "[7]"},
        {**TABLE, "columns": "{value: {below: 7}}", "missing": "[6]"},
    ),
    ("data.columns", "only_columns"): Pairwise({**TABLE, "only_columns": "false"}, {**TABLE, "only_columns": "true"}),
    ("data.columns", "order"): Pairwise({**TABLE, "order": "[value, wing]"}, {**TABLE, "order": "[wing, value]"}),
    ("data.columns", "columns_count"): Pairwise({**TABLE, "columns_count": "3"}, {**TABLE, "columns_count": "[4, 9]"}),
}
