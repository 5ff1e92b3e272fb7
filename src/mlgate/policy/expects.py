"""`expects:`, the values that a policy requires of a candidate's keys: how they are read, and the rule they become."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, is_dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, cast

from mlgate.candidate.named_files import files, role_of
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import EVALUATION, ROLES, ChampionSpec
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.unread_parts import UnreadParts, UnreadPartsFact
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import NOTHING, Expectation, FixedDigests, FixedPath, Nothing, Policy, Rule, shown
from mlgate.policy.expected_keys import DIGESTS, TABLES, UNREAD, ExpectKeys, expect_keys, record_with
from mlgate.reading.fields import Missing, ProblemReport, Record, keys, leaves, params
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Claim
from mlgate.values.verdict import EXPECTS
from mlgate.values.words import Words, did_you_mean

_NAMED = (("champions",), ("tables",))
"""Keys whose entries have names that the candidate chooses."""
Declared = Callable[[], tuple[type[Any], ...]]
"""Gives the records of candidate keys that checks declare. It is called only if a policy fixes such a key."""


def read_expects(node: Mapping, declared: Declared, report: ProblemReport) -> tuple[Expectation, ...]:
    """The expectations of one policy file, in its order."""
    written = node.get("expects")
    if written is None:
        return ()
    names = [key.text for key, _ in written.entries] if isinstance(written, Mapping) else []
    records = () if set(names) <= set(keys(ExpectKeys)) else declared()
    given = Record(expect_keys(*cast("Any", records)), min=1).read(written, report.inside("expects"))
    if isinstance(given, Missing):
        return ()
    positive = given.positive if isinstance(given.positive, str) else None
    if positive and isinstance(given.classes, tuple) and positive not in given.classes:
        classes = ", ".join(given.classes)
        said = f"`expects.positive` is `{positive}`, which is not in `expects.classes`; write one of {classes}"
        report.add(node.place_of("expects", "positive"), said)
    if positive and given.task not in (None, NOTHING, "binary"):
        said = f"`expects.positive` is for binary tasks, not {given.task}; remove it"
        report.add(node.place_of("expects", "positive"), said)
    for name in TABLES:
        if isinstance(given.tables, tuple) and name in dict(given.tables):
            at = node.place_of("expects", "tables", name)
            report.add(at, f"the table `{name}` is fixed by `expects.{name}`; write it there")
    found = (
        Expectation(path, value, node.place_of("expects", *path), record_with(path[0], records))
        for path, value in leaves(given, (Nothing, FixedPath, FixedDigests))
    )
    return tuple(sorted(found, key=lambda expectation: expectation.at))


@dataclass(frozen=True)
class Expectations(Check):
    """The candidate's keys have the values that the policy's `expects:` requires."""

    id: ClassVar[str] = EXPECTS
    bounded: ClassVar[bool] = False

    expected: tuple[Expectation, ...]

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "what the policy expects of the candidate"

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    def words(self, _subject: Subject) -> Words:
        """Each finding is about one key of the candidate file."""
        return Words("key")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The files that folders hold beside those that are read, and digests; all else is already known."""
        for entry in self.expected:
            need = _unread(entry, subject.candidate)
            yield from [need] if need else _digests(entry, subject.candidate)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per key, and per key that follows from those that the policy names."""
        for entry in self.expected:
            need = _unread(entry, subject.candidate)
            if entry.keys[0] == DIGESTS:
                yield from _claims_of_digests(entry, subject.candidate, facts)
            else:
                yield _claim_unread(entry, facts[need]) if need else _claim(entry, subject.candidate)
        yield from implied(self.expected, subject.candidate)


def _unread(entry: Expectation, candidate: Candidate) -> UnreadParts | None:
    """The question for the files in a table's folder that are not read; None for another key, or without a file."""
    if not _is_unread(entry):
        return None
    source = getattr(_found(candidate, entry.keys[:-1]), "source", None)
    return UnreadParts(candidate.path_of(source)) if isinstance(source, FileSource) else None


def _is_unread(entry: Expectation) -> bool:
    """Whether an expectation is about files that are not read. A table, too, may have the name of that key."""
    return entry.keys[-1] == UNREAD and len(entry.keys) == 2 + (entry.keys[:1] in _NAMED) and not entry.declared


def _claim_unread(entry: Expectation, fact: UnreadPartsFact) -> Claim:
    """Whether just those files of a table's folder are not read that the policy expects."""
    where, said = (("key", entry.key),), f"not read of its folder: {fact.named}"
    if fact.paths == (() if isinstance(entry.value, Nothing) else tuple(sorted({*entry.value}))):
        return Claim(where, True, said)
    remedy = "rename the files whose rows count, and remove the others"
    return Claim(where, False, f"{said}; the policy expects {shown(entry.value)}, so {remedy}")


def _digests(entry: Expectation, candidate: Candidate) -> list[Digest]:
    """The questions for the digests of the files with a role; none for another key."""
    if entry.keys[0] != DIGESTS:
        return []
    role = entry.keys[1]
    return [Digest(role, candidate.path_of(source)) for keys, source in files(candidate) if role_of(keys) == role]


def _claims_of_digests(entry: Expectation, candidate: Candidate, facts: Facts) -> Iterator[Claim]:
    """Whether each file with a role has one of the digests that the policy expects."""
    where, wanted = (("key", entry.key),), " or ".join(digest[:12] for digest in entry.value)
    needs = _digests(entry, candidate)
    for need in needs:
        found = facts[need].sha256
        said = f"{need.path} has the digest {found[:12]}"
        yield Claim(
            where, found in entry.value, said if found in entry.value else f"{said}; the policy expects {wanted}"
        )
    if not needs:
        roles = list(dict.fromkeys(role_of(keys) for keys, _ in files(candidate)))
        said = f"the candidate has no file with the role `{entry.keys[1]}`"
        hint = did_you_mean(entry.keys[1], roles) or f"; it has {', '.join(roles) or 'none'}"
        yield Claim(where, False, f"{said}{hint}")


def _claim(entry: Expectation, candidate: Candidate) -> Claim:
    """Whether the candidate has the value that is expected for one key."""
    found, where = None if _is_unread(entry) else presented(candidate, entry), (("key", entry.key),)
    above = entry.keys[:-1]
    if above[:1] in (("champion",), ("champions",)) and _found(candidate, above) in _LEFT_OUT:
        # A policy that names a key of a champion requires the champion.
        key = ".".join(above)
        return Claim(where, False, f"{_lacks(key)}; the policy expects one, with {entry.key}: {shown(entry.value)}")
    said = _has(entry.key, found) if found is not None else _lacks(entry.key)
    if isinstance(entry.value, Nothing):
        return Claim(where, found is None, said if found is None else f"{said}; the policy expects none, so remove it")
    met, wanted = _meets(candidate, found, entry), shown(entry.value)
    if _from_top(wanted) and entry.is_path:
        wanted += ", from the workspace's top"
    return Claim(where, met, said if met else f"{said}; the policy expects {wanted}")


def _meets(candidate: Candidate, found: Any, entry: Expectation) -> bool:
    """Whether the candidate's value is the expected one; the order of a mapping does not matter."""
    if isinstance(entry.value, tuple) and entry.value and all(map(is_dataclass, entry.value)):
        return _are_records(candidate, found, entry.value)
    if not entry.is_path:
        return bool(_comparable(found) == _comparable(entry.value))
    source = _found(candidate, entry.keys, entry.declared)
    sources, wanted = (each if isinstance(each, tuple) else (each,) for each in (source, entry.value))
    return len(sources) == len(wanted) and all(_is_file(candidate, *pair) for pair in zip(sources, wanted, strict=True))


def _are_records(candidate: Candidate, found: Any, wanted: tuple[Any, ...]) -> bool:
    """Whether a list of the candidate has just the records that a policy names: none more, none fewer."""
    own = found if isinstance(found, tuple) else ()
    return len(own) == len(wanted) and all(_is_record(candidate, *pair) for pair in zip(own, wanted, strict=True))


def _is_record(candidate: Candidate, own: Any, wanted: Any) -> bool:
    """Whether a record has the values that a policy names; a key that it does not name has its default."""
    for entry in params(type(own)):
        value, fixed = getattr(own, entry.attribute), getattr(wanted, entry.attribute)
        if isinstance(fixed, FixedPath):
            if not _is_file(candidate, value, str(fixed)):
                return False
        elif value != (entry.default if fixed is None or isinstance(fixed, Nothing) else fixed):
            return False
    return True


def _comparable(value: Any) -> Any:
    return dict(value) if isinstance(value, tuple) and isinstance(value[0], tuple) else value


def _from_top(wanted: str) -> bool:
    """Whether a policy names a file from the workspace's top. Such a path of a candidate is from the machine's top."""
    return wanted.startswith("/")


def _is_file(candidate: Candidate, source: Any, wanted: str) -> bool:
    """Whether a candidate presents the file that a policy names.

    From the workspace's top the place decides, not the letters. Else the path is relative to the candidate file, and
    equal but for `./`. A `..` matters: after a link it leads elsewhere.
    """
    if not isinstance(source, FileSource):
        return False
    if not _from_top(wanted):
        return PurePosixPath(source.path) == PurePosixPath(wanted)
    folder, own = Path(os.path.abspath(source.root)), PurePosixPath(candidate.file).parent.parts
    above = len(folder.parts) - len(own)
    if above < 1 or folder.parts[above:] != own:
        return False  # the candidate file is not in the workspace
    top = Path(*folder.parts[:above])
    return os.path.realpath(folder / source.path) == os.path.realpath(top / wanted.lstrip("/"))


def _has(key: str, value: Any) -> str:
    plain = isinstance(value, str) or (isinstance(value, tuple) and (key,) not in _NAMED)
    return f"the candidate has {key}: {shown(value)}" if plain else f"the candidate has {key}"


def _lacks(key: str) -> str:
    return f"the candidate does not have {key}"


_LEFT_OUT: tuple[Any, ...] = (None, "", ())


def presented(candidate: Candidate, entry: Expectation) -> Any:
    """The candidate's value for the keys of an expectation, for a file its path; None if it has none."""
    value = _found(candidate, entry.keys, entry.declared)
    if isinstance(value, FileSource):
        return value.path
    if isinstance(value, tuple) and any(isinstance(each, FileSource) for each in value):
        return tuple(each.path for each in value)
    # A declared key that is left out has its default.
    none = entry.declared and isinstance(entry.value, Nothing) and value == _default(entry)
    return None if none or value in _LEFT_OUT else value


def _default(entry: Expectation) -> Any:
    return _found(Candidate(name=""), entry.keys, entry.declared)


def _found(candidate: Candidate, path: tuple[str, ...], declared: type[Any] | None = None) -> Any:
    first, *rest = path
    if declared is not None:
        value = _below(candidate.of(declared), first)
    else:
        value = candidate.table(first) if first in TABLES else getattr(candidate, first)
    for part in rest:
        if value is not None:
            value = _below(value, part)
    return value


def _below(value: Any, part: str) -> Any:
    if isinstance(value, tuple):
        return dict(value).get(part)
    return getattr(value, next(entry.attribute for entry in params(type(value)) if entry.key == part))


def implied(expected: Iterable[Expectation], candidate: Candidate) -> Iterator[Claim]:
    """The claims that follow from a policy that names columns: they are not read from elsewhere.

    A candidate may add the table `evaluation` to columns that the policy names only if the policy names it too. A
    champion is joined by the id of the predictions, unless the policy names another.
    """
    fixed = {entry.keys for entry in expected}
    named = any(names_column(entry) for entry in expected)
    if named and candidate.evaluation and not any(keys[0] == EVALUATION for keys in fixed):
        said = f"the candidate adds tables.{EVALUATION}, and the policy expects the columns of the predictions alone"
        yield Claim((("key", EVALUATION),), False, f"{said}; remove it, or name it in `expects.{EVALUATION}`")
    for path, champion in _champions(candidate):
        own = candidate.predictions.identity if candidate.predictions else ()
        known = any(entry[: len(path)] == path for entry in fixed)
        if known and (*path, "id") not in fixed and champion.id != own:
            key = ".".join((*path, "id"))
            said = f"the candidate has {key}: {shown(champion.id)}, and its predictions have {shown(own)}"
            yield Claim((("key", key),), False, f"{said}; make them equal, or name it in `expects.{key}`")


def names_column(entry: Expectation) -> bool:
    """Whether an expectation says in which column of the predictions something is."""
    if isinstance(entry.value, Nothing) or len(entry.keys) != 2:
        return False
    first, key = entry.keys
    return entry.keys == ("unit", "column") or (first == "predictions" and key in ROLES and ROLES[key].fit.column)


def _champions(candidate: Candidate) -> Iterator[tuple[tuple[str, ...], ChampionSpec]]:
    if candidate.champion:
        yield ("champion",), candidate.champion
    yield from ((("champions", name), champion) for name, champion in candidate.champions)


def expected_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rule `expects`, which comes before the others; empty if the policy has no `expects:`."""
    if not policy.expects:
        return ()
    at = policy.expects_at or Location(policy.file)
    return (Rule(policy.name, "expects", Expectations(policy.expects), Demand(), at),)
