"""What a policy would have done to past versions of candidates: which it would have blocked, and how often by noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.values.verdict import Severity, Status


@dataclass(frozen=True)
class PastRule:
    """What one rule would have done to one past version."""

    policy: str
    """The name of the policy."""
    rule: str
    """The id of the rule."""
    demand: str
    """The demand in words."""
    status: Status
    """Its status, once it is enforced."""
    severity: Severity
    """Whether it blocks, or only warns. A rule with `enforce_from` counts as enforced."""
    by_noise: bool = False
    """Whether it would have blocked although every observed value meets the demand."""
    chance: float | None = None
    """The chance that it passes with as many fresh rows, if the observed values are the true ones."""
    as_good: bool = False
    """Whether every observed value meets the demand, and none is missing."""
    said: str = ""
    """Why there is no answer, or no value."""

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.rule}"


@dataclass(frozen=True)
class PastVersion:
    """A past version of a candidate under the policies."""

    candidate: str
    """The candidate's name; empty if its file could not be read."""
    version: str
    """Its version, as its file says."""
    path: str
    """The candidate file."""
    found: str
    """Where this version was found: a commit, a file of facts, or here."""
    as_of: str
    """The day of its verdict, YYYY-MM-DD."""
    rules: tuple[PastRule, ...] = ()
    """The rules that were asked."""
    why_not: str = ""
    """Why it could not be judged; empty if it was."""

    @property
    def blocking(self) -> list[PastRule]:
        """The rules that would have blocked it."""
        return [rule for rule in self.rules if rule.status.blocks and rule.severity == "block"]

    @property
    def warning(self) -> list[PastRule]:
        """The rules that would have blocked it, if they did not only warn."""
        return [rule for rule in self.rules if rule.status.blocks and rule.severity == "warn"]

    @property
    def by_noise(self) -> bool:
        """Whether it would have been blocked, and by noise alone."""
        return bool(self.blocking) and all(rule.by_noise for rule in self.blocking)


@dataclass(frozen=True)
class RuleRecord:
    """What one rule would have done to all past versions."""

    policy: str
    """The name of the policy."""
    rule: str
    """The id of the rule."""
    demand: str
    """The demand in words."""
    severity: Severity
    """Whether it blocks, or only warns."""
    asked: int
    """Versions that it judged."""
    blocked: int
    """Versions that it would have blocked, errors included."""
    by_noise: int
    """Of these, versions whose observed values all meet the demand."""
    errors: int
    """Of these, versions whose evidence could not answer."""
    as_good: int
    """Versions whose observed values all meet the demand."""
    chance: float | None
    """Their average chance to pass with as many fresh rows, if the observed values are the true ones."""


@dataclass(frozen=True)
class Backtest:
    """What policies would have done to past versions. It decides nothing."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "backtest"
    decides: ClassVar[str] = "nothing"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "decides", "judged", "blocked", "by_noise", "exit_code")

    policies: tuple[str, ...]
    """The names of the policies."""
    versions: tuple[PastVersion, ...]
    """The past versions in the order in which they were judged."""
    rules: tuple[RuleRecord, ...]
    """The rules, those that would have blocked most first."""
    draws: int = 0
    """How often counts were drawn again per version."""

    @property
    def judged(self) -> int:
        """How many versions could be judged."""
        return sum(not version.why_not for version in self.versions)

    @property
    def blocked(self) -> int:
        """How many would have been blocked."""
        return sum(bool(version.blocking) for version in self.versions)

    @property
    def by_noise(self) -> int:
        """How many of these by noise alone."""
        return sum(version.by_noise for version in self.versions)

    @property
    def exit_code(self) -> int:
        """0 if at least one version could be judged, else 1."""
        return 0 if self.judged else 1


def recorded_rules(versions: Iterable[PastVersion]) -> tuple[RuleRecord, ...]:
    """What each rule would have done, those that would have blocked most first."""
    found: dict[str, list[PastRule]] = {}
    for version in versions:
        for rule in version.rules:
            found.setdefault(rule.name, []).append(rule)
    return tuple(sorted(map(_record, found.values()), key=lambda each: (-each.blocked, each.policy, each.rule)))


def _record(rules: list[PastRule]) -> RuleRecord:
    last = rules[0]
    blocked = [rule for rule in rules if rule.status.blocks]
    chances = list(_chances(rules))
    return RuleRecord(
        last.policy,
        last.rule,
        last.demand,
        last.severity,
        len(rules),
        len(blocked),
        sum(rule.by_noise for rule in blocked),
        sum(rule.status is Status.ERROR for rule in blocked),
        sum(rule.as_good for rule in rules),
        sum(chances) / len(chances) if chances else None,
    )


def _chances(rules: Iterable[PastRule]) -> Iterator[float]:
    return (rule.chance for rule in rules if rule.as_good and rule.chance is not None)
