"""A waiver says which candidates it is for, wherever a policy judges several."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.load import load_policies

ROWS = "id,y,p\n" + "".join(f"{at},1,{int(at % 4 > 0)}\n" for at in range(200))


def waived(folder: Path, names: tuple[str, ...], key: str) -> dict[str, str]:
    """The status of the one rule per candidate, with a waiver that has a key."""
    (folder / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\n"
        "rules:\n  - {id: recall, check: performance.metric, metric: recall, at_least: 0.95}\n"
        f"waivers:\n  - {{rule: recall, {key} not_below: 0.6, owner: o, reason: r, granted: 2026-01-01,"
        " expires: 2026-12-31}\n"
    )
    (folder / "rows.csv").write_text(ROWS)
    paths = []
    for name in names:
        paths.append(folder / f"{name}.yaml")
        paths[-1].write_text(
            f'mlgate: 1\ncandidate: {name}\ntask: binary\npositive: "1"\nclasses: ["0", "1"]\n'
            "predictions: {path: rows.csv, id: id, label: y, prediction: p}\n"
        )
    found = judge_all(
        paths, load_policies([folder / "policy.yaml"], workspace=folder), Settings(folder, date(2026, 6, 1))
    )
    return {verdict.candidate: verdict.outcomes[0].status.value for verdict in found.verdicts}


@pytest.mark.parametrize("key", ["for: income,", "for: [income, other],", "for: {name: inc*},"])
def test_a_waiver_holds_for_the_candidates_that_it_names(key: str, tmp_path: Path) -> None:
    assert waived(tmp_path, ("income", "german"), key) == {"income": "WAIVED", "german": "FAIL"}


def test_a_waiver_that_names_no_candidate_waives_none_of_several(tmp_path: Path) -> None:
    assert waived(tmp_path, ("income", "german"), "") == {"income": "FAIL", "german": "FAIL"}


def test_a_waiver_needs_no_name_where_one_candidate_is_judged(tmp_path: Path) -> None:
    assert waived(tmp_path, ("income",), "") == {"income": "WAIVED"}
