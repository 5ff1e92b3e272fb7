"""The key of `governance.preregistered`, on predictions that were made under the rule, by a model that was not."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.every_rule import HEAD, rule
from support.key_examples import Pairwise

CHECK = "governance.preregistered"
LAX, STRICT = {"before": "predictions"}, {"before": "training"}
FOLDER = tempfile.TemporaryDirectory()
"""Removed when the tests end: the record must have the digest of the rule's own policy."""


def recorded() -> Mapping[str, Any]:
    """A candidate with the record of its training and scoring."""
    here = Path(FOLDER.name)
    texts = {"m.bin": "a model\n", "test.csv": "id\n1\n", "p.csv": "y,p,s\n1,1,0.9\n0,0,0.1\n"}
    for name, text in texts.items():
        (here / name).write_text(text)
    of = {name: {"path": name, "sha256": hashlib.sha256(text.encode()).hexdigest()} for name, text in texts.items()}
    stood = [hashlib.sha256((HEAD + rule("r", CHECK, keys)).encode()).hexdigest() for keys in (LAX, STRICT)]
    policies = [{"path": "policy.yaml", "sha256": digest} for digest in stood]
    score = {"name": "score", "inputs": [of["m.bin"], of["test.csv"]], "outputs": [of["p.csv"]], "policies": policies}
    runs = [{"name": "train", "outputs": [of["m.bin"]]}, score]
    (here / "lineage.yaml").write_text(json.dumps({"mlgate": 1, "runs": runs}))
    lineage = [{"path": str(here / "lineage.yaml")}]
    return {"model": str(here / "m.bin"), "predictions": str(here / "p.csv"), "lineage": lineage, "champion": None}


PAIRS = {(CHECK, "before"): Pairwise(LAX, STRICT, given=recorded())}
