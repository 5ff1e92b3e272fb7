"""`mlgate test`: tests of policies pass, fail or are refused, and what they leave untested is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from mlgate.cli.main import run
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, load

POLICY = """\
mlgate: 1
policy: hiring
owner: o@example.com
for: {tags: hiring}
rules:
  - id: good-enough
    check: performance.metric
    metric: accuracy
    at_least: 0.7
  - id: four-fifths
    check: fairness.four_fifths
    by: sex
    at_least: 0.8
    proof: estimate
"""
GOOD = """\
mlgate: 1
as_of: 2026-11-30
candidate:
  tags: hiring
  task: binary
  positive: "1"
  predictions: {path: predictions.csv, label: did_well, prediction: selected, count: people}
files:
  predictions.csv: |
    sex,did_well,selected,people
    F,1,1,90
    F,0,0,90
    F,1,0,10
    M,1,1,92
    M,0,0,90
    M,0,1,8
"""
CAUGHT = """\
mutations:
  - mutation: a coin
    edit: [{in: predictions.csv, set: {people: 50}}]
    caught_by: good-enough
  - mutation: few women are selected
    edit: [{in: predictions.csv, set: {people: 20}, where: {sex: F, selected: 1}}]
    caught_by: four-fifths
"""
ALLOWED = """\
tests:
  - test: a good model is allowed
    verdict: allowed
    expect: {good-enough: PASS, "hiring:four-fifths": PASS}
"""
COMMITTED = """\
mlgate: 1
candidate: {model: {path: model.txt}, lineage: [{path: lineage.yaml}]}
files:
  train.py: "print('train')"
  model.txt: "weights"
  lineage.yaml: |
    mlgate: 1
    runs:
      - name: train
        code: {commit: "${commit}", clean: true}
        outputs: [{path: model.txt, sha256: "${sha256:model.txt}", role: model}]
"""
Ran = Callable[..., tuple[int, str]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def file(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    file("policies/hiring.yaml", POLICY)
    return file


@pytest.fixture
def ran(write: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]) -> Ran:
    """The exit code and all that is printed for a file with tests beside the policy."""

    def test(text: str, *arguments: str) -> tuple[int, str]:
        write("policies/hiring.test.yaml", text)
        capsys.readouterr()
        code = run(["test", *arguments])
        return code, " ".join("".join(capsys.readouterr()).split())

    return test


def test_tests_and_mutations_pass(ran: Ran) -> None:
    code, said = ran(GOOD + ALLOWED + CAUGHT)
    assert (code, said.rpartition(" in ")[0]) == (0, "policies/hiring.test.yaml ... 3 passed")


def test_every_test_has_a_line_where_that_is_asked_for(ran: Ran) -> None:
    code, said = ran(GOOD + ALLOWED + CAUGHT, "-v", "-k", "A COIN")
    assert code == 0
    assert said.startswith("policies/hiring.test.yaml:22 a coin PASSED Not all tests were run (by -k)")


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        (
            "{test: a, verdict: blocked}",
            "verdict: expected blocked, got allowed",
        ),
        (
            "{test: a, expect: {four-fifths: FAIL}}",
            "four-fifths: expected FAIL, got PASS: selection_rate",
        ),
        (
            "{test: a, expect: {four-fifths: {status: PASS, message: magic}}}",
            'four-fifths: expected the message to contain "magic", got: selection_rate',
        ),
        (
            "{test: a, expect: {four-fifths: {status: PASS, where: {sex: X}}}}",
            "four-fifths [sex=X]: expected PASS, but it has no such finding. It has sex=F",
        ),
        (
            "{test: a, expect: {good-enough: {status: PASS, where: {sex: F}}}}",
            "good-enough [sex=F]: expected PASS, but it has no such finding. It has none",
        ),
        (
            "{test: a, candidate: {tags: none}, expect: {four-fifths: PASS}}",
            "no rule is asked, because the candidate is not covered no policy applies to candidate `tested`",
        ),
        (
            "{test: a, candidate: {taks: binary}, verdict: allowed}",
            "verdict: expected allowed, got refused policies/hiring.test.yaml:18:27: unknown key `taks`, did you mean",
        ),
        (
            "{test: a, candidate: {taks: binary}, verdict: refused, message: no such}",
            'expected to be refused by "no such", got: policies/hiring.test.yaml:18:27: unknown key `taks`',
        ),
        (
            "{test: a, edit: [{in: predictions.csv, drop: sex}], verdict: allowed}",
            "verdict: expected allowed, got blocked hiring:four-fifths is ERROR: ",
        ),
    ],
)  # fmt: skip
def test_a_failure_says_what_was_expected_and_what_came(ran: Ran, test: str, wanted: str) -> None:
    code, said = ran(f"{GOOD}tests:\n  - {test}\n")
    assert code == 1
    assert f"FAILED policies/hiring.test.yaml:18 a {wanted}" in said


@pytest.mark.parametrize(
    "test",
    [
        "{test: a, candidate: {tags: none}, verdict: not covered}",
        "{test: a, candidate: {taks: binary, riks: low}, verdict: refused, message: did you mean `task`}",
        "{test: a, candidate: {taks: binary}, verdict: refused}",
        "{test: a, edit: [{in: predictions.csv, drop: sex}], verdict: blocked}",
        "{test: a, edit: [{in: predictions.csv, drop: sex}], expect: {four-fifths: ERROR}}",
    ],
)  # fmt: skip
def test_what_is_no_pass_can_be_expected(ran: Ran, test: str) -> None:
    code, said = ran(f"{GOOD}tests:\n  - {test}\n  - {{test: b, verdict: allowed}}\n", "--allow-untested")
    assert code == 0, said


def test_a_candidate_of_which_nothing_is_asked_is_refused(ran: Ran, write: Callable[[str, str], None]) -> None:
    write("policies/hiring.yaml", POLICY[: POLICY.index("  - id: four")] + "    when: {risk: high}\n")
    code, said = ran(f"{GOOD}tests:\n  - {{test: a, verdict: allowed}}\n", "--allow-untested")
    assert code == 1
    assert "expected allowed, got refused nothing was asked: every rule is skipped" in said


def test_what_the_machine_cannot_run_is_neither_passed_nor_failed(
    ran: Ran, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    blocked = COMMITTED.replace("candidate: {", "candidate: {tags: hiring, ")
    code, said = ran(f"{blocked}tests:\n  - {{test: a, verdict: blocked}}\n", "--allow-untested")
    assert "ERROR policies/hiring.test.yaml:13 a `git` is not installed, and a test has `${commit}`" in said
    assert code == 1, "the policy is asked of no candidate"
    naming = "  - {test: b, files: {c: '${commit}'}, verdict: blocked}\n"
    assert ran(GOOD + ALLOWED + naming, "--allow-untested")[0] == 3


@pytest.mark.parametrize(
    ("mutation", "wanted"),
    [
        (
            "edit: [{in: predictions.csv, set: {people: 85}, where: {sex: F, selected: 1}}]",
            "not caught: hiring:four-fifths is PASS",
        ),
        (
            "candidate: {tags: other}",
            "no rule is asked, because the candidate is not covered",
        ),
        (
            "candidate: {task: none}",
            "no rule is asked, because the candidate is refused",
        ),
    ],
)  # fmt: skip
def test_a_mutation_that_its_rule_does_not_catch_fails(ran: Ran, mutation: str, wanted: str) -> None:
    code, said = ran(f"{GOOD}mutations:\n  - mutation: a\n    {mutation}\n    caught_by: four-fifths\n")
    assert code == 1
    assert wanted in said


def test_a_mutation_of_a_candidate_that_is_blocked_already_shows_nothing(ran: Ran) -> None:
    code, said = ran(GOOD.replace("F,1,1,90", "F,1,1,19") + CAUGHT)
    assert code == 1
    assert "the mutation shows nothing, because the good candidate is not better: hiring:four-fifths is FAIL" in said


def test_a_rule_that_only_warns_catches_nothing(ran: Ran, write: Callable[[str, str], None]) -> None:
    write("policies/hiring.yaml", POLICY + "    severity: warn\n")
    code, said = ran(GOOD + CAUGHT)
    assert code == 1
    assert "not caught: hiring:four-fifths is FAIL (only warns)" in said


def test_a_rule_that_no_test_has_seen_block_fails_the_run(ran: Ran) -> None:
    code, said = ran(GOOD + ALLOWED)
    assert code == 1
    assert "policies/hiring.yaml:6: no test has seen the rule hiring:good-enough block" in said
    assert said.count("no test has seen") == 2
    code, said = ran(GOOD + ALLOWED, "--allow-untested")
    assert code == 0
    assert "1 passed, 2 untested rules (allowed)" in said


def test_a_failed_test_has_seen_nothing(ran: Ran) -> None:
    code, said = ran(f"{GOOD}{CAUGHT}    expect: {{good-enough: FAIL}}\n")
    assert code == 1
    assert "no test has seen the rule hiring:four-fifths block" in said


def test_rules_of_policies_without_tests_are_untested(ran: Ran, write: Callable[[str, str], None]) -> None:
    write("policies/eu/strict.yaml", POLICY.replace("policy: hiring", "policy: strict"))
    write("policies/eu/owner.yaml", "mlgate: 1\nowner: o@example.com\n")
    code, said = ran(GOOD + ALLOWED + CAUGHT)
    assert code == 1
    assert said.count("no test has seen the rule strict:") == 2


def test_rules_are_tested_where_they_are_written(ran: Ran, write: Callable[[str, str], None]) -> None:
    """A rule of an extended file is seen through the policy that extends it; a pack is not this folder's to test."""
    write("policies/base.yaml", POLICY.replace("policy: hiring", "policy: base"))
    own = "mlgate: 1\npolicy: hiring\nowner: o\nfor: {tags: hiring}\nextends: [base.yaml, mlgate/baseline@1]\n"
    write("policies/hiring.yaml", own)
    assert ran(GOOD + ALLOWED + CAUGHT)[0] == 0


def test_a_policy_that_applies_to_no_candidate_fails_the_run(ran: Ran) -> None:
    code, said = ran(f"{GOOD}tests:\n  - {{test: a, candidate: {{tags: Hiring}}, verdict: not covered}}\n")
    assert code == 1
    assert "policies/hiring.yaml:4: the policy hiring applies to no candidate of its tests" in said


def test_a_word_outside_the_vocabulary_is_refused(ran: Ran, write: Callable[[str, str], None]) -> None:
    write("policies/hiring.yaml", POLICY.replace("rules:", "vocabulary: {tags: hiring}\nrules:"))
    slip = "  - {test: a slip, candidate: {tags: Hiring}, verdict: refused, message: did you mean `hiring`}\n"
    code, said = ran(GOOD + ALLOWED + slip + CAUGHT)
    assert code == 0, said


def test_the_run_ends_with_the_first_failure_where_that_is_asked_for(ran: Ran) -> None:
    tests = "tests:\n  - {test: a, verdict: blocked}\n  - {test: b, verdict: blocked}\n"
    code, said = ran(GOOD + tests, "-x")
    assert code == 1
    assert "1 failed in" in said
    assert "Not all tests were run (by -x)" in said


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "the file is empty"),
        ("[]\n", "must be a mapping"),
        ("mlgate: 2\ntests: [{test: a, verdict: allowed}]\n", ":1:9: "),
        (GOOD, ":1:1: the file tests nothing; add `tests` or `mutations`"),
        (f"{GOOD}tests: []\n", "`tests` must be a list with 1 to 2000 entries"),
        ("policies: nothing.yaml\ntests: [{test: a, verdict: allowed}]\nmlgate: 1\n", "matches no policy"),
        ("policies: mlgate/nothing@1\ntests: [{test: a, verdict: allowed}]\nmlgate: 1\n", "unknown pack"),
        (f"policy: x\n{GOOD}{ALLOWED}", "this is a policy"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(ran: Ran, text: str, wanted: str) -> None:
    code, said = ran(text)
    assert code == 2
    assert wanted in said


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ("{test: a}", ":18:5: the test `a` expects nothing; add `verdict` or `expect`"),
        ("{test: a, verdict: allow}", "must be one of allowed, blocked, refused, not covered"),
        ("{test: a, expect: {four-fifth: FAIL}}", "have no rule `four-fifth`, did you mean `four-fifths`?"),
        ("{test: a, expect: {four-fifths: fail}}", "did you mean `FAIL`"),
        ("{test: a, expext: {}, verdict: allowed}", ":18:15: unknown key `expext`"),
        ("{test: a, verdict: allowed, message: x}", "add `verdict: refused`, or use `expect`"),
        ("{test: a, verdict: refused, expect: {four-fifths: PASS}}", "remove `expect`"),
        ("{test: a, verdict: allowed}\n  - {test: a, verdict: blocked}", ":19:5: `a` is also at line 18"),
        ("{test: a, candidate: {risk: none}, verdict: allowed}", "that the good candidate does not have"),
        ("{test: a, candidate: [1], verdict: allowed}", "`candidate` must be a mapping"),
        ("{test: a, files: {x.csv: none}, verdict: allowed}", "has no such file"),
        ("{test: a, files: {../x.csv: a}, verdict: allowed}", "leads elsewhere"),
        ("{test: a, files: {/etc/x: a}, verdict: allowed}", "is not a plain path"),
        ("{test: a, files: {.git/config: a}, verdict: allowed}", "leads elsewhere"),
        ("{test: a, files: {predictions.csv/x: a}, verdict: allowed}", "that is itself a file"),
        ("{test: a, files: {x: {text: a, from: b}}, verdict: allowed}", "either `text` or `from`"),
        ("{test: a, files: {x: {from: ../../x}}, verdict: allowed}", "leads out of the repository"),
        ("{test: a, files: {x: {from: x}}, verdict: allowed}", "this file does not exist"),
        ("{test: a, files: {x: {from: link}}, verdict: allowed}", "leads out of the repository"),
        ('{test: a, files: {x: "${sha256:prediction.csv}"}, verdict: allowed}', "did you mean `predictions.csv`"),
        ('{test: a, files: {x: "${sha256:y}", y: "${sha256:x}"}, verdict: allowed}', "forms a circle: x -> y -> x"),
    ],
)  # fmt: skip
def test_a_wrong_test_is_refused_at_its_place(ran: Ran, tmp_path: Path, test: str, wanted: str) -> None:
    (tmp_path / "policies/link").symlink_to("/etc/passwd")
    code, said = ran(f"{GOOD}tests:\n  - {test}\n")
    assert code == 2
    assert said.startswith("policies/hiring.test.yaml:")
    assert wanted in said


@pytest.mark.parametrize(
    ("mutation", "wanted"),
    [
        ("{mutation: a, caught_by: four-fifths}", "`a` leaves the good candidate as it is"),
        ('{mutation: a, candidate: {positive: "1"}, caught_by: four-fifths}', "`a` leaves the good candidate as it is"),
        ("{mutation: a, candidate: {tags: x}}", "missing key `caught_by`"),
        ("{mutation: a, candidate: {tags: x}, caught_by: []}", "must be a list with at least one entry"),
        ("{mutation: a, candidate: {tags: x}, caught_by: x}", ":18:41: the tested policies have no rule `x`"),
    ],
)  # fmt: skip
def test_a_wrong_mutation_is_refused_at_its_place(ran: Ran, mutation: str, wanted: str) -> None:
    code, said = ran(f"{GOOD}mutations:\n  - {mutation}\n")
    assert code == 2
    assert said.startswith("policies/hiring.test.yaml:")
    assert wanted in said


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        ("in: prediction.csv, drop: sex", "is not one of the `files`, did you mean `predictions.csv`"),
        ("in: predictions.csv", "needs exactly one of set, drop"),
        ("in: predictions.csv, drop: sex, set: {sex: F}", "it has set and drop"),
        ("in: predictions.csv, drop: sx", "has no column `sx`, did you mean `sex`"),
        ("in: predictions.csv, drop: [sex, did_well, selected, people]", "would have no columns left"),
        ("in: predictions.csv, set: {sex: F}, where: {sex: X}", "0 rows have sex=X in `predictions.csv`"),
        ("in: predictions.csv, set: {sex: F}, where: {sex: M}, rows: 9", "3 rows have sex=M in"),
        ("in: predictions.csv, set: {sex: F}, where: {sex: F}", "leaves `predictions.csv` as it is"),
        ("in: predictions.csv, rename: {sex: people}", "would have two columns of one name"),
        ("in: predictions.csv, drop: sex, rows: 1", "which `drop` does not change"),
        ("in: predictions.csv, replace: {gone: x}", "does not contain `gone`"),
        ("in: predictions.csv, remove: columns", "must be one of rows"),
        ("in: card.md, drop: sex", "is not a CSV or TSV file"),
        ("in: odd.csv, drop: a", "row 1 of `odd.csv` has 1 value, and the table 2 columns"),
        ("in: twice.csv, drop: a", "has two columns `a`"),
        ("in: empty.csv, drop: a", "is empty, so it has no columns"),
    ],
)  # fmt: skip
def test_an_edit_that_cannot_be_made_is_refused(ran: Ran, edit: str, wanted: str) -> None:
    others = '  card.md: "# Card"\n  odd.csv: "a,b\\n1"\n  twice.csv: "a,a\\n1,1"\n  empty.csv: ""\n'
    code, said = ran(f"{GOOD}{others}mutations:\n  - {{mutation: a, edit: [{{{edit}}}], caught_by: four-fifths}}\n")
    assert code == 2
    assert wanted in said


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("{text: \"a,n\\n1,x\", repeat: n}", "`x` in the column `n` of `x.csv` is not a number of rows"),
        ("{text: \"a,n\\n1,-1\", repeat: n}", "`-1` in the column `n`"),
        ("{text: \"a,n\\n1,9999999\", repeat: n}", "counts 9,999,999 rows, and at most 1,000,000"),
        ("{text: \"a,n\\n1,1\", repeat: m}", "has no column `m`"),
        ("{text: \"a\\n1\", number: a}", "already has the column `a`"),
        ("{text: \"a\", repeat: a, numbr: b}", "unknown key `numbr`"),
    ],
)  # fmt: skip
def test_counts_that_stand_for_no_rows_are_refused(ran: Ran, file: str, wanted: str) -> None:
    code, said = ran(f"{GOOD}  x.csv: {file}\n{ALLOWED}")
    assert code == 2
    assert wanted in said


def test_nothing_to_run_is_an_error(ran: Ran, write: Callable[[str, str], None], capsys: Any) -> None:
    assert run(["test"]) == 2
    assert "`policies` matches no tests of policies (*.test.yaml)" in capsys.readouterr().err
    assert ran(GOOD + ALLOWED, "-k", "nothing of that name")[0] == 2
    write("alone.test.yaml", GOOD + ALLOWED)
    code, said = ran(GOOD + ALLOWED, "alone.test.yaml")
    assert code == 2
    assert "there is no policy `alone.yaml` beside this file" in said
    code, said = ran(GOOD + ALLOWED, "policies/hiring.yaml")
    assert code == 2
    assert "a file with tests of policies has a name such as `credit.test.yaml`" in said


def test_each_rule_of_several_policies_has_its_full_name(ran: Ran, write: Callable[[str, str], None]) -> None:
    write("policies/strict.yaml", POLICY.replace("policy: hiring", "policy: strict"))
    both = GOOD.replace("as_of", "policies: [hiring.yaml, strict.yaml]\nas_of", 1)
    code, said = ran(both + CAUGHT)
    assert code == 2
    assert "is a rule of several policies; write one of hiring:four-fifths, strict:four-fifths" in said
    full = CAUGHT.replace("good-enough", "[hiring:good-enough, strict:good-enough]")
    assert ran(both + full.replace("four-fifths", "[hiring:four-fifths, strict:four-fifths]"))[0] == 0


def test_the_day_is_that_of_the_test_else_of_the_file_else_of_the_command_line(
    ran: Ran, write: Callable[[str, str], None]
) -> None:
    write("policies/hiring.yaml", POLICY + "    enforce_from: 2026-12-15\n")
    late = CAUGHT.replace("caught_by: four-fifths", "as_of: 2026-12-15\n    caught_by: four-fifths")
    undated = GOOD.replace("as_of: 2026-11-30\n", "")
    assert ran(GOOD + CAUGHT)[0] == 1
    assert ran(GOOD + late)[0] == 0
    assert ran(GOOD + CAUGHT, "--as-of", "2026-12-15")[0] == 1
    assert ran(undated + CAUGHT, "--as-of", "2026-12-15")[0] == 0
    assert ran(undated + CAUGHT, "--as-of", "2026-12-14")[0] == 1


def test_tables_are_written_from_counts(ran: Ran) -> None:
    text = GOOD.replace(", count: people", ", id: person").replace(
        "  predictions.csv: |\n", "  predictions.csv:\n    repeat: people\n    number: person\n    text: |\n"
    )
    text = text.replace("\n    sex", "\n      sex").replace("\n    F", "\n      F").replace("\n    M", "\n      M")
    caught = CAUGHT.replace("{people: 50}", "{selected: 1}").replace("{people: 20}", "{selected: 0}")
    code, said = ran(f"{text}{ALLOWED}{caught}")
    assert code == 0, said


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        ("shuffle: selected", "good-enough"),
        ("rename: {sex: gender}", "four-fifths"),
        ("remove: rows, where: {sex: F, selected: 1}, rows: 80", "four-fifths"),
        ("set: {selected: \"\"}, rows: 1", "good-enough"),
        ("replace: {\"F,1,1\": \"F,0,1\"}", "good-enough"),
    ],
)  # fmt: skip
def test_each_edit_changes_the_rows(ran: Ran, edit: str, rule: str) -> None:
    text = GOOD.replace(", count: people", "").replace(
        "  predictions.csv: |\n", "  predictions.csv:\n    repeat: people\n    text: |\n"
    )
    text = text.replace("\n    sex", "\n      sex").replace("\n    F", "\n      F").replace("\n    M", "\n      M")
    mutation = f"mutations:\n  - mutation: a\n    edit: [{{in: predictions.csv, {edit}}}]\n    caught_by: {rule}\n"
    code, said = ran(text + mutation, "--allow-untested")
    assert code == 0, said


def test_rows_that_are_repeated_are_caught(ran: Ran, write: Callable[[str, str], None]) -> None:
    write(
        "policies/hiring.yaml",
        "mlgate: 1\npolicy: rows\nowner: o\n"
        "rules: [{id: no-row-twice, check: data.rows, table: train, duplicates: {}}]\n",
    )
    text = (
        'mlgate: 1\ncandidate: {tables: {train: {path: t.csv}}}\nfiles: {t.csv: "a,b\\n1,2\\n2,3\\n"}\n'
        "mutations:\n  - {mutation: a, edit: [{in: t.csv, repeat: rows, rows: 1}], caught_by: no-row-twice}\n"
    )
    assert ran(text)[0] == 0


def test_the_report_fails_where_the_run_does(ran: Ran, tmp_path: Path) -> None:
    for tests, code, failures in ((ALLOWED + CAUGHT, 0, "0"), (ALLOWED, 1, "2")):
        assert ran(GOOD + tests, "--report", "junit=out/tests.xml")[0] == code
        root = ElementTree.parse(tmp_path / "out/tests.xml").getroot()
        assert (root.get("failures"), root.get("errors")) == (failures, "0")
    case = root.find("testsuite[@name='policies/hiring.test.yaml']/testcase")
    assert case is not None
    assert (case.get("name"), case.get("file"), case.get("line")) == (
        "a good model is allowed", "policies/hiring.test.yaml", "18",
    )  # fmt: skip
    assert ran(GOOD + ALLOWED, "--allow-untested", "--report", "junit=-")[1].startswith("<?xml")
    assert ran(GOOD + ALLOWED, "--report", "markdown=x.md")[0] == 2
    assert ran(GOOD + "tests: []\n", "--report", "junit=out/tests.xml")[0] == 2
    assert not (tmp_path / "out/tests.xml").exists()


def test_no_server_and_no_folder_of_data_is_asked(ran: Ran, write: Callable[[str, str], None], tmp_path: Path) -> None:
    write("data/predictions.csv", "sex,did_well,selected,people\nF,1,1,100\nM,1,1,100\n")
    write("policies/hiring.yaml", f"{POLICY}roots: [{tmp_path / 'data'}]\n")
    path = f"{{predictions: {{path: {tmp_path / 'data/predictions.csv'}}}}}"
    code, said = ran(f"{GOOD}tests:\n  - {{test: a, candidate: {path}, verdict: allowed}}\n")
    assert code == 1
    assert "got blocked" in said


def test_a_digest_is_that_of_the_changed_file_or_of_the_good_one(ran: Ran, write: Callable[[str, str], None]) -> None:
    write(
        "policies/hiring.yaml",
        "mlgate: 1\npolicy: traced\nowner: o\nrules: [{id: true-record, check: lineage.verified}]\n",
    )
    text = """\
mlgate: 1
candidate: {model: {path: model.txt}, lineage: [{path: lineage.yaml}]}
files:
  model.txt: "weights"
  lineage.yaml: |
    mlgate: 1
    runs:
      - name: train
        outputs: [{path: model.txt, sha256: "${sha256:model.txt}", role: model}]
tests:
  - test: another model that was recorded
    edit: [{in: model.txt, replace: {weights: others}}]
    verdict: allowed
mutations:
  - mutation: a model that nobody recorded
    edit: [{in: model.txt, replace: {weights: others}}]
    keep_digests: true
    caught_by: true-record
"""
    code, said = ran(text)
    assert code == 0, said


def plain(node: Node) -> Any:
    """A tree as an editor sees it."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Scalar):
        return node.text if node.quoted or not node.text.isdecimal() else int(node.text)
    return [plain(item) for item in node.items]


def test_the_schema_accepts_what_is_read_and_refuses_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "tests"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    whole = plain(load((GOOD + ALLOWED + CAUGHT).encode(), "t"))
    assert [error.message for error in validator.iter_errors(whole)] == []
    removed = "    candidate: {tags: none, predictions: {count: none}}\n    files: {predictions.csv: none}\n"
    assert validator.is_valid(plain(load((GOOD + ALLOWED + removed).encode(), "t")))
    for wrong in (
        GOOD,
        GOOD + ALLOWED.replace("PASS", "PASSED"),
        GOOD + ALLOWED.replace("verdict: allowed", "verdict: yes"),
        GOOD + CAUGHT.replace("caught_by: four-fifths", "by: four-fifths"),
        GOOD.replace("task: binary", "taks: binary") + ALLOWED,
        GOOD + ALLOWED + "    candidate: {taks: binary}\n",
    ):
        assert not validator.is_valid(plain(load(wrong.encode(), "t"))), wrong


def test_code_can_be_that_of_a_commit(ran: Ran, write: Callable[[str, str], None]) -> None:
    write(
        "policies/hiring.yaml",
        "mlgate: 1\npolicy: traced\nowner: o\nrules: [{id: true-record, check: lineage.verified}]\n",
    )
    code, said = ran(
        COMMITTED
        + """\
tests:
  - test: a model whose code is committed
    verdict: allowed
    expect: {true-record: {status: PASS, message: commit}}
mutations:
  - mutation: code of a commit that nobody has
    edit: [{in: lineage.yaml, replace: {"${commit}": "0123456789012345678901234567890123456789"}}]
    caught_by: true-record
  - mutation: a model that was exchanged after the commit
    edit: [{in: model.txt, replace: {weights: others}}]
    keep_digests: true
    caught_by: true-record
"""
    )
    assert code == 0, said


def test_what_has_the_commit_in_it_has_no_digest_before(ran: Ran) -> None:
    digest = '  record.txt: "${sha256:lineage.yaml}"\n'
    code, said = ran(COMMITTED + digest + "tests: [{test: a, verdict: allowed}]\n")
    assert code == 2
    assert "`lineage.yaml` names the commit by `${commit}`, so that its digest is not known before" in said


@pytest.mark.parametrize("folder", ["policies", "."])
def test_a_function_beside_the_policy_is_found(
    write: Callable[[str, str], None], capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    write(f"{folder}/house.py", "def share(label, prediction):\n    return float((label == prediction).mean())\n")
    rule = POLICY[: POLICY.index("  - id: four")].replace("accuracy", "house:share")
    write(f"{folder}/own.yaml", f"{rule}    proof: estimate\n")
    write(
        f"{folder}/own.test.yaml",
        """\
mlgate: 1
candidate: {tags: hiring, task: binary, positive: "1", predictions: {path: p.csv, label: y, prediction: answer}}
files:
  p.csv: {repeat: n, text: "y,answer,n\\n1,1,90\\n0,0,90\\n"}
mutations:
  - {mutation: wrong answers, edit: [{in: p.csv, shuffle: answer}], caught_by: good-enough}
""",
    )
    assert run(["test", f"{folder}/own.test.yaml"]) == 0, "".join(capsys.readouterr())


def test_only_policies_of_the_repository_are_tested(ran: Ran, tmp_path: Path) -> None:
    code, said = ran(GOOD.replace("as_of", "policies: ../../outside.yaml\nas_of", 1) + ALLOWED)
    assert code == 2
    assert "outside.yaml, which is outside the repository" in said
