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
SIGNED = HISTORY.parent / "signed"
BY: Mapping[str, Any] = {
    "given": {**GIVEN, "model": str(SIGNED / "model.bin"), "lineage": [{"path": str(SIGNED / "provenance.json")}]},
    "beside": {name: (SIGNED / name).read_text(encoding="utf-8") for name in ("build.pem", "other.pem")},
    "package": "cryptography",
}
ELSEWHERE = {"accept_unverified": '[code, "data:train"]', "cleanliness_unknown": "true"}
SCORED = HISTORY.parent / "scored"
PREDICTED: Mapping[str, Any] = {
    "model": str(SCORED / "model.bin"),
    "predictions": str(SCORED / "predictions.csv"),
    "lineage": [{"path": str(SCORED / "lineage.yaml")}],
    "tables": {name: {"path": str(SCORED / f"{name}.csv")} for name in ("test", "more")},
    "champion": None,
}
IN_A_BUCKET = {**PREDICTED, "tables": None, "lineage": [{"path": str(SCORED / "bucket.lineage.yaml")}]}
REMOTE = {**GIVEN, "model": str(SCORED / "model.bin"), "lineage": [{"path": str(SCORED / "remote.lineage.yaml")}]}
GAPS = {**REMOTE, "lineage": [*REMOTE["lineage"], {"path": str(SCORED / "gaps.lineage.yaml")}]}
BUCKETS = '["data:train", "data:evaluation"]'
RETURN: Mapping[str, Any] = {
    "model": str(SCORED / "model.bin"),
    "rollback": {"verdict": str(SCORED / "earlier.json"), "archive": [str(SCORED / "more.csv")]},
    "champion": None,
}

PAIRS = {
    ("lineage.restorable", "parts"): Pairwise({"parts": "model"}, {"parts": "[model, test]"}, given=RETURN),
    ("lineage.restorable", "first_run"): Pairwise(
        {"first_run": "allow"}, {"first_run": "block"}, given={**RETURN, "rollback": None}
    ),
    ("lineage.predictions", "tables"): Pairwise({"tables": "test"}, {"tables": "[test, more]"}, given=PREDICTED),
    ("lineage.predictions", "data_elsewhere"): Pairwise(
        {"data_elsewhere": "true"}, {"data_elsewhere": "false"}, given=IN_A_BUCKET
    ),
    ("lineage.consistent", "accept_unknown"): Pairwise(
        {"accept_unknown": '["data:train", "data:evaluation"]'}, {"accept_unknown": '["data:train"]'}, given=REMOTE
    ),
    ("lineage.complete", "roles"): Pairwise({"roles": "[code, run]"}, {"roles": "[parameters]"}, given=GIVEN),
    ("lineage.complete", "accept_unfixed"): Pairwise(
        {"roles": "[run]", "accept_unfixed": '["data:train", "s3://bucket/test.csv"]'},
        {"roles": "[run]", "accept_unfixed": '["data:train"]'},
        given=REMOTE,
    ),
    ("lineage.complete", "accept_gaps"): Pairwise(
        {"roles": "[parameters]", "accept_unfixed": BUCKETS, "accept_gaps": "[parameters]"},
        {"roles": "[parameters]", "accept_unfixed": BUCKETS, "accept_gaps": "[]"},
        given=GAPS,
    ),
    ("lineage.verified", "accept_unverified"): Pairwise(
        ELSEWHERE, {**ELSEWHERE, "accept_unverified": "[code]"}, given=GIVEN
    ),
    ("lineage.verified", "cleanliness_unknown"): Pairwise(
        ELSEWHERE, {**ELSEWHERE, "cleanliness_unknown": "false"}, given=GIVEN
    ),
    ("lineage.verified", "signed_by"): Pairwise(
        {**ELSEWHERE, "signed_by": "[build.pem]"}, {**ELSEWHERE, "signed_by": "[other.pem]"}, **BY
    ),
    ("lineage.verified", "signed"): Pairwise(
        {**ELSEWHERE, "signed_by": "[build.pem]", "signed": '[model, code, "data:train"]'},
        {**ELSEWHERE, "signed_by": "[build.pem]", "signed": "[model, features]"},
        **BY,
    ),
}
