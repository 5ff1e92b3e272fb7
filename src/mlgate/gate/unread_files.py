"""Files in the folders of tables that are not read, such as `_old.parquet`: a verdict names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlgate.candidate.presented import Candidate, TableSpec
from mlgate.candidate.roles import RowRoles
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.unread_parts import UnreadParts, UnreadPartsFact
from mlgate.evidence.sources import FileSource
from mlgate.values.words import are, counted


def unread_needs(candidate: Candidate) -> tuple[UnreadParts, ...]:
    """The questions which files of the tables' folders are not read."""
    return tuple(_asked(candidate).values())


def unread_notes(candidate: Candidate, facts: Facts) -> Iterator[str]:
    """A note for each key of the candidate that names a folder with files that are not read."""
    for key, need in _asked(candidate).items():
        fact = facts.answers.get(need)
        if isinstance(fact, UnreadPartsFact) and fact.paths:
            number = len(fact.paths)
            yield (
                f"{counted(number, 'file')} of {key}.path {are(number)} not read: {fact.named}, as names that begin "
                "with `.` or `_` are left out. Rename those whose rows count; `unread_parts: none` in the `expects:` "
                "of a policy refuses them"
            )


def _asked(candidate: Candidate) -> Mapping[str, UnreadParts]:
    """The questions, by the key of the candidate whose `path` each is about."""
    named: dict[str, RowRoles | TableSpec | None] = {
        "predictions": candidate.predictions,
        "champion": candidate.champion,
        **{f"champions.{name}": champion for name, champion in candidate.champions},
        **{f"tables.{name}": table for name, table in candidate.tables},
    }
    return {
        key: UnreadParts(candidate.path_of(record.source))
        for key, record in named.items()
        if record is not None and isinstance(record.source, FileSource)
    }
