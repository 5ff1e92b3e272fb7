"""Facts travel as JSON: every need and fact comes back as it was, and nothing else is read."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.evidence import questions
from mlgate.evidence.codec import decode_facts, encode_facts
from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.profile import BrokenRows
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.json_text import parse

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Fraction, st.fractions())

pairs = st.sampled_from(list(by_name().values())).flatmap(
    lambda need: st.tuples(st.from_type(need), st.from_type(need.fact) | st.builds(EvidenceError, st.text()))
)


def written(found: Facts) -> str:
    """The facts as text."""
    return json.dumps(encode_facts(found))


def read(text: str) -> Facts:
    """The facts of a text."""
    return decode_facts(parse(text))


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, Exception):
        return type(first) is type(second) and str(first) == str(second)
    return bool(first == second) and repr(first) == repr(second)


@given(st.lists(pairs, max_size=4))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_facts_come_back_as_they_were(entries: list[tuple[Need, Any]]) -> None:
    found = Facts(dict(entries))
    back = read(written(found))
    assert set(back) == set(found)
    assert all(_same(back.answers[need], answer) for need, answer in found.answers.items())
    assert written(back) == written(Facts(dict(reversed(entries)) | dict(entries)))


def test_every_question_has_a_name_of_its_own_and_its_fact() -> None:
    declared = {
        of
        for module in pkgutil.iter_modules(questions.__path__, f"{questions.__name__}.")
        for of in vars(importlib.import_module(module.name)).values()
        if isinstance(of, type) and issubclass(of, Need) and of.__dict__.get("name")
    }
    # How many rows break what a statement rests on is the engine's own question, and rows at fault are never stored.
    never_stored = {BrokenRows, ExampleRows}
    assert {of for of in declared if of.fact is None} == never_stored
    assert declared - never_stored == set(by_name().values())


def test_errors_keep_their_kind() -> None:
    found = Facts({Counts("t"): EvidenceError("no column"), Counts("u"): MachineError("no disk")})
    back = read(written(found))
    with pytest.raises(EvidenceError, match="no column"):
        back[Counts("t")]
    with pytest.raises(MachineError, match="no disk"):
        back[Counts("u")]


GOOD = written(Facts({Counts("t", terms=(Term("g", '"g"'),)): CountsFact((Cell(("a",), 3, Fraction(1, 2)),))}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"n": 3', '"n": 3.5', r"facts[0].answer.fact.cells[0].n: 3.5 is not a whole number"),
        ('"n": 3', '"n": true', "n: true is not a whole number"),
        ('"n": 3', '"n": NaN', "NaN is not a number"),
        ('"n": 3', '"n": 3, "n": 4', "the key 'n' is repeated"),
        ('"n": 3', '"m": 3', "unknown key 'm'"),
        ('"1/2"', '"2/4"', "not a fraction in lowest terms"),
        ('"1/2"', '"1/0"', "not a fraction in lowest terms"),
        ('"1/2"', "0.5", "not a fraction in lowest terms"),
        ('"where": ""', '"where": null', "need.where: null is not text"),
        ('"counts"', '"tallies"', "facts[0].need: not a question of this version"),
        ('"counts"', "[]", "facts[0].need: not a question of this version"),
        ('"fact"', '"truth"', "facts[0].answer: neither a fact, nor an error with its message"),
        ('"fact":', '"error": "evidence", "message":', "answer.message: "),
        ('"fact":', '"error": [], "message":', "neither a fact"),
        ('"answer"', '"reply"', "facts[0]: not a need with its answer"),
        ("[{", "[3, {", "facts[0]: not a need with its answer"),
        ("}]", "}, 3]", "not"),
        ("}", "", "delimiter"),
    ],
)
def test_anything_else_is_refused(old: str, new: str, said: str) -> None:
    assert read(GOOD)
    with pytest.raises(ValueError, match=re.escape(said)):
        read(GOOD.replace(old, new, 1))


def test_a_need_is_answered_once() -> None:
    with pytest.raises(ValueError, match=re.escape("facts[1]: a second answer")):
        decode_facts(json.loads(GOOD) * 2)


def test_what_the_engine_asks_for_itself_does_not_travel() -> None:
    with pytest.raises(ValueError, match="not a question"):
        read(GOOD.replace('"counts"', '"broken-rows"'))
