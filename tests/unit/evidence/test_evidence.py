"""Measuring: equal questions once, few statements, and a broken one hides no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.questions.table_schema import TableSchema
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.reach import Reach
from support.recording import Recording

G, H = Term("g", '"g"'), Term("h", '"h"')


@pytest.fixture
def evidence(tmp_path: Path):
    frame = pd.DataFrame({"g": ["a", "b"] * 5, "h": ["x"] * 10, "x": range(10), "y": [1.0] * 9 + [np.nan]})
    sources = {"t": FrameSource(frame), "gone": FileSource("gone.csv", tmp_path)}
    opened = OpenEvidence(Recording(threads=1), sources, Reach.of(tmp_path))
    yield opened
    opened.engine.close()


def test_cubes_are_one_scan_and_equal_questions_one(evidence) -> None:
    needs = [Counts("t", terms=terms) for terms in ((), (G,), (H,), (G, H), (G,))]
    evidence.measure(needs)
    scans = [sql for sql in evidence.engine.statements if "grouping sets" in sql]
    assert len(scans) == 1


def test_inputs_are_answered_first_and_handed_out(evidence) -> None:
    need = Moments("t", values=('"x"',), monomials=((1,),), by=(G,))
    facts = evidence.measure([need])
    assert set(facts) == {need, *need.inputs}


@pytest.mark.parametrize(
    "broken",
    [
        Counts("t", terms=(Term("no", '"no"'),)),
        Counts("t", '"no" > 1', terms=(G,)),
        Counts("t", terms=(Term("c", 'cast(cast("g" as integer) as varchar)'),)),
        Counts("gone", terms=(G,)),
        Counts("never named", terms=(G,)),
        Moments("t", values=('"y"',), monomials=((1,),)),
        Profile("t", raw='"no"', value='"no"'),
        Keys("t", ("no",)),
        Keys("t", ("g",), "gone", ("g",)),
        Digest("model", "no-such-file"),
        TableSchema("gone"),
    ],
)
def test_a_broken_question_hides_no_other(evidence, broken) -> None:
    good = [
        Counts("t", terms=(G,)),
        Counts("t"),
        Moments("t", values=('"x"',), monomials=((1,),)),
        Profile("t", raw='"x"', value='"x"'),
        Keys("t", ("x",)),
        TableSchema("t"),
    ]
    facts = evidence.measure([*good, broken])
    assert facts[good[0]].cells[0].n == 5
    assert all(facts[need] for need in good)
    with pytest.raises(EvidenceError) as raised:
        facts[broken]
    assert "\n" not in str(raised.value)


def test_crashes_are_the_machines(evidence) -> None:
    need, good = Moments("t", values=('"x"',), monomials=((1,),), parts=((),)), Counts("t")
    facts = evidence.measure([need, good])
    assert facts[good]
    with pytest.raises(MachineError, match="crashed: IndexError"):
        facts[need]


def test_names_are_compared_exactly(evidence) -> None:
    need = Counts("t", terms=(Term("G", '"G"'),))
    with pytest.raises(EvidenceError, match="no column `G` in t, did you mean `g`"):
        evidence.measure([need])[need]


def test_errors_show_no_values(evidence) -> None:
    need = Counts("t", terms=(Term("c", 'cast(cast("g" as integer) as varchar)'),))
    with pytest.raises(EvidenceError, match="Could not convert string a value to INT32"):
        evidence.measure([need])[need]


def test_too_little_memory_is_the_machines(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"s": random.random(400_000)})
    with open_evidence({"t": FrameSource(frame)}, tmp_path, threads=1, memory_limit="4MB") as evidence:
        need = Counts("t", terms=(Term("s", 'cast("s" as varchar)'),))
        with pytest.raises(MachineError, match="memory"):
            evidence.measure([need])[need]


def test_schemas(evidence) -> None:
    assert evidence.schema("t").columns == (("g", "text"), ("h", "text"), ("x", "integer"), ("y", "float"))
    with pytest.raises(EvidenceError, match=r"gone\.csv: no such file"):
        evidence.schema("gone")
    with pytest.raises(EvidenceError, match="there is no table `T`; the tables are: gone, t"):
        evidence.schema("T")


def test_progress_names_tables(evidence) -> None:
    said: list[str] = []
    evidence.measure([Counts("t", terms=(G,)), Counts("t"), Digest("m", "model.onnx")], said.append)
    assert said == ["counts of t: 2 questions", "digest model.onnx"], "what is waited for last is said last"
