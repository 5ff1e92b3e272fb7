"""The guards of a ranking's queries, and the computed columns with the value of a metric in each query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mlgate.evidence.dialect import columns_in, quote
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.tables.per_query import Flaw, PerQuery
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted, have

NO_SCORE = "no finite score; every item requires one"


def per_query(question: Question, formula: str, *, state: bool = False) -> PerQuery:
    """The column with a metric's value in each query, by the rule's parameters.

    Raises EvidenceError for a `k` that is not a whole number, and where the candidate's score or label is not numeric.
    """
    options, score, label = question.options, question.role("score"), question.role("label")
    if options.k is not None and options.k.denominator != 1:
        raise EvidenceError(f"`k` of a ranking must be a whole number of ranks, not {float(options.k):g}")
    for column in (score, label):
        _ = column.number
    k = None if options.k is None else int(options.k)
    exponential = options.gain == "exponential" and formula == "ndcg"
    least = options.relevant_from if formula != "ndcg" else None
    return PerQuery(formula, score.name, label.name, k, exponential, least, state)


def usable_queries(question: Question) -> tuple[Guard, ...]:
    """The guards that `by` and `where` select whole queries, and that every item has a usable score and grade."""
    return (*one_valued(question.rows, _sorting(question)), Guard(_flaws(question), partial(_refuse_flaws, question)))


def _refuse_flaws(question: Question, fact: CountsFact) -> None:
    if not fact.rows:
        raise EvidenceError("no queries to measure: the table, or what `where` selects of it, is empty")
    for at, (flaw, said, key) in enumerate(_said(question)):
        if found := fact.flagged(at):
            raise EvidenceError(f"column `{flaw.column}`: {have(found, 'query', fact.rows)} an item with {said}", key)


def usable_ranks(question: Question) -> tuple[Guard, ...]:
    """The guard that every item has a finite score."""
    column = question.role("score")
    need = Counts(QUERIES, terms=(_flag(Flaw("unusable", column.name), " > 0"),))
    return (Guard(need, partial(_refuse_unranked, column)),)


def _refuse_unranked(column: Column, fact: CountsFact) -> None:
    if found := fact.flagged():
        raise EvidenceError(
            f"column `{column.name}`: {have(found, 'query', fact.rows)} an item with {NO_SCORE}", column.key
        )


def one_valued(rows: Rows, columns: Iterable[str]) -> tuple[Guard, ...]:
    """The guards that each column has a single value per query, so that whole queries are selected."""
    return tuple(
        Guard(Counts(rows.table, terms=(_flag(Flaw("varies", column)),)), partial(_refuse_several, column))
        for column in columns
    )


def _refuse_several(column: str, fact: CountsFact) -> None:
    if several := fact.flagged():
        raise EvidenceError(
            f"column `{column}` has several values in {several:,} of {counted(fact.rows, 'query')}: "
            "`by` and `where` select whole queries; to compare the items within them, use a check of their exposure"
        )


def _sorting(question: Question) -> tuple[str, ...]:
    """The columns by which queries are sliced, selected or grouped into units."""
    sql = (*(term.sql for term in question.by), question.where, question.unit)
    return tuple(dict.fromkeys(name for text in sql for name in columns_in(text)))


def _said(question: Question) -> tuple[tuple[Flaw, str, str], ...]:
    """What may be wrong with an item: the flaw, its name in messages, and the key of the column."""
    score, label = question.role("score"), question.role("label")
    return (
        (Flaw("unusable", score.name), NO_SCORE, score.key),
        (Flaw("unusable", label.name), "no finite grade; every item requires one", label.key),
        (Flaw("negative", label.name), "a grade below 0; give an item that is not relevant the grade 0", label.key),
    )


def _flaws(question: Question) -> Counts:
    terms = tuple(_flag(flaw, " > 0") for flaw, _, _ in _said(question))
    return Counts(question.rows.table, question.where, "", terms)


def _flag(flaw: Flaw, condition: str = "") -> Term:
    return Term.flag(flaw.flaw, f"{quote(flaw.name)}{condition}")
