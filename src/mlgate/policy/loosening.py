"""Compares two versions of policies, rule by rule: what is looser, tighter, added, removed, or not comparable.

What cannot be compared counts as loosening, so that "not looser" is never said without having been shown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from mlgate.policy.demanded import Policy, Rule, Selector, Variable, Vocabulary, Waiver, shown
from mlgate.policy.function_files import ENDING
from mlgate.policy.known_failures import demand_at, widened
from mlgate.policy.selector import selects_by
from mlgate.reading.fields import params
from mlgate.reading.fields.records import Tightening
from mlgate.reading.placeholders import says_nothing
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.policy_change import LOOSENING, Direction, PolicyChange
from mlgate.values.verdict import where_text
from mlgate.values.words import counted

_ORDER: tuple[Direction, ...] = (*LOOSENING, "tighter", "added", "renamed")
_SEVERITIES = ("warn", "block")
_SHORT = 12
"""How many characters of a digest are shown."""
_LIMITS = ("at_most", "at_least")
"""The ways of keys without which there is no limit."""
_EDGES: tuple[tuple[str, Tightening], ...] = (("at_least", "at_least"), ("at_most", "at_most"))
_OF_WAIVER: tuple[tuple[str, Tightening], ...] = (
    ("not_below", "higher"),
    ("not_above", "lower"),
    ("expires", "lower"),
    ("granted", "higher"),
)
Difference = tuple[str, Direction, str, str]
"""The key, the direction, and the values as text."""


def compared(old: Sequence[Policy], new: Sequence[Policy]) -> tuple[PolicyChange, ...]:
    """All differences between two versions of policies, the worst first."""
    before, after = ({policy.name: policy for policy in each} for each in (old, new))
    found: list[PolicyChange] = []
    for name, policy in before.items():
        if name in after:
            found += _of_policy(policy, after[name])
        else:
            found.append(
                _change(policy, "policy", _at(policy), ("", "removed", counted(len(policy.rules), "rule"), ""))
            )
    for name, policy in after.items():
        if name not in before:
            found.append(_change(policy, "policy", _at(policy), ("", "added", "", _size(policy))))
    return tuple(sorted(found, key=lambda each: (_ORDER.index(each.direction), each.policy)))


def _size(policy: Policy) -> str:
    return counted(len(policy.rules), "rule")


def _at(policy: Policy) -> Location:
    return policy.selects_at or Location(policy.file)


def _change(policy: Policy, what: str, at: Location, difference: Difference) -> PolicyChange:
    key, direction, was, now = difference
    return PolicyChange(policy.name, what, key, direction, was, now, at.file, at.line)


def _of_policy(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """The differences of one policy, with the reasons that the new version states and the old did not."""
    reasons = {key: text for key, text in new.reasons.items() if old.reasons.get(key) != text}
    for change in (*_rules(old, new), *_whole(old, new), *_waivers(old, new), *_known(old, new)):
        reason = change.reason or reasons.get(change.what, "")
        yield replace(change, reason=reason if change.loosens and _says_why(reason) else "")


def _says_why(reason: str) -> bool:
    """Whether a reviewer can ask about a reason: it has some words, or names a ticket."""
    return (len(reason.split()) > 1 or any(map(str.isdigit, reason))) and not says_nothing(reason)


def _rules(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    before, after = ({rule.id: rule for rule in policy.rules} for policy in (old, new))
    renamed = {name: same for name in before if name not in after and (same := _same(before[name], before, after))}
    for name, rule in before.items():
        if name in after or name in renamed:
            other = after[renamed.get(name, name)]
            found = [_change(new, other.id, other.at, each) for each in differences(rule, other)]
            yield from found
            if name in renamed:
                yield _change(new, other.id, other.at, ("id", "renamed", name, other.id))
        else:
            yield _change(new, name, rule.at, ("", "removed", _demanded(rule), ""))
    for name, rule in after.items():
        if name not in before and name not in renamed.values():
            direction: Direction = "added"
            yield _change(new, name, rule.at, ("", direction, "", _demanded(rule)))


def _same(rule: Rule, before: Mapping[str, Rule], after: Mapping[str, Rule]) -> str:
    """The id of the new rule that is a rule of the old version under another id; empty if there is none."""
    new = (name for name in after if name not in before)
    return next((name for name in new if not list(differences(rule, after[name]))), "")


def _demanded(rule: Rule) -> str:
    return f"{rule.check.id} {rule.demand}".strip()


def differences(old: Rule, new: Rule) -> Iterator[Difference]:
    """What differs between two versions of one rule, each with its direction."""
    if type(old.check) is not type(new.check):
        yield "check", "not comparable", old.check.id, new.check.id
        return
    for entry in params(type(old.check)):
        was, now = (getattr(rule.check, entry.attribute) for rule in (old, new))
        yield from _values(entry.key, entry.tighter, was, now)
    if old.folder != new.folder and new.calls_function:
        yield "metric", "not comparable", f"that in `{old.folder}`", f"that in `{new.folder}`"
    yield from _demands(old.demand, new.demand)
    yield from _proofs(old, new)
    yield from _values("severity", _SEVERITIES, old.severity, new.severity)
    yield from _days("enforce_from", old.enforce_from, new.enforce_from)
    yield from _values("locked", (False, True), bool(old.locked_at), bool(new.locked_at))
    yield from _selected("when", old.when, new.when)
    # Fewer rows that a slice needs can turn INCONCLUSIVE into PASS, and more leave slices unjudged.
    yield from _values("min_n", None if new.min_n < old.min_n else "lower", old.min_n, new.min_n)
    yield from _values("at_most_left_out", "at_most", old.at_most_left_out, new.at_most_left_out)
    yield from _values("at_most_unknown", "at_most", old.at_most_unknown, new.at_most_unknown)


def _demands(old: Demand, new: Demand) -> Iterator[Difference]:
    for key, way in _EDGES:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            texts = getattr(old, f"{key}_text"), getattr(new, f"{key}_text")
            yield key, _ordered(way, was, now), *texts
    if old.strict != new.strict:
        yield "strict", "tighter" if new.strict else "looser", str(old.strict), str(new.strict)


def _proofs(old: Rule, new: Rule) -> Iterator[Difference]:
    """What decides, and how surely. A surer bound shows less, and refutes less, too."""
    if old.proof != new.proof:
        ways: Mapping[bool, Direction] = {True: "tighter", False: "looser"}
        comparable = "shown" in (old.proof, new.proof)
        yield "proof", ways[new.proof == "shown"] if comparable else "not comparable", old.proof, new.proof
    for key in ("confidence", "looks"):
        was, now = getattr(old, key), getattr(new, key)
        if was != now and not old.proof == new.proof == "estimate":
            way: Tightening | None = {"shown": "higher", "unrefuted": "lower"}.get(new.proof)  # type: ignore[assignment]
            direction = _ordered(way, was, now) if old.proof == new.proof and way else "not comparable"
            yield key, direction, shown(was) if key == "confidence" else str(was), shown(now)


def _days(key: str, was: date | None, now: date | None) -> Iterator[Difference]:
    """A day from which something blocks: without one it always does."""
    if was != now:
        later = now is not None and (was is None or now > was)
        yield key, "looser" if later else "tighter", str(was or ""), str(now or "")


def _values(key: str, way: Tightening | None, was: Any, now: Any) -> Iterator[Difference]:
    if was != now:
        yield key, _ordered(way, was, now), _text(was), _text(now)


def _ordered(way: Tightening | None, was: Any, now: Any) -> Direction:
    """Whether a value became stricter, by which way its key does."""
    tighter: bool | None = None
    if way in _LIMITS and (was is None or now is None):
        tighter = was is None
    elif way in (*_LIMITS, "lower", "higher") and was is not None and now is not None:
        tighter = now < was if way in ("lower", "at_most") else now > was
    elif way in ("more", "fewer"):
        one, other = (was, now) if way == "more" else (now, was)
        tighter = True if set(one) <= set(other) else False if set(other) <= set(one) else None
    elif isinstance(way, tuple) and was in way and now in way:
        tighter = way.index(now) > way.index(was)
    return "not comparable" if tighter is None else "tighter" if tighter else "looser"


def _text(value: Any) -> str:
    return "" if value is None or value == () else shown(value)


def _whole(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """The differences of what belongs to no rule."""
    yield from (_change(new, "for", _at(new), each) for each in _selected("", old.applies_to, new.applies_to))
    yield from (_change(new, "waivers", _at(new), each) for each in _about_waivers(old, new))
    yield from (_change(new, "variables", _at(new), each) for each in _limits(old.variables, new.variables))
    yield from (_change(new, "vocabulary", _at(new), each) for each in _words(old.vocabulary, new.vocabulary))
    was, now = ({entry.key: shown(entry.value) for entry in policy.expects} for policy in (old, new))
    at = new.expects_at or _at(new)
    for key in {**was, **now}:
        if was.get(key) != now.get(key):
            direction: Direction = "looser" if key not in now else "tighter" if key not in was else "not comparable"
            yield _change(new, "expects", at, (key, direction, was.get(key, ""), now.get(key, "")))
    for what in ("derive", "groups"):
        before, after = getattr(old, what), getattr(new, what)
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                texts = tuple("" if each is None else "given" for each in (before.get(key), after.get(key)))
                yield _change(new, what, _at(new), (key, "not comparable", *texts))
    was, now = _sources(old), _sources(new)
    for name in {**was, **now}:
        if was.get(name) != now.get(name) and (_calls(old) or _calls(new)):
            before, after = (each.get(name, "")[:_SHORT] for each in (was, now))
            yield _change(new, "functions", at, (name, "not comparable", before, after))
    for what in ("roots", "servers"):
        before, after = set(map(str, getattr(old, what))), set(map(str, getattr(new, what)))
        if before != after:
            direction = _ordered("fewer", before, after)
            yield _change(new, what, _at(new), ("", direction, ", ".join(sorted(before)), ", ".join(sorted(after))))


def _about_waivers(old: Policy, new: Policy) -> Iterator[Difference]:
    """What a policy asks of its waivers."""
    yield from _values("approver", ("anyone", "other"), old.approver, new.approver)
    yield from _values("max_waiver_days", "lower", old.max_waiver_days, new.max_waiver_days)


def _limits(old: Sequence[Variable], new: Sequence[Variable]) -> Iterator[Difference]:
    """What may be set. Wider limits loosen no rule yet, and let whoever extends the policy do it."""
    was, now = (
        {name: " / ".join(each.allowed for each in variables if each.name == name) for name in names}
        for variables in (old, new)
        for names in [dict.fromkeys(each.name for each in variables)]
    )
    for name, before in was.items():
        if name in now and now[name] != before:
            direction: Direction = "not comparable" if before and now[name] else "looser" if before else "tighter"
            yield name, direction, before, now[name]


def _words(was: Vocabulary | None, now: Vocabulary | None) -> Iterator[Difference]:
    """The words that candidates may use. More words let more candidates through that no policy selects."""
    before, after = (dict(each.words) if each else {} for each in (was, now))
    for key in {**before, **after}:
        one, other = before.get(key, ()), after.get(key, ())
        if set(one) != set(other):
            direction = _ordered("fewer", one, other) if one and other else "tighter" if other else "looser"
            yield key, direction, _text(one), _text(other)


def _calls(policy: Policy) -> bool:
    return any(rule.calls_function for rule in policy.rules)


def _sources(policy: Policy) -> dict[str, str]:
    """The digests of source files with functions, by their paths from the policy's folder."""
    here = posixpath.dirname(policy.file)
    sources = (entry for entry in policy.inputs if entry.path.endswith(ENDING))
    return {posixpath.relpath(entry.path, here or "."): entry.sha256 for entry in sources}


def _selected(key: str, was: Selector, now: Selector) -> Iterator[Difference]:
    """Fewer candidates that are asked are a looser policy."""
    if was != now:
        direction: Direction = "not comparable"
        if _covers(now, was):
            direction = "tighter"
        elif _covers(was, now):
            direction = "looser"
        yield key, direction, _named(was), _named(now)


def _covers(wide: Selector, narrow: Selector) -> bool:
    """Whether one selector surely selects all that another does."""
    if wide == Selector():
        return True
    if (wide.any, wide.but_not) != (narrow.any, narrow.but_not):
        return False
    keys = ("tags", "name", "task", "risk")
    pairs = ((set(getattr(wide, key)), set(getattr(narrow, key))) for key in keys)
    return all(not some or (bool(few) and few <= some) for some, few in pairs)


def _named(of: Selector) -> str:
    keys = {key: getattr(of, key) for key in ("tags", "name", "task", "risk")}
    given = [f"{key} {shown(value)}" for key, value in keys.items() if value]
    more = [f"not {_named(of.but_not)}"] if of.but_not else []
    more += [f"any of {' | '.join(map(_named, of.any))}"] if of.any else []
    return "; ".join([*given, *more]) if selects_by(of) else "all"


def _waivers(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """New and longer waivers loosen; each states its own reason."""
    before, after = ({_waived(waiver): waiver for waiver in policy.waivers} for policy in (old, new))
    for key, waiver in after.items():
        known = before.get(key)
        reason = "" if known and known.reason == waiver.reason else waiver.reason
        for difference in _of_waiver(known, waiver):
            yield replace(_change(new, waiver.rule, waiver.at, difference), reason=reason)
    for key, waiver in before.items():
        if key not in after:
            yield _change(new, waiver.rule, waiver.at, ("waiver", "tighter", _bounds(waiver), ""))


def _known(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """New and wider known failures loosen; each states its own reason."""
    before, after = ({entry.finding: entry for entry in policy.known} for policy in (old, new))
    for key, entry in after.items():
        known, rule = before.get(key), entry.rule.partition(":")[2]
        reason = "" if known and known.reason == entry.reason else entry.reason
        said = f"known failure of {entry.candidate}{f' in {where_text(entry.where)}' if entry.where else ''}"
        if known is None:
            new_one: Difference = (said, "looser", "", f"{entry.value_text} until {entry.expires}".strip())
            yield replace(_change(new, rule, entry.at, new_one), reason=reason)
            continue
        for name, was, now in widened(known, entry, demand_at(new, entry)):
            yield replace(_change(new, rule, entry.at, (f"{said}: {name}", "looser", was, now)), reason=reason)
    for key, entry in before.items():
        if key not in after:
            gone: Difference = (f"known failure of {entry.candidate}", "tighter", f"until {entry.expires}", "")
            yield _change(new, entry.rule.partition(":")[2], entry.at, gone)


def _waived(waiver: Waiver) -> tuple[object, ...]:
    return waiver.rule, waiver.where, waiver.applies_to


def _of_waiver(old: Waiver | None, new: Waiver) -> Iterator[Difference]:
    if old is None:
        where = f" in {where_text(new.where)}" if new.where else ""
        yield f"waiver{where}", "looser", "", _bounds(new)
        return
    for key, way in _OF_WAIVER:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            yield f"waiver: {key}", _ordered(way, was, now), _plain(was), _plain(now)


def _plain(value: Any) -> str:
    return "" if value is None else str(value) if isinstance(value, date) else shown(value)


def _bounds(waiver: Waiver) -> str:
    bound = f"not below {shown(waiver.not_below)}" if waiver.not_below is not None else ""
    bound = bound or f"not above {shown(waiver.not_above)}"
    return f"{bound} until {waiver.expires}"
