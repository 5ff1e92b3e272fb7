"""Counts drawn anew: cubes of one table go together, and what cannot be counted together is said."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.planning.draws import cubes_of, joint_need
from mlgate.values.errors import EvidenceError, MachineError

Y, P, G = (Term(name, f'"{name}"') for name in "ypg")
BY_G = Counts("t", terms=(G, Y))
ONLY_A = Counts("t", "\"g\" = 'a'", terms=(P, Y))
JOINT = joint_need([BY_G, ONLY_A])
ROWS = {("a", "1", "1"): 30, ("a", "1", "0"): 10, ("b", "0", "0"): 25, ("b", "1", "1"): 35}
"""Rows by g, y and p."""


def fact(cells: dict[tuple[str, ...], int]) -> CountsFact:
    return CountsFact(tuple(Cell(values, n) for values, n in sorted(cells.items()) if n))


def summed(key: Iterable[int], only: str = "") -> CountsFact:
    at, cells = tuple(key), {}
    for values, n in ROWS.items():
        if values[0] == (only or values[0]):
            short = tuple(values[place] for place in at)
            cells[short] = cells.get(short, 0) + n
    return fact(cells)


OWN: dict[Need, CountsFact] = {BY_G: summed((0, 1)), ONLY_A: summed((2, 1), "a")}
WHOLE = fact({(g, y, p, "true" if g == "a" else "false"): n for (g, y, p), n in ROWS.items()})


def measured(needs: Iterable[Need]) -> Facts:
    return Facts(dict.fromkeys(needs, WHOLE))


def refused(needs: Iterable[Need]) -> Facts:
    return Facts({need: EvidenceError("more than 100000 combinations") for need in needs})


def test_the_joint_question_has_every_expression_once_and_a_flag_for_each_where() -> None:
    assert [term.sql for term in JOINT.terms] == [
        '"g"', '"y"', '"p"', "case when (\"g\" = 'a') then 'true' else 'false' end",
    ]  # fmt: skip
    assert (JOINT.where, JOINT.count) == ("", "")
    same = Counts("t", ONLY_A.where, terms=(G,))
    assert joint_need([ONLY_A, same]) == Counts(
        "t", ONLY_A.where, terms=(Term("t0", '"p"'), Term("t1", '"y"'), Term("t2", '"g"'))
    )
    assert joint_need([BY_G]) == BY_G


def test_cubes_that_are_drawn_together_agree_on_their_rows() -> None:
    cubes = cubes_of([BY_G, ONLY_A], Facts(OWN), measured)
    random = np.random.RandomState(0)
    for _ in range(50):
        drawn = cubes.draw(random)
        assert sum(cell.n for cell in drawn[BY_G].cells) == 100
        of_a = sum(cell.n for cell in drawn[BY_G].cells if cell.values[0] == "a")
        assert sum(cell.n for cell in drawn[ONLY_A].cells) == of_a
        assert all(cell.n > 0 for cell in drawn[BY_G].cells)
    assert cubes.notes == ()


def test_draws_are_the_observed_counts_on_average() -> None:
    cubes = cubes_of([BY_G], Facts(OWN), measured)
    random = np.random.RandomState(1)
    total: dict[tuple[str | None, ...], int] = {}
    for _ in range(2000):
        for cell in cubes.draw(random)[BY_G].cells:
            total[cell.values] = total.get(cell.values, 0) + cell.n
    assert {key: n / 2000 for key, n in total.items()} == pytest.approx(
        {cell.values: cell.n for cell in OWN[BY_G].cells}, abs=0.5
    )


def test_cubes_with_too_many_cells_together_are_drawn_alone_and_a_note_says_so() -> None:
    cubes = cubes_of([BY_G, ONLY_A], Facts(OWN), refused)
    drawn = cubes.draw(np.random.RandomState(0))
    assert sum(cell.n for cell in drawn[ONLY_A].cells) == 40
    assert "drawn independently" in cubes.notes[0]
    assert "more than 100000 combinations" in cubes.notes[0]


def test_joint_counts_that_do_not_add_up_are_a_bug_and_no_plan() -> None:
    wrong = Facts({**OWN, BY_G: fact({("a", "1"): 41, ("b", "0"): 25, ("b", "1"): 35})})
    with pytest.raises(MachineError, match="do not add up"):
        cubes_of([BY_G, ONLY_A], wrong, measured)


def test_tables_are_drawn_apart_and_a_note_says_so() -> None:
    other = Counts("u", terms=(Y,))
    cubes = cubes_of([BY_G, other], Facts({**OWN, other: fact({("1",): 7})}), measured)
    assert cubes.notes == ("rules about different tables (t, u) were drawn independently",)
