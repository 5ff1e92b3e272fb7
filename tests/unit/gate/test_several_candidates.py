"""Several candidates: each has its verdict or a refusal, and one that is broken hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from mlgate.candidate.presented import Candidate
from mlgate.gate.batch import judge_all
from mlgate.gate.run import FactSource, Settings, opened_tables
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.verdict import Verdicts

RULES = "rules:\n  - {id: recall, check: performance.metric, metric: recall, at_least: 0.95}\n"
WAIVERS = (
    "waivers: [{rule: recall, for: a, not_below: 0.6, owner: o, reason: r, granted: 2026-05-01, expires: 2026-07-01}]\n"
)
CANDIDATE = (
    'mlgate: 1\ncandidate: NAME\ntask: binary\npositive: "1"\nclasses: ["0", "1"]\n'
    "predictions: {path: rows.csv, id: id, label: y, prediction: p}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two candidates whose recall is 0.75, and the files of two policies."""
    (tmp_path / "rows.csv").write_text("id,y,p\n" + "".join(f"{at},1,{int(at % 4 > 0)}\n" for at in range(200)))
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(CANDIDATE.replace("NAME", name))
    for name, more in (("strict", ""), ("waived", WAIVERS)):
        (tmp_path / f"{name}.policy.yaml").write_text(f"mlgate: 1\npolicy: {name}\nowner: o\n{RULES}{more}")
    return tmp_path


def judged(folder: Path, names: Sequence[str], policies: Sequence[str] = ("strict",), **how: object) -> Verdicts:
    """The verdicts on some candidates."""
    files = [folder / f"{name}.policy.yaml" for name in policies]
    paths = [folder / f"{name}.yaml" for name in names]
    settings = Settings(folder, date(2026, 6, 1))
    return judge_all(paths, load_policies(files, workspace=folder), settings, **how)  # type: ignore[arg-type]


def test_a_candidate_file_that_is_wrong_is_refused_beside_the_verdict_of_another(folder: Path) -> None:
    (folder / "a.yaml").write_text("mlgate: 1\n")
    found = judged(folder, ["a", "b"], notes=("left out",))
    assert [(verdict.candidate, verdict.exit_code, "left out" in verdict.notes) for verdict in found.verdicts] == [
        ("b", 1, True)
    ]
    assert [(refusal.path, refusal.exit_code) for refusal in found.refusals] == [("a.yaml", 2)]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MachineError("no disk"), 3, "no disk"),
        (EvidenceError("no column"), 1, "no column"),
        (ZeroDivisionError("0/0"), 3, "the gate crashed on this candidate:\nTraceback"),
        (SystemExit(0), 3, "the gate crashed on this candidate:\nTraceback"),
    ],
)
def test_a_candidate_that_cannot_be_opened_is_refused_with_its_own_code(
    folder: Path, error: BaseException, code: int, said: str
) -> None:
    @contextmanager
    def opening(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> Iterator[FactSource]:
        if candidate.name == "a":
            raise error
        with opened_tables(candidate, policies, settings) as source:
            yield source

    found = judged(folder, ["a", "b"], opening=opening)
    assert [verdict.candidate for verdict in found.verdicts] == ["b"]
    ((refusal,),) = (found.refusals,)
    assert (refusal.path, refusal.exit_code) == ("a.yaml", code)
    assert refusal.problems[0].message.startswith(said)
    assert "test_several_candidates.py" in refusal.problems[0].message or "Traceback" not in said


def test_a_waiver_of_one_policy_for_one_candidate_leaves_all_else_as_it_is(folder: Path) -> None:
    statuses = {
        names: [outcome.status.value for verdict in judged(folder, names, ("strict", "waived")).verdicts
                for outcome in verdict.outcomes]
        for names in (("a",), ("a", "b"))
    }  # fmt: skip
    assert statuses == {("a",): ["FAIL", "WAIVED"], ("a", "b"): ["FAIL", "WAIVED", "FAIL", "FAIL"]}
