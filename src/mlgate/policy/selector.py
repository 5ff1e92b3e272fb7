"""The candidates that a policy or a rule applies to, and what a candidate's own words decide of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Policy, Selector
from mlgate.values.errors import Location, Problem
from mlgate.values.words import counted

MOST_NAMED = 3


def matches(selector: Selector, candidate: Candidate) -> bool:
    """Whether every key of the selector has an entry that matches the candidate."""
    return not any(True for _ in unmet(selector, candidate))


def unmet(selector: Selector, candidate: Candidate) -> Iterator[str]:
    """For each key of the selector that does not match, what it selects and what the candidate says."""
    said = {
        "tags": candidate.tags,
        "name": (candidate.name,),
        "task": (candidate.task,) if candidate.task else (),
        "risk": (candidate.risk,) if candidate.risk else (),
    }
    for key, wanted in _given(selector).items():
        if not any(
            fnmatchcase(each, entry) if key == "name" else each == entry for each in said[key] for entry in wanted
        ):
            yield f"for {key} {' or '.join(wanted)}; the candidate says {', '.join(said[key]) or 'none'}"


def _given(selector: Selector) -> Mapping[str, tuple[str, ...]]:
    keys = {"tags": selector.tags, "name": selector.name, "task": selector.task, "risk": selector.risk}
    return {key: wanted for key, wanted in keys.items() if wanted}


def not_applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[str, ...]:
    """The policies that do not apply to a candidate, with the reasons, as one sentence; empty if all apply."""
    found = [(policy.name, why) for policy in policies if (why := next(unmet(policy.applies_to, candidate), ""))]
    if not found:
        return ()
    named = ", ".join(f"{name} ({why})" for name, why in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return (f"{counted(len(found), 'policy')} {'does' if len(found) == 1 else 'do'} not apply: {named}{more}",)


def left_by_own_words(policy: Policy, among: Sequence[Policy]) -> Iterator[Problem]:
    """Advice where a candidate's own file decides whether a policy, a rule or a waiver applies to it."""
    everywhere = {key for each in among if each.applies_to == Selector() for key in _fixed(each)}
    known = everywhere | _fixed(policy)
    if keys := [key for key in _given(policy.applies_to) if key not in everywhere]:
        remedy = "of a policy without `for:`; the notes of a verdict name the policies that do not apply"
        yield _decides("`for:` of the policy", keys, policy.selects_at or Location(policy.file), remedy)
    rules = [(f"`{rule.id}`", rule.when, rule.at) for rule in policy.rules]
    waivers = [(f"`{waiver.rule}`", waiver.applies_to, waiver.at) for waiver in policy.waivers]
    for what, selectors in (("`when:` of rule", rules), ("`for:` of the waiver of", waivers)):
        chosen = [
            (name, at, keys) for name, of, at in selectors if (keys := [key for key in _given(of) if key not in known])
        ]
        if chosen:
            keys = sorted(set[str]().union(*(keys for _, _, keys in chosen)))
            names = ", ".join(dict.fromkeys(name for name, _, _ in chosen))
            yield _decides(f"{what} {names}", keys, chosen[0][1], "of this policy")


def _decides(what: str, keys: Sequence[str], at: Location, remedy: str) -> Problem:
    named = " and ".join(f"`{key}`" for key in keys)
    said = f"{what} selects by {named}, which the candidate's own file says, so that a pull request can change it"
    return Problem(at, f"{said}. Fix {named} by `expects:` {remedy}")


def _fixed(policy: Policy) -> set[str]:
    """The keys at the top of the candidate file that a policy fixes."""
    return {entry.keys[0] for entry in policy.expects if len(entry.keys) == 1}
