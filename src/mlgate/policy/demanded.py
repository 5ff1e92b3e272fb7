"""A policy as values: what is demanded, by whom, of which candidates, with the file and line of every rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from mlgate.checks.base import Check
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.verdict import Input, Proof, Severity, Where


@dataclass(frozen=True)
class Selector:
    """Which candidates a policy (`for:`) or a rule (`when:`) is about; an empty one is about all.

    A key that is given must match: any of the tags, any of the names (shell patterns), tasks or risk tiers.
    """

    tags: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One demand: an id, a check with its parameters, a bound, and how it is to be proved."""

    policy: str
    id: str
    check: Check
    demand: Demand
    at: Location
    proof: Proof = "shown"
    confidence: Fraction = Fraction(19, 20)
    severity: Severity = "block"
    enforce_from: date | None = None
    when: Selector = Selector()
    min_n: int = 0
    looks: int = 1
    """How many times this demand may be looked at with growing data; the level is shared between them."""
    description: str = ""

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.id}"


@dataclass(frozen=True)
class Waiver:
    """A dated, owned, reasoned, bounded exception to one rule, for one slice or (empty `where`) all of it."""

    rule: str
    where: Where
    not_below: Fraction | None
    not_above: Fraction | None
    owner: str
    reason: str
    granted: date
    expires: date
    at: Location


@dataclass(frozen=True)
class Expectation:
    """One thing about the candidate that the policy fixes: a dotted key of the candidate file and its value."""

    key: str
    value: str
    """As messages show it: the entries of a list separated by commas."""
    at: Location


@dataclass(frozen=True)
class Policy:
    """A loaded and composed policy: its own rules after those of the packs that it extends."""

    name: str
    owner: str
    file: str
    rules: tuple[Rule, ...]
    description: str = ""
    applies_to: Selector = Selector()
    expects: tuple[Expectation, ...] = ()
    expects_at: Location | None = None
    derive: Mapping[str, Bands] = field(default_factory=dict)
    groups: Mapping[str, GroupSpec] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    owner_at: Location | None = None
    """Where the owner is named: in the policy, or in `owner.yaml` of its folder."""
    inputs: tuple[Input, ...] = ()
    """The digests of this file and of every pack and file that it extends, role "policy"."""
