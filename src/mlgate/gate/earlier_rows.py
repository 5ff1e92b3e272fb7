"""Which rows with labels, and which groups of them, a candidate lacks that it had at the commit that it is held to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import EVALUATION
from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.gate.base_commit import BaseCommit
from mlgate.gate.run import Settings
from mlgate.gate.unchanged import EarlierTree
from mlgate.git.repository import Repository
from mlgate.policy.demanded import Policy
from mlgate.values.errors import EvidenceError, MlgateError
from mlgate.values.words import counted

MOST_GROUPS = 5
_PINNED = "`min_rows` in a register of models holds their number"
_BEFORE, _HERE = "before", "here"


@dataclass(frozen=True)
class EarlierRows:
    """What the rows with labels lack of those of the base."""

    fewer: str = ""
    """How many rows fewer there are, in words; empty if there are not."""
    groups: tuple[str, ...] = ()
    """The groups that have no row any more, in words."""
    unknown: str = ""
    """Why they cannot be compared; empty if they were, or are the same file."""
    evaluation: FileSource | None = None
    """The file of the table `evaluation` as the base has it; None if labels are elsewhere."""

    def told(self, pinned: bool) -> Iterator[str]:
        """What a reader must know about it, if a register says how many rows there must be at least, or not."""
        lost = "; ".join(filter(None, (self.fewer, *self.groups)))
        if lost and self.counts(pinned):
            yield f"{lost}; it is judged on the rows of both"
        elif lost:
            yield f"{lost}; it is judged on these rows alone" + ("" if pinned else f", unless {_PINNED}")
        if self.unknown and not pinned:
            yield f"{self.unknown}; {_PINNED}"

    def counts(self, pinned: bool) -> bool:
        """Whether the candidate is judged on the rows of the base, too: on fewer rows only where no register says how
        many there must be.
        """
        return self.evaluation is not None and bool(self.groups or (self.fewer and not pinned))


def earlier_rows(
    here: Candidate, before: Candidate, base: BaseCommit, policies: Sequence[Policy], settings: Settings
) -> EarlierRows:
    """What a candidate's rows with labels lack. Where the labels are in another table than before, that is a change of
    who it is, and nothing is compared.
    """
    name = EVALUATION if before.evaluation else PREDICTIONS
    sources = [_source(candidate, name) for candidate in (before, here)]
    was, now = sources
    if was is None or now is None or (here.evaluation is None) != (before.evaluation is None):
        return EarlierRows()
    path = before.path_of(was)
    if path == here.path_of(now) and EarlierTree(Repository(base.top), base.commit).equal(path):
        return EarlierRows()
    try:
        there = base.data(path)
        roots = [*bind.roots(here, policies, settings.workspace, settings.roots), base.folder]
        given = {_BEFORE: there, _HERE: now}
        with open_evidence(given, settings.workspace, settings.threads, engine=settings.engine, roots=roots) as opened:
            found = _compared(opened, _columns(policies), (_count(before, name), _count(here, name)), base)
    except MlgateError as error:
        return EarlierRows(unknown=f"how many evaluation rows there were at {base} is not known: {error}")
    return replace(found, evaluation=there if name == EVALUATION else None)


def _source(candidate: Candidate, name: str) -> FileSource | None:
    record = candidate.evaluation if name == EVALUATION else candidate.predictions
    return record.source if record and isinstance(record.source, FileSource) else None


def _count(candidate: Candidate, name: str) -> str:
    """The column with how often each row counts; empty if none has."""
    own = candidate.predictions
    return own.count or "" if name == PREDICTIONS and own else ""


def _columns(policies: Sequence[Policy]) -> tuple[str, ...]:
    """The columns by which rules of some policies cut their slices."""
    rules = (rule for policy in policies for rule in policy.rules)
    return tuple(dict.fromkeys(column for rule in rules for columns in rule.check.by for column in columns))


def _compared(
    opened: OpenEvidence, columns: Collection[str], counted_by: tuple[str, str], base: BaseCommit
) -> EarlierRows:
    """The rows and the groups that are gone. `counted_by` are the columns with how often a row counts, if any."""
    tables = {name: Rows(name, name, opened.schema(name)) for name in (_BEFORE, _HERE)}
    counts = {name: _number(rows, of) for (name, rows), of in zip(tables.items(), counted_by, strict=True)}
    every = [MatchingRows(name, "", counts[name]) for name in tables]
    facts = opened.measure(every)
    before, here = (facts[need].of for need in every)
    lost, noun = before - here, "row" if before - here == 1 else "rows"
    fewer = f"{lost:,} fewer evaluation {noun} than at {base} ({here:,} of {before:,})" if lost > 0 else ""
    common = [column for column in columns if all(column in rows.kinds for rows in tables.values())]
    groups = (group for column in common for group in _lost_groups(opened, tables, counts, column, base))
    return EarlierRows(fewer, tuple(groups))


def _number(rows: Rows, column: str) -> str:
    return rows.column(column, "count").number if column else ""


def _lost_groups(
    opened: OpenEvidence, tables: dict[str, Rows], counts: dict[str, str], column: str, base: BaseCommit
) -> Iterator[str]:
    needs: dict[str, Need] = {
        name: Counts(name, "", counts[name], (rows.column(column, "by").term,)) for name, rows in tables.items()
    }
    facts = opened.measure(needs.values())
    try:
        groups = {name: _sizes(facts[need]) for name, need in needs.items()}
    except EvidenceError:  # too many values to be groups
        return
    gone = [
        f"{value} ({counted(rows, 'row')})" for value, rows in groups[_BEFORE].items() if value not in groups[_HERE]
    ]
    if gone:
        more = f" and {len(gone) - MOST_GROUPS} more" if len(gone) > MOST_GROUPS else ""
        yield f"no row of {column}={', '.join(gone[:MOST_GROUPS])}{more}, which {base} has"


def _sizes(fact: CountsFact) -> dict[str, int]:
    return {str(cell.values[0]): cell.n for cell in fact.cells if cell.values[0] is not None}


def with_evaluation(candidate: Candidate, source: FileSource, top: Path) -> Candidate:
    """The candidate with another file of its table `evaluation`. `top` is the top of the repository."""
    if candidate.evaluation is None:
        return candidate
    tables, folder = dict(candidate.tables), top / PurePosixPath(candidate.file).parent
    path = os.path.relpath(source.root / source.path, folder)
    tables[EVALUATION] = replace(candidate.evaluation, source=FileSource(path, folder))
    return replace(candidate, tables=tuple(tables.items()))
