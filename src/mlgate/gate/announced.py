"""What a verdict announces: waivers that end in the next two weeks, and rules that begin to block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mlgate.gate.waiver_wording import lapsed
from mlgate.gate.wording import known_lapsed
from mlgate.policy.demanded import KnownFailure, Rule, Waiver
from mlgate.values.announcement import SOON, Announcement, ChangeSoon
from mlgate.values.verdict import Outcome
from mlgate.values.words import counted

MOST_NAMED = 5


@dataclass(frozen=True)
class Upcoming:
    """One change soon of one rule."""

    what: ChangeSoon
    day: date
    rule: str
    blocks: bool
    """Whether the rule would block then."""


def upcoming(
    rule: Rule,
    waivers: Sequence[Waiver],
    known: Sequence[KnownFailure],
    as_of: date,
    outcome_on: Callable[[date], Outcome],
) -> Iterator[Upcoming]:
    """The changes of a rule in the next two weeks. `outcome_on` judges it as on another day."""
    ends: dict[tuple[date, ChangeSoon], None] = {}
    ends |= {(each.expires, "waivers end"): None for each in waivers if lapsed(each, as_of) is None}
    ends |= {(each.expires, "known failures end"): None for each in known if known_lapsed(each, as_of) is None}
    for day, what in sorted(each for each in ends if _soon(each[0], as_of)):
        after = day + timedelta(1) if day < date.max else day
        yield Upcoming(what, day, rule.name, outcome_on(after).blocking)
    begins = rule.enforce_from
    if rule.severity == "block" and begins and begins > as_of and _soon(begins, as_of):
        yield Upcoming("rules begin to block", begins, rule.name, outcome_on(begins).blocking)


def _soon(day: date, as_of: date) -> bool:
    return (day - as_of).days <= SOON


def announcements(found: Iterable[Upcoming], as_of: date) -> tuple[Announcement, ...]:
    """The changes of all rules, one announcement per day and kind, the next day first."""
    alike: dict[tuple[date, ChangeSoon], list[Upcoming]] = defaultdict(list)
    for each in found:
        alike[each.day, each.what].append(each)
    return tuple(_announced(what, day, alike[day, what], as_of) for day, what in sorted(alike))


def _announced(what: ChangeSoon, day: date, found: Sequence[Upcoming], as_of: date) -> Announcement:
    rules = tuple(dict.fromkeys(each.rule for each in found))
    blocking = tuple(dict.fromkeys(each.rule for each in found if each.blocks))
    days = (day - as_of).days
    one = len(rules) == 1
    if what == "rules begin to block":
        said = f"{counted(len(rules), 'rule')} {'begins' if one else 'begin'} to block"
    else:
        said = f"{what.removesuffix(' end')} of {counted(len(rules), 'rule')} end"
    then = f"{counted(len(blocking), 'rule')} would block: {_named(blocking)}" if blocking else "none would block"
    return Announcement(what, day.isoformat(), days, rules, blocking, f"{said} {_in(days)} ({day}); {then}")


def _in(days: int) -> str:
    return f"in {counted(days, 'day')}" if days else "today"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
