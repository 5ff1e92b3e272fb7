"""The plan without data: the rows that every rule needs if the assumed values are true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction

from mlgate.checks.assumption import Assumption, written
from mlgate.gate import prospects
from mlgate.gate.proofs import level
from mlgate.gate.wording import confidence
from mlgate.gate.wording import demand as demanded
from mlgate.metrics.registry import also_called
from mlgate.planning.undeserved import undeserved_passes
from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.selector import tasks_of
from mlgate.values.errors import InputError, Problem
from mlgate.values.faults import crashing
from mlgate.values.plan import FindingPlan, Plan, RulePlan
from mlgate.values.words import did_you_mean
from mlgate.version import __version__

RATES = ("prevalence", "selection_rate")
"""Shares of all rows on which several rules depend."""
EXAMPLE = "--assume recall=0.92"


@dataclass(frozen=True)
class Assumed:
    """The assumed values by rule or metric, in the order given."""

    values: Mapping[str, tuple[float, ...]]

    @staticmethod
    def of(texts: Sequence[str]) -> Assumed:
        """Read NAME=VALUE[,VALUE]... Raises InputError for a wrong text, with what to write instead."""
        found: dict[str, tuple[float, ...]] = {}
        problems = []
        for text in texts:
            name, equals, given = text.partition("=")
            name = name.strip()
            try:
                values = tuple(float(Fraction(part.strip())) for part in given.split(","))
            except (ValueError, ZeroDivisionError):
                values = ()
            if not name or not equals or not values:
                problems.append(f"`{text}` is not an assumption; write a rule or metric, `=`, and numbers: {EXAMPLE}")
            elif name in found:
                problems.append(f"`{name}` is assumed twice; write several numbers for one rule as {name}=0.5,0.6")
            else:
                found[name] = values
        if problems:
            raise InputError([Problem(None, f"--assume {problem}") for problem in problems])
        return Assumed(found)

    def of_rule(self, rule: Rule, task: str, power: float) -> Assumption:
        """The assumption about a rule, found by its full name, its id, or a further name of its check."""
        names = (rule.name, rule.id, *_assumed_as(rule))
        name = next((name for name in names if name in self.values), "")
        rates = {rate: self.values[rate][0] for rate in RATES if len(self.values.get(rate, ())) == 1}
        values = self.values.get(name, ())
        return Assumption(rule.id, task, rule.demand, level(rule), power, name, values, rates)


def plan_assumed(policies: Iterable[Policy], assumed: Assumed, task: str, power: float = prospects.POWER) -> Plan:
    """The rows that rules need if the assumed values are true. Raises InputError for an assumption that no rule can
    use, and if no rule can be planned."""
    rules = [rule for policy in policies for rule in policy.rules]
    _known(rules, assumed)
    found: list[RulePlan] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            found.append(_rule_plan(rule, assumed, task, power))
        except InputError as wrong:
            problems += wrong.problems
    if problems:
        raise InputError(problems)
    if not any(rule.findings for rule in found):
        raise InputError("no rule can be planned:\n" + "\n".join(f"{rule.name}: {rule.said}" for rule in found))
    planned = [rule for rule, plan in zip(rules, found) if plan.findings]
    return Plan("", "", "", tuple(found), power, tool=__version__, undeserved=undeserved_passes(planned))


def _known(rules: Sequence[Rule], assumed: Assumed) -> None:
    """Raise InputError for a name that is neither a rule nor a rule's metric nor a rate, and for an impossible rate."""
    metrics = {name for rule in rules for name in _assumed_as(rule)}
    known = {*(rule.id for rule in rules), *(rule.name for rule in rules), *metrics, *RATES}
    called = {other: metric for other, metric in also_called().items() if metric in known}
    choices = ", ".join(sorted(metrics | {rule.id for rule in rules}))
    problems = [
        Problem(
            None,
            f"--assume {name}: no rule and no rule's metric is called `{name}`"
            f"{did_you_mean(name, known, called) or f'; choose one of {choices}'}",
        )
        for name in assumed.values
        if name not in known
    ]
    problems += [
        Problem(None, f"--assume {name}: must be one share of all rows between 0 and 1, not {written(values)}")
        for name, values in assumed.values.items()
        if name in RATES and not all(0 < value < 1 for value in values)
    ]
    if problems:
        raise InputError(problems)


def _rule_plan(rule: Rule, assumed: Assumed, task: str, power: float) -> RulePlan:
    found = _finding(rule, assumed, task, power)
    said, findings = (found, ()) if isinstance(found, str) else ("", (found,))
    return RulePlan(
        rule.policy,
        rule.id,
        rule.check.id,
        demanded(rule),
        rule.at,
        rule.proof,
        confidence(rule),
        rule.severity == "block",
        said=said,
        findings=findings,
    )


def _finding(rule: Rule, assumed: Assumed, task: str, power: float) -> FindingPlan | str:
    """The plan of a rule, or why it has none. Raises InputError for impossible numbers."""
    if task not in tasks_of(rule.when):
        return f"`when:` does not apply to {task} candidates"
    with _planning(rule):
        try:
            found = rule.check.assumed(assumed.of_rule(rule, task, power))
        except ValueError as wrong:
            raise InputError([Problem(rule.at, f"rule `{rule.id}` cannot be planned: {wrong}")]) from wrong
        if not isinstance(found, (str, FindingPlan)):
            raise TypeError(f"`assumed` of the check is neither a plan nor a text, but {found!r}")
    return found


def _planning(rule: Rule) -> AbstractContextManager[None]:
    """The error boundary around what a check plans."""
    return crashing(f"{rule.at}: the plan of rule `{rule.id}`", rule.check)


def _assumed_as(rule: Rule) -> tuple[str, ...]:
    with _planning(rule):
        return tuple(rule.check.assumed_as)
