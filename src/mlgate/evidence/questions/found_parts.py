"""Found parts: how many texts have a part that matches a pattern and passes a test of what the part says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, source, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts

PART = "$part"
"""The place of the part in SQL about it."""


@dataclass(frozen=True)
class FoundFact:
    """Rows with a text, those of them with a part that matches, and those whose part passes the test too."""

    values: int
    alike: int
    found: int


@dataclass(frozen=True)
class FoundParts(TableNeed):
    """How many texts have a part that matches. Of several parts, the first is tested."""

    name = "found-parts"
    most = 20  # with more expressions in one scan, each takes several times as long
    fact = FoundFact
    text: str = ""
    """SQL for the text; NULL where there is none."""
    pattern: str = ""
    """A regular expression (RE2) whose first group is the part."""
    read: str = PART
    """SQL for what the part says, with PART for the part: without its blanks, for example."""
    test: str = ""
    """A condition on that, with PART for it; empty if all pass."""
    sign: str = ""
    """A simpler expression that every text with a part matches somewhere, to pass over the others quickly; or empty."""

    def impossible(self, fact: FoundFact) -> str:
        """Numbers that are not counts, or more found than there are."""
        return not_counts(fact.values, fact.alike, fact.found, fact.values - fact.alike, fact.alike - fact.found)

    @property
    def together(self) -> object:
        """All patterns in one table share a statement."""
        return self.table, self.where, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[FoundParts], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan. Each step is a select of its own, so that nothing is searched twice."""
    count = needs[0].count
    texts = {text: f"x{at}" for at, text in enumerate(dict.fromkeys(need.text for need in needs))}
    signs = {sign: f"s{at}" for at, sign in enumerate(dict.fromkeys((n.text, n.sign) for n in needs if n.sign))}
    held = list(texts.values())
    steps = [
        [f"{frequency(count)} as c", *(f"{text} as {name}" for text, name in texts.items())],
        ["c", *held, *(f"{_part(texts[text], sign)} <> '' as {name}" for (text, sign), name in signs.items())],
        ["c", *held, *(f"{_found(need, texts, signs)} as p{at}" for at, need in enumerate(needs))],
        [
            "c",
            *held,
            *(f"case when p{at} <> '' then {_about(n.read, f'p{at}')} end as r{at}" for at, n in enumerate(needs)),
        ],
        ["c", *held, *(_flags(at, need.test) for at, need in enumerate(needs))],
    ]
    relation = source(relation, needs[0].where)
    for step in steps:
        relation = f"(select {', '.join(step)} from {relation})"
    counted = [
        tally(count, kept)
        for at, need in enumerate(needs)
        for kept in (f"{texts[need.text]} is not null", f"a{at}", f"f{at}")
    ]
    (row,) = engine.query(f"select {', '.join(counted)} from {relation}")
    return {need: FoundFact(*map(int, row[3 * at : 3 * at + 3])) for at, need in enumerate(needs)}


def _found(need: FoundParts, texts: Mapping[str, str], signs: Mapping[tuple[str, str], str]) -> str:
    part = _part(texts[need.text], need.pattern)
    return f"case when {signs[need.text, need.sign]} then {part} end" if need.sign else part


def _part(text: str, pattern: str) -> str:
    return f"found_in({text}, {literal(pattern)})"


def _about(sql: str, name: str) -> str:
    return sql.replace(PART, name)


def _flags(at: int, test: str) -> str:
    alike = f"r{at} is not null"
    passed = f"case when {alike} then coalesce({_about(test, f'r{at}')}, false) else false end" if test else alike
    return f"{alike} as a{at}, {passed} as f{at}"
