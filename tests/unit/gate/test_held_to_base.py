"""A change is held to the policies of a commit, and to who its candidates were there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.change import CANDIDATE, POLICY, WAIVER, Change, notes, rows, under, unjudged


def test_a_change_of_the_model_alone_is_judged_once(change: Change) -> None:
    change.write({"rows.csv": rows(9)})
    code, found = change.judge()
    assert (code, under(found)) == (0, {"": True})
    assert "the policies are those of main (" in notes(found)


def test_a_lower_bound_does_not_help_the_change_that_lowers_it(change: Change) -> None:
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "0.9,", "0.8,")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    change.merge()
    assert change.judge()[0] == 0


def test_a_higher_bound_counts_at_once(change: Change) -> None:
    change.edit("policies/p.yaml", "0.9,", "0.95,")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": False, "the policies of main": True})


def test_a_waiver_of_the_change_is_named_and_does_not_count(change: Change) -> None:
    change.write({"rows.csv": rows(15), "policies/p.yaml": POLICY + WAIVER})
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert "the waiver of p:accurate (policies/p.yaml:8) is not at main (" in notes(found)
    change.merge()
    assert change.judge()[0] == 0


def test_a_waiver_of_the_change_in_a_file_of_its_own_does_not_count_either(change: Change) -> None:
    head, _, entry = WAIVER.partition("\n")
    filed = f"mlgate: 1\nowner: risk@example.com\n{head}\n{entry.replace('rule: accurate', 'rule: p:accurate')}"
    change.write({"rows.csv": rows(15), "waivers.yaml": filed})
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert "the waiver of p:accurate (waivers.yaml:4) is not at main (" in notes(found)
    change.merge()
    code, found = change.judge()
    assert (code, under(found)) == (0, {"": True})
    change.write({"waivers.yaml": filed.replace("0.8", "0.7"), "rows.csv": rows(25)})
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


def test_a_rule_that_is_gone_still_counts(change: Change) -> None:
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9",
                "id: recalls, check: performance.metric, metric: recall, at_least: 0.1")  # fmt: skip
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert "1 rule of main (" in notes(found)
    assert "is not here: p:accurate" in notes(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('positive: "1"', 'positive: "0"', "positive was 1 and is 0"),
        ("label: y", "label: q", "predictions.label was y and is q"),
        ("tags: [credit]", "tags: [credit, toy]", "tags was credit and is [credit, toy]"),
        ("candidate: c", "candidate: d", "candidate was c and is d"),
        ("candidate: c", "candidate: c\nrisk: low", "risk was left out and is low"),
        ("label: y,", "label: y, weight: w,", "predictions.weight was left out and is w"),
        ("predictions:", "unit: {column: q}\npredictions:", "unit.column was left out and is q"),
    ],
)
def test_who_the_candidate_is_is_named_and_it_is_judged_as_both(change: Change, old: str, new: str, said: str) -> None:
    change.edit("candidate.yaml", old, new)
    _, found = change.judge()
    assert set(under(found)) == {"", "the policies of main"}
    assert "as what it was there" in found["verdicts"][1]["under"] + found["verdicts"][0]["under"]
    assert f"{said}; it is judged as both" in notes(found)


def test_another_label_does_not_help(change: Change) -> None:
    change.write({"rows.csv": rows(15)})
    change.edit("candidate.yaml", "label: y", "label: q")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    accuracies = {
        verdict["under"] != "": verdict["outcomes"][0]["findings"][0]["value"] for verdict in found["verdicts"]
    }
    assert accuracies == {False: 1.0, True: 0.85}


def test_a_candidate_that_leaves_its_policy_is_blocked(change: Change) -> None:
    change.edit("candidate.yaml", "tags: [credit]", "tags: [other]")
    change.write({"policies/easy.yaml": POLICY.replace("policy: p", "policy: easy").replace("credit", "other")})
    code, found = change.judge()
    assert code == 1
    assert {refusal["exit_code"] for refusal in found["refusals"]} == {1}
    assert "no policy applies to candidate `c`" in found["refusals"][0]["problems"][0]["message"]


def test_another_task_cannot_be_judged_as_before(change: Change) -> None:
    change.edit("candidate.yaml", 'task: binary\npositive: "1"', "task: multiclass")
    code, found = change.judge()
    assert code == 1
    assert "the task was binary at main (" in found["refusals"][0]["problems"][0]["message"]


def test_a_new_candidate_is_judged_by_the_policies_of_the_base(change: Change) -> None:
    change.write({"b/candidate.yaml": CANDIDATE.replace("c\n", "b\n", 1), "b/rows.csv": rows(15)})
    change.edit("policies/p.yaml", "0.9,", "0.8,")
    code, found = change.judge("b")
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


@pytest.mark.parametrize("place", ["other.candidate.yaml", "moved/candidate.yaml"])
def test_a_file_that_moved_is_the_candidate_that_it_was(change: Change, place: str) -> None:
    """Its rows move along, or stay where they are."""
    change.edit("candidate.yaml", "label: y", "label: q")
    (change.folder / "moved").mkdir()
    (change.folder / "candidate.yaml").rename(change.folder / place)
    change.write({f"{Path(place).parent}/rows.csv": rows(15)})
    code, found = change.judge(place)
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert f"its file was candidate.yaml and is {place}; predictions.label was y and is q" in notes(found)


@pytest.mark.parametrize("left", ["a folder", "another candidate"])
def test_a_file_that_moved_is_the_candidate_that_it_was_whatever_lies_at_its_old_place(
    change: Change, left: str
) -> None:
    (change.folder / "candidate.yaml").unlink()
    old = {"candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: d")}
    change.write(old if left == "another candidate" else {"candidate.yaml/.gitkeep": ""})
    change.write({"b/candidate.yaml": CANDIDATE.replace("label: y", "label: q"), "b/rows.csv": rows(15)})
    code, found = change.judge("b")
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


def test_a_file_that_moved_from_one_of_several_places_is_not_guessed(change: Change) -> None:
    change.write({"a/candidate.yaml": CANDIDATE.replace("label: y", "label: q"), "a/rows.csv": rows(8)})
    change.merge()
    change.git("rm", "-q", "a/candidate.yaml", "candidate.yaml")
    change.write({"b/candidate.yaml": CANDIDATE.replace("label: y", "label: q"), "b/rows.csv": rows(15)})
    code, found = change.judge("b")
    assert code == 1
    said = " ".join(problem["message"] for each in found["refusals"] for problem in each["problems"])
    assert "has `c` as a/candidate.yaml and candidate.yaml, which are gone" in said


def test_the_name_of_a_candidate_does_not_hand_its_waiver_to_another_file(change: Change) -> None:
    change.write({"policies/p.yaml": POLICY + WAIVER, "rows.csv": rows(15)})
    change.merge()
    assert change.judge()[0] == 0
    change.edit("candidate.yaml", "candidate: c", "candidate: d")
    change.write({"rows.csv": rows(8), "b/candidate.yaml": CANDIDATE, "b/rows.csv": rows(15)})
    assert change.judge(".")[0] == 1


def test_a_waiver_that_is_committed_again_by_somebody_else_is_granted_as_at_the_base(change: Change) -> None:
    owned = CANDIDATE.replace("task:", "owner: dev\ntask:")
    asking = POLICY.replace("policy: p", "policy: p\napprover: other") + WAIVER
    change.write({"candidate.yaml": owned, "policies/p.yaml": asking, "rows.csv": rows(15)})
    change.merge()
    assert change.judge()[0] == 1
    change.git("switch", "-q", "-c", "change")
    change.edit("policies/p.yaml", WAIVER, "")
    change.merge()
    change.write({"policies/p.yaml": asking})
    change.git("commit", "-qam", "x", "--author", "Somebody Else <else@example.org>")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


def test_a_copy_of_a_candidate_is_a_new_one(change: Change) -> None:
    change.write({"b/candidate.yaml": CANDIDATE.replace("label: y", "label: q"), "b/rows.csv": rows(15)})
    code, found = change.judge("b")
    assert (code, under(found)) == (0, {"": True})


def test_a_candidate_behind_a_link_is_compared_whatever_the_ending_of_its_name(change: Change) -> None:
    change.write({"mine.txt": CANDIDATE})
    (change.folder / "candidate.yaml").unlink()
    (change.folder / "candidate.yaml").symlink_to("mine.txt")
    change.merge()
    change.write({"rows.csv": rows(15)})
    change.edit("mine.txt", "label: y", "label: q")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


def test_a_candidate_that_was_wrong_is_named_and_its_repair_is_judged(change: Change) -> None:
    change.edit("candidate.yaml", "task: binary", "task: binry")
    change.merge()
    change.edit("candidate.yaml", "task: binry", "task: binary")
    code, found = change.judge()
    assert (code, under(found)) == (0, {"": True})
    assert "is not compared, because its file there is wrong: candidate.yaml:3:7: `task` must be" in notes(found)


def test_the_first_policy_needs_bootstrap_which_ends_with_it(change: Change) -> None:
    change.git("rm", "-q", "-r", "policies")
    change.git("commit", "-q", "-m", "no policy")
    change.write({"policies/p.yaml": POLICY})
    code, found = change.judge()
    assert code == 2
    assert "has no policies, so nothing holds this change" in found["refusals"][0]["problems"][0]["message"]
    code, found = change.judge("--bootstrap")
    assert code == 0
    assert "has no policies yet, so that those of this change decide alone (--bootstrap)" in notes(found)
    change.merge()
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "0.9,", "0.8,")
    assert change.judge("--bootstrap")[0] == 1


def test_policies_that_moved_are_not_a_first_policy(change: Change) -> None:
    change.write({"rules/p.yaml": POLICY.replace("0.9,", "0.1,")})
    change.git("rm", "-q", "-r", "policies")
    code, found = change.judge("--policy", "rules", "--bootstrap")
    assert code == 2
    said = found["refusals"][0]["problems"][0]["message"]
    assert "has no policies at rules, and it has policies/p.yaml" in said


def test_what_a_policy_extends_and_its_owner_are_those_of_the_base(change: Change) -> None:
    own = POLICY.replace("owner: o@example.com\n", "").replace("policy: p", "policy: base")
    extending = "mlgate: 1\npolicy: p\nfor: {tags: credit}\nextends: ../shared/base.yaml\n"
    owner = "mlgate: 1\nowner: o@example.com\n"
    change.write({"policies/p.yaml": extending, "shared/base.yaml": own, "owner.yaml": owner, "rows.csv": rows(15)})
    change.merge()
    change.edit("shared/base.yaml", "0.9,", "0.8,")
    change.edit("owner.yaml", "o@example.com", "me@example.com")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    owners = {verdict["under"] != "": verdict["outcomes"][0]["owner"] for verdict in found["verdicts"]}
    assert owners == {False: "me@example.com", True: "o@example.com"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--policy-ref", "nowhere"), 3, "the clone has no commit `nowhere`; fetch it with `git fetch --depth=1"),
        (("--policy-ref", "origin/main"), 3, "git fetch --depth=1 origin main:refs/remotes/origin/main"),
        (("--policy-ref", "--upload-pack=x"), 3, "the clone has no commit `--upload-pack=x`"),
    ],
)
def test_a_base_that_cannot_be_read(change: Change, arguments: tuple[str, ...], code: int, said: str) -> None:
    found, verdicts = change.judge(*arguments)
    assert (found, verdicts["verdicts"]) == (code, [])
    assert said in verdicts["refusals"][0]["problems"][0]["message"]


def test_a_policy_outside_the_repository_has_no_base(change: Change, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "p.yaml"
    outside.write_text(POLICY)
    code, found = change.judge("--policy", str(outside))
    assert code == 2
    assert "is outside the repository, so that no commit of it has it" in found["refusals"][0]["problems"][0]["message"]


def test_a_policy_of_the_base_that_is_wrong_is_an_error_that_names_the_commit(change: Change) -> None:
    change.write({"policies/p.yaml": POLICY.replace("0.9", "9")})
    change.merge()
    change.write({"policies/p.yaml": POLICY})
    code, found = change.judge()
    assert code == 2
    problem = found["refusals"][0]["problems"][0]
    assert problem["at"]["file"] == "policies/p.yaml"
    assert problem["message"].startswith("at main (")


def test_a_link_out_of_the_commit_is_refused(change: Change, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "easy.yaml"
    outside.write_text(POLICY.replace("0.9", "0.1"))
    (change.folder / "policies" / "p.yaml").unlink()
    (change.folder / "policies" / "p.yaml").symlink_to(outside)
    change.merge()
    change.write({"rows.csv": rows(15)})
    assert change.judge()[0] == 2


def test_folders_of_data_that_a_policy_names_are_those_of_the_work_tree(
    change: Change, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("data")
    (data / "rows.csv").write_text(rows(8))
    change.write({"policies/p.yaml": POLICY + f"roots: [{data}]\n"})
    change.edit("candidate.yaml", "path: rows.csv", f"path: {data}/rows.csv")
    change.merge()
    change.edit("policies/p.yaml", "0.9,", "0.91,")
    code, found = change.judge()
    assert (code, under(found)) == (0, {"": True, "the policies of main": True})


def test_options_that_do_not_fit(change: Change) -> None:
    assert run(["check", "--bootstrap"]) == 2
    assert run(["check", "--policy-ref", "main", "--facts", "f.json"]) == 2


def test_the_verdict_says_the_commit_and_can_be_reproduced(change: Change) -> None:
    change.edit("policies/p.yaml", "0.9,", "0.91,")
    assert run(["check", "--policy-ref", "main", "--report", "json=v.json"]) == 0
    stored = json.loads((change.folder / "v.json").read_text())
    assert stored["called"]["policy_ref"] == "main"
    roles = {entry["role"] for verdict in stored["verdicts"] for entry in verdict["inputs"]}
    assert f"policy of {stored['called']['policy_commit'][:12]}" in roles
    change.git("add", "policies", "v.json")
    change.git("commit", "-q", "-m", "merged")
    assert run(["check", "--reproduce", "v.json"]) == 0


@pytest.mark.parametrize("report", ["console", "junit"])
def test_reports_tell_the_verdicts_of_one_candidate_apart(change: Change, report: str) -> None:
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "0.9,", "0.8,")
    run(["check", "--policy-ref", "main", "--report", f"{report}=out"])
    text = (change.folder / "out").read_text()
    assert "the policies of main (" in text


OTHER = CANDIDATE.replace("candidate: c", "candidate: other").replace("credit", "toy")


def test_a_candidate_that_no_policy_covers_is_listed_beside_others(change: Change) -> None:
    change.write({"b/candidate.yaml": OTHER, "b/rows.csv": rows(8)})
    assert run(["check", ".", "--format", "json"]) == 0
    assert unjudged(json.loads(change.capsys.readouterr().out)) == {"other": "NOT COVERED"}
    assert run(["check", "b"]) == 2
    assert "no policy applies to candidate `other`" in change.capsys.readouterr().out
    assert run(["check", ".", "--require-coverage"]) == 1


def test_a_candidate_that_is_new_or_lost_its_policy_must_be_covered(change: Change) -> None:
    change.write({"b/candidate.yaml": OTHER, "b/rows.csv": rows(8)})
    code, found = change.judge(".")
    assert (code, unjudged(found)) == (1, {})
    change.merge()
    code, found = change.judge(".")
    assert (code, unjudged(found)) == (0, {"other": "NOT COVERED"})
    change.edit("policies/p.yaml", "0.9,", "0.91,")
    code, found = change.judge(".")
    assert (code, unjudged(found)) == (0, {"other": "NOT COVERED"})
    change.edit("policies/p.yaml", "{tags: credit}", "{tags: else}")
    code, found = change.judge(".")
    assert code == 1
    assert [refusal["exit_code"] for refusal in found["refusals"]] == [1]


def since(change: Change, *arguments: str) -> tuple[int, dict[str, Any]]:
    change.capsys.readouterr()
    code = run(["check", ".", "--changed-from", "main", "--format", "json", *arguments])
    return code, json.loads(change.capsys.readouterr().out)


def test_what_a_change_does_not_touch_is_not_judged_and_said_so(change: Change) -> None:
    change.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(15)})
    change.merge()
    code, found = since(change)
    assert (code, found["verdicts"], unjudged(found)) == (0, [], {"b": "UNCHANGED", "c": "UNCHANGED"})
    run(["check", ".", "--changed-from", "main"])
    page = change.capsys.readouterr().out
    assert "ALLOWED" not in page
    assert "UNCHANGED" in page
    change.write({"rows.csv": rows(9)})
    code, found = since(change)
    assert (code, len(found["verdicts"]), unjudged(found)) == (0, 1, {"b": "UNCHANGED"})
    change.write({"b/rows.csv": rows(16)})
    assert since(change)[0] == 1


@pytest.mark.parametrize(
    ("files", "gone"),
    [
        ({"rows.csv": rows(9)}, ()),
        ({"candidate.yaml": CANDIDATE + "version: 2\n"}, ()),
        ({"dvc.lock": "schema: '2.0'\n"}, ()),
        ({"rows.csv.dvc": "outs: []\n"}, ()),
        ({}, ("rows.csv",)),
        ({}, ("old.dvc",)),
    ],
)
def test_whatever_a_candidate_rests_on_counts_as_a_change(
    change: Change, files: Mapping[str, str], gone: tuple[str, ...]
) -> None:
    change.write({"old.dvc": "outs: []\n"})
    change.merge()
    assert unjudged(since(change)[1]) == {"c": "UNCHANGED"}
    change.write(files)
    for name in gone:
        (change.folder / name).unlink()
    assert unjudged(since(change)[1]) == {}


def test_what_git_does_not_track_counts_as_changed(change: Change, tmp_path_factory: pytest.TempPathFactory) -> None:
    change.write({".gitignore": "rows.csv\n"})
    change.git("rm", "-q", "--cached", "rows.csv")
    change.merge()
    assert unjudged(since(change)[1]) == {}
    change.write({".gitignore": ""})
    away = tmp_path_factory.mktemp("away") / "rows.csv"
    (change.folder / "rows.csv").rename(away)
    (change.folder / "rows.csv").symlink_to(away)
    change.merge()
    assert unjudged(since(change)[1]) == {}


def test_a_folder_of_rows_is_unchanged_only_as_a_whole(change: Change) -> None:
    change.edit("candidate.yaml", "path: rows.csv", "path: parts")
    half = rows(8).split("\n")
    change.write({"parts/1.csv": "\n".join([*half[:51], ""]), "parts/2.csv": "\n".join([half[0], *half[51:]])})
    change.merge()
    assert unjudged(since(change)[1]) == {"c": "UNCHANGED"}
    change.write({"parts/3.csv": "id,y,p,q,w\n900,1,1,1,1\n"})
    assert unjudged(since(change)[1]) == {}


def test_a_change_must_be_covered_and_what_it_leaves_alone_need_not(change: Change) -> None:
    change.write({"b/candidate.yaml": OTHER, "b/rows.csv": rows(8)})
    assert since(change)[0] == 1
    change.merge()
    code, found = since(change)
    assert (code, unjudged(found)) == (0, {"c": "UNCHANGED", "other": "NOT COVERED"})
    assert since(change, "--require-coverage")[0] == 1


def test_junit_tells_what_was_not_judged_as_skipped(change: Change) -> None:
    run(["check", ".", "--changed-from", "main", "--report", "junit=out.xml"])
    text = (change.folder / "out.xml").read_text()
    assert 'tests="1" failures="0" errors="0"' in text
    assert "<skipped" in text
    assert "UNCHANGED: its file and all that it names are as at main (" in text


def test_both_options_together(change: Change) -> None:
    change.edit("policies/p.yaml", "0.9,", "0.95,")
    code, found = since(change, "--policy-ref", "main")
    assert (code, unjudged(found)) == (0, {"c": "UNCHANGED"})
    change.write({"rows.csv": rows(9)})
    code, found = since(change, "--policy-ref", "main")
    assert (code, under(found)) == (1, {"": False, "the policies of main": True})


def test_a_tag_cannot_stand_in_for_a_branch(change: Change) -> None:
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "0.9,", "0.8,")
    change.git("switch", "-q", "-c", "feature")
    change.merge()
    change.git("tag", "main")
    code, found = change.judge()
    assert code == 2
    said = found["refusals"][0]["problems"][0]["message"]
    assert "`main` means several commits, refs/heads/main and refs/tags/main; write one of these" in said
    assert run(["check", "--policy-ref", "refs/heads/main"]) == 1


def test_a_variable_that_is_not_set_is_no_commit(change: Change) -> None:
    assert run(["check", "--policy-ref", ""]) == 2
    assert run(["check", "--changed-from", " "]) == 2
    assert "--changed-from is empty" in change.capsys.readouterr().err


def test_what_is_unchanged_still_counts_among_those_that_a_waiver_may_mean(change: Change) -> None:
    change.write({"policies/p.yaml": POLICY + WAIVER, "a/candidate.yaml": CANDIDATE, "a/rows.csv": rows(8)})
    change.git("rm", "-q", "--cached", "candidate.yaml")
    (change.folder / "candidate.yaml").unlink()
    change.merge()
    change.write({"b/candidate.yaml": CANDIDATE, "b/rows.csv": rows(15)})
    assert change.judge(".")[0] == 1
    assert change.judge(".", "--changed-from", "main")[0] == 1


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("gate/credit.policy", POLICY),
        ("gate/p.yaml", "{mlgate: 1, policy: q, owner: o, rules: [{check: lineage.complete}]}\n"),
    ],
)
def test_bootstrap_ends_with_any_policy(change: Change, place: str, text: str) -> None:
    change.git("rm", "-q", "-r", "policies")
    change.write({place: text})
    change.merge()
    change.write({"policies/p.yaml": POLICY, "rows.csv": rows(15)})
    if place.endswith(".yaml"):
        code, found = change.judge("--bootstrap")
        assert code == 2
        assert f"and it has {place}" in found["refusals"][0]["problems"][0]["message"]
    else:
        change.edit(place, "0.9,", "0.1,")
        assert change.judge("--policy", place, "--bootstrap")[0] == 1


def test_a_policy_in_a_submodule_is_no_missing_one(change: Change, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    named = ["git", "-c", "user.name=d", "-c", "user.email=d@example.com", "-c", "protocol.file.allow=always"]
    (other / "p.yaml").write_text(POLICY)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*named, *arguments], cwd=other, check=True, timeout=60)
    change.git("rm", "-q", "-r", "policies")
    subprocess.run(
        [*named, "submodule", "add", "-q", str(other), "policies"], cwd=change.folder, check=True, timeout=60
    )
    change.merge()
    code, found = change.judge("--bootstrap")
    assert code == 2
    assert "has policies as a submodule" in found["refusals"][0]["problems"][0]["message"]


def test_a_link_in_a_folder_is_a_change(change: Change) -> None:
    change.edit("candidate.yaml", "path: rows.csv", "path: parts")
    change.write({"parts/1.csv": rows(8), "store/x.csv": "id,y,p,q,w\n900,1,0,0,1\n"})
    change.merge()
    assert unjudged(since(change)[1]) == {"c": "UNCHANGED"}
    (change.folder / "parts" / "more").symlink_to("../store", target_is_directory=True)
    assert unjudged(since(change)[1]) == {}


def test_a_file_that_a_record_names_is_a_part_of_its_candidate(change: Change) -> None:
    record = (
        "mlgate: 1\nruns: [{name: train, inputs: [{path: train.csv, role: data:train}], outputs: [{path: m.bin}]}]\n"
    )
    change.write({"train.csv": "x\n1\n", "m.bin": "m", "lineage.yaml": record})
    change.edit("candidate.yaml", "predictions:", "model: {path: m.bin}\npredictions:")
    change.merge()
    assert unjudged(since(change)[1]) == {"c": "UNCHANGED"}
    change.write({"train.csv": "x\n2\n"})
    assert unjudged(since(change)[1]) == {}


def test_a_lost_policy_is_seen_with_both_options(change: Change) -> None:
    change.write({"b/candidate.yaml": OTHER, "b/rows.csv": rows(8)})
    change.edit("policies/p.yaml", "{tags: credit}", "{tags: [credit, toy]}")
    change.merge()
    change.edit("policies/p.yaml", "{tags: [credit, toy]}", "{tags: toy}")
    code, _ = since(change, "--policy-ref", "main")
    assert code == 1


def test_a_policy_that_is_wrong_at_the_base_does_not_block_its_repair_alone(change: Change) -> None:
    change.write({"policies/p.yaml": POLICY.replace("0.9", "9")})
    change.merge()
    change.write({"policies/p.yaml": POLICY})
    code, found = since(change, "--policy-ref", "main")
    assert (code, unjudged(found)) == (0, {"c": "UNCHANGED"})


def test_a_value_that_a_policy_sets_is_that_of_the_base_too(change: Change) -> None:
    base = POLICY.replace("policy: p", "policy: q").replace("for: {tags: credit}\n", "").replace("0.9,", "'${least}',")
    base += "variables: {least: {type: share, default: 0.9, at_least: 0.8}}\n"
    team = "mlgate: 1\npolicy: p\nowner: o\nextends: ../shared/q.yaml\nset: {least: 0.9}\n"
    change.write({"policies/p.yaml": team, "shared/q.yaml": base})
    change.merge()
    change.write({"rows.csv": rows(15)})
    change.edit("policies/p.yaml", "least: 0.9", "least: 0.8")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    change.edit("policies/p.yaml", "set: {least: 0.8}\n", "")
    change.edit("shared/q.yaml", "default: 0.9", "default: 0.8")
    assert change.judge()[0] == 1


def refusals(found: dict[str, Any]) -> list[str]:
    return [problem["message"] for refusal in found["refusals"] for problem in refusal["problems"]]


def test_a_slip_in_a_tag_is_named_though_no_policy_selects_it(change: Change) -> None:
    change.edit("policies/p.yaml", "rules:", "vocabulary: {tags: [credit, fraud]}\nrules:")
    change.merge()
    change.edit("candidate.yaml", "[credit]", "[Credit]")
    code, found = change.judge()
    assert code == 2
    said = "`tags` has `Credit`, which is not in the vocabulary at policies/p.yaml:5, did you mean `credit`?"
    assert refusals(found) == [said]


def test_a_slip_at_the_base_does_not_block_the_change_that_corrects_it(change: Change) -> None:
    change.edit("candidate.yaml", "[credit]", "[Credit]")
    change.edit("policies/p.yaml", "rules:", "vocabulary: {tags: [credit, fraud]}\nrules:")
    change.merge()
    change.edit("candidate.yaml", "[Credit]", "[credit]")
    code, found = change.judge()
    assert (code, refusals(found)) == (0, [])


def test_a_new_word_counts_once_the_base_has_it(change: Change) -> None:
    change.edit("policies/p.yaml", "rules:", "vocabulary: {tags: [credit]}\nrules:")
    change.merge()
    change.edit("policies/p.yaml", "{tags: [credit]}", "{tags: [credit, pricing]}")
    change.edit("candidate.yaml", "[credit]", "[credit, pricing]")
    code, found = change.judge()
    assert (code, len(refusals(found))) == (2, 1)
    assert refusals(found)[0].startswith("under the policies of main")
    change.git("add", "policies")
    change.git("commit", "-q", "-m", "x")
    assert change.judge()[0] == 0
