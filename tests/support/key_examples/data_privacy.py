"""Keys of `data.privacy`, on tables whose `mail` has addresses in half of the rows."""

from __future__ import annotations

import pandas as pd

from support.key_examples import Pairwise

TABLES = {
    "tables": {
        "other": pd.DataFrame(
            {"mail": ["a@example.com", "none"] * 9, "sex": ["F", "M"] * 9, "ill": ["a", "a", "b"] * 6}
        ),
        "plain": pd.DataFrame({"word": ["fine", "too"]}),
    }
}
OTHER = {"table": "other"}
GROUPS = {"table": "other", "detect": "[]"}


def pair(passes: dict[str, str], blocks: dict[str, str]) -> Pairwise:
    return Pairwise(passes, blocks, given=TABLES)


PAIRS = {
    ("data.privacy", "table"): pair({"table": "plain"}, OTHER),
    ("data.privacy", "columns"): pair({**OTHER, "columns": "[sex]"}, {**OTHER, "columns": '"/m.*/"'}),
    ("data.privacy", "except"): pair({**OTHER, "except": "mail"}, {**OTHER, "except": "sex"}),
    ("data.privacy", "detect"): pair({**OTHER, "detect": "[phone, card]"}, {**OTHER, "detect": "email"}),
    ("data.privacy", "at_most_share"): pair({**OTHER, "at_most_share": "0.5"}, {**OTHER, "at_most_share": "0.49"}),
    ("data.privacy", "missing"): pair({**OTHER, "missing": "[a@example.com]"}, {**OTHER, "missing": "[none]"}),
    ("data.privacy", "k_anonymity"): pair(
        {**GROUPS, "k_anonymity": "{quasi_identifiers: sex, at_least: 9}"},
        {**GROUPS, "k_anonymity": "{quasi_identifiers: [sex, ill], at_least: 9}"},
    ),
    ("data.privacy", "l_diversity"): pair(
        {**GROUPS, "l_diversity": "{quasi_identifiers: sex, sensitive: ill, at_least: 2}"},
        {**GROUPS, "l_diversity": "{quasi_identifiers: sex, sensitive: ill, at_least: 3}"},
    ),
}
