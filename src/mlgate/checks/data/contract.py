"""data.contract: a table has the columns that a model, or a contract about it, expects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.named_files import FilePath
from mlgate.checks.base import Check
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_names import pattern_of
from mlgate.checks.data.contract_document import ContractFact
from mlgate.checks.data.contract_question import ContractColumns
from mlgate.checks.data.judged_columns import JudgedColumns, in_order, no_others
from mlgate.checks.data.table_rows import joined
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.evidence.typed import NUMBERS
from mlgate.reading.fields import Choice, Flag, ListOf, Record, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import About
from mlgate.values.words import Words, counted

ALLOW, REFUSE = "allow", "refuse"
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ContractFile:
    """What the model expects of its data, as a file says."""

    path: FileSource = param(
        FilePath(), doc="A JSON Schema, a data contract, an MLmodel file, an ONNX model or a skops file."
    )


@dataclass(frozen=True)
class ContractKeys:
    """The contract that a candidate's data must meet."""

    contract: ContractFile | None = param(Record(ContractFile), default=None, doc="What the model expects of its data.")


@dataclass(frozen=True, kw_only=True)
class DataContract(Check):
    """A table has the columns that the model expects: their names, types, categories and ranges.

    ## What it does
    Reads the columns that the candidate's `contract` demands, and judges the table by them as `data.columns` does, each
    demand as a finding of its own. The format is recognised by the content:

    | file | what it demands |
    |---|---|
    | JSON Schema of a row, or of an array of rows | names, types, `enum`, limits, lengths, `pattern`, `format` |
    | ODCS 3, the Open Data Contract Standard | names, types with options, `required`, `unique`, some `quality` rules |
    | `MLmodel` of MLflow | names and types of the signature, also of tensors with one value per row |
    | ONNX model with one named input per column | names and types of the inputs |
    | skops file of a scikit-learn model | the names of the features, in their order |

    No model is loaded. A pickle is refused, because reading it runs the code in it. An ONNX model of one input with
    many values has no names of columns, and is an error.

    ## Why it matters
    A model that gets its columns in another order, as other types or in other categories than it was trained on still
    answers, and the answers are wrong.

    ## Example
    ```yaml
    - id: as-the-model-expects
      check: data.contract
      table: evaluation
      extra_columns: refuse
      order: true
    ```
    The candidate names the file, and `expects: {contract: {path: ...}}` in a policy fixes it:
    ```yaml
    contract: {path: model/MLmodel}
    ```

    ## Notes
    A demand of the contract that no rule can judge, such as `multipleOf` or a rule in SQL, is an error, unless
    `unjudged: allow` is given. A property that a JSON Schema requires must have a value in every row, unless its
    type allows null; one that it does not require may be missing, also as a column. `nullable` and the formats of
    numbers are read as OpenAPI means them. A `pattern` may match anywhere in the text, and a `date-time` has a
    zone. In ODCS, `physicalName` comes before `name`, `required` means that no value is missing, and `physicalType`
    is not judged. MLflow and ONNX say nothing about missing values. In a file whose columns have types, texts are
    not numbers. A column of which all values are missing, and a contract without a column, are errors.

    ## References
    The documentation of JSON Schema (json-schema.org), ODCS (bitol.io), MLflow, ONNX and skops.

    ## Use instead
    `data.columns` demands more of a column, and the policy says what.
    """

    id: ClassVar[str] = "data.contract"
    bounded: ClassVar[bool] = False
    about: ClassVar[About] = "table"
    candidate_keys: ClassVar = ContractKeys
    own_needs: ClassVar = (ContractColumns,)

    table: str = param(Text(), default=PREDICTIONS, doc="The table; `predictions` by default.")
    part: str = param(
        Text(),
        default="",
        doc="The object of an ODCS contract, or `outputs` of MLflow; needed where there are several.",
    )
    extra_columns: str = param(
        Choice(ALLOW, REFUSE), default="", doc="Columns that the contract lacks; if left out, as the contract says."
    )
    order: bool = param(Flag(), default=False, doc="Whether the columns must stand in the order of the contract.")
    unjudged: str = param(Choice(ALLOW, REFUSE), default=REFUSE, doc="Demands of the contract that no rule can judge.")
    missing: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True), default=(), doc="Values that count as missing in every column."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"columns of {self.table}"

    @property
    def source(self) -> str:
        """The table."""
        return self.table

    @property
    def estimates(self) -> bool:
        """Types, names and limits are met or not."""
        return False

    @property
    def entries_read(self) -> tuple[tuple[str, ...], ...]:
        """The contract."""
        return (("contract", "path"),)

    def words(self, _subject: Subject) -> Words:
        """A finding is about one demand of the contract."""
        return Words("demand", improve="the data")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The columns of the contract."""
        yield from joined(subject, self.table)
        yield self._contract(subject)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The questions about the columns."""
        judged = self._judged(subject, facts[self._contract(subject)], alphas)
        yield from judged.needs()
        yield from judged.later(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """What the contract cannot judge, the columns that are there, and each demand of a column."""
        found: ContractFact = facts[self._contract(subject)]
        if found.unjudged and self.unjudged == REFUSE:
            yield Unanswered((("key", "unjudged"),), _unjudged(found.unjudged))
        yield from self._about_names(subject.rows(self.table), found)
        yield from self._judged(subject, found, alphas).answers(facts)

    def _about_names(self, rows: Rows, found: ContractFact) -> Iterator[Answer]:
        names = list(rows.kinds)
        wanted = [name for name, _ in found.columns]
        there = [name for name in wanted if name in names]
        if not there:
            yield Unanswered((("key", "columns"),), "the table has no column of the contract, so nothing was evaluated")
        elif all(name in there for name, keys in found.columns if keys.required):
            said = f"{counted(len(there), 'column')} of the contract {'is' if len(there) == 1 else 'are'} in the table"
            yield Claim((("key", "columns"),), True, said)
        if self.extra_columns == REFUSE or (found.closed and self.extra_columns != ALLOW):
            yield no_others(rows, set(wanted), "extra_columns", "in the contract")
        if self.order:
            yield in_order(names, there)

    def _judged(self, subject: Subject, found: ContractFact, alphas: tuple[float, ...]) -> JudgedColumns:
        typed = subject.typed(self.table)
        columns = tuple(_by_name(name, _stored(keys) if typed else keys) for name, keys in found.columns)
        return JudgedColumns(subject, self.table, columns, self.missing, alphas)

    def _contract(self, subject: Subject) -> ContractColumns:
        named = subject.candidate.of(ContractKeys).contract
        if named is None:
            raise EvidenceError("the candidate names no contract; add `contract: {path: ...}` to it", "contract")
        return ContractColumns(subject.candidate.path_of(named.path), self.part)


def _by_name(name: str, keys: ColumnKeys) -> tuple[str, ColumnKeys]:
    """A column whose name is never read as a pattern: `/a.*/` means the column of this very name."""
    return (f"/{re.escape(name)}/" if pattern_of(name) else name), keys


def _stored(keys: ColumnKeys) -> ColumnKeys:
    """In a file with types, the texts "1" and "true" are only texts."""
    kind = "number" if keys.type in NUMBERS else "boolean" if keys.type == "boolean" else ""
    return replace(keys, stored=kind)


def _unjudged(demands: tuple[str, ...]) -> str:
    more = f" and {len(demands) - _SHOWN:,} more" if len(demands) > _SHOWN else ""
    said = "; ".join(demands[:_SHOWN]) + more
    return f"the contract demands what no rule judges: {said}. Judge it by another rule and write `unjudged: allow`"
