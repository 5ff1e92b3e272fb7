"""The file of known failures is read strictly: each mistake has its place, and none is read as excusing something."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.policy.known_failures import load_known, of_no_rule, read_known, widened, with_known
from mlgate.policy.load import load_policies
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError

ENTRY = (
    "{candidate: c, rule: 'p:r', measured: recall, value: 0.6, n: 100, owner: ann@example.com, reason: RISK-7, "
    "recorded: 2026-11-01, expires: 2026-12-01}"
)


def problem(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_known(text.encode(), "known.yaml")
    return str(caught.value)


def entries(*texts: str) -> str:
    return "mlgate: 1\nknown_failures:\n" + "".join(f"  - {text}\n" for text in texts)


def test_a_file_is_read_with_places_and_its_digest() -> None:
    found = read_known(entries(ENTRY).encode(), "known.yaml")
    (entry,) = found.entries
    assert (entry.candidate, entry.rule, float(entry.value or 0), entry.n) == ("c", "p:r", 0.6, 100)
    assert (entry.at.file, entry.at.line) == ("known.yaml", 3)
    assert len(found.input.sha256) == 64


def test_a_file_may_have_shrunk_to_nothing() -> None:
    assert read_known(b"mlgate: 1\nknown_failures: []\n", "known.yaml").entries == ()


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("'p:r'", "r", "`rule` must be the full name of a rule; write `policy:rule`"),
        ("'p:r'", "'p:expects'", "what a policy fixes in `expects` cannot be a known failure"),
        (", n: 100", "", "a `value` without `measured` and `n` cannot be compared"),
        ("measured: recall, ", "", "a `value` without `measured` and `n` cannot be compared"),
        ("value: 0.6", "said: no", "`measured` and `n` belong to a `value`"),
        ("value: 0.6", "value: 0.6, said: no", "it needs either `value`, `measured` and `n`, or `said`"),
        ("measured: recall, value: 0.6, n: 100, ", "", "it needs either `value`, `measured` and `n`, or `said`"),
        ("value: 0.6", "value: .nan", "value"),
        ("n: 100", "n: -1", "n"),
        ("ann@example.com", "TODO", "`owner` is `TODO`, which says nothing; write who repairs it"),
        ("RISK-7", "tbd", "`reason` is `tbd`, which says nothing"),
        ("2026-12-01", "2026-11-01", "it expires on 2026-11-01, which is not after `recorded`"),
        ("2026-12-01", "2027-11-01", "180 days after `recorded` is 2027-04-30; write an earlier day"),
        ("reason", "resaon", "unknown key `resaon`"),
        ("2026-12-01", "soon", "a date YYYY-MM-DD"),
    ],
)
def test_a_mistake_is_named_at_its_line(was: str, now: str, said: str) -> None:
    message = problem(entries(ENTRY.replace(was, now)))
    assert said in message
    assert "known.yaml:3" in message


def test_the_same_finding_twice_is_a_mistake() -> None:
    assert "is listed twice for `c`: at line 3 and again at line 4" in problem(
        entries(ENTRY, ENTRY.replace("0.6", "0.5"))
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1\n",
        "mlgate: 2\nknown_failures: []\n",
        "mlgate: 1\n",
        "mlgate: 1\nknown_failures: {}\n",
        "a: &b 1\n",
        "\0",
    ],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    assert "known.yaml" in problem(text)


def test_a_link_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.yaml").write_text(entries(ENTRY))
    (tmp_path / "top" / ".git").mkdir(parents=True)
    (tmp_path / "top" / "known.yaml").symlink_to(tmp_path / "out.yaml")
    with pytest.raises(InputError):
        load_known(tmp_path / "top" / "known.yaml", workspace=tmp_path / "top")


def test_an_entry_of_an_unknown_rule_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\n"
        "rules:\n  - {id: recall, check: performance.metric, metric: recall, at_least: 0.7}\n"
    )
    policies = load_policies([policy], workspace=tmp_path)
    known = read_known(entries(ENTRY.replace("p:r", "p:recal"), ENTRY.replace("p:r", "q:r")).encode(), "known.yaml")
    assert list(of_no_rule(policies, known)) == [
        "the known failure at known.yaml:3 is of the unknown rule `p:recal`, did you mean `p:recall`?",
        "the known failure at known.yaml:4 is of the unknown rule `q:r`; remove it",
    ]
    (given,) = with_known(policies, known)
    assert [entry.rule for entry in given.known] == ["p:recal"]


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ("value: 0.6", "value: 0.5", "value"),
        ("value: 0.6", "value: 0.65", None),
        ("n: 100", "n: 90", "n"),
        ("n: 100", "n: 110", None),
        ("2026-12-01", "2026-12-02", "expires"),
        ("2026-12-01", "2026-11-30", None),
        ("2026-11-01", "2026-10-31", "recorded"),
        ("RISK-7", "RISK-8", None),
    ],
)
def test_only_what_excuses_more_is_wider(was: str, now: str, key: str | None) -> None:
    (before,), (after,) = (read_known(entries(text).encode(), "k").entries for text in (ENTRY, ENTRY.replace(was, now)))
    found = [name for name, _, _ in widened(before, after, Demand(at_least=before.value and before.value + 1))]
    assert found == ([key] if key else [])


def test_another_value_is_wider_where_its_demand_is_not_known() -> None:
    (before,), (after,) = (
        read_known(entries(text).encode(), "k").entries for text in (ENTRY, ENTRY.replace("0.6", "0.65"))
    )
    assert [name for name, _, _ in widened(before, after, Demand())] == ["value"]
