"""That queries are what a metric of rankings may rest on, and the columns by which it asks for their values."""

from __future__ import annotations

from collections.abc import Iterable

from mlgate.evidence.dialect import columns_in, quote
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.rows import Rows
from mlgate.evidence.tables.per_query import Flaw, PerQuery
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError

YES = "true"
NO_SCORE = "no finite score; every item needs one"


def per_query(question: Question, formula: str, *, state: bool = False) -> PerQuery:
    """The column with a ranking's value in each query, as the rule shapes it. Raises EvidenceError for a `k` that is
    no whole number, and where the candidate's score or label is no number."""
    options, score, label = question.options, question.role("score"), question.role("label")
    if options.k is not None and options.k.denominator != 1:
        raise EvidenceError(f"`k` of a ranking is a whole number of ranks, not {float(options.k):g}")
    for column in (score, label):
        _ = column.number
    k = None if options.k is None else int(options.k)
    exponential = options.gain == "exponential" and formula == "ndcg"
    least = options.relevant_from if formula != "ndcg" else None
    return PerQuery(formula, score.name, label.name, k, exponential, least, state)


def queries_guard(question: Question) -> tuple[Need, ...]:
    """The questions whether every item has a usable score and grade, and whether what sorts queries is theirs."""
    return (_flaws(question), *varying(question.rows, _sorting(question)))


def trusted_queries(question: Question, facts: Facts) -> None:
    """Raise EvidenceError, with counts, where queries cannot be sorted or their items not ranked."""
    one_valued(question.rows, _sorting(question), facts)
    fact: CountsFact = facts[_flaws(question)]
    every = sum(cell.n for cell in fact.cells)
    if not every:
        raise EvidenceError("no queries to measure: the table, or what `where` selects of it, is empty")
    for at, (flaw, said) in enumerate(_said(question)):
        found = sum(cell.n for cell in fact.cells if cell.values[at] == YES)
        if found:
            raise EvidenceError(f"column `{flaw.column}`: {found} of {every} queries have an item with {said}")


def ranked_guard(question: Question) -> tuple[Need, ...]:
    """The question whether every item has a score to rank by."""
    return (Counts(QUERIES, terms=(_yes(Flaw("unusable", question.role("score").name), " > 0"),)),)


def trusted_ranks(question: Question, facts: Facts) -> None:
    """Raise EvidenceError, with counts, where items have no rank."""
    fact: CountsFact = facts[ranked_guard(question)[0]]
    found = sum(cell.n for cell in fact.cells if cell.values[0] == YES)
    if found:
        every, column = sum(cell.n for cell in fact.cells), question.role("score").name
        raise EvidenceError(f"column `{column}`: {found} of {every} queries have an item with {NO_SCORE}")


def varying(rows: Rows, columns: Iterable[str]) -> tuple[Counts, ...]:
    """The questions whether columns take one value in each query: they are sorted as a whole."""
    return tuple(Counts(rows.table, terms=(_yes(Flaw("varies", column)),)) for column in columns)


def one_valued(rows: Rows, columns: Iterable[str], facts: Facts) -> None:
    """Raise EvidenceError for a column that takes several values in a query."""
    for column, need in zip(columns, varying(rows, columns), strict=True):
        fact: CountsFact = facts[need]
        several = sum(cell.n for cell in fact.cells if cell.values[0] == YES)
        if several:
            raise EvidenceError(
                f"column `{column}` takes several values in {several} of {sum(cell.n for cell in fact.cells)} queries: "
                "`by` and `where` sort whole queries; items within them are compared by `fairness.exposure`"
            )


def _sorting(question: Question) -> tuple[str, ...]:
    """The columns by which queries are sorted, selected or put together."""
    sql = (*(term.sql for term in question.by), question.where, question.unit)
    return tuple(dict.fromkeys(name for text in sql for name in columns_in(text)))


def _said(question: Question) -> tuple[tuple[Flaw, str], ...]:
    score, label = question.role("score").name, question.role("label").name
    return (
        (Flaw("unusable", score), NO_SCORE),
        (Flaw("unusable", label), "no finite grade; every item needs one"),
        (Flaw("negative", label), "a grade below 0; an item that is not relevant has the grade 0"),
    )


def _flaws(question: Question) -> Counts:
    terms = tuple(_yes(flaw, " > 0") for flaw, _ in _said(question))
    return Counts(question.rows.table, question.where, "", terms)


def _yes(flaw: Flaw, condition: str = "") -> Term:
    return Term(flaw.flaw, f"case when {quote(flaw.name)}{condition} then 'true' else 'false' end")
