"""The files that a verdict depends on: each is named with its digest, and one that cannot be read blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import load_candidate
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.need import Facts, Need
from mlgate.gate.run import FactSource, Settings, judge, opened_tables
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.values.errors import EvidenceError, Location, MachineError
from mlgate.values.verdict import Outcome, Status, Verdict

POLICY = (
    "mlgate: 1\npolicy: p\nowner: o\nrules: [{id: r, check: performance.metric, metric: accuracy, at_least: 0.1}]\n"
)
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
model: {path: m.bin}
predictions: {path: p.csv, label: y, prediction: q}
"""
TORN, GONE = MachineError("a torn disk"), EvidenceError("no such file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A candidate with two files, and its policy."""
    (tmp_path / "c.yaml").write_text(CANDIDATE)
    (tmp_path / "p.yaml").write_text(POLICY)
    (tmp_path / "p.csv").write_text("y,q\n" + "1,1\n0,0\n" * 50)
    (tmp_path / "m.bin").write_text("a model")
    return tmp_path


@dataclass(frozen=True)
class Broken:
    """A source of facts where some files have no digest."""

    of: FactSource
    errors: Mapping[str, Exception]

    def begin(self, needs: Iterable[Need]) -> None:
        """As of the tables."""
        self.of.begin(needs)

    def schema(self, name: str) -> Any:
        """As of the tables."""
        return self.of.schema(name)

    def measure(self, needs: Iterable[Need], progress: Any = None) -> Facts:
        """The facts, with errors in place of digests."""
        found = dict(self.of.measure(needs, progress).answers)
        broken = {
            need: self.errors[need.path] for need in found if isinstance(need, Digest) and need.path in self.errors
        }
        return Facts({**found, **broken})

    @property
    def engine_version(self) -> str:
        """As of the tables."""
        return self.of.engine_version


def judged(folder: Path, placed: bool = True, **errors: Exception) -> Verdict:
    """The verdict where the digests of some files cannot be had: `m` is the model, `p` the predictions.

    If not `placed`, nobody knows where the candidate file names them.
    """
    names = {"m": "m.bin", "p": "p.csv"}

    @contextmanager
    def opening(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> Iterator[FactSource]:
        with opened_tables(candidate, policies, settings) as source:
            yield Broken(source, {names[key]: error for key, error in errors.items()})

    policies = load_policies([folder / "p.yaml"], workspace=folder)
    settings = Settings(folder, date(2026, 6, 1))
    candidate = load_candidate(folder / "c.yaml", workspace=folder)
    return judge(candidate if placed else replace(candidate, written={}), policies, settings, opening)


def test_every_file_is_named_with_its_digest(folder: Path) -> None:
    verdict = judged(folder)
    assert [(each.role, each.path) for each in verdict.inputs] == [
        ("policy", "p.yaml"),
        ("candidate", "c.yaml"),
        ("model", "m.bin"),
        ("predictions", "p.csv"),
    ]
    assert all(len(each.sha256) == 64 for each in verdict.inputs)
    assert [outcome.rule for outcome in verdict.outcomes] == ["r"]


@pytest.mark.parametrize(
    ("errors", "machine", "said", "line"),
    [
        ({"m": GONE}, False, "model: no such file", 5),
        ({"p": GONE}, False, "predictions: no such file", 6),
        ({"m": TORN}, True, "model: a torn disk", 5),
        ({"m": TORN, "p": GONE}, True, "model: a torn disk; predictions: no such file", 5),
        ({"m": GONE, "p": TORN}, True, "model: no such file; predictions: a torn disk", 5),
        ({"m": GONE, "p": GONE}, False, "model: no such file; predictions: no such file", 5),
    ],
)
def test_a_file_without_a_digest_blocks_though_no_rule_reads_it(
    folder: Path, errors: dict[str, Exception], machine: bool, said: str, line: int
) -> None:
    verdict = judged(folder, **errors)
    inputs: Outcome = verdict.outcomes[-1]
    assert (inputs.name, inputs.status, inputs.machine, inputs.message) == (
        "mlgate:inputs",
        Status.ERROR,
        machine,
        said,
    )
    assert (inputs.at.file, inputs.at.line) == ("c.yaml", line)
    assert not verdict.allowed


def test_a_file_that_is_named_nobody_knows_where_is_at_the_candidate_file(folder: Path) -> None:
    assert judged(folder, placed=False, m=GONE).outcomes[-1].at == Location("c.yaml")


def test_a_file_that_python_names_is_at_no_place_of_a_file(folder: Path) -> None:
    frame = pd.DataFrame({"y": [1, 0] * 50, "q": [1, 0] * 50})
    roles = {"task": "binary", "positive": "1", "label": "y", "prediction": "q"}
    policy, model = folder / "p.yaml", str(folder / "m.bin")
    found = mlgate.check(policy=policy, predictions=frame, model=model, **roles)
    assert [each.role for each in found.inputs] == ["policy", "model"]
    (folder / "m.bin").unlink()
    inputs = mlgate.check(policy=policy, predictions=frame, model=model, **roles).outcomes[-1]
    assert (inputs.status, inputs.at) == (Status.ERROR, Location(""))
