"""Nothing that a model was made from can change unseen, down to what nobody has made; and what a team knows to lack."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.cli.main import run
from support.history import History, workspace

FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "x\n2\n",
    "prepare.py": "print(1)\n",
    "params.yaml": "lr: 1\n",
    "requirements.txt": "numpy==2.4.6\n",
    "m.bin": "model\n",
}
RAW = "s3://bucket/raw.csv"
GAP = {"of": RAW, "why": "the bucket keeps no versions yet", "owner": "dev@example.com", "until": "2999-12-31"}


def entry(name: str, role: str) -> dict[str, str]:
    return {"path": name, "role": role, "sha256": hashlib.sha256(FILES[name].encode()).hexdigest()}


def recorded(commit: str) -> list[dict[str, Any]]:
    """Runs that prepare the data from a bucket, train, and score."""
    code = {"commit": commit, "clean": True}
    raw = {"path": RAW, "version": "latest"}
    inputs = [entry("train.csv", "data:train"), entry("params.yaml", "parameters")]
    lock = entry("requirements.txt", "environment")
    return [
        {"name": "prepare", "code": dict(code), "inputs": [raw], "outputs": [entry("train.csv", "data:train")]},
        {"name": "train", "code": dict(code), "inputs": [*inputs, lock], "outputs": [entry("m.bin", "model")]},
        {
            "name": "score",
            "code": dict(code),
            "inputs": [entry("m.bin", "model"), entry("test.csv", "data:evaluation")],
        },
    ]


def write(history: History, runs: list[dict[str, Any]], **more: Any) -> None:
    text = yaml.safe_dump(json.loads(json.dumps({"mlgate": 1, "runs": runs, **more}))).replace(
        "'2999-12-31'", "2999-12-31"
    )
    (history.folder / "lineage.yaml").write_text(text)


def head(history: History) -> str:
    return history.git("rev-parse", "HEAD")


def demand(history: History, **keys: str) -> None:
    """Change what lineage.complete accepts; the environment is demanded, too."""
    (line,) = (each for each in (history.folder / "policy.yaml").read_text().splitlines() if "id: complete" in each)
    said = "".join(f", {key}: {value}" for key, value in keys.items())
    wanted = '[code, "data:train", "data:evaluation", parameters, environment]'
    history.edit("policy.yaml", line, f"  - {{id: complete, check: lineage.complete, roles: {wanted}{said}}}")


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    demand(found)
    write(found, recorded(found.commit()))
    return found


def complete(history: History) -> tuple[str, str]:
    judged = history.judge()
    return judged.statuses["complete"], judged.said("complete")


def test_raw_data_that_can_change_unseen_fail_with_the_way_to_them(history: History) -> None:
    status, said = complete(history)
    assert status == "FAIL"
    way = f"m.bin <- run train <- train.csv <- run prepare <- {RAW} but version latest; record its digest"
    assert f"the history can change unseen: nothing fixes {way}" in said


def test_raw_data_with_a_digest_are_fixed_wherever_they_lie(history: History) -> None:
    runs = recorded(head(history))
    runs[0]["inputs"][0]["sha256"] = "0" * 64
    write(history, runs)
    assert complete(history)[0] == "PASS"
    del runs[0]["inputs"]
    write(history, runs)
    assert complete(history)[0] == "PASS"


@pytest.mark.parametrize(
    ("accepted", "status"),
    [("[data]", "PASS"), (f"[{RAW!r}]", "PASS"), ('["data:train"]', "FAIL"), (f"['{RAW}x']", "FAIL")],
)
def test_a_policy_accepts_what_can_change_by_role_or_by_name(history: History, accepted: str, status: str) -> None:
    demand(history, accept_unfixed=accepted)
    found, said = complete(history)
    assert found == status
    assert ("the policy accepts that s3://bucket/raw.csv can change" in said) == (status == "PASS")


def test_what_judging_has_made_is_a_result_and_need_not_be_fixed(history: History) -> None:
    runs = recorded(head(history))[1:]
    runs[1]["outputs"] = [{"path": "report.txt"}]
    write(history, runs)
    assert complete(history)[0] == "PASS"
    runs[0]["inputs"] += [{"path": "report.txt"}]
    write(history, runs)
    assert "m.bin <- report.txt is missing" in complete(history)[1]


def test_a_part_of_the_evaluation_data_that_can_change_fails_too(history: History) -> None:
    runs = recorded(head(history))[1:]
    runs += [{"name": "split", "inputs": [{"path": RAW}], "outputs": [entry("test.csv", "data:evaluation")]}]
    write(history, runs)
    said = complete(history)[1]
    assert f"test.csv <- run split <- {RAW} is missing (it is not here, and no digest or version" in said


def test_of_what_is_missing_a_thing_with_two_roles_needs_both_accepted(history: History) -> None:
    runs = recorded(head(history))
    runs[0]["inputs"] = [{"path": RAW, "role": "features"}]
    runs[1]["inputs"] += [{"path": RAW, "role": "base_model"}]
    write(history, runs)
    demand(history, accept_unfixed="[features]")
    assert complete(history)[0] == "FAIL"
    demand(history, accept_unfixed="[features, base_model]")
    assert complete(history)[0] == "PASS"


@pytest.mark.parametrize(("key", "value"), [("accept_unfixed", "[dta]"), ("accept_gaps", "['data:trian']")])
def test_a_role_that_is_none_is_a_mistake(history: History, key: str, value: str) -> None:
    demand(history, **{key: value})
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml"]) == 2
    assert "which is not a role, did you mean" in " ".join(history.capsys.readouterr().out.split())


def test_a_list_whose_lines_are_not_pinned_is_no_lock(history: History) -> None:
    (history.folder / "requirements.txt").write_text("pandas==3.1.1\nnumpy\n")
    runs = recorded(head(history))[1:]
    for each in runs[0]["inputs"]:
        if each["role"] == "environment":
            each["sha256"] = hashlib.sha256(b"pandas==3.1.1\nnumpy\n").hexdigest()
    write(history, runs)
    judged = history.judge()
    assert judged.failing == {"complete"}
    said = "m.bin <- run train <- requirements.txt is not a lock: requirements.txt:2 `numpy` fixes no version"
    assert f"environment can change unseen: {said}; pin it by `==` or a hash" in judged.said("complete")
    demand(history, accept_unfixed="[environment]")
    assert complete(history)[0] == "PASS"
    demand(history)
    (history.folder / "uv.lock").write_text('version = 1\n[[package]]\nname = "numpy"\nversion = "2.4.6"\n')
    locked = {"path": "uv.lock", "role": "environment"}
    locked["sha256"] = hashlib.sha256((history.folder / "uv.lock").read_bytes()).hexdigest()
    runs[1]["inputs"] += [locked]
    write(history, runs)
    assert complete(history)[0] == "FAIL", "the lock of another run"
    runs[0]["inputs"] += [locked]
    write(history, runs)
    assert complete(history)[0] == "PASS"


def test_an_environment_of_an_unknown_format_says_that_its_versions_are_not_read(history: History) -> None:
    (history.folder / "Dockerfile").write_text("FROM python:3.12\n")
    runs = recorded(head(history))[1:]
    lock = {"path": "Dockerfile", "role": "environment", "sha256": hashlib.sha256(b"FROM python:3.12\n").hexdigest()}
    runs[0]["inputs"][-1] = lock
    write(history, runs)
    status, said = complete(history)
    assert status == "PASS"
    assert "environment is Dockerfile (which versions Dockerfile fixes is not read)" in said


def without_parameters(history: History) -> list[dict[str, Any]]:
    runs = recorded(head(history))[1:]
    runs[0]["inputs"] = [each for each in runs[0]["inputs"] if each["role"] != "parameters"]
    return runs


@pytest.mark.parametrize("until", ["2999-12-31", "2020-01-01"])
def test_a_known_gap_is_named_and_does_not_pass_by_itself(history: History, until: str) -> None:
    gap = {**GAP, "of": "parameters", "why": "the seed was never written down", "until": until}
    write(history, without_parameters(history), gaps=[gap])
    history.edit(
        "lineage.yaml",
        f"until: '{until}'" if "2020" in until else until,
        f"until: {until}" if "2020" in until else until,
    )
    status, said = complete(history)
    assert status == "FAIL"
    word = "a known gap until" if until == "2999-12-31" else "a gap that was known until"
    assert f"parameters is missing: m.bin <- run train <- no parameters; {word} {until} (lineage.yaml:" in said
    assert "owner dev@example.com): the seed was never written down" in said
    demand(history, accept_gaps="[environment]")
    assert complete(history)[0] == "FAIL"
    demand(history, accept_gaps="[parameters]")
    assert complete(history)[0] == ("PASS" if until == "2999-12-31" else "FAIL")


def test_a_gap_of_a_thing_is_accepted_by_its_role(history: History) -> None:
    write(history, recorded(head(history)), gaps=[GAP])
    assert "; a known gap until 2999-12-31 (lineage.yaml:" in complete(history)[1]
    demand(history, accept_gaps="[data]")
    status, said = complete(history)
    assert status == "PASS"
    assert "the policy accepts that s3://bucket/raw.csv (a known gap until 2999-12-31" in said


WRONG = {
    "a day that is none": ({"until": "2026-02-30"}, "the day 2026-02-30 does not exist"),
    "no owner": ({"owner": "TBD"}, "`owner` of the gap `s3://bucket/raw.csv` is `TBD`, which says nothing"),
    "no reason": ({"why": "todo"}, "`why` of the gap `s3://bucket/raw.csv` is `todo`, which says nothing"),
    "a word for a role": ({"of": "parameter"}, "the gap `parameter` is not a role, did you mean `parameters`?"),
    "a list of roles": ({"of": ["parameters"]}, "`gaps.of` must be a text, not a list"),
    "an unknown key": ({"untill": "2026-12-31"}, "untill"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_gap_that_says_nothing_is_a_mistake_with_its_line(history: History, what: str) -> None:
    keys, said = WRONG[what]
    text = (
        yaml.safe_dump({"gaps": [{**GAP, **keys}]})
        .replace("'2999-12-31'", "2999-12-31")
        .replace("'2026-02-30'", "2026-02-30")
    )
    (history.folder / "lineage.yaml").write_text(f"mlgate: 1\n{text}")
    status, found = complete(history)
    assert status == "ERROR"
    assert "lineage.yaml:" in found
    assert said in found


def test_the_record_of_a_run_keeps_the_gaps(history: History) -> None:
    (history.folder / "lineage.yaml").unlink()
    (history.folder / "candidate.yaml").unlink()
    for name in ("first", "second"):
        command = ["record", "--name", name, "--reads", "test.csv", "--makes", f"{name}.txt", "--", "cp", "test.csv"]
        assert run([*command, f"{name}.txt"]) == 0
        if name == "first":
            with (history.folder / "lineage.yaml").open("a") as opened:
                opened.write(yaml.safe_dump({"gaps": [GAP]}).replace("'2999-12-31'", "2999-12-31"))
    assert yaml.safe_load((history.folder / "lineage.yaml").read_text())["gaps"] == [
        {**GAP, "until": date(2999, 12, 31)}
    ]


@pytest.mark.parametrize("form", ["text", "mermaid", "svg", "cyclonedx", "json"])
def test_every_form_shows_what_is_missing(history: History, form: str) -> None:
    runs = recorded(head(history))
    runs[0]["inputs"] = [{"path": RAW}]
    write(history, runs)
    history.capsys.readouterr()
    assert run(["lineage", "--format", form]) == 0
    shown = history.capsys.readouterr().out
    assert "missing" in shown
    if form == "text":
        assert f"! {RAW} [data]  missing; it is not here" in shown
        assert shown.endswith("7 things: 6 verified, 1 missing\n")


def approved(at: str, model: str = "") -> dict[str, str]:
    digest = model or hashlib.sha256(FILES["m.bin"].encode()).hexdigest()
    return {"by": "alice@example.com", "model": digest, "at": at}


@pytest.mark.parametrize(
    ("approval", "failing", "said"),
    [
        (approved("2026-11-20T12:00:00Z"), set(), "the times of "),
        (approved("2026-11-20T12:30:00+02:00"), {"consistent"}, "alice@example.com approved m.bin at 2026-11-20T12:30"),
        (approved("2026-11-20T10:59:59Z"), {"consistent"}, "before it was there at 2026-11-20T11:00:00+00:00"),
        (approved("2026-11-20"), {"consistent"}, "at 2026-11-20, which is not a moment with a zone"),
        (approved("2026-11-20T10:00:00Z", "0" * 64), set(), "the times of "),
    ],
)
def test_an_approval_before_the_model_was_there_is_impossible(
    history: History, approval: dict[str, str], failing: set[str], said: str
) -> None:
    runs = recorded(head(history))[1:]
    runs[0] |= {"started": "2026-11-20T10:00:00Z", "ended": "2026-11-20T11:00:00Z"}
    write(history, runs, approvals=[approval])
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said("consistent")


def test_what_a_source_names_and_none_describes_is_missing(history: History) -> None:
    component = {
        "type": "machine-learning-model",
        "bom-ref": "m",
        "name": "m.bin",
        "hashes": [{"alg": "SHA-256", "content": entry("m.bin", "")["sha256"]}],
        "properties": [{"name": "mlgate:made-from", "value": "ghost"}],
    }
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": component}}
    (history.folder / "bom.json").write_text(json.dumps(document))
    write(history, recorded(head(history))[1:])
    judged = history.judge()
    assert judged.failing == {"complete", "consistent"}, judged.said()
    assert "ghost is missing (a source names it, and none describes it)" in judged.said("complete")
    assert "which one names; record it" in judged.said("consistent")


def test_what_a_policy_accepts_is_in_the_message_of_the_rule_that_passes(history: History) -> None:
    demand(history, accept_unfixed="[data]")
    history.edit("policy.yaml", "check: lineage.verified", "check: lineage.verified, accept_unverified: [data]")
    judged = history.judge()
    accepted = "the policy accepts that s3://bucket/raw.csv can change"
    assert accepted in judged.outcomes["complete"]["message"]
    assert "s3://bucket/raw.csv is unverified, which the policy accepts" in judged.outcomes["verified"]["message"]
