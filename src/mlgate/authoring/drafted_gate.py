"""Judges a drafted candidate by drafted rules, and sets each bound by what the rows show."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from mlgate.authoring.source import FileToStart
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import read_candidate
from mlgate.gate import bind
from mlgate.gate.run import Settings, judge
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import closing_block, left_open
from mlgate.policy.load import load_policies
from mlgate.reading import locate
from mlgate.reading.edge import workspace
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar, escaped, load
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome, Status

ROUNDS, DIGITS = 4, 2
FILE, NONE = "FILE", "none"
"""How what is left open says that a file is to be named, and how `expects:` says that a key is left out."""
BoundKey = Literal["at_least", "at_most", "margin", ""]


@dataclass(frozen=True)
class DraftedRule:
    """A rule whose bound is set by what the rows show. Without a side it is as it is."""

    id: str
    keys: str
    """Its check and keys, but for the bound, as YAML in braces would have them."""
    side: BoundKey = ""
    bound: str = ""
    nothing: float | None = None
    """The value that shows nothing, such as that of a guess: a bound on its wrong side is not worth a rule."""

    @property
    def text(self) -> str:
        """The rule as an item of a list."""
        bound = f", {self.side}: {self.bound}" if self.side else ""
        return f"  - {{id: {self.id}, {self.keys}{bound}}}\n"


@dataclass(frozen=True)
class DraftedGate:
    """A candidate and a policy as texts. The policy is `head`, what it expects, and the rules."""

    wanted: FileToStart
    candidate: str
    head: str
    rules: tuple[DraftedRule, ...]
    further: str = ""
    """Rules as text that need no bound."""
    expects: str = ""

    @property
    def policy(self) -> str:
        """The text of the policy."""
        return f"{self.head}{self.expects}rules:\n{''.join(rule.text for rule in self.rules)}{self.further}"

    def settled(self) -> DraftedGate:
        """The gate with bounds that these rows show and that the next ones probably show again.

        Rules that they cannot show are left out. Raises InputError where none is left, or a text cannot be read.
        """
        first = self.judged()
        bounded = (_bounded(rule, first[rule.id]) for rule in self.rules)
        found = replace(self, rules=tuple(rule for rule in bounded if rule))
        while found.rules or found.further:
            outcomes = found.judged()
            passing = tuple(rule for rule in found.rules if outcomes[rule.id].status is Status.PASS)
            if passing == found.rules:
                return found.closed()
            found = replace(found, rules=passing)
        errors = [first[rule.id].message for rule in self.rules if first[rule.id].status is Status.ERROR]
        said = errors[0] if errors else "it has too few rows to show anything; present more, or write rules by hand"
        raise InputError(f"no rule passes on {self.wanted.path}: {said}")

    def judged(self) -> Mapping[str, Outcome]:
        """What each rule comes to on the present rows, by its id."""
        policies = self._policies()
        verdict = judge(self._presented(policies), policies, self._settings())
        return {outcome.rule: outcome for outcome in verdict.outcomes}

    def _policies(self) -> tuple[Policy, ...]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "policy.yaml")
            file.write_text(escaped(self.policy), encoding="utf-8")
            return load_policies([file], workspace=Path(folder))

    def _presented(self, policies: Sequence[Policy]) -> Candidate:
        here, top = self.wanted.workspace, workspace(self.wanted.workspace)
        sourcing = bind.sourced_by(policies, top, (), ())
        return read_candidate(
            sourcing(self._tree(), here),
            lambda: bind.declared(policies),
            lambda file: replace(file, path=locate.shown(here / file.path, top), root=top),
        )

    def _tree(self) -> MappingNode:
        found = load(escaped(self.candidate).encode(), "candidate.yaml")
        if not isinstance(found, MappingNode):
            raise InputError("the drafted candidate is not a mapping")
        return found

    def _settings(self) -> Settings:
        return Settings(workspace(self.wanted.workspace), self.wanted.today)

    def closed(self) -> DraftedGate:
        """The gate whose policy fixes what it would leave to the candidate, by what the candidate says now."""
        found, tree = self, self._tree()
        for _ in range(ROUNDS):
            (policy,) = found._policies()
            opened = left_open(policy)
            if not opened:
                return found
            said = {keys: self._from_top(value, _said(tree, keys)) for keys, value in opened.items()}
            found = replace(found, expects=closing_block(policy, said))
        return found

    def _from_top(self, wanted: Any, said: Any) -> Any:
        """The path of a file from the top of the repository, where the candidate lies there; else what it says."""
        at_top = self.wanted.workspace.resolve() == workspace(self.wanted.workspace)
        return f"/{said}" if wanted == FILE and said != NONE and at_top else said


def _bounded(rule: DraftedRule, outcome: Outcome) -> DraftedRule | None:
    """A rule with a bound twice as far from the observed value as the confidence bound, so that fresh rows of the same
    model seldom miss it; None where nothing is shown.
    """
    if not rule.side:
        return rule
    ends = []
    for finding in outcome.findings:
        end = finding.lower if rule.side != "at_most" else finding.upper
        if finding.value is None or end is None or not isfinite(end):
            return None
        ends.append(end + (end - finding.value))
    if not ends:
        return None
    worst = max(ends) if rule.side == "at_most" else min(ends)
    worst = max(-worst, 0.01) if rule.side == "margin" else worst
    if rule.nothing is not None and (worst >= rule.nothing if rule.side == "at_most" else worst <= rule.nothing):
        return None
    return replace(rule, bound=_rounded(worst, up=rule.side in ("at_most", "margin")))


def _rounded(value: float, *, up: bool) -> str:
    """A value to two digits, outward."""
    exact = Decimal(repr(value))
    places = exact.adjusted() - DIGITS
    step = Decimal(1).scaleb(min(places + 1, -DIGITS) if abs(exact) < 1 else places)
    found = exact.quantize(step, rounding=ROUND_CEILING if up else ROUND_FLOOR).normalize()
    return format(found, "f")


def _said(tree: MappingNode, keys: Sequence[str]) -> Any:
    """What a candidate says for some keys, as `expects:` has it: `none` for nothing."""
    found: Node | None = tree
    for key in keys:
        found = found.get(key) if isinstance(found, MappingNode) else None
    return NONE if found is None else _plain_value(found)


def _plain_value(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, ListNode):
        return [_plain_value(each) for each in node.items]
    return {key.text: _plain_value(value) for key, value in node.entries}
