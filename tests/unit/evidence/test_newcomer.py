"""A question that somebody adds is one file: nothing else names it but the check that asks it, and its facts travel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlgate.evidence.codec import decode_facts, encode_facts
from mlgate.evidence.engine import Engine
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.need import Answers, Need, OpenTables, Statement, TableNeed
from mlgate.evidence.questions.profile import finite
from mlgate.evidence.sources import FrameSource
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class LongestText:
    """How many characters the longest line of a file has."""

    characters: int


@dataclass(frozen=True)
class LongestLine(Need):
    """A question to a file."""

    name = "test-longest-line"
    fact = LongestText
    path: str

    def answer(self, tables: OpenTables) -> LongestText:
        """The longest line."""
        lines = (tables.reach.workspace / self.path).read_text().split("\n")
        return LongestText(max(map(len, lines)))


@dataclass(frozen=True)
class GreatestFact:
    """The greatest value."""

    value: float


@dataclass(frozen=True)
class Greatest(TableNeed):
    """A question to rows, which rests on a condition."""

    name = "test-greatest"
    fact = GreatestFact
    value: str = ""

    @property
    def together(self) -> object:
        """All of the same rows are one statement."""
        return self.table, self.where

    @property
    def conditions(self) -> tuple[Need, ...]:
        """Every value is finite."""
        return finite(self, self.value)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return greatest


def greatest(engine: Engine, relation: str, needs: Sequence[Greatest], answers: Answers) -> Mapping[Need, Any]:
    """Answer all in one scan."""
    (row,) = engine.query(f"select {', '.join(f'max({need.value})' for need in needs)} from {relation}")
    return {need: GreatestFact(float(value)) for need, value in zip(needs, row, strict=True)}


def test_a_new_question_is_asked_and_its_facts_travel(tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("one\nthree")
    frame = pd.DataFrame({"a": [1.0, 3.0], "b": [5.0, 2.0], "c": [1.0, None]})
    needs = [LongestLine("card.md"), *(Greatest("t", value=f'"{name}"') for name in "abc")]
    said: list[str] = []
    with open_evidence({"t": FrameSource(frame)}, tmp_path, threads=1) as evidence:
        facts = evidence.measure(needs, said.append)
    assert [facts[need] for need in needs[:3]] == [LongestText(5), GreatestFact(3.0), GreatestFact(5.0)]
    with pytest.raises(EvidenceError, match="column `c`: 1 row has no finite number"):
        facts[needs[3]]
    assert "test-greatest of t: 2 questions" in said
    own = [LongestLine, Greatest]
    back = decode_facts(json.loads(json.dumps(encode_facts(facts, own))), own)
    assert {need: back[need] for need in needs[:3]} == {need: facts[need] for need in needs[:3]}
