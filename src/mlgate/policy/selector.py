"""The candidates that a policy or a rule applies to."""

from __future__ import annotations

from fnmatch import fnmatchcase

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Selector


def matches(selector: Selector, candidate: Candidate) -> bool:
    """Whether every key of the selector has an entry that matches the candidate."""
    if selector.tags and not set(selector.tags) & set(candidate.tags):
        return False
    if selector.name and not any(fnmatchcase(candidate.name, pattern) for pattern in selector.name):
        return False
    if selector.task and candidate.task not in selector.task:
        return False
    return not selector.risk or candidate.risk in selector.risk
