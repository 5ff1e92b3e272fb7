"""The smallest policy is one line of demand: an owner for a folder, and rules that need no id."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.policy.load import load_policies
from mlgate.values.errors import InputError

HEAD = "mlgate: 1\npolicy: p\n"
RULES = "rules: [{check: performance.metric, metric: accuracy, at_least: 0.85}]\n"
OWNER = "mlgate: 1\nowner: risk@example.com\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def files(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".yaml").write_text(text)

    return files


@pytest.mark.parametrize(
    ("texts", "owner", "where"),
    [
        ({"policies__p": HEAD + "owner: own\n" + RULES, "policies__owner": OWNER}, "own", "policies/p.yaml:3:1"),
        ({"policies__p": HEAD + RULES, "policies__owner": OWNER}, "risk@example.com", "policies/owner.yaml:2:1"),
        ({"policies__eu__p": HEAD + RULES, "policies__owner": OWNER}, "risk@example.com", "policies/owner.yaml:2:1"),
        (
            {
                "policies__eu__p": HEAD + RULES,
                "policies__owner": OWNER,
                "policies__eu__owner": "mlgate: 1\nowner: eu\n",
            },
            "eu",
            "policies/eu/owner.yaml:2:1",
        ),
    ],
)
def test_the_nearest_owner_is_the_owner(
    write: Callable[..., None], texts: dict[str, str], owner: str, where: str
) -> None:
    write(**texts)
    (policy,) = load_policies([Path("policies")], workspace=Path())
    assert (policy.owner, str(policy.owner_at)) == (owner, where)
    assert [entry.path for entry in policy.inputs if entry.path.endswith("owner.yaml")] == (
        [where.partition(":")[0]] if "owner.yaml" in where else []
    )


@pytest.mark.parametrize("path", ["policies", "policies/*.yaml", "policies/p.yaml"])
def test_the_file_that_names_the_owner_is_not_a_policy(write: Callable[..., None], path: str) -> None:
    write(policies__p=HEAD + RULES, policies__owner=OWNER)
    assert [policy.name for policy in load_policies([Path(path)], workspace=Path())] == ["p"]


def test_the_file_that_names_the_owner_cannot_be_all_that_is_named(write: Callable[..., None]) -> None:
    write(policies__owner=OWNER)
    with pytest.raises(InputError, match=r"matches only `owner\.yaml`, .*, and no policy; name a policy"):
        load_policies([Path("policies/owner.yaml")], workspace=Path())
    with pytest.raises(InputError, match=r"`policies` matches only `owner.yaml`"):
        load_policies([Path("policies")], workspace=Path())


def test_an_owner_outside_the_workspace_owns_nothing(write: Callable[..., None], tmp_path: Path) -> None:
    write(owner=OWNER, inner__policies__p=HEAD + RULES)
    with pytest.raises(InputError, match="missing key `owner`"):
        load_policies([Path("inner/policies")], workspace=tmp_path / "inner")


def test_an_owner_around_another_checkout_owns_nothing_in_it(write: Callable[..., None], tmp_path: Path) -> None:
    write(owner=OWNER, base__policies__p=HEAD + RULES)
    (policy,) = load_policies([Path("base/policies")], workspace=Path())
    assert str(policy.owner_at) == "owner.yaml:2:1"
    (tmp_path / "base" / ".git").mkdir()
    with pytest.raises(InputError, match="missing key `owner`"):
        load_policies([Path("base/policies")], workspace=Path())
    write(base__owner="mlgate: 1\nowner: base\n")
    (policy,) = load_policies([Path("base/policies")], workspace=Path())
    assert (policy.owner, str(policy.owner_at)) == ("base", "base/owner.yaml:2:1")


def test_a_path_that_leads_to_an_owner_alone_is_not_left_out_in_silence(write: Callable[..., None]) -> None:
    write(policies__p=HEAD + RULES, policies__owner=OWNER, more__owner=OWNER)
    with pytest.raises(InputError, match=r"`more/\*.yaml` matches only `owner.yaml`"):
        load_policies([Path("policies"), Path("more/*.yaml")], workspace=Path())


@pytest.mark.parametrize("name", ["owner.yml", "OWNER.yaml"])
def test_an_owner_file_of_another_name_says_how_to_call_it(
    write: Callable[..., None], tmp_path: Path, name: str
) -> None:
    write(policies__p=HEAD + RULES)
    (tmp_path / "policies" / name).write_text(OWNER)
    with pytest.raises(InputError, match=f"`{name}` is not a valid name .*; rename it to `owner.yaml`"):
        load_policies([Path("policies")], workspace=Path())


@pytest.mark.parametrize("text", ["", "- a\n", "mlgate: 1\nowners: a\n", "mlgate: 2\nowner: a\n"])
def test_an_owner_file_with_a_mistake_is_not_said_to_be_missing(write: Callable[..., None], text: str) -> None:
    write(policies__p=HEAD + RULES, policies__owner=text, owner=OWNER)
    with pytest.raises(InputError) as caught:
        load_policies([Path("policies")], workspace=Path())
    assert {problem.at.file for problem in caught.value.problems if problem.at} == {"policies/owner.yaml"}


def test_a_link_to_an_owner_that_leads_nowhere_is_a_mistake(write: Callable[..., None], tmp_path: Path) -> None:
    write(policies__p=HEAD + RULES, owner=OWNER)
    (tmp_path / "policies" / "owner.yaml").symlink_to("gone.yaml")
    with pytest.raises(InputError, match=r"policies/owner.yaml:1:1: this file does not exist"):
        load_policies([Path("policies")], workspace=Path())


def test_lint_says_where_an_owner_comes_from(write: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    write(policies__p=HEAD + RULES, policies__owner=OWNER)
    assert run(["lint"]) == 0
    assert "policies/p.yaml: owned by risk@example.com, from policies/owner.yaml:2\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("{check: performance.metric, metric: recall, by: sex, at_least: 0.5}", "performance.metric-recall-by-sex"),
        ("{check: performance.metric, metric: recall, by: [sex, age], at_least: 0.5}", "performance.metric-recall-by-sex-age"),
        ("{check: performance.metric, metric: recall, by: [[sex, age], a b], at_least: 0.5}",
         "performance.metric-recall-by-sex.age-a_b"),
        ("{check: fairness.four_fifths, by: sex, at_least: 0.8}", "fairness.four_fifths-by-sex"),
        ("{check: performance.metric, metric: 'sklearn.metrics:recall_score', at_least: 0.5}",
         "performance.metric-sklearn.metrics_recall_score"),
        ("{id: mine, check: performance.metric, metric: recall, at_least: 0.5}", "mine"),
    ],
)  # fmt: skip
def test_a_rule_without_an_id_is_called_by_what_it_demands(write: Callable[..., None], rule: str, name: str) -> None:
    write(policies__p=f"{HEAD}owner: o\nrules: [{rule}]\n")
    (policy,) = load_policies([Path("policies")], workspace=Path())
    assert [rule.id for rule in policy.rules] == [name]


def test_a_name_that_is_too_long_asks_for_an_id(write: Callable[..., None]) -> None:
    rule = f"{{check: performance.metric, metric: recall, by: {'c' * 90}, at_least: 0.5}}"
    write(policies__p=f"{HEAD}owner: o\nrules: [{rule}]\n")
    with pytest.raises(InputError, match="has a name that is too long; give the rule a shorter `id`"):
        load_policies([Path("policies")], workspace=Path())


def test_a_rule_without_an_id_is_the_extended_one_that_asks_the_same_and_may_not_be_looser(
    write: Callable[..., None],
) -> None:
    base = {"policies__a": HEAD.replace("p\n", "a\n") + RULES, "policies__owner": OWNER}
    write(**base, policies__p=HEAD + "extends: a.yaml\n" + RULES.replace("0.85", "0.9"))
    (policy,) = load_policies([Path("policies/p.yaml")], workspace=Path())
    assert [rule.demand.at_least_text for rule in policy.rules] == ["0.9"]
    write(**base, policies__p=HEAD + "extends: a.yaml\n" + RULES.replace("0.85", "0.8"))
    with pytest.raises(InputError, match=r"loosens `at_least` of the extended rule at policies/a.yaml:3, from 0.85"):
        load_policies([Path("policies/p.yaml")], workspace=Path())


def test_a_candidate_file_is_no_policy(write: Callable[..., None]) -> None:
    write(policies__p="mlgate: 1\ncandidate: c\ntask: binary\n")
    with pytest.raises(
        InputError, match=r"^policies/p\.yaml:2:1: this is a candidate file, and a policy is required"
    ) as caught:
        load_policies([Path("policies")], workspace=Path())
    assert len(caught.value.problems) == 1
