"""Keys of the candidate file that checks declare, so that a check can read more of a candidate than the built-in keys.

A check names a record of such keys as its `candidate_keys`. They are read and validated with the file and are part of
its JSON Schema. The check gets them by `subject.candidate.of(RECORD)`. Files that they name (`FilePath`) are digested.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlgate.candidate.presented import Candidate
from mlgate.reading.fields import keys, params
from mlgate.values.errors import MachineError


def records_of(checks: Iterable[type[Any]]) -> tuple[type[Any], ...]:
    """The records that some checks declare, each once.

    Raises MachineError if two records have the same key. Raises it also for a required key, because candidates without
    a rule of that check do not have it.
    """
    found = dict.fromkeys(record for check in checks if (record := getattr(check, "candidate_keys", None)))
    owner = dict.fromkeys(keys(Candidate), Candidate)
    for record in found:
        for entry in params(record):
            if entry.required:
                raise MachineError(f"the candidate key `{entry.key}` of {record.__name__} has no default; give it one")
            first = owner.setdefault(entry.key, record)
            if first is not record:
                raise MachineError(
                    f"the candidate key `{entry.key}` is declared by {first.__name__} and {record.__name__}; rename one"
                )
    return tuple(found)
