"""Keys of `governance.approval` and `governance.expires`, on a model that Alice and its author have approved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

APPROVED = Path(__file__).parents[2] / "unit" / "lineage" / "artefacts" / "approved"
GIVEN: Mapping[str, Any] = {
    "model": str(APPROVED / "model.bin"),
    "lineage": [{"path": str(APPROVED / "lineage.yaml")}],
    "champion": None,
}
ALICE = {"roles": "{risk: alice@example.com}"}

RECENT = {"roles": "{risk: alice@example.com}", "days": "36500"}
EXPIRES = {"days": "36500"}
OLD = {**GIVEN, "trained_at": "2020-01-01T00:00:00Z"}
UNAPPROVED = {**OLD, "model": str(APPROVED / "lineage.yaml")}

SIGNED = APPROVED.parent / "approved_signed"
BY_KEY: Mapping[str, Any] = {
    "given": {**GIVEN, "model": str(SIGNED / "model.bin"), "lineage": [{"path": str(SIGNED / "approval.json")}]},
    "beside": {name: (SIGNED / name).read_text(encoding="utf-8") for name in ("alice.pem", "bob.pem")},
    "package": "cryptography",
}
BY_ALICE = {"not_author": "false", "signed_by": "{alice@example.com: alice.pem}"}

PAIRS = {
    ("governance.approval", "signed_by"): Pairwise(
        BY_ALICE, {**BY_ALICE, "signed_by": "{alice@example.com: bob.pem}"}, **BY_KEY
    ),
    ("governance.approval", "days"): Pairwise(RECENT, {**RECENT, "days": "1"}, given=GIVEN),
    ("governance.expires", "days"): Pairwise(EXPIRES, {"days": "1"}, given=OLD),
    ("governance.expires", "of"): Pairwise({**EXPIRES, "of": "model"}, {**EXPIRES, "of": "approval"}, given=UNAPPROVED),
    ("governance.approval", "approvals"): Pairwise(
        {"approvals": "2", "not_author": "false"}, {"approvals": "3", "not_author": "false"}, given=GIVEN
    ),
    ("governance.approval", "roles"): Pairwise(ALICE, {"roles": "{risk: bob@example.com}"}, given=GIVEN),
    ("governance.approval", "code_owners"): Pairwise(
        {**ALICE, "code_owners": "false"}, {**ALICE, "code_owners": "true"}, given=GIVEN
    ),
    ("governance.approval", "from"): Pairwise({"from": "lineage"}, {"from": "git"}, given=GIVEN),
    ("governance.approval", "not_author"): Pairwise(
        {"roles": "{risk: dev@example.com}", "not_author": "false"},
        {"roles": "{risk: dev@example.com}", "not_author": "true"},
        given=GIVEN,
    ),
}
