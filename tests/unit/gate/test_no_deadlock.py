"""A mistake on the base never blocks the change that repairs it, and no change slips past because of that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgate.cli.main import run
from support.change import CANDIDATE, POLICY, WAIVER, Change, rows, unjudged

GENERATED = {".gitignore": "rows.csv\n"}
REGISTER = """\
mlgate: 1
owner: risk@example.com
models:
  candidate.yaml: {name: c, tags: credit, task: binary, positive: "1", watch: [features/**, params.yaml]}
"""


def since(change: Change, *arguments: str) -> tuple[int, dict[str, Any]]:
    """What a change is judged to, held to `main` in both ways."""
    return change.judge(".", "--changed-from", "main", *arguments)


def said(found: dict[str, Any]) -> str:
    return " | ".join(entry["message"] for entry in found["unjudged"])


@pytest.fixture
def generated(change: Change) -> Change:
    """The predictions are not in git, as those that a pipeline writes."""
    change.write(GENERATED)
    change.git("rm", "-q", "--cached", "rows.csv")
    change.merge()
    return change


def test_a_wrong_bound_does_not_block_its_repair_even_where_predictions_are_generated(generated: Change) -> None:
    generated.write({"policies/p.yaml": POLICY.replace("0.9,", "0.99,")})
    generated.merge()
    assert since(generated)[0] == 1
    generated.edit("policies/p.yaml", "0.99,", "0.9,")
    code, found = since(generated)
    assert (code, unjudged(found)) == (0, {"c": "UNCHANGED"})
    assert "only what is demanded has changed since main (" in said(found)
    assert said(found).endswith("; for information: under the policies here, it would be allowed")
    run(["check", ".", "--changed-from", "main"])
    page = generated.capsys.readouterr().out
    assert "ALLOWED" not in page
    assert "for information: under the policies here" in " ".join(page.split())


def test_what_the_new_policies_would_say_is_told_and_decides_nothing(generated: Change) -> None:
    generated.edit("policies/p.yaml", "0.9,", "0.99,")
    code, found = since(generated)
    assert (code, found["verdicts"]) == (0, [])
    assert said(found).endswith("under the policies here, it would be blocked by p:accurate (FAIL)")
    (generated.folder / "rows.csv").unlink()
    code, found = since(generated)
    assert code == 0
    assert "it would be blocked by" in said(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", rows(20)),
        ("candidate.yaml", CANDIDATE + "version: 2\n"),
        ("train.py", "x = 1\n"),
        ("policies/helper.py", "x = 1\n"),
        ("lineage.yaml", "mlgate: 1\nruns: []\n"),
        ("CODEOWNERS", "* @somebody\n"),
    ],
)
def test_a_change_of_more_than_policies_is_judged(change: Change, name: str, text: str) -> None:
    change.edit("policies/p.yaml", "0.9,", "0.95,")
    change.write({name: text})
    code, found = since(change)
    if name in ("train.py", "policies/helper.py"):  # nothing that the candidate rests on, as far as git knows
        assert (code, unjudged(found)) == (0, {"c": "UNCHANGED"})
        assert "for information" not in said(found)
    else:
        assert (code, unjudged(found)) == (1, {})


def test_other_code_beside_a_policy_is_judged_where_predictions_are_generated(generated: Change) -> None:
    generated.edit("policies/p.yaml", "0.9,", "0.95,")
    generated.write({"train.py": "x = 1\n"})
    code, found = since(generated)
    assert (code, unjudged(found)) == (1, {})


def test_a_policy_file_that_a_candidate_names_is_an_input_of_it(generated: Change) -> None:
    generated.edit("candidate.yaml", "predictions:", "lineage: [{path: policies/p.yaml}]\npredictions:")
    generated.merge()
    generated.edit("policies/p.yaml", "0.9,", "0.95,")
    assert unjudged(since(generated)[1]) == {}


def test_a_waiver_that_ended_on_the_base_does_not_block_its_renewal(generated: Change) -> None:
    generated.write({"rows.csv": rows(15), "policies/p.yaml": POLICY + WAIVER})
    generated.merge()
    assert since(generated)[0] == 0
    day = ("--as-of", "2033-01-01")
    assert since(generated, *day)[0] == 1
    generated.edit("policies/p.yaml", "reason: r,", "reason: a second one,")
    assert since(generated, *day)[0] == 0


@pytest.mark.parametrize("wrong", ["9", "x"])
def test_a_policy_that_is_wrong_at_the_base_does_not_block_its_repair(generated: Change, wrong: str) -> None:
    generated.write({"policies/p.yaml": POLICY.replace("0.9,", f"{wrong},")})
    generated.merge()
    generated.write({"policies/p.yaml": POLICY})
    assert since(generated)[0] == 0
    generated.write({"candidate.yaml": CANDIDATE + "version: 2\n"})
    code, found = since(generated)
    assert code == 2
    assert found["refusals"][0]["problems"][0]["message"].endswith(
        "; merge its repair in a change of policies alone, with --changed-from"
    )


def test_a_change_of_policies_alone_cannot_uncover_a_candidate(generated: Change) -> None:
    generated.edit("policies/p.yaml", "{tags: credit}", "{tags: other}")
    assert since(generated)[0] == 1


def test_policies_that_are_gone_are_a_change_of_policies(generated: Change) -> None:
    other = POLICY.replace("policy: p", "policy: q")
    generated.write({"policies/q.yaml": other.replace("0.9,", "0.99,")})
    generated.merge()
    (generated.folder / "policies/q.yaml").unlink()
    assert since(generated)[0] == 0


def test_a_register_that_is_wrong_for_a_candidate_does_not_block_its_repair(generated: Change) -> None:
    generated.write({"models.yaml": REGISTER.replace("tags: credit", "tags: Credit")})
    generated.merge()
    assert since(generated)[0] == 1
    generated.write({"models.yaml": REGISTER})
    assert since(generated)[0] == 0


@pytest.fixture
def watching(change: Change) -> Change:
    """The candidate rests on further files, by the register."""
    change.write({"models.yaml": REGISTER, "features/deep/scale.py": "x = 1\n", "params.yaml": "rate: 1\n"})
    change.merge()
    return change


def test_what_is_watched_counts_as_a_change_of_the_candidate(watching: Change) -> None:
    assert unjudged(since(watching)[1]) == {"c": "UNCHANGED"}
    watching.write({"other.py": "x = 1\n"})
    assert unjudged(since(watching)[1]) == {"c": "UNCHANGED"}
    watching.write({"features/deep/scale.py": "x = 2\n"})
    assert unjudged(since(watching)[1]) == {}


@pytest.mark.parametrize("path", ["features/new.py", "params.yaml"])
def test_a_watched_file_that_is_new_or_gone_is_a_change(watching: Change, path: str) -> None:
    place = watching.folder / path
    if place.exists():
        place.unlink()
    else:
        watching.write({path: "x = 1\n"})
    assert unjudged(since(watching)[1]) == {}


def test_a_change_of_the_register_does_not_stop_the_watch_of_the_base(watching: Change) -> None:
    watching.edit("models.yaml", ", watch: [features/**, params.yaml]", "")
    watching.write({"features/deep/scale.py": "x = 2\n"})
    assert unjudged(since(watching)[1]) == {}


def test_a_watch_that_no_file_matches_counts_as_a_change(watching: Change) -> None:
    watching.edit("models.yaml", "features/**", "featurs/**")
    watching.merge()
    assert unjudged(since(watching)[1]) == {}


def test_a_candidate_that_is_not_registered_is_blocked_though_the_change_leaves_it_alone(watching: Change) -> None:
    watching.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(8)})
    watching.merge()
    code, found = since(watching)
    assert (code, unjudged(found)) == (1, {"c": "UNCHANGED"})
    assert "b/candidate.yaml is not in models.yaml" in json.dumps(found)


def test_a_file_that_is_gone_is_blocked_though_nothing_else_changed(watching: Change) -> None:
    watching.write({"b/candidate.yaml": CANDIDATE.replace("candidate: c", "candidate: b"), "b/rows.csv": rows(8)})
    watching.edit(
        "models.yaml",
        "models:\n",
        'models:\n  b/candidate.yaml: {name: b, tags: credit, task: binary, positive: "1"}\n',
    )
    watching.merge()
    assert since(watching)[0] == 0
    (watching.folder / "candidate.yaml").unlink()
    code, found = since(watching)
    assert (code, unjudged(found)) == (1, {"b": "UNCHANGED"})


def test_a_policy_that_calls_a_function_does_not_make_the_source_of_a_model_a_policy(generated: Change) -> None:
    generated.write({"train.py": "x = 1\n"})
    generated.merge()
    calling = POLICY.replace("policy: p", "policy: shared").replace("accuracy", "'train:f'")
    nobody = "mlgate: 1\npolicy: new\nowner: o\nfor: {name: nobody}\nextends: ../shared.yaml\n"
    generated.write({"train.py": "x = 2\n", "shared.yaml": calling, "policies/new.yaml": nobody, "rows.csv": rows(20)})
    code, found = since(generated)
    assert (code, unjudged(found)) == (1, {})


@pytest.mark.parametrize("place", ["config.yaml", "new.yaml"])
def test_a_policy_of_the_change_that_extends_a_file_does_not_make_an_input_of_training_a_policy(
    generated: Change, place: str
) -> None:
    generated.write({"config.yaml": "rate: 0.1\n"})
    generated.merge()
    shared = POLICY.replace("policy: p", "policy: shared")
    nobody = f"mlgate: 1\npolicy: new\nowner: o\nfor: {{name: nobody}}\nextends: ../{place}\n"
    generated.write({place: shared, "policies/new.yaml": nobody, "rows.csv": rows(20)})
    code, found = since(generated)
    assert (code, unjudged(found)) == (1, {})


def test_a_file_beside_the_policies_that_was_a_policy_before_is_a_change_of_policies(generated: Change) -> None:
    shared = POLICY.replace("policy: p", "policy: shared").replace("0.9,", "0.99,")
    generated.write(
        {"shared.yaml": shared, "policies/p.yaml": POLICY.partition("rules:")[0] + "extends: ../shared.yaml\n"}
    )
    generated.merge()
    assert since(generated)[0] == 1
    generated.edit("shared.yaml", "0.99,", "0.9,")
    assert since(generated)[0] == 0
