"""Examples of the keys of the check of who answers for the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.key_examples import Pairwise

GIVEN: Mapping[str, Any] = {
    "owner": "ann@example.com",
    "responsible": {"approves": "Ann <ann@example.com>", "watches": ["mlops"]},
}

PAIRS = {
    ("governance.owner", "duties"): Pairwise({"duties": "[owns, watches]"}, {"duties": "[owns, fixes]"}, given=GIVEN),
    ("governance.owner", "known"): Pairwise(
        {"duties": "[owns]", "known": '["@example.com"]'}, {"duties": "[owns]", "known": "[mlops]"}, given=GIVEN
    ),
    ("governance.owner", "independent"): Pairwise(
        {"duties": "[approves]", "independent": "false"}, {"duties": "[approves]", "independent": "true"}, given=GIVEN
    ),
}
