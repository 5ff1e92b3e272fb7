"""SLSA provenance of a small model, as a statement about files of a workspace."""

from __future__ import annotations

import hashlib
from typing import Any

FILES = {"train.csv": "x\n1\n", "test.csv": "x\n2\n", "train.py": "print(1)\n", "models/m.bin": "model\n"}
Document = dict[str, Any]


def sha256(name: str) -> str:
    return hashlib.sha256(FILES[name].encode()).hexdigest()


def provenance(commit: str) -> Document:
    def data(name: str, role: str) -> Document:
        return {"uri": name, "digest": {"sha256": sha256(name)}, "annotations": {"role": role}}

    source = {"uri": "git+https://example.com/acme/m@refs/heads/main", "digest": {"gitCommit": commit}}
    built = [source, data("train.csv", "training"), data("test.csv", "evaluation")]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m.bin", "digest": {"sha256": sha256("models/m.bin")}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"externalParameters": {"lr": 0.1}, "resolvedDependencies": built},
            "runDetails": {"metadata": {"startedOn": "2026-11-30T00:57:00Z", "finishedOn": "2026-11-30T00:58:00Z"}},
        },
    }
