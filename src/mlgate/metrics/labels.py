"""That labels are what a metric of scores may rest on: there for every row, and of the classes declared."""

from __future__ import annotations

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Term
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError


def label_guard(question: Question) -> Counts:
    """The question which labels there are."""
    return Counts(question.rows.table, question.where, question.count, (question.label_term,))


def trusted_labels(question: Question, facts: Facts) -> tuple[str, ...]:
    """The labels found. Raises EvidenceError for missing, undeclared or too many ones."""
    fact: CountsFact = facts[label_guard(question)]
    if not fact.cells:
        raise EvidenceError("no rows to measure: the table, or what `where` selects of it, is empty")
    missing = sum(cell.n for cell in fact.cells if cell.values[0] is None)
    if missing:
        raise EvidenceError(f"{missing} rows have no label (column `{question.roles.get('label')}`)")
    labels = tuple(sorted(str(cell.values[0]) for cell in fact.cells))
    unknown = set(labels) - set(question.classes) if question.classes else set()
    if unknown:
        raise EvidenceError(f"labels {', '.join(sorted(unknown)[:8])} are not among the declared classes")
    known = set(labels) | set(question.classes)
    if question.task == "binary" and (len(known) > 2 or question.positive not in known):
        raise EvidenceError(
            f"the labels are {', '.join(labels[:8])}: a binary task has two classes, one of them the positive "
            f"`{question.positive}`"
        )
    return labels


def present_column(question: Question) -> Counts:
    """The question whether every row has a value in the rule's column."""
    column = question.number("column")
    missing = Term("missing", f"case when {column.text} is null then 'true' else 'false' end")
    return Counts(question.rows.table, question.where, question.count, (missing,))


def complete_column(question: Question, facts: Facts) -> None:
    """Raise EvidenceError unless there are rows and every one has a value in the rule's column."""
    fact: CountsFact = facts[present_column(question)]
    missing = sum(cell.n for cell in fact.cells if cell.values[0] == "true")
    if not fact.cells:
        raise EvidenceError("no rows to measure: the table, or what `where` selects of it, is empty")
    if missing:
        raise EvidenceError(f"column `{question.number('column').name}`: {missing} rows have no value")
