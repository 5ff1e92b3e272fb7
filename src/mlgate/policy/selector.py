"""The candidates that a policy or a rule applies to, and why others are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Policy, Selector
from mlgate.values.words import counted

MOST_NAMED = 3


def matches(selector: Selector, candidate: Candidate) -> bool:
    """Whether every key of the selector has an entry that matches the candidate."""
    return not any(True for _ in unmet(selector, candidate))


def unmet(selector: Selector, candidate: Candidate) -> Iterator[str]:
    """For each key of the selector that does not match, what it selects and what the candidate says."""
    said = {
        "tags": candidate.tags,
        "name": (candidate.name,),
        "task": (candidate.task,) if candidate.task else (),
        "risk": (candidate.risk,) if candidate.risk else (),
    }
    for key, wanted in given(selector).items():
        if not any(
            fnmatchcase(each, entry) if key == "name" else each == entry for each in said[key] for entry in wanted
        ):
            yield f"for {key} {' or '.join(wanted)}; the candidate says {', '.join(said[key]) or 'none'}"


def given(selector: Selector) -> Mapping[str, tuple[str, ...]]:
    """The keys by which it selects, with their entries."""
    keys = {"tags": selector.tags, "name": selector.name, "task": selector.task, "risk": selector.risk}
    return {key: wanted for key, wanted in keys.items() if wanted}


def not_applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[str, ...]:
    """The policies that do not apply to a candidate, with the reasons, as one sentence; empty if all apply."""
    found = [(policy.name, why) for policy in policies if (why := next(unmet(policy.applies_to, candidate), ""))]
    if not found:
        return ()
    named = ", ".join(f"{name} ({why})" for name, why in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return (f"{counted(len(found), 'policy')} {'does' if len(found) == 1 else 'do'} not apply: {named}{more}",)
