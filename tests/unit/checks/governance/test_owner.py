"""`governance.owner`: each change of one name fails the finding that is about it, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome

NAMED: dict[str, Any] = {
    "owner": "credit@example.com",
    "responsible": {"approves": "Risk@Example.com", "watches": "mlops", "fixes": ["Ann <ann@example.org>", "mlops"]},
}
KNOWN = "known: [credit@example.com, risk@example.com, mlops, '@example.org'], independent: true"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a\n1\n")
    return tmp_path


def judged(keys: str = KNOWN, **named: Any) -> Outcome:
    rule = f"{{id: somebody, check: governance.owner{keys and ', '}{keys}}}"
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {rule}\n")
    (outcome,) = mlgate.check(policy="gate.yaml", tables={"t": Path("t.csv")}, **named).outcomes
    return outcome


def failing(outcome: Outcome) -> dict[str, str]:
    """The message of each duty that nobody has."""
    return {dict(found.where)["duty"]: found.message for found in outcome.findings if found.status.value != "PASS"}


def test_who_is_known_passes(here: Path) -> None:
    outcome = judged(**NAMED)
    assert outcome.status.value == "PASS", outcome.message
    assert [found.message for found in outcome.findings][-1] == "Ann <ann@example.org>, mlops fixes the model"


CHANGES = {
    "no owner": ({"owner": None}, "owns", "nobody owns the model; name a person or team in `owner`"),
    "an owner to be found": ({"owner": "TBD"}, "owns", '`TBD` owns the model, which is nobody (owner="TBD")'),
    "an owner in words": ({"owner": "to be determined"}, "owns", "which is nobody"),
    "an owner nobody sees": ({"owner": "un\u200bknown"}, "owns", "which is nobody"),
    "a template's owner": ({"owner": "[your team]"}, "owns", "which is nobody"),
    "an owner of dashes": ({"owner": "--"}, "owns", "which is nobody"),
    "a stranger": ({"owner": "cedit@example.com"}, "owns", "is not in `known` of the policy"),
    "another domain": ({"owner": "credit@example.com.evil.io"}, "owns", "is not in `known`"),
    "two addresses": ({"owner": "x@evil.io@example.org"}, "owns", "is not in `known`"),
    "a domain alone": ({"owner": "@example.org"}, "owns", "is not in `known`"),
    "two in one text": ({"owner": "credit@example.com, mlops"}, "owns", "is not in `known`"),
    "nobody watches": ({"watches": None}, "watches", "name a person or team in `responsible.watches`"),
    "one of two is nobody": ({"fixes": ["mlops", "n/a"]}, "fixes", "`n/a` fixes the model, which is nobody"),
    "nobody approves": ({"approves": None}, "approves", "nobody approves the model"),
    "the owner approves": ({"approves": "Boss <CREDIT@example.com>"}, "approves", "the model and also owns it"),
    "who fixes it approves": ({"approves": ["risk@example.com", "mlops"]}, "approves", "and also fixes it"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_fails_one_duty(here: Path, what: str) -> None:
    change, duty, said = CHANGES[what]
    named: dict[str, Any] = {"owner": NAMED["owner"], "responsible": dict(NAMED["responsible"])}
    for key, value in change.items():
        of = named if key == "owner" else named["responsible"]
        of.update({key: value}) if value is not None else of.pop(key)
    found = failing(judged(**named))
    assert found.keys() == {duty}
    assert said in found[duty]


def test_without_any_name_all_duties_fail(here: Path) -> None:
    assert failing(judged("")).keys() == {"owns", "approves", "watches", "fixes"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("known: [unknown]", "names `unknown`, which is nobody"),
        ("known: ['@']", "names `@`, which is nobody"),
        ("duties: [owns], independent: true", "add `approves` to `duties`"),
        ("duties: [own]", "did you mean `owns`?"),
        ("duties: []", "at least one entry"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(here: Path, keys: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        judged(keys, **NAMED)


@pytest.mark.parametrize(
    "responsible", [{}, {"owns": "x"}, {"approves": ""}, {"approves": []}, {"approves": {"a": "b"}}, "x", ["x"], 3]
)
def test_a_candidate_that_names_nobody_is_refused(here: Path, responsible: Any) -> None:
    with pytest.raises(InputError):
        judged(**{**NAMED, "responsible": responsible})


def test_without_a_list_everybody_with_a_name_is_somebody(here: Path) -> None:
    assert judged("", **NAMED).status.value == "PASS"


def test_messages_say_where_the_name_stands_and_what_to_do(here: Path) -> None:
    assert failing(judged(**{**NAMED, "owner": "credt@example.com"}))["owns"] == (
        '`credt@example.com` owns the model and is not in `known` of the policy (owner="credt@example.com"), '
        "did you mean `credit@example.com`?"
    )
    assert failing(judged(**{**NAMED, "owner": "Zoe"}))["owns"].endswith(
        ' (owner="Zoe"); name one of them, or let the policy\'s owner add it'
    )
    Path("candidate.yaml").write_text(
        "mlgate: 1\ncandidate: c\nowner: risk@example.com\nresponsible:\n  approves: risk@example.com\n"
        "  watches: mlops\n  fixes: mlops\ntables: {t: {path: t.csv}}\n"
    )
    verdict = mlgate.check(policy="gate.yaml", candidate="candidate.yaml")
    assert failing(verdict.outcomes[0]) == {
        "approves": "`risk@example.com` approves the model and also owns it, so let somebody else approve it "
        "(candidate.yaml:5 (approves: risk@example.com))"
    }
