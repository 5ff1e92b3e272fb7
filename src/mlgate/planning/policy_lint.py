"""What a lint of policies is, and all of them: files in `lints/`. A lint finds what is valid and probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from types import ModuleType

from mlgate.planning import lints as folder
from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.selector import never_both
from mlgate.values.errors import Location, Problem
from mlgate.values.family import FilesBelow

_MOST = 50
"""The most rules of one check that a rule is compared with."""


@dataclass(frozen=True)
class LintedPolicy:
    """A policy that is looked at."""

    policy: Policy
    among: tuple[Policy, ...]
    """All policies that are loaded with it, itself among them."""
    day: date
    """The day on which waivers are looked at."""

    @cached_property
    def beside(self) -> tuple[tuple[Policy, Rule], ...]:
        """The rules that some candidate is judged by beside those of the policy, and these."""
        policies = (each for each in self.among if not never_both(each.applies_to, self.policy.applies_to))
        return tuple((policy, rule) for policy in policies for rule in policy.rules)

    @cached_property
    def _alike(self) -> Mapping[str, Sequence[tuple[Policy, Rule]]]:
        """The same rules by what their checks with all keys look like, in their order."""
        found: dict[str, list[tuple[Policy, Rule]]] = {}
        for policy, rule in self.beside:
            found.setdefault(repr(rule.check), []).append((policy, rule))
        return found

    def earlier(self, rule: Rule) -> Iterator[tuple[Policy, Rule]]:
        """The other rules of the same check, with the same keys, that some candidate is judged by as well.

        Of two such rules only one has the other: that which is read first does not. Of very many, the first are enough.
        """
        for policy, other in self._alike[repr(rule.check)][:_MOST]:
            if other.at == rule.at and other.name == rule.name:
                return
            if other.at != rule.at and other.check == rule.check and self.together(policy, other, rule):
                yield policy, other

    def together(self, policy: Policy, other: Rule, rule: Rule) -> bool:
        """Whether a rule of another policy may judge a candidate that a rule of this one judges."""
        ones, others = (policy.applies_to, other.when), (self.policy.applies_to, rule.when)
        return not any(never_both(one, two) for one in ones for two in others)


@dataclass(frozen=True)
class LintFinding:
    """What a lint has found."""

    at: Location
    message: str
    unneeded: bool = False
    """Whether the entry of a list that begins there can go, without any change of what is demanded."""

    @property
    def problem(self) -> Problem:
        """The finding as messages are printed."""
        return Problem(self.at, self.message)


@dataclass(frozen=True)
class PolicyLint:
    """One thing that is valid in a policy and probably not meant."""

    name: str
    """The name of its file: "unreachable_rules"."""
    said: str
    """What it finds, in words, for the documentation."""
    find: Callable[[LintedPolicy], Iterator[LintFinding]]


@cache
def policy_lints() -> Mapping[str, PolicyLint]:
    """The lints by name: the LINT of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _lint_in))


def _lint_in(module: ModuleType) -> Mapping[str, PolicyLint]:
    found = getattr(module, "LINT", None)
    return {found.name: found} if isinstance(found, PolicyLint) else {}


def linted(policy: Policy, among: Sequence[Policy], day: date) -> Iterator[LintFinding]:
    """What all lints find in a policy, in the order of its lines."""
    given = LintedPolicy(policy, tuple(among) or (policy,), day)
    found = (each for lint in policy_lints().values() for each in lint.find(given))
    yield from sorted(found, key=lambda each: (each.at.file, each.at.line, each.at.column))


def about(rule: Rule, said: str) -> LintFinding:
    """A finding about a rule, which is the subject of the sentence."""
    return LintFinding(rule.at, f"rule `{rule.id}` {said}")
