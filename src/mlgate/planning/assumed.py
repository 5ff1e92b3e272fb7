"""The plan without data: the rows that every rule takes if assumed rates are the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from mlgate.checks.fairness.comparing import GroupComparison
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.shorthand import Shorthand
from mlgate.checks.metric_rule import MetricRule
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate import prospects
from mlgate.gate.decide import level
from mlgate.gate.wording import confidence
from mlgate.gate.wording import demand as demanded
from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.registry import choose
from mlgate.policy.demanded import Policy, Rule
from mlgate.reading.fields import did_you_mean
from mlgate.stats.planning import rows_for_paired, rows_for_share, rows_per_group
from mlgate.values.errors import EvidenceError, InputError, Problem
from mlgate.values.plan import FindingPlan, Plan, RulePlan
from mlgate.version import __version__

CHAMPION = "performance.champion"
PARTS: Mapping[str, tuple[str, bool]] = {
    "tp+fn": ("prevalence", True),
    "tn+fp": ("prevalence", False),
    "tp+fp": ("selection_rate", True),
    "tn+fn": ("selection_rate", False),
}
"""Which share of all rows counts for a share of confusion cells: a rate, or what is left of it."""
EXAMPLE = "--assume recall=0.92"


@dataclass(frozen=True)
class Assumed:
    """What is assumed to be true, by rule or metric, in the order given."""

    values: Mapping[str, tuple[float, ...]]

    @staticmethod
    def of(texts: Sequence[str]) -> Assumed:
        """Read NAME=VALUE[,VALUE]... Raises InputError that says what is wrong, and what to write."""
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
                problems.append(f"`{text}` is no assumption: write a rule or metric, `=`, and numbers: {EXAMPLE}")
            elif name in found:
                problems.append(f"`{name}` is assumed twice; several numbers of one rule are written {name}=0.5,0.6")
            else:
                found[name] = values
        if problems:
            raise InputError([Problem(None, f"--assume {problem}") for problem in problems])
        return Assumed(found)

    def name_for(self, rule: Rule) -> str | None:
        """Under which name a rule is assumed: its full name, its id, or its metric."""
        names = (rule.name, rule.id, getattr(rule.check, "metric", None))
        return next((name for name in names if name in self.values), None)

    def rate(self, name: str) -> float | None:
        """A share of all rows that several rules' rows depend on."""
        values = self.values.get(name, ())
        return values[0] if len(values) == 1 else None


def plan_assumed(policies: Iterable[Policy], assumed: Assumed, task: str, power: float = prospects.POWER) -> Plan:
    """The rows that rules take if the truth is what is assumed. Raises InputError for an assumption that no rule can
    use, and where none can be planned."""
    rules = [rule for policy in policies for rule in policy.rules]
    _known(rules, assumed)
    found, problems = [], []
    for rule in rules:
        try:
            found.append(_rule_plan(rule, assumed, task, power))
        except ValueError as wrong:
            problems.append(Problem(rule.at, f"rule `{rule.id}` cannot be planned so: {wrong}"))
    if problems:
        raise InputError(problems)
    if not any(rule.findings for rule in found):
        raise InputError("no rule can be planned:\n" + "\n".join(f"{rule.name}: {rule.said}" for rule in found))
    return Plan("", "", "", tuple(found), power, tool=__version__)


def _known(rules: Sequence[Rule], assumed: Assumed) -> None:
    """Raise InputError for a name that is no rule's, no rule's metric and no rate."""
    metrics = {rule.check.metric for rule in rules if isinstance(rule.check, MetricRule)}
    known = {*(rule.id for rule in rules), *(rule.name for rule in rules), *metrics, "prevalence", "selection_rate"}
    problems = [
        Problem(
            None,
            f"--assume {name}: no rule and no rule's metric is called `{name}`"
            f"{did_you_mean(name, known) or '; there are ' + ', '.join(sorted(metrics | {r.id for r in rules}))}",
        )
        for name in assumed.values
        if name not in known
    ]
    problems += [
        Problem(None, f"--assume {name}: a share of all rows lies between 0 and 1, and not at {_written(values)}")
        for name, values in assumed.values.items()
        if name in ("prevalence", "selection_rate") and not all(0 < value < 1 for value in values)
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
    """The plan of a rule, or why it has none. Raises ValueError for numbers that cannot be meant."""
    check, name = rule.check, assumed.name_for(rule)
    if rule.when.task and task not in rule.when.task:
        return f"`when:` does not apply to {task} candidates"
    if check.id == CHAMPION:
        return _of_models(rule, assumed, task, power)
    if isinstance(check, (GroupComparison, Shorthand)):
        return _of_groups(rule, assumed, task, power)
    if not isinstance(check, PerformanceMetric):
        return "it takes data: plan it with a candidate"
    kind = _share_kind(check, task)
    if isinstance(kind, str):
        return kind
    if name is None:
        return f"{_say(rule, check.metric)}=SHARE"
    return _share(rule, kind, assumed, name, power)


def _share_kind(check: MetricRule, task: str) -> Share | HitShare | str:
    """The kind of a rule's metric where that is a share of rows, or why it has no plan."""
    try:
        kind = choose(check.metric, task, check.options()).kind
    except EvidenceError as refused:
        return str(refused)
    if not isinstance(kind, (Share, HitShare)):
        return f"{check.metric} is no share: its rows depend on its spread, so plan it with a candidate"
    return kind


def _of_several(rule: Rule, assumed: Assumed) -> tuple[float, ...] | None:
    """What is assumed of a comparison; one number under its metric's name is the share of all rows, and says nothing
    of groups or models."""
    name = assumed.name_for(rule)
    if name is None or (name == getattr(rule.check, "metric", None) and len(assumed.values[name]) == 1):
        return None
    return assumed.values[name]


def _say(rule: Rule, metric: str | None = None) -> str:
    return f"not assumed: add --assume {metric or rule.id}"


def _share(rule: Rule, kind: Share | HitShare, assumed: Assumed, name: str, power: float) -> FindingPlan:
    values = assumed.values[name]
    if len(values) != 1 or not 0 <= values[0] <= 1:
        raise ValueError(f"`{name}` must be one share between 0 and 1, not {_written(values)}")
    inverse = (kind.inverse if isinstance(kind, Share) else None) or (lambda value: value)
    truth = float(inverse(Fraction(values[0])))
    each = [
        None if (values[0] - float(bound)) * (1 if side == "at_least" else -1) <= 0
        else rows_for_share(truth, float(inverse(bound)), level(rule), power, side)
        for side, bound in rule.demand.sides
    ]  # fmt: skip
    rows = [count for count in each if count is not None]
    needed = max(rows) if len(rows) == len(each) else None
    fraction = _fraction(kind, assumed)
    of_all = ceil(needed / fraction) if needed is not None and fraction else None
    counted = kind.counted.format(positive="positive")
    return FindingPlan((), values[0], counted=counted, needed=needed, needed_of_all=of_all, why=_why(needed))


def _fraction(kind: Share | HitShare, assumed: Assumed) -> float | None:
    """The share of all rows that counts for a share, where the assumptions tell it."""
    of = kind.of if isinstance(kind, Share) else ""
    if not of:
        return 1.0
    name, itself = PARTS.get(of, ("", True))
    rate = assumed.rate(name)
    return None if rate is None else (rate if itself else 1 - rate)


def _of_groups(rule: Rule, assumed: Assumed, task: str, power: float) -> FindingPlan | str:
    parts = rule.check.parts if isinstance(rule.check, Shorthand) else (rule.check,)
    gaps = [part for part in parts if isinstance(part, FairnessGap)]
    if rule.demand.at_most is None or len(gaps) < len(parts):
        return "the rows of a ratio depend on all groups' rows: plan it with a candidate"
    for kind in (_share_kind(part, task) for part in gaps):
        if isinstance(kind, str):
            return kind
    values = _of_several(rule, assumed)
    if values is None:
        return f"{_say(rule)}=SHARE,SHARE[,...]"
    if len(values) < 2 or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a gap takes the share of every group, as {rule.id}=0.5,0.5, not {_written(values)}")
    rows = rows_per_group(values, float(rule.demand.at_most), level(rule), power)
    return FindingPlan((), max(values) - min(values), needed=rows, each=True, why=_why(rows))


def _of_models(rule: Rule, assumed: Assumed, task: str, power: float) -> FindingPlan | str:
    check, demand = rule.check, rule.demand
    kind = _share_kind(check, task) if isinstance(check, MetricRule) else "it takes data: plan it with a candidate"
    if isinstance(kind, str):
        return kind
    if len(demand.sides) != 1 or getattr(check, "relative", False):
        return "equivalence and relative margins are planned with a candidate"
    values = _of_several(rule, assumed)
    if values is None:
        return f"{_say(rule)}=DIFFERENCE,DISCORDANT"
    if len(values) != 2 or not abs(values[0]) <= values[1] <= 1:
        raise ValueError(
            "a champion takes the difference new - old and the share of rows that one model alone gets right, as "
            f"{rule.id}=0.0,0.05, not {_written(values)}"
        )
    ((side, bound),) = demand.sides
    better = 1 if side == "at_least" else -1
    rows = rows_for_paired(better * values[0], values[1], level(rule), -better * float(bound), power)
    return FindingPlan((), values[0], needed=rows, counted="paired rows that count", why=_why(rows))


def _why(rows: int | None) -> str:
    return (
        "" if rows is not None else "no number of rows shows it: the truth assumed does not meet the demand with room"
    )


def _written(values: Iterable[float]) -> str:
    return ",".join(f"{value:g}" for value in values)
