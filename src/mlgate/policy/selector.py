"""The candidates that a policy or a rule applies to, and why others are not among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from mlgate.candidate.presented import RISKS, Candidate
from mlgate.metrics.metric import TASKS
from mlgate.policy.demanded import Policy, Selector
from mlgate.values.words import counted

MOST_NAMED = 3


def matches(selector: Selector, candidate: Candidate) -> bool:
    """Whether every key of the selector has an entry that matches the candidate."""
    return not any(True for _ in unmet(selector, candidate))


def unmet(selector: Selector, candidate: Candidate) -> Iterator[str]:
    """For each key of the selector that does not match, what it selects and what the candidate says."""
    said = said_of(candidate)
    for key, wanted in _given(selector).items():
        if not any(_alike(key, each, entry) for each in said[key] for entry in wanted):
            yield f"for {key} {' or '.join(wanted)}; the candidate says {', '.join(said[key]) or 'none'}"
    if selector.but_not and matches(selector.but_not, candidate):
        chosen = " and ".join(f"{key} {' or '.join(wanted)}" for key, wanted in _given(selector.but_not).items())
        yield f"not for {chosen}"
    if selector.any and not any(matches(entry, candidate) for entry in selector.any):
        yield " or ".join(next(unmet(entry, candidate)) for entry in selector.any)


def said_of(candidate: Candidate) -> Mapping[str, tuple[str, ...]]:
    """The candidate's own entries for each key that selects."""
    return {
        "tags": candidate.tags,
        "name": (candidate.name,),
        "task": (candidate.task,) if candidate.task else (),
        "risk": (candidate.risk,) if candidate.risk else (),
    }


def _alike(key: str, said: str, entry: str) -> bool:
    return fnmatchcase(said, entry) if key == "name" else said == entry


def _given(selector: Selector) -> Mapping[str, tuple[str, ...]]:
    """The keys of the selector itself, with their entries."""
    keys = {"tags": selector.tags, "name": selector.name, "task": selector.task, "risk": selector.risk}
    return {key: wanted for key, wanted in keys.items() if wanted}


def words_of(selector: Selector) -> Iterator[tuple[str, str]]:
    """Every entry of the selector and of those in it, with its key."""
    yield from ((key, word) for key, words in _given(selector).items() for word in words)
    for inside in (*selector.any, *([selector.but_not] if selector.but_not else ())):
        yield from words_of(inside)


def selects_by(selector: Selector) -> tuple[str, ...]:
    """The keys of a candidate that decide whether it is selected."""
    inside = (*selector.any, *([selector.but_not] if selector.but_not else ()))
    return tuple(dict.fromkeys((*_given(selector), *(key for entry in inside for key in selects_by(entry)))))


def tasks_of(selector: Selector) -> frozenset[str]:
    """The tasks that a selected candidate can have."""
    return _possible(selector, "task", TASKS)


def _possible(selector: Selector, key: str, known: Iterable[str]) -> frozenset[str]:
    """The values of a key, of which a candidate has one, that a selected candidate can have."""
    found = frozenset(_given(selector).get(key, known))
    if selector.but_not and tuple(_given(selector.but_not)) == (key,):
        found -= frozenset(_given(selector.but_not)[key])
    inside = [_possible(entry, key, known) for entry in selector.any]
    return found & frozenset[str]().union(*inside) if inside else found


def never_both(one: Selector, other: Selector) -> str:
    """The key by which no candidate can be selected by both of two selectors; empty if one may be.

    It looks at one pair of keys at a time, so it is silent about what only several of them together exclude.
    """
    for key, known in (("task", TASKS), ("risk", RISKS)):
        if not _possible(one, key, known) & _possible(other, key, known):
            return key
    if one.name and other.name and not any(_may_be_one(a, b) for a in one.name for b in other.name):
        return "name"
    for first, second in ((one, other), (other, one)):
        if first.but_not and _always(first.but_not, second):
            return " and ".join(_given(first.but_not))
        keys = [never_both(entry, second) for entry in first.any]
        if keys and all(keys):
            return " and ".join(dict.fromkeys(keys))
    return ""


def _may_be_one(pattern: str, other: str) -> bool:
    """Whether a name can match both of two patterns. Of two with wildcards only what stands before these counts."""
    if not _wild(pattern) or not _wild(other):
        return fnmatchcase(pattern, other) or fnmatchcase(other, pattern)
    one, two = (re.split(r"[*?\[]", each)[0] for each in (pattern, other))
    return one.startswith(two) or two.startswith(one)


def _wild(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _always(left_out: Selector, selector: Selector) -> bool:
    """Whether each candidate of a selector is one of those that are left out."""
    for key, entries in _given(left_out).items():
        wanted = _given(selector).get(key, ())
        if not wanted or not all(each in entries or (key == "name" and _matched(each, entries)) for each in wanted):
            return False
    return True


def _matched(name: str, patterns: Iterable[str]) -> bool:
    return not _wild(name) and any(fnmatchcase(name, pattern) for pattern in patterns)


def not_applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[str, ...]:
    """The policies that do not apply to a candidate, with the reasons, as one sentence; empty if all apply."""
    found = [(policy.name, why) for policy in policies if (why := next(unmet(policy.applies_to, candidate), ""))]
    if not found:
        return ()
    named = ", ".join(f"{name} ({why})" for name, why in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return (f"{counted(len(found), 'policy')} {'does' if len(found) == 1 else 'do'} not apply: {named}{more}",)
