"""Draws new counts as if the observed shares were true. Cubes of counts about the same rows are drawn together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlgate.evidence.questions.counts import Cell as CubeCell
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Term
from mlgate.values.errors import EvidenceError, MachineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

Measure = Callable[[Iterable[Counts]], Facts]
YES, NO = "true", "false"


@dataclass(frozen=True)
class Member:
    """One cube that is computed from the joint cube: its cells in order, and for every joint cell its place in them."""

    need: Counts
    values: tuple[Group, ...]
    places: Ints
    """-1 for a joint cell whose rows the cube does not count."""


@dataclass(frozen=True)
class Joint:
    """The joint counts from which several cubes of one table can be computed."""

    counts: Ints
    members: tuple[Member, ...]

    def draw(self, random: np.random.RandomState) -> dict[Counts, CountsFact]:
        """Draw as many rows again. Returns what each cube would be."""
        import numpy as np

        drawn = random.multinomial(int(self.counts.sum()), self.counts / self.counts.sum())
        found = {}
        for member in self.members:
            inside = member.places >= 0
            sums = np.bincount(member.places[inside], weights=drawn[inside], minlength=len(member.values))
            cells = (CubeCell(values, int(n)) for values, n in zip(member.values, sums) if n)
            found[member.need] = CountsFact(tuple(cells))
        return found


@dataclass(frozen=True)
class Cubes:
    """Everything that is drawn again, and notes for the reader."""

    joints: tuple[Joint, ...]
    notes: tuple[str, ...] = field(default=())

    def draw(self, random: np.random.RandomState) -> dict[Counts, CountsFact]:
        """Draw again. Returns what every cube would be."""
        return {need: fact for joint in self.joints for need, fact in joint.draw(random).items()}


def cubes_of(needs: Iterable[Counts], facts: Facts, measure: Measure) -> Cubes:
    """The joint counts of some cubes. They are measured first if several cubes are about one table.

    If they have too many cells to count, each cube is drawn by itself, and a note says so.
    """
    together: dict[tuple[str, str], list[Counts]] = {}
    for need in dict.fromkeys(needs):
        together.setdefault((need.table, need.count), []).append(need)
    joints = {key: joint_need(members) for key, members in together.items()}
    asked = measure([joint for joint in joints.values() if joint not in facts])
    known = Facts({**facts.answers, **asked.answers})
    found: list[Joint] = []
    notes: list[str] = []
    for key, members in together.items():
        try:
            fact = known[joints[key]]
        except EvidenceError as refused:
            found += [_joint(need, facts[need], [need], facts) for need in members]
            notes.append(
                f"the {len(members)} tables of counts of {key[0]} were drawn independently, because together they have "
                f"too many cells ({refused})"
            )
            continue
        found.append(_joint(joints[key], fact, members, facts))
    tables = dict.fromkeys(table for table, _ in together)
    if len(tables) > 1:
        notes.append(f"rules about different tables ({', '.join(tables)}) were drawn independently")
    return Cubes(tuple(found), tuple(notes))


def joint_need(needs: Sequence[Counts]) -> Counts:
    """The question whose cells add up to the cells of several questions about one table."""
    wheres = {need.where for need in needs}
    common = next(iter(wheres)) if len(wheres) == 1 else ""
    terms = dict.fromkeys(term.sql for need in needs for term in need.terms)
    flags = dict.fromkeys(_flag(need.where) for need in needs if need.where != common)
    named = tuple(Term(f"t{at}", sql) for at, sql in enumerate((*terms, *flags)))
    return needs[0] if len(needs) == 1 else Counts(needs[0].table, common, needs[0].count, named)


def _flag(where: str) -> str:
    return f"case when ({where}) then '{YES}' else '{NO}' end"


def _joint(asked: Counts, fact: CountsFact, needs: Sequence[Counts], facts: Facts) -> Joint:
    import numpy as np

    at = {term.sql: place for place, term in enumerate(asked.terms)}
    members = tuple(_member(need, asked, fact, facts[need], at) for need in needs)
    return Joint(np.array([cell.n for cell in fact.cells], dtype=np.int64), members)


def _member(need: Counts, asked: Counts, joint: CountsFact, own: CountsFact, at: Mapping[str, int]) -> Member:
    import numpy as np

    order = {cell.values: place for place, cell in enumerate(own.cells)}
    columns = [at[term.sql] for term in need.terms]
    flag = None if need.where == asked.where else at[_flag(need.where)]
    places = np.array(
        [
            order.get(tuple(cell.values[column] for column in columns), -1)
            if flag is None or cell.values[flag] == YES
            else -1
            for cell in joint.cells
        ],
        dtype=np.int64,
    )
    inside = places >= 0
    counts = np.array([cell.n for cell in joint.cells], dtype=np.int64)
    sums = np.bincount(places[inside], weights=counts[inside], minlength=len(order))
    if sums.tolist() != [cell.n for cell in own.cells]:
        raise MachineError(
            f"the joint counts of {need.table} do not add up to its single counts; this is a bug in mlgate, please "
            "report it"
        )
    return Member(need, tuple(order), places)
