"""Rows that repeat an earlier one, where no id shows whether both are one case: named in a note, or refused."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.evidence.questions.copies import CopiesFact
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

NEARLY = 0.95
"""The least part of the distinct rows that occur a multiple of so many times."""
CHANCE = 1e-9
"""The largest probability of what chance does not explain."""


def told(fact: CopiesFact) -> Iterator[str]:
    """The note on rows that repeat an earlier one; none where there are none."""
    if fact.repeated:
        about = "about " if fact.compared < fact.rows else ""
        columns = "every column" if fact.every else "every column that is compared"
        first = "the first " if fact.more else ""
        rows = f"{first}{counted(fact.rows, 'row')} of the predictions"
        yield f"{about}{fact.repeated:,} of {rows} repeat an earlier one in {columns}"


def refuse_copies(fact: CopiesFact) -> None:
    """Raise EvidenceError where rows were written several times over.

    Equal rows are ordinary where values are few. But by chance, a row that occurs at all does so an even number of
    times, or a multiple of 3 or more, at most half of the time. So chance does not explain it if nearly all of many
    distinct rows do that have an unrounded number, a free text or many columns.
    """
    times = copied(fact)
    if times > 1:
        distinct = sum(number for _, number in fact.times)
        among = f"{counted(distinct, 'distinct row')}{' that were compared' if fact.compared < fact.rows else ''}"
        raise EvidenceError(
            f"{counted(fact.rows, 'row')} of the predictions are copies: nearly all of {among} occur {times:,} times, "
            "or a multiple of it. Remove the copies, or name the column that tells rows apart as `id`"
        )


def copied(fact: CopiesFact) -> int:
    """How many times over the rows were written; 1 where chance explains how often they occur."""
    from mlgate.stats.special import bdtr

    distinct = sum(number for _, number in fact.times)
    usual = max(fact.times, key=lambda pair: pair[1], default=(1, 0))[0]
    for times in (part for part in range(usual, 1, -1) if usual % part == 0):
        alike = sum(number for often, number in fact.times if often % times == 0)
        if alike >= NEARLY * distinct and bdtr(distinct - alike, distinct, 0.5) <= CHANCE:
            return times
    return 1
