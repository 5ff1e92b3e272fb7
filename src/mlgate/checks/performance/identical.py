"""Whether a champion gives the candidate's own answers: then a comparison shows nothing about an earlier model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from mlgate.candidate.derivation import section_of
from mlgate.candidate.roles import is_answer
from mlgate.checks.champions import Champion
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.digest import DigestFact
from mlgate.evidence.questions.earlier_verdict import EarlierVerdictFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.rows import Rows
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate

REMEDY = (
    "present the earlier model's own answers, or write `identical: allow` in the rule if an unchanged model may pass"
)
_OF_NUMBERS = ("regression", "forecasting")
_AS_TEXT = ("prediction", "decisions")


@dataclass(frozen=True)
class Identical:
    """The question whether the candidate and a champion give the same answers on every row."""

    subject: Subject
    champion: Champion
    read: frozenset[str] = frozenset()
    """The columns that the rule's comparison reads. Answers in others do not count, unless it reads none of them."""
    where: str = ""
    """SQL for whether the rule reads a row; empty for all rows."""
    decided: tuple[tuple[str, str], ...] = ()
    """The SQL of both models' decisions after a threshold, which then count instead of the scores."""

    def needs(self) -> tuple[Need, ...]:
        """What tells it: digests of files, or the answers row by row; empty if the two have no role in common."""
        if self.champion.verdict is not None:
            return (self.champion.verdict, *self.champion.files)
        found = self._rows()
        return () if found is None else (found,)

    def holds(self, facts: Facts) -> bool:
        """Whether all answers are the same. Raises the error of a need that could not be measured."""
        needs = self.needs()
        return bool(needs) and self.same(*[facts[need] for need in needs])

    def same(self, *found: CountsFact | EarlierVerdictFact | DigestFact) -> bool:
        """Whether all answers are the same, from the facts of its needs."""
        first, *others = found
        if isinstance(first, EarlierVerdictFact):
            return any(isinstance(own, DigestFact) and own.sha256 == first.predictions for own in others)
        cells = first.cells if isinstance(first, CountsFact) else ()
        return {cell.values[0] for cell in cells if cell.n} == {"same"}

    def refuse(self, *found: CountsFact | EarlierVerdictFact | DigestFact) -> None:
        """Raise EvidenceError if all answers are the same."""
        if not self.same(*found):
            return
        if self.champion.verdict is not None:
            said = f"the verdict {self.champion.verdict.path} is on the candidate's own predictions (same digest)"
        else:
            who = "the champion" if self.champion.name == "champion" else f"champion {self.champion.name}"
            said = f"{who} gives the same answers as the candidate on every row{self._within}"
        raise EvidenceError(f"{said}, so the candidate would be compared with itself; {REMEDY}")

    def _rows(self) -> Counts | None:
        """The count of rows with the same answers in every role that both models have."""
        rows = self.subject.rows(self.champion.table)
        same = [f"({one} is not distinct from {other})" for one, other in self.decided or self._pairs(rows)]
        if not same:
            return None
        sql = f"case when {' and '.join(same)} then 'same' else 'differs' end"
        return Counts(rows.table, self.where, "", (Term("answers", sql),))

    @property
    def _within(self) -> str:
        """In words, the answers and rows that were compared, if these are not all."""
        read, every = self._columns(), self._all_columns()
        roles = ", ".join(dict.fromkeys(f"`{role}`" for role, _, _ in read))
        what = "after its threshold" if self.decided else f"in {roles}" if len(read) < len(every) else ""
        return f" that the rule reads{f' ({what})' if what else ''}" if what or self.where else ""

    def _all_columns(self) -> list[tuple[str, str, str]]:
        """The roles of answers that both models have, each with both columns."""
        own = {role: column for role, column in self.subject.roles.items() if is_answer(role)}
        scores = dict(self.subject.scores)
        columns = [(role, own[role], other) for role, other in self.champion.roles.items() if role in own]
        return columns + [("scores", scores[name], other) for name, other in self.champion.scores if name in scores]

    def _columns(self) -> list[tuple[str, str, str]]:
        """Those that the comparison reads; all if it reads none of them, as of rankings, whose queries are read."""
        columns = self._all_columns()
        return [each for each in columns if each[2] in self.read] or columns

    def _pairs(self, rows: Rows) -> Iterator[tuple[str, str]]:
        """The SQL of both models' answers, per role that counts."""
        for role, one, other in self._columns():
            mine = rows.column(one, role, f"predictions.{role}")
            theirs = rows.column(other, f"{role} of the champion", f"{section_of(self.champion.name)}.{role}")
            text = role.partition(".")[0] in _AS_TEXT and self.subject.task not in _OF_NUMBERS
            yield (mine.text, theirs.text) if text else (mine.number, theirs.number)


def unchanged(answer: Answer) -> Answer:
    """The answer of an identical champion: the difference is exactly 0."""
    if not isinstance(answer, Estimate):
        return answer

    def zero(_alpha: float) -> float:
        return 0.0

    return replace(
        answer,
        value=0.0,
        exact=Fraction(0),
        lower=zero,
        upper=zero,
        counts="unchanged, difference exactly 0",
        no_bound_because=None,
        note="the champion gives the same answers as the candidate on every row that the rule reads",
    )
