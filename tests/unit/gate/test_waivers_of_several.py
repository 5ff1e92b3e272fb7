"""A waiver says which candidates it is for, wherever a policy judges several."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.load import load_policies
from mlgate.values.errors import InputError
from mlgate.values.verdict import Verdicts

ROWS = "id,y,p\n" + "".join(f"{at},1,{int(at % 4 > 0)}\n" for at in range(200))


def judged(folder: Path, names: tuple[str, ...], key: str, head: str = "") -> Verdicts:
    """The verdicts of one rule on candidates of these names, with a waiver that has a key."""
    (folder / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\n"
        + head
        + "rules:\n  - {id: recall, check: performance.metric, metric: recall, at_least: 0.95}\n"
        f"waivers:\n  - {{rule: recall, {key} not_below: 0.6, owner: o, reason: r, granted: 2026-05-01,"
        " expires: 2026-07-01}\n"
    )
    (folder / "rows.csv").write_text(ROWS)
    paths = []
    for at, name in enumerate(names):
        paths.append(folder / f"{at}.yaml")
        paths[-1].write_text(
            f'mlgate: 1\ncandidate: {name}\ntask: binary\npositive: "1"\nclasses: ["0", "1"]\n'
            "predictions: {path: rows.csv, id: id, label: y, prediction: p}\n"
        )
    return judge_all(paths, load_policies([folder / "policy.yaml"], workspace=folder), on_a_day(folder))


def on_a_day(folder: Path) -> Settings:
    """A day on which the waiver is in force."""
    return Settings(folder, date(2026, 6, 1))


def waived(folder: Path, names: tuple[str, ...], key: str, head: str = "") -> dict[str, str]:
    """The status of the one rule per candidate."""
    found = judged(folder, names, key, head)
    return {verdict.candidate: verdict.outcomes[0].status.value for verdict in found.verdicts}


@pytest.mark.parametrize("key", ["for: income,", "for: [income, other],", "for: {name: inc*},"])
def test_a_waiver_holds_for_the_candidates_that_it_names(key: str, tmp_path: Path) -> None:
    assert waived(tmp_path, ("income", "german"), key) == {"income": "WAIVED", "german": "FAIL"}


@pytest.mark.parametrize("head", ["", "for: {name: [income, german]}\n", "for: {name: inc*}\n", "for: {tags: a}\n"])
def test_a_waiver_says_for_whom_even_where_one_candidate_is_judged(head: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not say which candidates it is for, .*; add `for: NAME`"):
        judged(tmp_path, ("income",), "", head)


@pytest.mark.parametrize("head", ["for: {name: income}\n", "for: {name: [income]}\n"])
def test_a_waiver_needs_no_name_where_the_policy_is_for_one(head: str, tmp_path: Path) -> None:
    assert waived(tmp_path, ("income",), "", head) == {"income": "WAIVED"}
    found = judged(tmp_path, ("income", "income"), "", head)
    assert [verdict.outcomes[0].status.value for verdict in found.verdicts] == ["FAIL"] * 2


def test_a_waiver_is_for_its_rule_alone(tmp_path: Path) -> None:
    judged(tmp_path, ("income",), "for: income,")
    policy = tmp_path / "policy.yaml"
    rule = "  - {id: recall, check: performance.metric, metric: recall, at_least: 0.95}\n"
    policy.write_text(policy.read_text().replace(rule, rule + rule.replace("id: recall", "id: other")))
    found = judge_all([tmp_path / "0.yaml"], load_policies([policy], workspace=tmp_path), on_a_day(tmp_path))
    assert {each.rule: each.status.value for each in found.verdicts[0].outcomes} == {
        "recall": "WAIVED",
        "other": "FAIL",
    }


@pytest.mark.parametrize("key", ["for: income,", "for: inc*,", "for: [other, income],", "for: {name: income},"])
def test_a_waiver_for_a_name_waives_none_of_several_candidates_with_that_name(key: str, tmp_path: Path) -> None:
    found = judged(tmp_path, ("income", "income", "german"), key)
    assert [verdict.outcomes[0].status.value for verdict in found.verdicts] == ["FAIL"] * 3
    notes = [waiver.said for verdict in found.verdicts for waiver in verdict.waivers if verdict.candidate == "income"]
    assert notes == ["2 candidates have the same name, and it is for one; give each candidate its own name"] * 2


def test_a_waiver_for_a_pattern_waives_none_where_two_of_several_names_are_the_same(tmp_path: Path) -> None:
    found = judged(tmp_path, ("income", "income", "inclusion"), "for: inc*,")
    assert [verdict.outcomes[0].status.value for verdict in found.verdicts] == ["FAIL"] * 3


def test_a_waiver_for_a_tag_is_meant_for_all_that_have_it(tmp_path: Path) -> None:
    assert waived(tmp_path, ("income", "german"), "for: {task: binary},") == {"income": "WAIVED", "german": "WAIVED"}


@pytest.mark.parametrize("name", ["In-Come", "INCOME", "in_come"])
def test_a_name_in_other_letters_is_another_and_is_named(name: str, tmp_path: Path) -> None:
    found = judged(tmp_path, ("income", "german"), f"for: {name},")
    assert [verdict.outcomes[0].status.value for verdict in found.verdicts] == ["FAIL"] * 2
    said = [note for verdict in found.verdicts for note in verdict.notes if "waiver" in note]
    which = "the waiver of p:recall (policy.yaml:7)"
    assert said == [f"{which} is for `{name}`, and this candidate is `income`; names are compared exactly"]
