"""`waivers.yaml` has waivers for the policies of its folder and below, and an owner of its own."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.policy.load import load_policies
from mlgate.values.errors import InputError

POLICY = "mlgate: 1\npolicy: {}\nowner: o@example.com\nrules: [{{id: r, check: performance.metric, metric: recall, at_least: 0.7}}]\n"
HEAD = "mlgate: 1\nowner: risk@example.com\nwaivers:\n"
ENTRY = "  - {rule: p:r, for: c, not_below: 0.6, reason: RISK-7, granted: 2026-01-01, expires: 2026-02-01}\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Writes files of a workspace with the policy `p` in `policies/`."""
    monkeypatch.chdir(tmp_path)

    def files(texts: dict[str, str]) -> None:
        for name, text in {"policies/p.yaml": POLICY.format("p"), **texts}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    return files


Write = Callable[[dict[str, str]], None]


def problems(*paths: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_policies([Path(path) for path in paths or ("policies",)], workspace=Path())
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("path", ["policies", "policies/p.yaml", "policies/*.yaml"])
@pytest.mark.parametrize("place", ["policies/waivers.yaml", "waivers.yaml"])
def test_a_policy_reads_the_nearest_file_however_it_is_named(write: Write, path: str, place: str) -> None:
    write({place: HEAD + ENTRY})
    (policy,) = load_policies([Path(path)], workspace=Path())
    (waiver,) = policy.waivers
    assert (waiver.rule, waiver.owner, waiver.expires) == ("r", "risk@example.com", date(2026, 2, 1))
    assert str(waiver.at) == f"{place}:4:5"
    assert place in [entry.path for entry in policy.inputs]


def test_a_waiver_may_have_its_own_owner(write: Write) -> None:
    write({"policies/waivers.yaml": HEAD + ENTRY.replace("for: c", "for: c, owner: ann@example.com")})
    assert load_policies([Path("policies")], workspace=Path())[0].waivers[0].owner == "ann@example.com"


def test_the_policys_own_waivers_count_beside_those_of_the_file(write: Write) -> None:
    own = POLICY.format("p") + "waivers:\n" + ENTRY.replace("p:r, for: c", "r, owner: o, for: d")
    write({"policies/p.yaml": own, "policies/waivers.yaml": HEAD + ENTRY})
    (policy,) = load_policies([Path("policies")], workspace=Path())
    assert [(waiver.at.file, *waiver.applies_to.name) for waiver in policy.waivers] == [
        ("policies/p.yaml", "d"),
        ("policies/waivers.yaml", "c"),
    ]


def test_one_waiver_in_both_places_is_one_too_many(write: Write) -> None:
    own = POLICY.format("p") + "waivers:\n" + ENTRY.replace("p:r", "r, owner: o")
    write({"policies/p.yaml": own, "policies/waivers.yaml": HEAD + ENTRY})
    (problem,) = problems()
    twice = "at policies/p.yaml:6 and again at policies/waivers.yaml:4; keep one"
    assert problem == f"policies/waivers.yaml:4:5: rule `r` is waived twice: {twice}"


def test_a_waiver_is_for_one_policy_alone(write: Write) -> None:
    write({"policies/q.yaml": POLICY.format("q"), "policies/waivers.yaml": HEAD + ENTRY})
    found = load_policies([Path("policies")], workspace=Path())
    assert {policy.name: len(policy.waivers) for policy in found} == {"p": 1, "q": 0}


def test_a_policy_that_extends_another_does_not_inherit_its_waivers(write: Write) -> None:
    extending = "mlgate: 1\npolicy: q\nowner: o@example.com\nextends: p.yaml\n"
    write({"policies/q.yaml": extending, "policies/waivers.yaml": HEAD + ENTRY})
    found = load_policies([Path("policies/q.yaml")], workspace=Path())
    assert found[0].waivers == ()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (ENTRY.replace("p:r", "r"), "waiver for `r`, which names no policy; write `policy:rule`"),
        (ENTRY.replace("p:r", "policy:r"), "waiver for `policy:r`, but no policy `policy` reads this file; name one in this folder or a folder below it"),
        (ENTRY.replace("p:r", "P:r"), "waiver for `P:r`, but no policy `P` reads this file, did you mean `p`?"),
        (ENTRY.replace("p:r", "p:s"), "waiver for the unknown rule `s`; name a rule of this policy"),
        (ENTRY.replace("p:r", "'p:'"), "waiver for the unknown rule ``; name a rule of this policy"),
        (ENTRY.replace("for: c, ", ""), "waiver for rule `r` does not say which candidates it is for, and its policy may judge several; add `for: NAME`"),
        (ENTRY.replace("2026-02-01", "2026-04-02"), "waiver for rule `r` lasts 91 days, more than `max_waiver_days` (90); write a last day until 2026-04-01"),
        (ENTRY.replace("RISK-7", "TODO"), "waiver for rule `r`: `reason` is `TODO`, which says nothing; write why it is granted"),
        (ENTRY.replace("not_below: 0.6", "not_below: 0.8"), "waiver for rule `r`: not_below 0.8 is not weaker than the rule's 0.7; lower it"),
        (ENTRY.replace("reason: RISK-7, ", ""), "missing key `reason` in `waivers`; it must be a text"),
        (ENTRY.replace("reason", "rason"), "unknown key `rason` in `waivers`, did you mean `reason`?"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_line(write: Write, entry: str, said: str) -> None:
    write({"policies/waivers.yaml": HEAD + entry})
    (problem,) = problems()
    assert problem.startswith("policies/waivers.yaml:4:")
    assert problem.endswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("- a\n", "must be a mapping with the keys mlgate, owner, waivers"),
        ("mlgate: 2\nowner: a\n", "2"),
        ("mlgate: 1\nwaivers: []\n", "missing key `owner`"),
        ("mlgate: 1\nowner: TBD\n", "`owner` is `TBD`, which says nothing; write who is responsible for this file"),
        ("mlgate: 1\nowner: a\nwaivers: {p: 1}\n", "must be a list"),
        ("mlgate: 1\nowner: a\nowner: b\n", "owner"),
        ("mlgate: 1\nowner: a\npolicy: p\n", "unknown key `policy`"),
    ],
)
def test_a_wrong_file_is_an_error_of_its_own(write: Write, text: str, said: str) -> None:
    write({"policies/waivers.yaml": text})
    found = problems()
    assert all(each.startswith("policies/waivers.yaml:") for each in found)
    assert any(said in each for each in found)


def test_a_file_without_waivers_waives_nothing(write: Write) -> None:
    write({"policies/waivers.yaml": "mlgate: 1\nowner: risk@example.com\n"})
    assert load_policies([Path("policies")], workspace=Path())[0].waivers == ()


def test_entries_of_other_policies_do_not_disturb_one_that_is_named_alone(write: Write) -> None:
    write({"policies/waivers.yaml": HEAD + ENTRY.replace("p:r", "q:r")})
    assert load_policies([Path("policies/p.yaml")], workspace=Path())[0].waivers == ()
    assert "no policy `q` reads this file" in problems("policies")[0]


def test_entries_for_a_folder_with_a_file_of_its_own_are_named(write: Write) -> None:
    nearer = {"policies/eu/q.yaml": POLICY.format("q"), "policies/eu/waivers.yaml": HEAD}
    write(
        {
            "policies/waivers.yaml": HEAD + ENTRY.replace("p:r", "q:r"),
            **nearer,
            "policies/eu/waivers.yaml": HEAD + ENTRY,
        }
    )
    assert [each.partition(": ")[0] for each in problems()] == [
        "policies/eu/waivers.yaml:4:5",
        "policies/waivers.yaml:4:5",
    ]


def test_a_link_out_of_the_workspace_is_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "outer.yaml").write_text(HEAD + ENTRY)
    inner = tmp_path / "inner"
    (inner / "policies").mkdir(parents=True)
    (inner / "policies/p.yaml").write_text(POLICY.format("p"))
    (inner / "policies/waivers.yaml").symlink_to(tmp_path / "outer.yaml")
    with pytest.raises(InputError, match=r"waivers\.yaml"):
        load_policies([inner / "policies"], workspace=inner)
    with pytest.raises(InputError, match=r"waivers\.yaml"):
        load_policies([inner / "policies/p.yaml"], workspace=inner)


def test_a_link_that_leads_nowhere_is_a_mistake(write: Write, tmp_path: Path) -> None:
    write({"waivers.yaml": HEAD + ENTRY})
    (tmp_path / "policies/waivers.yaml").symlink_to("gone.yaml")
    assert problems("policies/p.yaml") == ["policies/waivers.yaml:1:1: this file does not exist; correct the path"]


@pytest.mark.parametrize("name", ["waivers.yml", "Waivers.yaml"])
def test_a_file_of_another_name_says_how_to_call_it(write: Write, name: str) -> None:
    write({f"policies/{name}": HEAD})
    with pytest.raises(InputError, match=f"`{name}` is not a valid name .*; rename it to `waivers.yaml`"):
        load_policies([Path("policies")], workspace=Path())


def test_a_folder_of_waivers_alone_has_no_policy(write: Write) -> None:
    write({"more/waivers.yaml": HEAD, "more/owner.yaml": "mlgate: 1\nowner: a\n"})
    with pytest.raises(InputError, match=r"`more` matches only .*owner\.yaml.* and .*waivers\.yaml.* and no policy"):
        load_policies([Path("more")], workspace=Path())


@pytest.mark.parametrize(
    ("days", "extended", "lasts", "said"),
    [
        ("", "", 90, ""),
        ("", "", 91, "lasts 91 days, more than `max_waiver_days` (90)"),
        ("max_waiver_days: 30\n", "", 31, "lasts 31 days, more than `max_waiver_days` at policies/p.yaml:4 (30)"),
        ("max_waiver_days: 365\n", "", 365, ""),
        ("max_waiver_days: 365\n", "max_waiver_days: 14\n", 15, "more than `max_waiver_days` at policies/base.yaml:4 (14)"),
        ("max_waiver_days: 14\n", "max_waiver_days: 365\n", 15, "more than `max_waiver_days` at policies/p.yaml:4 (14)"),
        ("max_waiver_days: 0\n", "", 1, "`max_waiver_days`"),
        ("max_waiver_days: forever\n", "", 1, "`max_waiver_days`"),
    ],
)  # fmt: skip
def test_a_policy_says_how_long_a_waiver_may_be(write: Write, days: str, extended: str, lasts: int, said: str) -> None:
    last = date.fromordinal(date(2026, 1, 1).toordinal() + lasts)
    waivers = "extends: base.yaml\nwaivers:\n" + ENTRY.replace("p:r", "r, owner: o").replace("2026-02-01", str(last))
    base = POLICY.format("base").replace("rules", f"{extended}rules")
    write({"policies/p.yaml": f"mlgate: 1\npolicy: p\nowner: o\n{days}{waivers}", "policies/base.yaml": base})
    if said:
        assert said in problems()[0]
    else:
        assert load_policies([Path("policies")], workspace=Path())[1].waivers[0].expires == last


def test_lint_says_how_many_waivers_a_file_has(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policies/waivers.yaml": HEAD + ENTRY})
    assert run(["lint"]) == 0
    assert "policies/p.yaml: 1 waiver from policies/waivers.yaml\n" in capsys.readouterr().out
