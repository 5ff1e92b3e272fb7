"""Who somebody is by the names that sources give."""

from __future__ import annotations

import pytest

from mlgate.lineage.approvals import Person, distinct_people

SAME = [
    ("Alice A <alice@example.com>", "alice@example.com"),
    ("Alice A <alice@example.com>", "ALICE@EXAMPLE.COM"),
    ("Alice A <alice@example.com>", "Alice  a <other@example.com>"),
    ("@alice", "7+alice@users.noreply.github.com"),
    ("@alice", "Alice <alice@users.noreply.github.com>"),
    ("alice", "alice@example.com"),
    ("@alice", "alice@example.com"),
    ("al\u200bice@example.com", "alice@example.com"),
    ("\uff41lice@example.com", "alice@example.com"),
]
DIFFERENT = [
    ("Alice A <alice@example.com>", "Alice B <alice@example.org>"),
    ("alice@example.com", "bob@example.com"),
    ("@alice", "@bob"),
    ("alice", "alice.b@example.com"),
    ("Alice", "@bob"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_person_has_several_names(one: str, other: str) -> None:
    assert Person(one).may_be(Person(other))
    assert Person(other).may_be(Person(one))
    assert distinct_people([one, other]) == (one,)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_people_stay_two(one: str, other: str) -> None:
    assert not Person(one).may_be(Person(other))
    assert distinct_people([one, other]) == (one, other)


def test_a_list_names_a_person_exactly() -> None:
    alice = Person("Alice A <alice@example.com>")
    assert alice.listed_in(["bob@example.com", "Alice@Example.com"])
    assert alice.listed_in(["alice a"])
    assert Person("12+alice@users.noreply.github.com").listed_in(["@alice"])
    for listed in ("alice", "@alice", "alice@example.org", "example.com", ""):
        assert not alice.listed_in([listed]), listed
