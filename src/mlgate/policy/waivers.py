"""Reads waivers: each names one rule and one slice, has a weaker bound than the rule, and expires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Policy, Rule, Selector, Waiver
from mlgate.policy.known_failures import told_apart
from mlgate.policy.policy_keys import WaiverKeys, Written
from mlgate.policy.rules import RESERVED_IDS, selector
from mlgate.policy.selector import matches
from mlgate.reading.fields import ProblemReport
from mlgate.reading.placeholders import says_nothing
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.faults import crashing
from mlgate.values.verdict import Where, where_text
from mlgate.values.words import did_you_mean, same_name

_WILDCARDS = ("*", "?")
_PATTERN = frozenset("*?[")


MAX_DAYS = 90
"""The most days of a waiver where no policy says another number."""


@dataclass(frozen=True)
class WaiverTerms:
    """What a policy asks of its waivers."""

    names_one: bool
    """Whether the policy is for one candidate, by its name."""
    max_days: int = MAX_DAYS
    said_in: str = ""
    """Where `max_days` is written, if it is."""

    @staticmethod
    def of(applies_to: Selector, given: Iterable[tuple[int | None, Location]]) -> WaiverTerms:
        """By the policy's `for`, and its `max_waiver_days` and those of the policies that it extends."""
        days = [(most, f"{at.file}:{at.line}") for most, at in given if most is not None]
        only_name = replace(applies_to, name=()) == Selector()
        one = only_name and len(applies_to.name) == 1 and not set(applies_to.name[0]) & _PATTERN
        return WaiverTerms(one, *min(days, default=(MAX_DAYS, "")))


def read_waivers(
    given: tuple[WaiverKeys, ...],
    rules: Mapping[str, Rule],
    names: Mapping[str, Location],
    terms: WaiverTerms,
    report: ProblemReport,
) -> tuple[Waiver, ...]:
    """The waivers of a policy. `names` has the ids of all rules, even of rules with problems."""
    waivers: list[Waiver] = []
    seen: dict[tuple[str, Where, Selector], Location] = {}
    for keys in given:
        for at, message in (*_dates(keys, terms), *_unwritten(keys), *_for_whom(keys, terms)):
            report.add(at, message)
        if keys.rule not in names:
            report.add(keys.at, _unknown(keys.rule, names))
        if keys.rule not in rules:
            continue
        rule = rules[keys.rule]
        if rule.locked_at and rule.locked_at.file != keys.at.file:
            lock = f"{rule.locked_at.file}:{rule.locked_at.line}"
            said = f"rule `{rule.id}` is locked at {lock}, so that no waiver of another file covers it"
            report.add(keys.at, f"{said}; meet the rule, or ask its owner to change it")
        with crashing(f"{keys.at}: waiver for rule `{rule.id}`", rule.check):
            where = _where(keys, rule, report)
            for message in _bound_problems(keys, rule, where):
                report.add(keys.at, f"waiver for rule `{rule.id}`: {message}")
        same = (rule.id, where, _candidates(keys))
        if same in seen:
            slice_ = f" in {where_text(where)}" if where else ""
            twice = f"{_line(seen[same], keys.at)} and again {_line(keys.at, seen[same])}"
            report.add(keys.at, f"rule `{rule.id}` is waived twice{slice_}: {twice}; keep one")
        seen.setdefault(same, keys.at)
        waivers.append(_waiver(keys, where))
    return tuple(waivers)


def _line(of: Location, beside: Location) -> str:
    return f"at line {of.line}" if of.file == beside.file else f"at {of.file}:{of.line}"


def _unknown(rule: str, names: Mapping[str, Location]) -> str:
    if rule in RESERVED_IDS:
        return f"what the policy fixes in `{rule}` cannot be waived; change it there"
    hint = did_you_mean(rule, names) or "; name a rule of this policy"
    return f"waiver for the unknown rule `{rule}`{hint}"


def _dates(keys: WaiverKeys, terms: WaiverTerms) -> Iterator[tuple[Location, str]]:
    days = (keys.expires - keys.granted).days
    if days <= 0:
        said = f"expires on {keys.expires}, which is not after `granted` ({keys.granted})"
        yield keys.at, f"waiver for rule `{keys.rule}` {said}; write a later day"
    if days > terms.max_days:
        where = f" at {terms.said_in}" if terms.said_in else ""
        last = keys.granted + timedelta(terms.max_days)
        said = f"lasts {days} days, more than `max_waiver_days`{where} ({terms.max_days})"
        yield keys.at, f"waiver for rule `{keys.rule}` {said}; write a last day until {last}"


def _for_whom(keys: WaiverKeys, terms: WaiverTerms) -> Iterator[tuple[Location, str]]:
    if keys.applies_to is None and not terms.names_one:
        said = "does not say which candidates it is for, and its policy may judge several"
        yield keys.at, f"waiver for rule `{keys.rule}` {said}; add `for: NAME`"


def _unwritten(keys: WaiverKeys) -> Iterator[tuple[Location, str]]:
    """Placeholders where somebody must be responsible, and say why."""
    for key, text in (("owner", keys.owner), ("reason", keys.reason)):
        if says_nothing(text):
            said = f"waiver for rule `{keys.rule}`: `{key}` is `{text}`, which says nothing"
            yield keys.at, f"{said}; write {'who is responsible' if key == 'owner' else 'why it is granted'}"


def _where(keys: WaiverKeys, rule: Rule, report: ProblemReport) -> Where:
    """The slice in the order of the rule's `by`, or the parts that name a finding of its check."""
    by = rule.check.named_by
    given = dict(keys.where)
    for column, value in keys.where:
        if any(sign in value for sign in _WILDCARDS):
            said = f"`{column}: {value}` looks like a wildcard, and a waiver names exactly one slice"
            report.add(keys.at, f"waiver for rule `{rule.id}`: {said}; write one value")
    if not given:
        return ()
    slicing = next((columns for columns in by if set(columns) == set(given)), None)
    if slicing is None:
        there = " or ".join(f"[{', '.join(columns)}]" for columns in by)
        remedy = f"name a value for each of {there}" if by else "the rule has no `by`; remove `where`"
        said = f"no slices by [{', '.join(given)}]"
        report.add(keys.at, f"waiver for rule `{rule.id}`: the rule has {said}; {remedy}")
        return ()
    return tuple((column, given[column]) for column in slicing)


def _bound_problems(keys: WaiverKeys, rule: Rule, where: Where) -> Iterator[str]:
    demand = rule.check.demand_of(where, rule.demand)
    if demand.empty and rule.check.named_by != rule.check.by:
        there = " or ".join(", ".join(names) for names in rule.check.named_by)
        yield f"no finding there has a bound that a waiver could weaken; name another by `where`, which takes {there}"
    elif demand.empty:
        said = "the rule has no bound that a waiver could weaken"
        yield f"{said}; write `enforce_from: DATE` in the rule, which only warns before that day, or `severity: warn`"
    elif (keys.not_below is None) == (keys.not_above is None):
        fitting = "not_below" if demand.at_most is None else "not_above"
        wanted = "one of not_below and not_above" if None not in (demand.at_least, demand.at_most) else fitting
        yield f"write {wanted}, the bound while the waiver is in force"
    elif keys.not_below is not None:
        if demand.at_least is None:
            yield f"the rule demands {demand}, so not_below does not apply; write not_above"
        elif keys.not_below.value >= demand.at_least:
            yield f"not_below {keys.not_below.text} is not weaker than the rule's {demand.at_least_text}; lower it"
        else:
            yield from _vacuous(rule, demand, keys.not_below, "at_least")
    elif keys.not_above is not None:
        if demand.at_most is None:
            yield f"the rule demands {demand}, so not_above does not apply; write not_below"
        elif keys.not_above.value <= demand.at_most:
            yield f"not_above {keys.not_above.text} is not weaker than the rule's {demand.at_most_text}; raise it"
        else:
            yield from _vacuous(rule, demand, keys.not_above, "at_most")


def _vacuous(rule: Rule, given: Demand, bound: Written, key: str) -> Iterator[str]:
    """The mistakes that the check would report if the rule itself had the waiver's bound."""
    if key == "at_least":
        demand = replace(given, at_least=bound.value, at_least_text=bound.text)
    else:
        demand = replace(given, at_most=bound.value, at_most_text=bound.text)
    for _, message in rule.check.waiver_problems(demand):
        yield message


def _waiver(keys: WaiverKeys, where: Where) -> Waiver:
    return Waiver(
        rule=keys.rule,
        where=where,
        not_below=keys.not_below.value if keys.not_below else None,
        not_above=keys.not_above.value if keys.not_above else None,
        owner=keys.owner,
        reason=keys.reason,
        granted=keys.granted,
        expires=keys.expires,
        at=keys.at,
        applies_to=_candidates(keys),
    )


def _candidates(keys: WaiverKeys) -> Selector:
    if isinstance(keys.applies_to, tuple):
        return Selector(name=keys.applies_to)
    return selector(keys.applies_to)


def unshared(policies: Sequence[Policy], candidates: Sequence[Candidate]) -> tuple[Policy, ...]:
    """The policies with each waiver and known failure marked that is for a name that several candidates have."""
    return tuple(
        _marked(policy, [each for each in candidates if matches(policy.applies_to, each)]) for policy in policies
    )


def _marked(policy: Policy, candidates: Sequence[Candidate]) -> Policy:
    waivers = (replace(waiver, shared_by=_shared_by(waiver, candidates)) for waiver in policy.waivers)
    known = told_apart(policy.known, _names(candidates))
    return replace(policy, waivers=tuple(waivers), known=known)


def _shared_by(waiver: Waiver, candidates: Sequence[Candidate]) -> int:
    names = _names(each for each in candidates if matches(waiver.applies_to, each))
    named = waiver.applies_to.name or waiver.applies_to == Selector()
    return max([1, *names.values()]) if named else 1


def _names(candidates: Iterable[Candidate]) -> Counter[str]:
    """How many candidate files have each name, now or as what they were."""
    return Counter(name for _, name in {(each.file, each.name) for each in candidates})


def misnamed(policies: Iterable[Policy], candidate: Candidate) -> Iterator[str]:
    """Every waiver for a name that differs from the candidate's only by case and separators, as a sentence."""
    for policy in policies:
        for waiver in policy.waivers:
            near = [name for name in waiver.applies_to.name if same_name(name, {candidate.name: candidate.name})]
            if near and not matches(waiver.applies_to, candidate):
                said = f"the waiver of {policy.name}:{waiver.rule} ({waiver.at.file}:{waiver.at.line})"
                yield f"{said} is for `{near[0]}`, and this candidate is `{candidate.name}`; names are compared exactly"
