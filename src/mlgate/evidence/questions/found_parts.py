"""Found parts: how many texts have a part that matches a pattern and passes a test of what the part says."""

from __future__ import annotations

from collections.abc import Sequence
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
    most = 100
    fact = FoundFact
    text: str = ""
    """SQL for the text; NULL where there is none."""
    pattern: str = ""
    """A regular expression (RE2) whose first group is the part."""
    read: str = PART
    """SQL for what the part says, with PART for the part: without its blanks, for example."""
    test: str = ""
    """A condition on that, with PART for it; empty if all pass."""

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
    """Answer all in one scan. Each step is a select of its own, so that no pattern is searched twice."""
    count, texts = needs[0].count, {text: f"x{at}" for at, text in enumerate(dict.fromkeys(n.text for n in needs))}
    names = [texts[need.text] for need in needs]
    once = list(texts.values())
    steps = [
        [f"{frequency(count)} as c", *(f"{text} as {name}" for text, name in texts.items())],
        [
            "c",
            *once,
            *(f"found_in({x}, {literal(n.pattern)}) as p{i}" for i, (n, x) in enumerate(_pairs(needs, names))),
        ],
        [
            "c",
            *once,
            *(f"case when p{i} <> '' then {_about(n.read, f'p{i}')} end as r{i}" for i, n in enumerate(needs)),
        ],
        ["c", *once, *(_flags(i, need.test) for i, need in enumerate(needs))],
    ]
    relation = source(relation, needs[0].where)
    for step in steps:
        relation = f"(select {', '.join(step)} from {relation})"
    counted = [tally(count, held) for i, name in enumerate(names) for held in (f"{name} is not null", f"a{i}", f"f{i}")]
    (row,) = engine.query(f"select {', '.join(counted)} from {relation}")
    return {need: FoundFact(*map(int, row[3 * i : 3 * i + 3])) for i, need in enumerate(needs)}


def _pairs(needs: Sequence[FoundParts], names: Sequence[str]) -> list[tuple[FoundParts, str]]:
    return list(zip(needs, names, strict=True))


def _about(sql: str, name: str) -> str:
    return sql.replace(PART, name)


def _flags(at: int, test: str) -> str:
    alike = f"r{at} is not null"
    passed = f"case when {alike} then coalesce({_about(test, f'r{at}')}, false) else false end" if test else alike
    return f"{alike} as a{at}, {passed} as f{at}"
