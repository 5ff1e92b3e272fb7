"""Keys of the checks `lineage.*`, on a history whose data and commit are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

HISTORY = Path(__file__).parents[2] / "unit" / "lineage" / "artefacts" / "plain"
GIVEN: Mapping[str, Any] = {
    "model": str(HISTORY / "model.bin"),
    "lineage": [{"path": str(HISTORY / "lineage.yaml")}],
    "champion": None,
}
ELSEWHERE = {"accept_unverified": '[code, "data:train"]', "cleanliness_unknown": "true"}

PAIRS = {
    ("lineage.complete", "roles"): Pairwise({"roles": "[code, run]"}, {"roles": "[parameters]"}, given=GIVEN),
    ("lineage.verified", "accept_unverified"): Pairwise(
        ELSEWHERE, {**ELSEWHERE, "accept_unverified": "[code]"}, given=GIVEN
    ),
    ("lineage.verified", "cleanliness_unknown"): Pairwise(
        ELSEWHERE, {**ELSEWHERE, "cleanliness_unknown": "false"}, given=GIVEN
    ),
}
