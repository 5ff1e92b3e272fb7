"""A register of models says who each candidate is, whatever its own file says, and which are missing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from mlgate.cli.main import run
from support.change import CANDIDATE, POLICY, Change, notes, refused, rows, under

MODELS = """\
mlgate: 1
owner: risk@example.com
models:
  candidate.yaml:
    name: c
    owner: team@example.com
    tags: [credit]
    task: binary
    positive: "1"
    policies: p
    evaluation: {table: predictions, key: id, label: y, min_rows: 100}
"""
NEW = "b/candidate.yaml: {name: b, tags: credit, task: binary, positive: '1'}"
DATED = "\n".join(["id,y,day", *(f"{at},{at % 2},2026-01-{at % 28 + 1:02}" for at in range(100)), ""])


@pytest.fixture
def listed(change: Change) -> Change:
    """The base has a register with its one candidate."""
    change.write({"models.yaml": MODELS})
    change.merge()
    return change


def plain(change: Change, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the verdicts without a base."""
    change.capsys.readouterr()
    code = run(["check", "--format", "json", *arguments])
    return code, json.loads(change.capsys.readouterr().out)


def failed(found: dict[str, Any]) -> list[str]:
    """The messages of what the register found wrong in any verdict."""
    outcomes = [each for verdict in found["verdicts"] for each in verdict["outcomes"]]
    return [
        finding["message"]
        for outcome in outcomes
        if outcome["check"] == "policy.register"
        for finding in outcome["findings"]
        if finding["status"] != "PASS"
    ]


def test_a_registered_candidate_passes_and_the_verdict_shows_the_register(listed: Change) -> None:
    code, found = plain(listed)
    (verdict,) = found["verdicts"]
    assert (code, verdict["owner"], verdict["tags"]) == (0, "team@example.com", ["credit"])
    assert verdict["outcomes"][0]["policy"] == "models.yaml"
    assert {"role": "register", "path": "models.yaml"}.items() <= verdict["inputs"][0].items()
    assert listed.judge()[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tags: [credit]", "tags: [Credit]", "the candidate has tags: Credit, and models.yaml:7 registers credit"),
        ("tags: [credit]\n", "", "the candidate has tags: none, and models.yaml:7 registers credit"),
        ("candidate: c", "candidate: d", "the candidate has candidate: d, and models.yaml:5 registers c"),
        ("tags:", "risk: low\ntags:", "the candidate has risk: low, and models.yaml:4 registers none"),
        ("tags:", "owner: me\ntags:", "the candidate has owner: me, and models.yaml:6 registers team@example.com"),
        ("label: y", "label: q", "the candidate has evaluation.label: q, and models.yaml:11 registers y"),
        ("id: id", "id: w", "the candidate has evaluation.key: w, and models.yaml:11 registers id"),
    ],
)
def test_what_a_candidate_says_of_itself_does_not_count(listed: Change, old: str, new: str, said: str) -> None:
    listed.edit("candidate.yaml", old, new)
    code, found = plain(listed)
    assert (code, failed(found)) == (1, [said])
    assert found["verdicts"][0]["candidate"] == "c"
    assert listed.judge()[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'binary\npositive: "1"',
            "multiclass",
            "the candidate has task: multiclass, and models.yaml:8 registers binary",
        ),
        ('positive: "1"', 'positive: "0"', "has positive: 0, and models.yaml:9 registers 1"),
    ],
)
def test_answers_to_another_question_are_not_judged(listed: Change, old: str, new: str, said: str) -> None:
    listed.edit("candidate.yaml", old, new)
    code, found = plain(listed)
    assert (code, found["verdicts"]) == (1, [])
    assert said in refused(found)["candidate.yaml"]


def test_a_lower_risk_does_not_leave_the_stricter_policy(listed: Change) -> None:
    strict = POLICY.replace("policy: p", "policy: strict").replace("{tags: credit}", "{risk: high}")
    listed.write({"policies/strict.yaml": strict.replace("0.9,", "0.99,")})
    listed.edit("models.yaml", "tags: [credit]", "tags: [credit]\n    risk: high")
    listed.edit("candidate.yaml", "tags:", "risk: high\ntags:")
    listed.merge()
    assert plain(listed)[0] == 1
    listed.edit("candidate.yaml", "risk: high", "risk: low")
    code, found = plain(listed)
    assert (code, found["verdicts"][0]["risk"]) == (1, "high")
    assert {outcome["policy"] for outcome in found["verdicts"][0]["outcomes"]} == {"models.yaml", "p", "strict"}


@pytest.mark.parametrize("place", ["other.candidate.yaml", "moved/candidate.yaml"])
@pytest.mark.parametrize("name", ["c", "d"])
def test_a_renamed_file_and_a_moved_folder_are_named_and_blocked(listed: Change, place: str, name: str) -> None:
    (listed.folder / "moved").mkdir()
    (listed.folder / "candidate.yaml").rename(listed.folder / place)
    listed.edit(place, "candidate: c", f"candidate: {name}")
    for code, found in (plain(listed, "."), listed.judge(".")):
        assert (code, set(refused(found))) == (1, {"candidate.yaml", place})
        assert (
            "`c`, and the file is gone; restore it, or first merge `retired: DATE`" in refused(found)["candidate.yaml"]
        )
        known = ", which has `c` as candidate.yaml (models.yaml:4); move it back" if name == "c" else "; add its entry"
        assert f"{place} is not in models.yaml{known}" in refused(found)[place]


@pytest.mark.parametrize("asked", [[], ["candidate.yaml"], ["."], ["candidate*"]])
def test_a_file_that_is_gone_is_blocked_however_it_is_asked_for(listed: Change, asked: list[str]) -> None:
    (listed.folder / "candidate.yaml").unlink()
    for code, found in (plain(listed, *asked), listed.judge(*asked)):
        assert (code, list(refused(found))) == (1, ["candidate.yaml"])


def test_what_is_not_asked_for_may_be_elsewhere(listed: Change) -> None:
    listed.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(8)})
    listed.edit(
        "models.yaml", "models:", 'models:\n  b/candidate.yaml: {name: b, tags: credit, task: binary, positive: "1"}'
    )
    (listed.folder / "candidate.yaml").unlink()
    assert plain(listed, "b")[0] == 0


def test_a_retired_model_may_leave_from_its_day_on(listed: Change) -> None:
    listed.edit("models.yaml", "name: c", "name: c\n    retired: 2026-06-01")
    listed.merge()
    assert plain(listed)[0] == 0
    (listed.folder / "candidate.yaml").unlink()
    assert plain(listed, "--as-of", "2026-05-31")[0] == 1
    assert plain(listed, "--as-of", "2026-06-01")[0] == 2
    listed.write({"b/candidate.yaml": CANDIDATE, "b/rows.csv": rows(8)})
    assert plain(listed, ".", "--as-of", "2026-06-01")[0] == 1


def test_a_policy_that_the_register_requires_must_apply(listed: Change) -> None:
    listed.edit("policies/p.yaml", "{tags: credit}", "{tags: other}")
    listed.write({"policies/q.yaml": POLICY.replace("policy: p", "policy: q")})
    code, found = plain(listed)
    assert code == 1
    assert failed(found) == [
        "models.yaml:10 requires the policy `p`, which is for tags other; the candidate says credit"
    ]
    (listed.folder / "policies/p.yaml").unlink()
    assert failed(plain(listed)[1]) == ["models.yaml:10 requires the policy `p`, and there is no such policy; add it"]


def test_a_registered_candidate_must_be_covered(listed: Change) -> None:
    listed.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(8)})
    listed.edit("policies/p.yaml", "{tags: credit}", "{name: b}")
    listed.edit(
        "models.yaml", "models:", 'models:\n  b/candidate.yaml: {name: b, tags: credit, task: binary, positive: "1"}'
    )
    code, found = plain(listed, ".")
    assert (code, list(refused(found)), found["unjudged"]) == (1, ["candidate.yaml"], [])


def test_the_register_alone_demands_nothing_of_the_model(listed: Change) -> None:
    listed.edit("policies/p.yaml", "id: accurate,", "id: accurate, when: {task: regression},")
    assert plain(listed)[0] == 2


def test_fewer_rows_than_registered_block(listed: Change) -> None:
    listed.write({"rows.csv": "\n".join(rows(0).split("\n")[:99])})
    code, found = plain(listed)
    assert (code, failed(found)) == (1, ["98 rows in predictions, fewer than 100 (models.yaml:11)"])


@pytest.fixture
def joined(listed: Change) -> Change:
    """Labels and days are in a table of their own."""
    listed.write({"data/eval.csv": DATED})
    listed.edit("candidate.yaml", ", label: y", "")
    listed.write(
        {
            "candidate.yaml": (listed.folder / "candidate.yaml").read_text()
            + ("tables: {evaluation: {path: data/eval.csv, key: id, label: y}}\n")
        }
    )
    digest = hashlib.sha256(DATED.encode()).hexdigest()
    listed.edit(
        "models.yaml", "{table: predictions, key: id, label: y, min_rows: 100}",
        f"{{path: ./data/eval.csv, key: id, label: y, sha256: [{'0' * 64}, {digest}], recorded_at: day, "
        "max_age_days: 30}",
    )  # fmt: skip
    listed.merge()
    return listed


def test_evaluation_data_are_pinned_by_file_digest_and_age(joined: Change) -> None:
    assert plain(joined, "--as-of", "2026-02-27")[0] == 0
    code, found = plain(joined, "--as-of", "2026-02-28")
    assert code == 1
    assert failed(found) == ["the newest row of evaluation is 31 days old, more than 30 (models.yaml:11)"]
    joined.write({"data/eval.csv": DATED.replace("2026-01-28", "2026-01-27")})
    (message,) = failed(plain(joined, "--as-of", "2026-02-20")[1])
    assert message.startswith("data/eval.csv has the digest ")
    assert message.endswith(
        "and models.yaml:11 registers 000000000000 or " + hashlib.sha256(DATED.encode()).hexdigest()[:12]
    )


def test_another_shard_is_named(joined: Change) -> None:
    joined.write({"data/easy.csv": DATED})
    joined.edit("candidate.yaml", "data/eval.csv", "data/easy.csv")
    assert failed(plain(joined, "--as-of", "2026-02-20")[1]) == [
        "the candidate has evaluation.path: data/easy.csv, and models.yaml:11 registers data/eval.csv"
    ]


def test_labels_cannot_move_into_the_predictions(joined: Change) -> None:
    joined.edit("candidate.yaml", "tables: {evaluation: {path: data/eval.csv, key: id, label: y}}\n", "")
    joined.edit("candidate.yaml", "prediction: p", "prediction: p, label: q")
    code, found = plain(joined, "--as-of", "2026-02-20")
    assert (code, failed(found)) == (
        1, ["the candidate has no table `evaluation`, and models.yaml:11 registers the labels of evaluation"],
    )  # fmt: skip


def test_the_data_of_a_champion_are_pinned(listed: Change) -> None:
    digest = hashlib.sha256(rows(8).encode()).hexdigest()
    listed.write({"old.csv": rows(8), "candidate.yaml": CANDIDATE + "champion: {path: old.csv, prediction: p}\n"})
    listed.edit("models.yaml", "    policies: p", f"    policies: p\n    champion: {{path: old.csv, sha256: {digest}}}")
    assert plain(listed)[0] == 0
    listed.write({"old.csv": rows(30)})
    (message,) = failed(plain(listed)[1])
    assert message.startswith("old.csv has the digest ")
    listed.write({"candidate.yaml": CANDIDATE})
    assert failed(plain(listed)[1]) == ["the candidate has no file for champion, and models.yaml:11 registers one"]


def test_a_new_model_may_come_with_its_entry_where_a_policy_of_the_base_covers_it(listed: Change) -> None:
    listed.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(15)})
    listed.edit("models.yaml", "models:", f"models:\n  {NEW}")
    listed.edit("policies/p.yaml", "0.9,", "0.8,")
    code, found = listed.judge("b")
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    listed.write({"b/rows.csv": rows(5)})
    assert listed.judge("b")[0] == 0


def test_a_new_model_that_no_policy_of_the_base_covers_says_what_to_merge_first(listed: Change) -> None:
    own = CANDIDATE.replace("candidate: c", "candidate: b").replace("credit", "toy")
    easy = POLICY.replace("policy: p", "policy: easy").replace("credit", "toy").replace("0.9,", "0.1,")
    listed.write({"b/candidate.yaml": own, "b/rows.csv": rows(5), "policies/easy.yaml": easy})
    listed.edit("models.yaml", "models:", f"models:\n  {NEW.replace('credit', 'toy')}")
    code, found = listed.judge("b")
    assert code == 1
    assert (
        "so first merge its entry there: `b/candidate.yaml: {name: b, tags: toy," in refused(found)["b/candidate.yaml"]
    )


def test_an_entry_may_come_before_its_model(listed: Change) -> None:
    listed.edit("models.yaml", "models:", f"models:\n  {NEW}")
    assert listed.judge(".")[0] == 0
    listed.merge()
    assert listed.judge(".")[0] == 0
    assert plain(listed, ".")[0] == 1


def test_a_register_that_is_gone_still_decides(listed: Change) -> None:
    (listed.folder / "models.yaml").unlink()
    listed.edit("candidate.yaml", "[credit]", "[credit, toy]")
    code, found = listed.judge()
    assert code == 1
    assert "models.yaml of main (" in notes(found)
    assert "is not here, and it still decides who the candidate is" in notes(found)


def test_an_entry_that_is_gone_does_not_free_its_model(listed: Change) -> None:
    listed.edit("models.yaml", "  candidate.yaml:\n    name: c", f"  {NEW}\n  old/candidate.yaml:\n    name: c")
    code, found = listed.judge()
    assert code == 1
    assert (
        "candidate.yaml is not in models.yaml, which has `c` as old/candidate.yaml" in refused(found)["candidate.yaml"]
    )


@pytest.mark.parametrize("with_candidate", [True, False])
def test_a_change_of_an_entry_is_judged_as_both_and_is_no_deadlock(listed: Change, with_candidate: bool) -> None:
    """The candidate's own file may follow in the same change or in a later one."""
    strict = POLICY.replace("policy: p", "policy: strict").replace("credit", "loans").replace("0.9,", "0.91,")
    listed.write({"policies/strict.yaml": strict})
    listed.merge()
    listed.edit("models.yaml", "tags: [credit]", "tags: [loans]\n    risk: high")
    listed.edit("models.yaml", "policies: p", "policies: strict")
    if with_candidate:
        listed.edit("candidate.yaml", "tags: [credit]", "risk: high\ntags: [loans]")
    code, found = listed.judge()
    assert code == 0
    assert "its entry of models.yaml is not that of main (" in notes(found)
    assert {tuple(verdict["tags"]) for verdict in found["verdicts"]} == {("credit",), ("loans",)}
    listed.write({"rows.csv": rows(10)})
    assert listed.judge()[0] == 1


def test_a_first_register_holds_from_its_own_change_on(change: Change) -> None:
    change.write({"models.yaml": MODELS})
    assert change.judge()[0] == 0
    change.edit("models.yaml", "tags: [credit]", "tags: [credit, more]")
    assert change.judge()[0] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("[]", "the file must be a mapping with the keys mlgate, owner, models"),
        (MODELS.replace("models:", "modells:"), "unknown key `modells`, did you mean `models`?"),
        (MODELS.replace("name: c", "nane: c"), "unknown key `nane` in `models.candidate.yaml`, did you mean `name`?"),
        (MODELS.replace("  candidate.yaml", "  /candidate.yaml"), "must be a path from the top of the repository"),
        (MODELS.replace("  candidate.yaml", "  ../candidate.yaml"), "must be a path from the top of the repository"),
        (MODELS.replace("  candidate.yaml", "  '*/candidate.yaml'"), "without wildcards"),
        (MODELS.replace("  candidate.yaml", "  models/c"), "`models/c` is not a candidate file; write its path,"),
        (MODELS + "  ./candidate.yaml: {name: d}\n", "`candidate.yaml` is also registered at line"),
        (MODELS + "  d.yaml: {name: c}\n", "the name `c` is also registered at line"),
        (MODELS.replace("tags: [credit]", "tags: [credit, credit]"), "names `credit` twice"),
        (MODELS.replace("tags: [credit]", "risk: hihg"), "high, critical, not `hihg`, did you mean `high`?"),
        (MODELS.replace("task: binary", "task: regression"), "`positive` of candidate.yaml is for binary tasks"),
        (MODELS.replace('    positive: "1"\n', ""), "candidate.yaml has the task binary and no `positive`"),
        (MODELS.replace("min_rows: 100", "min_rows: 0"), "must be a whole number of at least 1"),
        (MODELS.replace("min_rows: 100", "max_age_days: 3"), "needs both `max_age_days` and `recorded_at`"),
        (MODELS.replace("min_rows: 100", "sha256: abc"), "must be a SHA-256 digest, 64 of the signs 0-9 and a-f"),
        (MODELS.replace("min_rows: 100", f"sha256: {'a' * 64}"), "which every model writes itself; remove `path`"),
        (MODELS.replace("risk@example.com", "TODO"), "`owner` is `TODO`, which says nothing"),
        (MODELS.replace("mlgate: 1\n", ""), "missing key `mlgate`"),
        (MODELS.replace("    policies: p", "    watch: [../x]"), "must be a path from the top of the repository"),
        (MODELS + "  candidate.yaml: {name: c}\n", "repeated"),
    ],
)  # fmt: skip
def test_a_wrong_register_is_one_clear_error(change: Change, text: str, said: str) -> None:
    change.write({"models.yaml": text})
    code, found = plain(change)
    assert (code, found["verdicts"]) == (2, [])
    problems = found["refusals"][0]["problems"]
    assert {problem["at"]["file"] for problem in problems} == {"models.yaml"}
    assert any(said in problem["message"] for problem in problems)


def test_a_register_in_another_encoding_or_behind_a_link_is_refused(
    change: Change, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (change.folder / "models.yaml").write_bytes(MODELS.encode("utf-16"))
    assert plain(change)[0] == 2
    outside = tmp_path_factory.mktemp("outside") / "models.yaml"
    outside.write_text(MODELS)
    (change.folder / "models.yaml").unlink()
    (change.folder / "models.yaml").symlink_to(outside)
    assert plain(change)[0] == 2
    (change.folder / "models.yaml").unlink()
    (change.folder / "models.yaml").mkdir()
    assert plain(change)[0] == 2


def test_a_register_by_another_name_is_not_passed_over(change: Change) -> None:
    change.write({"models.yml": MODELS})
    code, found = plain(change)
    assert code == 2
    assert (
        "`models.yml` is not a valid name for the register of models" in found["refusals"][0]["problems"][0]["message"]
    )


def test_a_file_of_another_tool_by_that_name_is_none(change: Change) -> None:
    change.write({"models.yaml": "version: 2\nmodels: [{name: orders}]\n"})
    assert plain(change)[0] == 0


def test_a_register_of_the_base_that_is_wrong_blocks_only_where_something_is_judged(change: Change) -> None:
    change.write({"models.yaml": MODELS.replace("models:", "modells:")})
    change.merge()
    change.write({"models.yaml": MODELS})
    code, found = change.judge()
    assert code == 2
    assert found["refusals"][0]["problems"][0]["message"].startswith("at main (")
    assert change.judge("--changed-from", "main")[0] == 0


@pytest.mark.parametrize(
    ("selector", "old", "new", "entry"),
    [
        ("tags: credit", "tags: [credit]\n", "", "name: c"),
        ("name: c", "candidate: c\n", "candidate: d\n", "name: d, tags: credit"),
        ("not: {risk: low}", "classes:", "risk: low\nclasses:", "name: c, tags: credit, risk: low"),
    ],
)
def test_a_register_that_the_change_brings_does_not_say_who_a_candidate_was(
    change: Change, selector: str, old: str, new: str, entry: str
) -> None:
    easy = POLICY.replace("policy: p", "policy: easy").replace("for: {tags: credit}\n", "").replace("0.9,", "0.5,")
    change.write({"policies/p.yaml": POLICY.replace("tags: credit", selector), "policies/easy.yaml": easy})
    change.merge()
    change.edit("candidate.yaml", old, new)
    listed = f"mlgate: 1\nowner: dev\nmodels:\n  candidate.yaml: {{{entry}, task: binary, positive: '1'}}\n"
    change.write({"rows.csv": rows(15), "models.yaml": listed})
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})


@pytest.mark.parametrize("asked", [["."], ["models"], ["models/*/candidate.yaml"]])
@pytest.mark.parametrize("instead", ["a folder", "a link to another model", "a virtual environment"])
def test_a_registered_file_must_be_judged_and_not_only_be_there(change: Change, asked: list[str], instead: str) -> None:
    entries = "".join(
        f"  models/{name}/candidate.yaml: {{name: {name}, tags: credit, task: binary, positive: '1'}}\n"
        for name in ("a", "b")
    )
    change.git("rm", "-q", "--cached", "candidate.yaml")
    (change.folder / "candidate.yaml").unlink()
    for name in ("a", "b"):
        text = CANDIDATE.replace("candidate: c", f"candidate: {name}")
        change.write({f"models/{name}/candidate.yaml": text, f"models/{name}/rows.csv": rows(8)})
    change.write({"models.yaml": f"mlgate: 1\nowner: o\nmodels:\n{entries}"})
    change.merge()
    assert change.judge(*asked)[0] == 0
    file = change.folder / "models/b/candidate.yaml"
    if instead == "a virtual environment":
        change.write({"models/b/pyvenv.cfg": "home = /usr\n"})
    else:
        file.unlink()
        file.symlink_to("../a/candidate.yaml") if "link" in instead else file.mkdir()
    code, found = change.judge(*asked)
    assert code == 1
    assert "`b`, and what lies there is not judged as a file of its own" in refused(found)["models/b/candidate.yaml"]
