"""Stores what rules ask of one table, to compare later tables with it when it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import EVALUATION
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import asked_by, guards_among
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.stored_table import (
    StoredCategory,
    StoredColumn,
    StoredTableFact,
    TableFile,
    category_digest,
    written,
)
from mlgate.gate import bind
from mlgate.gate.ask import ROUNDS
from mlgate.gate.run import FactSource, Settings, opened_tables
from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.selector import unmet
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.version import __version__


@dataclass(frozen=True)
class _Asking:
    """A rule that asks of the table, and the candidate as it sees it."""

    rule: Rule
    subject: Subject


def measure_table(path: Path, policies: Sequence[Policy], name: str, table: str, settings: Settings) -> str:
    """The file with what the policies' rules ask of a candidate's table, which they call `name`, for when it is the
    reference.

    Raises InputError where no rule asks, or the table cannot answer one, and MachineError if the machine failed.
    """
    try:
        candidate = bind.load(path, policies, settings.workspace, settings.roots, settings.servers)
        return _of_table(candidate, policies, name, table, settings)
    except EvidenceError as error:
        raise InputError(f"the table cannot be stored: {error}") from error


def _of_table(candidate: Candidate, policies: Sequence[Policy], name: str, table: str, settings: Settings) -> str:
    chosen = bind.applying(policies, candidate)
    with opened_tables(candidate, chosen, settings) as evidence:
        asking = list(_asking(candidate, chosen, evidence, settings))
        if not asking:
            raise InputError("no policy has a rule that applies to this candidate; change `when:` or the candidate")
        facts = _measured(asking, name, table, evidence, settings)
        found = [each for of in asking for each in of.rule.check.as_stored(of.subject, name, table, facts)]
        if not found:
            raise InputError(
                f"no rule asks what could be stored of `{name}`: write `against: {name}` in a rule of data.drift, with "
                "a distance of shares"
            )
        return written(_stored(asking, candidate, chosen, (name, table), _merged(found), evidence, settings))


def _merged(found: Iterable[StoredColumn]) -> Sequence[StoredColumn]:
    """Each column once for all rules that ask the same; one of dates has counts if a rule names it."""
    by_asked: dict[object, StoredColumn] = {}
    for each in found:
        if each.numbers or each.asked not in by_asked:
            by_asked[each.asked] = each
    return tuple(by_asked.values())


def _asking(
    candidate: Candidate, policies: Sequence[Policy], evidence: FactSource, settings: Settings
) -> Iterator[_Asking]:
    for policy in policies:
        subject = replace(bind.subject(candidate, policy, evidence), as_of=settings.as_of)
        for rule in policy.rules:
            if not any(unmet(rule.when, candidate)):
                yield _Asking(rule, replace(subject, shown=rule.show_values, least_rows=rule.min_n))


def _measured(asking: Sequence[_Asking], name: str, table: str, evidence: FactSource, settings: Settings) -> Facts:
    """Ask until no rule asks for more. Raises MachineError if the machine failed."""
    facts = Facts()
    for _ in range(ROUNDS):
        needs = [need for of in asking for need in of.rule.check.of_stored(of.subject, name, table, facts)]
        new = [need for need in dict.fromkeys(asked_by(needs)) if need not in facts]
        if not new:
            break
        found = evidence.measure(new, settings.progress)
        broken = next((fact for fact in found.answers.values() if isinstance(fact, MachineError)), None)
        if broken is not None:
            raise broken
        facts = Facts({**facts.answers, **found.answers})
        for guard in guards_among(needs):
            guard.check(facts)
    return facts


def _stored(
    asking: Sequence[_Asking],
    candidate: Candidate,
    policies: Sequence[Policy],
    named: tuple[str, str],
    found: Sequence[StoredColumn],
    evidence: FactSource,
    settings: Settings,
) -> StoredTableFact:
    name, table = named
    subject = asking[0].subject
    rows = subject.rows(table)
    number = MatchingRows(rows.table, "", subject.count_of(table))
    digests = [each for each in bind.digests(candidate, settings.workspace) if each.role in _files(table)]
    facts = evidence.measure([number, *digests], settings.progress)
    files = [TableFile(each.role, each.path, facts[each].sha256) for each in digests]
    files += [TableFile(each.role, each.path, each.sha256) for policy in policies for each in policy.inputs]
    shown = {column for of in asking for column in rows.kinds if column in of.subject.shown}
    hidden = tuple(dict.fromkeys(of.column for of in found if of.categories and of.column not in shown))
    return StoredTableFact(
        table=name,
        day=settings.as_of.isoformat(),
        tool=__version__,
        rows=facts[number].of,
        files=tuple(dict.fromkeys(files)),
        columns=rows.schema.columns,
        key=subject.key_of(table),
        correlated=subject.correlated(table),
        hidden=hidden,
        compared=tuple(_hiding(of) if of.column in hidden else of for of in found),
    )


def _files(table: str) -> tuple[str, ...]:
    """The roles of the files that a table is made of."""
    return (PREDICTIONS, EVALUATION) if table == PREDICTIONS else (table,)


def _hiding(of: StoredColumn) -> StoredColumn:
    """A column with digests for the categories that no rule may show."""

    def digest(each: StoredCategory) -> StoredCategory:
        return each if each.category is None else replace(each, category=category_digest(of.column, each.category))

    return replace(of, categories=tuple(map(digest, of.categories)))
