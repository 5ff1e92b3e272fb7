"""The files of one policy, those that it extends first, and what they set in each other's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgate.policy.draft import Draft
from mlgate.policy.variables import SetValue, declared_names
from mlgate.reading.fields import ProblemReport
from mlgate.values.errors import Location
from mlgate.values.words import did_you_mean

MOST_WAYS = 1_000
Setting = frozenset[tuple[str, str, Location]]
"""What is set for the variables of a file: names, values as text, and where they are."""


def setting(given: Mapping[str, SetValue]) -> Setting:
    """What is set, as a key by which drafts are found again."""
    return frozenset((name, value.text, value.at) for name, value in given.items())


@dataclass
class Chain:
    """The files of one policy by what they are, inherited ones first."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    walked: set[tuple[str, Setting]] = field(default_factory=set)
    """The files that were looked at, with what was set for them."""
    taken: set[Location] = field(default_factory=set)
    """The places of values that some variable took."""
    broken: bool = False
    """Whether some file could not be read, so that its variables are not known."""
    ended: bool = False
    """Whether something is wrong with what is set, so that nothing more is looked at."""

    def take(self, draft: Draft, key: str, given: Mapping[str, SetValue]) -> None:
        """Remember that a file is looked at, and which of the given values are for its variables."""
        self.walked.add((key, setting(given)))
        self.taken |= {given[name].at for name in declared_names(draft.node) if name in given}

    def refuse_two_values(self, key: str, now: Draft | None, at: Location, report: ProblemReport) -> None:
        """Report a file that is extended twice, with different values of one of its variables."""
        first = self.drafts.get(key)
        for one, other in zip(first.variables, now.variables) if first and now else ():
            if one.value != other.value:
                report.add(at, f"`{now.file if now else key}` is extended twice: {one}, and {other}; set one value")
                self.broken = self.ended = True
                return

    def refuse_too_many_ways(self, at: Location, report: ProblemReport) -> None:
        """Report files that extend one another in so many ways, each with values of its own, that no end is near."""
        if len(self.walked) >= MOST_WAYS and not self.ended:
            report.add(at, f"`extends` leads to the same files in more than {MOST_WAYS} ways; set values in one file")
            self.broken = self.ended = True

    def refuse_untaken(self, draft: Draft, report: ProblemReport) -> None:
        """Report what a file sets without effect. Where a file that it extends is wrong, that is not known."""
        for name, value in (draft.sets or {}).items() if not self.broken else ():
            if value.at not in self.taken:
                known = {variable.name: variable for each in self.drafts.values() for variable in each.variables}
                hint = did_you_mean(name, known) or f"; choose one of {', '.join(known) or 'none'}"
                if name in known:
                    hint = f", because {known[name]} already; remove one of the two"
                report.add(value.at, f"`set.{name}` sets no variable of what this policy extends{hint}")
