"""Keys of the checks `operations.*`: the files of a model, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

CHECKS = Path(__file__).parents[2] / "unit" / "checks"
DATA = CHECKS / "operations" / "data"
MODELS = DATA / "models"
GIVEN: Mapping[str, Any] = {"champion": None, "model": str(MODELS / "trees.onnx")}
COSTS: Mapping[str, Any] = {
    "reports": {"c": str(DATA / "costs.json"), "empty": str(CHECKS / "reported" / "data" / "metrics.json")},
    "model": str(CHECKS / "reported" / "data" / "model.bin"),
    "champion": None,
}
FIGURE = {
    "of": "inference", "from": "c", "name": "serving.cost", "unit": "EUR per 1000 requests",
    "unit_name": "serving.unit", "source_name": "serving.source", "time": "serving.at", "at_most_days": "9999",
    "at_most": "0.05",
}  # fmt: skip


def figure(key: str, one: str, other: str, **given: Any) -> Pairwise:
    """Two rules about a figure with two values of a key."""
    return Pairwise({**FIGURE, key: one}, {**FIGURE, key: other}, given={**COSTS, **given})


PAIRS: Mapping[tuple[str, str], Pairwise] = {
    ("operations.artifact", "formats"): Pairwise({"formats": "[onnx]"}, {"formats": "[safetensors]"}, given=GIVEN),
    ("operations.artifact", "max_size"): Pairwise({"max_size": "1 MB"}, {"max_size": "1 kB"}, given=GIVEN),
    ("operations.artifact", "code"): Pairwise(
        {"code": "allow"}, {"code": "refuse"}, given={**GIVEN, "model": str(MODELS / "lambda.keras")}
    ),
    ("operations.cost", "of"): figure("of", "inference", "nothing"),
    ("operations.cost", "from"): figure("from", "c", "empty"),
    ("operations.cost", "name"): figure("name", "serving.cost", "training.cost"),
    ("operations.cost", "unit"): figure("unit", "EUR per 1000 requests", "EUR"),
    ("operations.cost", "unit_name"): figure("unit_name", "serving.unit", "serving.other"),
    ("operations.cost", "source_name"): figure("source_name", "serving.source", "serving.nobody"),
    ("operations.cost", "time"): figure("time", "serving.at", "serving.early", trained_at="2026-01-01T00:00:00Z"),
    ("operations.cost", "at_most_days"): figure("at_most_days", "9999", "0"),
    ("operations.cost", "format"): figure("format", "json", "csv"),
    ("operations.cost", "model_digest"): figure("model_digest", "serving.model", "serving.stranger"),
    ("operations.cost", "after_training"): figure("after_training", "false", "true"),
}
