"""Looks at the same evaluation data: what is recognised, what counts as a look, and what rules are told."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.errors import InputError
from support.looks import CANDIDATE, LABELS, RULE, checked, noted, push, workspace
from support.waiving import IN_FORCE

OLDER = Path(__file__).parents[2] / "golden" / "older"
RELABELLED = ("0", *LABELS[1:])


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose first model was judged."""
    folder = tmp_path_factory.mktemp("judged")
    workspace(folder)
    with chdir(folder):
        checked(report="earlier/1.json")
    return folder


@pytest.fixture
def here(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose first model was judged, with its verdict in earlier/1.json."""
    shutil.copytree(judged, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_second_model_on_the_same_rows_is_the_second_look(here: Path) -> None:
    push(here, wrong=1)
    found = noted("--earlier", "earlier/1.json")
    assert "judged 1 time before with other predictions (in earlier/1.json), so this is look 2" in found
    assert "with `looks: 1`, gate:accurate would let a model that is just short of the demand" in found
    assert "pass one of 2 looks with a chance of up to 10 %, not 5 %; set `looks: 2`, or judge on fresh rows" in found


def test_a_folder_holds_all_earlier_verdicts(here: Path) -> None:
    for wrong in (1, 2):
        push(here, wrong=wrong)
        checked(report=f"earlier/{wrong + 1}.json")
    push(here, wrong=3)
    found = noted("--earlier", "earlier")
    assert "3 times before with other predictions (in earlier/1.json, earlier/2.json, earlier/3.json)" in found
    assert "so this is look 4" in found
    assert found == noted(*(part for at in (1, 2, 3) for part in ("--earlier", f"earlier/{at}.json")))


def test_the_same_predictions_are_not_a_further_look(here: Path) -> None:
    assert "set `looks:" not in noted("--earlier", "earlier")
    checked(report="earlier/2.json")
    push(here, wrong=1)
    found = noted("--earlier", "earlier")
    assert "1 time before" in found
    assert "set `looks: 2`" in found


def test_a_look_again_does_not_count_itself(here: Path) -> None:
    push(here, wrong=1)
    checked(report="earlier/2.json")
    found = noted("--earlier", "earlier")
    assert "so this is look 2; the same predictions were judged before (in earlier/2.json)" in found


def test_other_columns_of_the_same_file_are_another_look(here: Path) -> None:
    """Twenty models in one file are twenty looks, though the file stays the same."""
    rows = pd.read_csv("rows.csv").assign(q=lambda frame: frame.y)
    rows.to_csv("rows.csv", index=False)
    checked(report="earlier/2.json")
    (here / "candidate.yaml").write_text(CANDIDATE.replace("prediction: p", "prediction: q"))
    assert "so this is look 3" in noted("--earlier", "earlier")


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_rule_that_states_enough_looks_is_not_warned(here: Path, looks: int) -> None:
    policy = here / "policies/p.yaml"
    policy.write_text(policy.read_text().replace("at_least: 0.5", f"at_least: 0.5, looks: {looks}"))
    for wrong in (1, 2):
        push(here, wrong=wrong)
        checked(report=f"earlier/{wrong + 1}.json")
    found = noted("--earlier", "earlier/1.json", "--earlier", "earlier/2.json")
    assert "so this is look 3" in found
    chances = {1: "up to 15 %, not 5 %", 2: "up to 7.5 %, not 5 %"}
    assert ("set `looks: 3`" in found) is (looks < 3)
    assert chances.get(looks, "look 3") in found


def test_only_a_rule_that_shows_is_told_of_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass by `estimate` or `unrefuted` has no level that looks could share."""
    rules = [RULE.replace("accurate", proof).replace("}", f", proof: {proof}}}") for proof in ("estimate", "unrefuted")]
    workspace(tmp_path, *rules)
    monkeypatch.chdir(tmp_path)
    checked(report="earlier.json")
    push(tmp_path, wrong=1)
    found = noted("--earlier", "earlier.json")
    assert "so this is look 2" in found
    assert "set `looks:" not in found


def test_earlier_verdicts_never_change_an_answer(here: Path) -> None:
    policy = here / "policies/p.yaml"
    policy.write_text(policy.read_text() + "  - {check: performance.metric, metric: recall, at_least: 0.99}\n")
    push(here, wrong=1)
    alone, told = checked(), checked("--earlier", "earlier")
    for document in (alone, told):
        for key in ("notes", "inputs"):
            document["verdicts"][0].pop(key)
        document.pop("called")
    assert told == alone
    assert told["exit_code"] == 1


def test_every_report_says_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    push(here, wrong=1)
    assert run(["check", "--earlier", "earlier", "--report", "junit=out.xml"]) == 0
    assert "so this is look 2" in " ".join(capsys.readouterr().out.split())
    properties = {entry.get("value", "") for entry in ET.parse(here / "out.xml").iter("property")}
    assert any("so this is look 2" in value for value in properties)
    verdict = mlgate.check(policy="policies", candidate="candidate.yaml", earlier=["earlier/1.json"])
    assert "so this is look 2" in verdict._repr_html_()


def test_earlier_verdicts_are_inputs_with_digests(here: Path) -> None:
    found = checked("--earlier", "earlier")["verdicts"][0]["inputs"]
    assert ("earlier", "earlier/1.json") in {(entry["role"], entry["path"]) for entry in found}


# What is recognised.


def test_rows_with_ids_are_recognised_in_any_order_and_format(here: Path) -> None:
    push(here, wrong=1, order=-1)
    assert "look 2" in noted("--earlier", "earlier")
    frame = pd.read_csv("rows.csv", dtype=str)
    frame.assign(y=frame.y.astype(int)).to_parquet("rows.parquet")
    (here / "candidate.yaml").write_text(CANDIDATE.replace("rows.csv", "rows.parquet"))
    assert "look 2" in noted("--earlier", "earlier")


def test_labels_in_a_table_of_their_own_are_the_same_data(here: Path) -> None:
    rows = pd.read_csv("rows.csv", dtype=str)
    rows[["id", "y"]].to_csv("eval.csv", index=False)
    rows[["id", "p"]].assign(p="1").to_csv("rows.csv", index=False)
    (here / "candidate.yaml").write_text(
        CANDIDATE.replace(", label: y", "") + "tables: {evaluation: {path: eval.csv, key: id, label: y}}\n"
    )
    assert "so this is look 2" in noted("--earlier", "earlier")


@pytest.mark.parametrize(
    "labels", [RELABELLED, LABELS[1:], (*LABELS, "1")], ids=["a label", "a row less", "a row more"]
)
def test_other_rows_or_labels_are_other_data(here: Path, labels: tuple[str, ...]) -> None:
    push(here, wrong=1, labels=labels)
    assert noted("--earlier", "earlier") == "none of 1 earlier file has another look at this evaluation data"


def test_rows_without_ids_are_recognised_by_their_labels_in_order(here: Path) -> None:
    (here / "candidate.yaml").write_text(CANDIDATE.replace("id: id, ", ""))
    push(here, ids=False)
    checked(report="plain.json")
    push(here, wrong=1, ids=False)
    assert "as the labels in their order say (in plain.json), so this is look 2" in noted("--earlier", "plain.json")
    push(here, wrong=1, ids=False, order=-1)
    assert "none of 1 earlier file" in noted("--earlier", "plain.json")


def test_frames_are_recognised_and_told_apart_by_their_answers(here: Path) -> None:
    def verdict(wrong: int) -> mlgate.Verdict:
        push(here, wrong=wrong)
        frame = pd.read_csv("rows.csv")
        return mlgate.check(
            policy="policies", name="pushed", task="binary", positive="1", earlier="earlier", predictions=frame,
            id="id", label="y", prediction="p",
        )  # fmt: skip

    assert "so this is look 2" in verdict(1).notes[0]
    first, again, other = verdict(1).judged, verdict(1).judged, verdict(2).judged
    assert first == again
    assert first is not None
    assert other is not None
    assert first.evaluation == other.evaluation
    assert first.answers != other.answers


def test_a_table_of_counts_cannot_be_recognised(here: Path) -> None:
    (here / "rows.csv").write_text("y,p,n\n1,1,50\n0,0,50\n")
    (here / "candidate.yaml").write_text(
        CANDIDATE.replace("id: id, ", "").replace("prediction: p", "prediction: p, count: n")
    )
    assert "nobody can tell if this evaluation data was judged before" in noted("--earlier", "earlier")
    checked(report="counts.json")
    shutil.copy(Path("counts.json"), "earlier/counts.json")
    (here / "candidate.yaml").write_text(CANDIDATE)
    push(here, wrong=1)
    found = noted("--earlier", "earlier")
    assert "earlier/counts.json: nobody can tell if these verdicts are on the same evaluation data" in found
    assert "so this is look 2" in found


def test_facts_carry_what_was_looked_at(here: Path) -> None:
    here_judged = checked()["verdicts"][0]
    assert run(["measure"]) == 0
    (here / "rows.csv").unlink()
    assert checked("--facts", "facts.json")["verdicts"][0] == here_judged


def test_data_that_cannot_be_read_is_no_look_and_blocks_by_its_rule_alone(here: Path) -> None:
    (here / "rows.csv").write_text("id,p\nr1,1\n")
    found = checked("--earlier", "earlier")["verdicts"][0]
    assert found["judged"] is None
    assert [outcome["rule"] for outcome in found["outcomes"]] == ["accurate"]


# What is refused.


def test_an_older_verdict_says_that_nobody_can_tell(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(OLDER / "verdict.json", "older.json")
    assert run(["check", "--earlier", "older.json", "--earlier", "earlier"]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "older.json: this verdict of mlgate 0.1.0 does not record which evaluation data it judged" in said


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.json", None, "missing.json does not exist"),
        ("x.json", "{}", "this JSON is not a stored verdict"),
        ("x.json", "junk", "not JSON"),
        ("empty", "", "has no file *.json"),
    ],
)
def test_a_file_that_is_not_a_verdict_is_wrong_input(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str
) -> None:
    if name == "empty":
        (here / name).mkdir()
    elif text is not None:
        (here / name).write_text(text)
    assert run(["check", "--earlier", name]) == 2
    assert said in " ".join(capsys.readouterr().out.split())
    with pytest.raises(InputError):
        mlgate.check(policy="policies", candidate="candidate.yaml", earlier=name)


def test_an_edited_verdict_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(Path("earlier/1.json").read_text())
    document["verdicts"][0]["judged"]["evaluation"] = None
    Path("earlier/1.json").write_text(json.dumps(document))
    assert run(["check", "--earlier", "earlier"]) == 2
    assert "mlgate does not write such a verdict" in " ".join(capsys.readouterr().out.split())


def test_a_report_does_not_overwrite_an_earlier_verdict(here: Path) -> None:
    before = Path("earlier/1.json").read_bytes()
    assert run(["check", "--earlier", "earlier/1.json", "--report", "json=earlier/1.json"]) == 2
    assert Path("earlier/1.json").read_bytes() == before


def test_what_is_listed_or_waived_shares_no_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Luck lets nothing pass that is only listed, or that passes by its waiver."""
    waiver = (
        "waivers:\n  - {rule: accurate, for: '*', not_below: 0.1, owner: a@example.com, reason: RISK-7, "
        f"{IN_FORCE}}}\n"
    )
    workspace(tmp_path, RULE.replace("0.5", "0.999"), "{id: groups, check: fairness.audit, by: y}")
    policy = tmp_path / "policies/p.yaml"
    policy.write_text(policy.read_text() + waiver)
    monkeypatch.chdir(tmp_path)
    checked(report="earlier.json")
    push(tmp_path, wrong=1)
    (verdict,) = checked("--earlier", "earlier.json")["verdicts"]
    assert [rule["status"] for rule in verdict["outcomes"]] == ["WAIVED", "LISTED"]
    assert "so this is look 2" in "\n".join(verdict["notes"])
    assert "set `looks:" not in "\n".join(verdict["notes"])
