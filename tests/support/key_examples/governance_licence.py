"""Examples of the keys of the check of licences, on a history that states one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

HERE = Path(__file__).parents[2] / "unit" / "checks" / "governance" / "data"
GIVEN: Mapping[str, Any] = {"model": str(HERE / "model.bin"), "lineage": [{"path": str(HERE / "lineage.yaml")}]}
MIT = {"allow": "[MIT]", "roles": '["data:train", base_model]'}

PAIRS = {
    ("governance.licence", "allow"): Pairwise(MIT, {**MIT, "allow": "[CC-BY-4.0]"}, given=GIVEN),
    ("governance.licence", "roles"): Pairwise(MIT, {**MIT, "roles": '["data:train", "data:evaluation"]'}, given=GIVEN),
    ("governance.licence", "required"): Pairwise(MIT, {**MIT, "required": "[base_model]"}, given=GIVEN),
}
