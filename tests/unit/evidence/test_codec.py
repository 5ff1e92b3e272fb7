"""Facts travel as JSON: every need and fact comes back as it was, and nothing else is read."""

from __future__ import annotations

import importlib
import json
import pkgutil
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.evidence import questions
from mlgate.evidence.codec import decode_need, encode_need, facts_from_json, facts_to_json
from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.profile import BrokenRows
from mlgate.values.errors import EvidenceError, InputError, MachineError

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Fraction, st.fractions())

pairs = st.sampled_from(list(by_name().values())).flatmap(
    lambda need: st.tuples(st.from_type(need), st.from_type(need.fact) | st.builds(EvidenceError, st.text()))
)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, Exception):
        return type(first) is type(second) and str(first) == str(second)
    return bool(first == second) and repr(first) == repr(second)


@given(st.lists(pairs, max_size=4))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_facts_come_back_as_they_were(entries: list[tuple[Need, Any]]) -> None:
    found = Facts(dict(entries))
    back = facts_from_json(facts_to_json(found))
    assert set(back) == set(found)
    assert all(_same(back.answers[need], answer) for need, answer in found.answers.items())
    assert facts_to_json(back) == facts_to_json(Facts(dict(reversed(entries)) | dict(entries)))


def test_every_question_has_a_name_of_its_own_and_its_fact() -> None:
    declared = {
        of
        for module in pkgutil.iter_modules(questions.__path__, f"{questions.__name__}.")
        for of in vars(importlib.import_module(module.name)).values()
        if isinstance(of, type) and issubclass(of, Need) and of.__dict__.get("name")
    }
    # How many rows break what a statement rests on is the engine's own question.
    assert {of for of in declared if of.fact is None} == {BrokenRows}
    assert declared - {BrokenRows} == set(by_name().values())


def test_needs_alone() -> None:
    need = Counts("t", terms=(Term("g", '"g"'),))
    assert decode_need(json.loads(json.dumps(encode_need(need)))) == need


def test_errors_keep_their_kind() -> None:
    found = Facts({Counts("t"): EvidenceError("no column"), Counts("u"): MachineError("no disk")})
    back = facts_from_json(facts_to_json(found))
    with pytest.raises(EvidenceError, match="no column"):
        back[Counts("t")]
    with pytest.raises(MachineError, match="no disk"):
        back[Counts("u")]


GOOD = facts_to_json(Facts({Counts("t"): CountsFact((Cell((), 3, Fraction(1, 2)),))}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mlgate": 1', '"mlgate": 2'),
        ('"n": 3', '"n": 3.5'),
        ('"n": 3', '"n": true'),
        ('"n": 3', '"n": NaN'),
        ('"n": 3', '"n": 3, "n": 4'),
        ('"n": 3', '"m": 3'),
        ('"1/2"', '"2/4"'),
        ('"1/2"', '"1/0"'),
        ('"1/2"', "0.5"),
        ('"counts"', '"tallies"'),
        ('"fact"', '"truth"'),
        ('"facts": [', '"facts": [3, '),
        ("}", ""),
    ],
)
def test_anything_else_is_refused(old: str, new: str) -> None:
    assert facts_from_json(GOOD)
    assert old in GOOD
    with pytest.raises(InputError, match="no facts of `mlgate measure`"):
        facts_from_json(GOOD.replace(old, new, 1))
