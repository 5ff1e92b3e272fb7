"""Holds known failures to a commit: the file may only shrink, so that a change cannot excuse what it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlgate.gate.base_commit import BaseCommit
from mlgate.policy.demanded import KnownFailure, Policy
from mlgate.policy.known_failures import KnownFailures, demand_at, of_no_rule, widened, with_known
from mlgate.values.errors import InputError
from mlgate.values.words import are, counted

_MOST_NAMED = 5


def known_held(
    path: Path, here: KnownFailures, base: BaseCommit, policies: Sequence[Policy], at_base: Sequence[Policy]
) -> tuple[tuple[Policy, ...], tuple[Policy, ...], tuple[str, ...]]:
    """The policies here and at the base with the known failures that count, and what is said about the others.

    Here counts what both have, with the stricter values. Without policies at the base, what is here decides alone.
    """
    told = list(of_no_rule((*policies, *at_base), here))
    if not at_base:
        return with_known(policies, here), (), tuple(told)
    try:
        there = base.known(path)
    except InputError as error:
        first = str(error).partition("\n")[0]
        told.append(f"no known failure counts before this is merged, because their file at {base} is wrong: {first}")
        return tuple(policies), tuple(at_base), tuple(told)
    kept = _Kept(there, policies)
    counting = replace(here, entries=tuple(filter(None, map(kept.of, here.entries))))
    return with_known(policies, counting), with_known(at_base, there), (*told, *kept.told(str(base)))


@dataclass
class _Kept:
    """The entries of a file that the base has, too, and those that it does not have so."""

    there: KnownFailures
    policies: Sequence[Policy]
    new: list[KnownFailure] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)

    def of(self, entry: KnownFailure) -> KnownFailure | None:
        """The entry as it counts: its own if it is not wider than at the base, else that of the base; None for a new
        one.
        """
        was = next((each for each in self.there.entries if each.finding == entry.finding), None)
        if was is None:
            self.new.append(entry)
            return None
        own = [policy for policy in self.policies if policy.name == entry.rule.partition(":")[0]]
        more = [change for policy in own for change in widened(was, entry, demand_at(policy, entry))]
        if not more:
            return entry
        said = ", ".join(f"{key} was {before} and is {now}" for key, before, now in more)
        self.wider.append(f"{_place(entry)} ({said})")
        return replace(was, at=entry.at)

    def told(self, base: str) -> list[str]:
        """What a reader must know."""
        found = []
        if self.new:
            count, one = counted(len(self.new), "known failure"), len(self.new) == 1
            remedy = (
                "so it does not count before it is merged" if one else "so they do not count before they are merged"
            )
            found.append(f"{count} {are(len(self.new))} not at {base}, {remedy}: {_some(list(map(_place, self.new)))}")
        if self.wider:
            count, one = counted(len(self.wider), "known failure"), len(self.wider) == 1
            remedy = f"{'and counts as it is' if one else 'and count as they are'} there"
            found.append(f"{count} excuse{'s' * one} more than at {base}, {remedy}: {_some(self.wider)}")
        return found


def _place(entry: KnownFailure) -> str:
    return f"{entry.rule} at {entry.at.file}:{entry.at.line}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{'; '.join(names[:_MOST_NAMED])}{more}"
