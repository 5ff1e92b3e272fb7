"""What a policy leaves to the candidate: keys that decide what is measured, and the `expects:` that fixes them.

What is listed follows from what the rules read: their tables, their roles, and the tasks whose candidates they judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from mlgate.candidate.declared import records_of
from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import CHAMPION
from mlgate.candidate.roles import ANSWERS, EVALUATION, ROLES
from mlgate.candidate.tasks import BY_NAME
from mlgate.evidence.open import of_one_file
from mlgate.metrics.metric import TASKS
from mlgate.policy.demanded import NOTHING, Policy, Rule, Selector, shown
from mlgate.policy.expected_keys import TABLES, UNREAD
from mlgate.policy.expects import names_column
from mlgate.policy.selector import selects_by, tasks_of
from mlgate.reading.fields import ListOf, Record, params
from mlgate.reading.strict_yaml import escaped
from mlgate.values.errors import Location, Problem
from mlgate.values.faults import crashing

Dotted = tuple[str, ...]
Tree = dict[str, Any]
Fixed = Mapping[Dotted, Any]
Read = Mapping[str, frozenset[str]]
"""For each task whose candidates are judged: the roles that rules read."""

_COLUMNS = {"CLASS": "COLUMN", "OTHER": "COLUMN"}
_CLASSED = frozenset(name for name, task in BY_NAME.items() if task.classes)
_BY_CLASS = ("scores", "decisions")
_FURTHER = {"separator": "TEXT", "unretrieved": "none"}
"""Roles without a column that decide how the others are read."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def left_open(policy: Policy) -> dict[Dotted, Any]:
    """The keys that the candidate may choose, each with what fixes it; what is in capitals is the owner's to say."""
    fixed = {entry.keys: entry.value for entry in policy.expects}
    tasks = _tasks(policy, fixed)
    found = dict(_about_predictions(policy, tasks, fixed))
    for table in dict.fromkeys(name for rule in policy.rules for name in (_source(rule), *_further(rule))):
        facts = fixed.get(("tables", table, "facts"), NOTHING) != NOTHING
        found |= dict(_of_table(table)) if table not in (PREDICTIONS, "") and not facts else {}
    found |= dict(_of_checks(policy))
    for rule in policy.rules:
        found |= dict(_of_champions(rule, policy, tasks, fixed)) if rule.check.compares_models else {}
    return {keys: value for keys, value in found.items() if not _known(keys, fixed)}


def _about_predictions(policy: Policy, tasks: frozenset[str], fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """The keys about the predictions, if a rule reads them."""
    on_predictions = [rule for rule in policy.rules if PREDICTIONS in (_source(rule), *_further(rule))]
    own = [rule for rule in on_predictions if rule.check.about == "population"]
    if not on_predictions:
        return
    if not own:  # only the table itself is judged, whatever its columns mean
        yield from {(PREDICTIONS, "count"): "none", (PREDICTIONS, UNREAD): "none"}.items()
        yield from _of_evaluation(policy, fixed)
        return
    read = _read(own, tasks)
    yield from _of_task(read, tasks, fixed)
    yield from _of_predictions(read, tasks, fixed)
    yield from {("unit", "column"): "COLUMN", ("unit", "score"): "none"}.items()
    yield from _of_evaluation(policy, fixed)
    for table in sorted(_roles(read) & set(TABLES)):
        yield from _of_table(table, True)


def _of_checks(policy: Policy) -> Iterator[tuple[Dotted, Any]]:
    """The keys that checks declare for themselves, and the files that their rules read."""
    files = {path: "FILE" for rule in policy.rules for path in _entries(rule)}
    for record in records_of(type(rule.check) for rule in policy.rules):
        for keys, value in _of_declared(record):
            if all(file[: len(keys)] != keys for file in files):
                yield keys, value
    yield from files.items()


def _tasks(policy: Policy, fixed: Fixed) -> frozenset[str]:
    """The tasks that a candidate can have, as far as the policy says: by name, or by keys that only they have."""
    if ("task",) in fixed:
        return frozenset((fixed[("task",)],))
    roles = [keys[1] for keys, value in fixed.items() if keys[0] == PREDICTIONS and keys[1:] and value != NOTHING]
    classes = fixed.get(("classes",), NOTHING)
    implied = [
        tasks_of(policy.applies_to),
        *(frozenset(ROLES[name].fit.tasks) for name in roles if name in ROLES),
        frozenset({"binary"} if fixed.get(("positive",), NOTHING) != NOTHING else ()),
        frozenset() if classes == NOTHING else _CLASSED - ({"binary"} if len(classes) > 2 else set()),
    ]
    found = frozenset.intersection(*filter(None, implied))
    return frozenset() if found == frozenset(TASKS) else found


def _read(rules: Iterable[Rule], certain: frozenset[str]) -> Read:
    """For each task that a candidate can have and that some rule judges, the roles that the rules read."""
    found: dict[str, frozenset[str]] = {}
    for rule in rules:
        for task in (name for name in TASKS if name in (certain or TASKS) and name in tasks_of(rule.when)):
            with crashing(f"{rule.at}: what rule `{rule.id}` reads", rule.check):
                roles = rule.check.reads(task)
                if roles is not None:
                    found[task] = found.get(task, frozenset()) | roles
    return found


def _source(rule: Rule) -> str:
    with crashing(f"{rule.at}: what rule `{rule.id}` reads", rule.check):
        return rule.check.source


def _further(rule: Rule) -> tuple[str, ...]:
    with crashing(f"{rule.at}: what rule `{rule.id}` reads", rule.check):
        return rule.check.further_tables


def _entries(rule: Rule) -> tuple[Dotted, ...]:
    with crashing(f"{rule.at}: what rule `{rule.id}` reads", rule.check):
        return rule.check.entries_read


def _roles(read: Read) -> frozenset[str]:
    return frozenset[str]().union(*read.values())


def _of_task(read: Read, certain: frozenset[str], fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """The task itself, and the classes: which is positive, which there are, and in which order."""
    if not certain and len(read) > 1:
        yield ("task",), "TASK"
    if "binary" in read:
        yield ("positive",), "CLASS"
    by_class = any(fixed.get((first, "labels"), NOTHING) != NOTHING for first in (PREDICTIONS, EVALUATION))
    if set(read) & _CLASSED - {"binary"} and not (by_class and "multiclass" not in read):
        yield ("classes",), ("CLASS", "OTHER")


def _of_predictions(read: Read, certain: frozenset[str], fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """The roles of the predictions that rules read, but for the model's answers."""
    settled = set(read) if certain or len(read) == 1 else set()
    roles = _roles(read)
    special = [name for name in ROLES if settled & set(ROLES[name].fit.tasks)]
    identifying = [name for name in special if ROLES[name].fit.identifies]
    yield (PREDICTIONS, "id"), "none" if identifying else "COLUMN"
    if "label" in roles:
        yield from _label("multilabel" in read, fixed)
    yield from (((PREDICTIONS, name), "none") for name in ("count", "weight") if name in roles)
    yield from (((PREDICTIONS, name), "COLUMN") for name in identifying)
    yield from (((PREDICTIONS, name), value) for name, value in _FURTHER.items() if name in special)
    yield (PREDICTIONS, UNREAD), "none"


def _label(by_class: bool, fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """Where the truth is read, if the policy does not say so."""
    places = [(first, key) for first in (EVALUATION, PREDICTIONS) for key in ("label", "labels")]
    if any(fixed.get(place, NOTHING) != NOTHING for place in places):
        return
    for first, key in places:
        possible = (first == PREDICTIONS or _presented(EVALUATION, fixed)) and (by_class or key == "label")
        if possible and (first, key) not in fixed:
            yield (first, key), "COLUMN" if key == "label" else _COLUMNS
            return


def _presented(first: str, fixed: Fixed) -> bool:
    """Whether the policy says something of a table or a champion that the candidate then must present."""
    return any(keys[0] == first and value != NOTHING for keys, value in fixed.items())


def _of_evaluation(policy: Policy, fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """The table with labels and groups: which it is, or none."""
    if _presented(EVALUATION, fixed):
        yield from _of_table(EVALUATION)
    elif not any(map(names_column, policy.expects)) and all(
        EVALUATION not in (_source(rule), *_further(rule)) for rule in policy.rules
    ):
        yield (EVALUATION,), "none"


def _of_table(name: str, labelled: bool = False) -> Iterator[tuple[Dotted, Any]]:
    """The keys of a further table: which file it is, what identifies its rows, and for some what the true value is."""
    keys = (name,) if name in TABLES else ("tables", name)
    yield (*keys, "path"), "FILE"
    yield (*keys, UNREAD), "none"
    yield (*keys, "key"), "COLUMN"
    if labelled:
        yield (*keys, "label"), "COLUMN"


def _of_champions(rule: Rule, policy: Policy, certain: frozenset[str], fixed: Fixed) -> Iterator[tuple[Dotted, Any]]:
    """The file and the answers of the earlier models that a rule compares with."""
    roles = _roles(_read([rule], certain))
    for keys in _compared_with(rule, policy):
        if fixed.get((*keys, "verdict"), NOTHING) == NOTHING:
            yield (*keys, "path"), "FILE"
            yield (*keys, UNREAD), "none"
            for name in (name for name in ANSWERS if name in roles):
                yield (*keys, name), _COLUMNS if name in _BY_CLASS else "COLUMN"


def _of_declared(record: type[Any], above: Dotted = ()) -> Iterator[tuple[Dotted, Any]]:
    """The keys of the candidate that a check declares for itself."""
    for entry in params(record):
        path = (*above, entry.key)
        if isinstance(entry.spec, Record):
            yield from _of_declared(entry.spec.cls, path)
        else:
            yield path, _example(entry.spec)


def _example(spec: Any) -> Any:
    """How the value of a key is written: a file, a list of records that name files, or something else."""
    if isinstance(spec, FilePath):
        return "FILE"
    if isinstance(spec, ListOf) and isinstance(spec.of, Record):
        return [{e.key: "FILE" for e in params(spec.of.cls) if isinstance(e.spec, FilePath)}]
    return "VALUE"


def _compared_with(rule: Rule, policy: Policy) -> Iterator[Dotted]:
    """The champions that a rule compares with. If it names none, it is the only one."""
    names = getattr(rule.check, "against", ())
    yield from (("champions", name) for name in names if name != CHAMPION)
    if CHAMPION in names or (not names and not any(entry.keys[0] == "champions" for entry in policy.expects)):
        yield (CHAMPION,)


def _known(keys: Dotted, fixed: Fixed) -> bool:
    """Whether the policy fixes a key, one below it, or that something above it is left out.

    A table that is one file, by the ending of its name, has no further parts.
    """
    above = any(fixed.get(keys[:end]) == NOTHING for end in range(1, len(keys)))
    path = fixed.get((*keys[:-1], "path"), "") if keys[-1] == UNREAD else ""
    return above or (isinstance(path, str) and of_one_file(path)) or any(each[: len(keys)] == keys for each in fixed)


def left_by_own_words(policy: Policy, among: Sequence[Policy]) -> Iterator[Problem]:
    """Advice where a candidate's own file decides whether a policy, a rule or a waiver applies to it."""
    everywhere = {key for each in among if each.applies_to == Selector() for key in _fixed(each)}
    known = everywhere | _fixed(policy)
    if keys := [key for key in selects_by(policy.applies_to) if key not in everywhere]:
        remedy = "of a policy without `for:`; the notes of a verdict name the policies that do not apply"
        yield _decides("`for:` of the policy", keys, policy.selects_at or Location(policy.file), remedy)
    rules = [(f"`{rule.id}`", rule.when, rule.at) for rule in policy.rules]
    waivers = [(f"`{waiver.rule}`", waiver.applies_to, waiver.at) for waiver in policy.waivers]
    # A waiver is for somebody by name; whether a candidate has taken a name is seen by its base (`--policy-ref`).
    for what, selectors, fixed in (
        ("`when:` of rule", rules, known),
        ("`for:` of the waiver of", waivers, known | {"name"}),
    ):
        chosen = [
            (name, at, keys)
            for name, of, at in selectors
            if (keys := [key for key in selects_by(of) if key not in fixed])
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
    """The keys at the top of the candidate file that a policy fixes, directly or, for the task, by other keys."""
    keys = {entry.keys[0] for entry in policy.expects if len(entry.keys) == 1}
    return keys | (
        {"task"} if len(_tasks(policy, {entry.keys: entry.value for entry in policy.expects})) == 1 else set()
    )


def closing_block(policy: Policy, said: Fixed = MappingProxyType({})) -> str:
    """The policy's `expects:` with all that its own file fixes and all that it leaves open, as the file may have it.

    `said` has values of what it leaves open, where they are known.
    """
    whole: Tree = {}
    own = {entry.keys: entry.value for entry in policy.expects if entry.at.file == policy.file}
    for keys, value in {**own, **left_open(policy), **said}.items():
        below = whole
        for key in keys[:-1]:
            below = below.setdefault(key, {})
        below[keys[-1]] = value
    return "".join(["expects:\n", *(f"  {_quoted(key)}: {flow(value)}\n" for key, value in whole.items())])


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple):
            return flow(dict(value))
        return flow(value[0]) if len(value) == 1 else f"[{', '.join(map(flow, value))}]"
    if isinstance(value, (bool, Fraction)):
        return shown(value)
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)}: {flow(below)}' for key, below in value.items())}}}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else escaped(json.dumps(text, ensure_ascii=False))
