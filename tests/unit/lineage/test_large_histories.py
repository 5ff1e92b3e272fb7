"""Histories with thousands of things: the same answers as by comparing all pairs, and no way without end."""

from __future__ import annotations

import hashlib
import random
import sys
from itertools import product
from pathlib import Path

import pytest

from mlgate.candidate.lineage_sources import LineageKeys
from mlgate.candidate.presented import Candidate, ModelFile
from mlgate.checks.lineage.consistent import LineageConsistent
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.sources import FileSource
from mlgate.lineage.assembled import composed
from mlgate.lineage.graph import (
    DATA,
    EVALUATION_DATA,
    MD5,
    MODEL,
    RUN,
    SHA256,
    TRAINING,
    LineageArrow,
    LineageGraph,
    LineageNode,
    Pin,
    recorded,
)
from mlgate.lineage.recomputed import recomputed
from mlgate.values.estimate import Claim, Unanswered
from mlgate.values.reach import Reach

ROOT = LineageNode("file:m", "m", (MODEL,), "m")


def data_answer(training: list[LineageNode], evaluation: list[LineageNode]) -> str:
    nodes = [LineageNode("run", "run", (RUN,)), *training, *evaluation]
    arrows = [LineageArrow("file:m", "run"), *(LineageArrow("run", node.id) for node in (*training, *evaluation))]
    graph = LineageGraph("file:m", (ROOT, *nodes), tuple(arrows), sources=("x",))
    model = ModelFile(FileSource("m", Path()))
    subject = Subject(Candidate(name="x", model=model, declared={LineageKeys: LineageKeys()}))
    answers = LineageConsistent().answers(subject, Facts({lineage_of(subject): graph}), ())
    (found,) = (
        each for each in answers if isinstance(each, Claim | Unanswered) and each.where == (("question", "data"),)
    )
    return "unknown" if isinstance(found, Unanswered) else "differ" if found.met else "alike"


def by_all_pairs(training: list[LineageNode], evaluation: list[LineageNode]) -> str:
    pairs = [(set(one.pins), set(other.pins), one, other) for one, other in product(training, evaluation)]
    if any(
        one & other or a.path.startswith(f"{b.path}/") or b.path.startswith(f"{a.path}/") for one, other, a, b in pairs
    ):
        return "alike"
    known = all({pin.kind for pin in one} & {pin.kind for pin in other} for one, other, _, _ in pairs)
    return "differ" if known else "unknown"


def some(chance: random.Random, role: str, number: int) -> list[LineageNode]:
    found = []
    for at in range(number):
        path = "/".join([role[-2:], *(chance.choice("abcd") for _ in range(chance.randint(1, 3)))])
        path = path[3:] if chance.random() < 0.3 else path
        kinds = chance.choice([(SHA256,), (MD5,), (SHA256, MD5), (SHA256, MD5)])
        pins = tuple(Pin(kind, f"{chance.randint(0, 99):064}"[-64 if kind == SHA256 else -32 :]) for kind in kinds)
        found.append(LineageNode(f"{role}{at}", path, (role,), path, pins))
    return found


def test_data_are_compared_as_if_all_pairs_were() -> None:
    chance = random.Random(5)
    seen = set()
    for _ in range(300):
        training = some(chance, TRAINING, chance.randint(1, 4))
        evaluation = some(chance, EVALUATION_DATA, chance.randint(1, 4))
        expected = by_all_pairs(training, evaluation)
        assert data_answer(training, evaluation) == expected, (training, evaluation)
        seen.add(expected)
    assert seen == {"alike", "unknown", "differ"}


@pytest.mark.parametrize("steps", [3, 2000])
def test_a_long_way_is_drawn_without_its_middle(steps: int) -> None:
    items: list[LineageNode | LineageArrow] = [ROOT]
    made = "file:m"
    for at in range(steps):
        items += [LineageNode(f"r{at}", f"run {at}", (RUN,)), LineageArrow(made, f"r{at}")]
        items += [LineageNode(f"f{at}", f"f{at}", (DATA,), f"f{at}"), LineageArrow(f"r{at}", f"f{at}")]
        made = f"f{at}"
    graph = composed(ROOT, [recorded(items)], ())
    way = graph.way_to(graph.by_id[made])
    assert way.startswith("m <- run 0 <- f0 <- run 1")
    assert way.endswith(f"run {steps - 1} <- f{steps - 1}")
    assert way.count(" <- ") == (2 * steps if steps == 3 else 20)
    assert ("(3981 more)" in way) == (steps == 2000)


def test_a_thing_that_many_describe_is_one_thing_with_all_that_they_say() -> None:
    nodes = [LineageNode("f", "f", (DATA,), "f", (Pin(MD5, f"{at % 2:032}"),), (), (f"{at}",)) for at in range(3000)]
    graph = composed(ROOT, [recorded(nodes)], ())
    (joined,) = (node for node in graph.nodes if node.path == "f")
    assert joined.pins == (Pin(MD5, f"{0:032}"), Pin(MD5, f"{1:032}"))
    assert joined.said_in == tuple(str(at) for at in range(3000))


OPENED: list[str] = []
COUNTING = [False]
sys.addaudithook(lambda event, given: OPENED.append(str(given[0])) if COUNTING[0] and event == "open" else None)


def opened(folder: Path, role: str, kinds: tuple[str, ...]) -> int:
    """How often a file of data is opened to be recomputed."""
    digests = {SHA256: hashlib.sha256(b"x\n").hexdigest(), MD5: hashlib.md5(b"x\n", usedforsecurity=False).hexdigest()}
    pins = tuple(Pin(kind, digests[kind]) for kind in kinds)
    node = LineageNode("file:d", "d", (role,), "d", pins)
    graph = LineageGraph("file:m", (ROOT, node), (LineageArrow("file:m", "file:d"),))
    OPENED.clear()
    COUNTING[0] = True
    try:
        found = recomputed(graph, Reach.of(folder))
    finally:
        COUNTING[0] = False
    assert found.by_id["file:d"].state == "verified"
    return sum(path == str(folder / "d") for path in OPENED)


def test_a_file_is_read_once_for_all_its_digests(tmp_path: Path) -> None:
    for name in "dm":
        (tmp_path / name).write_text("x\n")
    alone = opened(tmp_path, DATA, (MD5,))
    assert alone > 0
    assert opened(tmp_path, DATA, (SHA256, MD5)) == alone
    assert opened(tmp_path, EVALUATION_DATA, (MD5,)) == alone
