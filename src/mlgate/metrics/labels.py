"""The guards of labels and of the rule's column: every row has a value, and labels are declared classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.values_present import MOST_OTHERS, ValuesFact, ValuesPresent
from mlgate.evidence.rows import NEVER, Column, Rows, other_spellings
from mlgate.metrics.question import NO_ROWS, Question
from mlgate.values.errors import EvidenceError
from mlgate.values.look import look
from mlgate.values.words import counted, have


def labelled(question: Question, *, scored: Iterable[str] | None = None) -> Guard:
    """The guard that every row has a label among the declared classes and, if given, among the `scored` ones."""
    need = Counts(question.rows.table, question.where, question.count, (question.label_term,))
    return Guard(need, partial(_refuse_labels, question, None if scored is None else frozenset(scored)))


def _refuse_labels(question: Question, scored: frozenset[str] | None, fact: CountsFact) -> None:
    if not fact.cells:
        raise EvidenceError(NO_ROWS)
    complete(question, fact.cells, ("label",))
    labels = tuple(sorted(str(cell.values[0]) for cell in fact.cells))
    unknown = set(labels) - set(question.classes) if question.classes else set()
    if unknown:
        raise not_declared(question, unknown)
    known = set(labels) | set(question.classes)
    if question.task == "binary" and question.positive not in known:
        raise no_such_positive(question.positive, positive_key(question), known)
    if question.task == "binary" and len(known) > 2:
        raise EvidenceError(
            f"the labels are {quoted(labels)}, and a binary task has two classes; write every label as one",
            question.key("label"),
        )
    without = set(labels) - scored if scored is not None else set()
    if without:
        raise EvidenceError(f"labels without a score column: {', '.join(sorted(without))}", question.key("scores"))


def complete(question: Question, cells: Sequence[Cell], roles: Sequence[str]) -> None:
    """Raise EvidenceError, with counts, unless every row has a value of these roles, the last ones of a cell's values.

    The roles are "label" and "prediction".
    """
    if not cells:
        raise EvidenceError(NO_ROWS)
    total = sum(cell.n for cell in cells)
    for position, role in enumerate(roles, -len(roles)):
        missing = sum(cell.n for cell in cells if cell.values[position] is None)
        if missing:
            column, key = question.roles.get(role, "score"), question.key(role if role in question.roles else "score")
            raise EvidenceError(
                f"{have(missing, 'row', total)} no {role} (column `{column}`); every row requires one", key
            )


def positive_key(question: Question) -> str:
    """The key that names the positive class: `class` of the rule, else `positive` of the candidate."""
    return "positive" if question.options.class_ is None else "class"


def no_such_positive(positive: str, key: str, found: Collection[str]) -> EvidenceError:
    """The error for a positive class that is not among the classes found, with the class that is probably meant."""
    meant = [name for name in sorted(found) if look(name) == look(positive) or name in other_spellings(positive)]
    remedy = f'write `{key}: "{meant[0]}"`' if meant else f"name one of these by `{key}:`"
    said = f"the positive class `{positive}` does not occur: the classes are {quoted(found)}; {remedy}"
    return EvidenceError(said, "positive" if key == "positive" else "")


def not_declared(question: Question, unknown: Collection[str]) -> EvidenceError:
    """The error for classes in the rows that the candidate does not declare."""
    return EvidenceError(
        f"{quoted(unknown)}: not among the declared classes {quoted(question.classes)}; complete "
        "`classes:`, or correct the rows",
        "classes",
    )


def quoted(names: Collection[str], most: int = 8) -> str:
    """Names of classes for a message, sorted."""
    return ", ".join(f"`{name}`" for name in sorted(names)[:most]) + (" ..." if len(names) > most else "")


def complete_column(question: Question) -> Guard:
    """The guard that the table has rows, and that each has a value in the rule's column."""
    column = question.number("column")
    missing = Term.flag("missing", f"{column.text} is null")
    need = Counts(question.rows.table, question.where, question.count, (missing,))
    return Guard(need, partial(_refuse_missing, column.name))


def _refuse_missing(column: str, fact: CountsFact) -> None:
    if not fact.cells:
        raise EvidenceError(NO_ROWS)
    if missing := fact.flagged():
        raise EvidenceError(f"column `{column}`: {have(missing, 'row')} no value")


def values_present(
    rows: Rows, column: Column, values: tuple[str, ...], key: str, *, count: str = "", may_lack: bool = False
) -> Guard:
    """The guard that some row of the table has each value of a rule's key, and that none has it in another spelling."""
    asked, counted = tuple(map(column.equals, values)), column.equals_any(values)
    alike = tuple(f"({column.alike(value)}) and not ({counted})" for value in values)
    need = ValuesPresent(rows.table, "", count, column.text, asked, alike)
    return Guard(need, partial(_refuse_absent, column, values, key, may_lack))


def _refuse_absent(column: Column, values: tuple[str, ...], key: str, may_lack: bool, fact: ValuesFact) -> None:
    absent = [value for value, rows in zip(values, fact.asked, strict=True) if not rows]
    impossible = [value for value in absent if column.equals(value) == NEVER]
    if impossible or (absent and not may_lack):
        remedy = "; `allow_absent: true` allows a rate of 0" if key == "equals" and not impossible else ""
        raise EvidenceError(
            f"`{key}`: no row has {' or '.join(f'`{value}`' for value in absent)} in the {column.kind} column "
            f"`{column.name}`; {_there_are(fact.others)}. Write values as the column has them{remedy}"
        )
    otherwise = [value for value, rows in zip(values, fact.alike, strict=True) if rows]
    if rows := sum(fact.alike):
        spelled = " and ".join(f"`{value}`" for value in otherwise)
        found, every = _spellings(values, key.rpartition(".")[2], fact)
        raise EvidenceError(
            f"`{key}`: {have(rows, 'row')} {spelled} in column `{column.name}` in another spelling{found}, which the "
            f"rule would not count. List every spelling{every}, or write the values alike in the data"
        )


def _spellings(values: tuple[str, ...], key: str, fact: ValuesFact) -> tuple[str, str]:
    """The other spellings found, in words, and how a rule lists them all; empty where only single rows have any."""
    others = [text for text, _ in fact.spelled]
    if not others:
        return "", ""
    listed = ", ".join(f'"{text}"' for text in (*values, *others))
    return f" ({', '.join(f'`{text}`' for text in others)})", f", as in `{key}: [{listed}]`"


def _there_are(others: tuple[tuple[str, int], ...]) -> str:
    if not others:
        return "no other value is in two rows or more"
    listed = ", ".join(f"`{value}` ({counted(rows, 'row')})" for value, rows in others[:MOST_OTHERS])
    return f"there are {listed}{' and more' if len(others) > MOST_OTHERS else ''}"
