"""What a reader of contracts gives: the columns that a file demands, with what each must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.limits import is_moment
from mlgate.checks.reported.parsed import Numeral
from mlgate.evidence.typed import TypedLimit
from mlgate.reading.fields import number
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError

SHARED_FORMATS = ("email", "uuid", "ipv4", "ipv6")
"""Named forms of text that contracts and `data.columns` understand alike."""


@dataclass(frozen=True)
class ContractFact:
    """The columns of a contract in its order, with what each must be, and what of it no rule can judge."""

    format: str
    columns: tuple[tuple[str, ColumnKeys], ...]
    closed: bool = False
    """Whether the contract allows no other columns."""
    unjudged: tuple[str, ...] = ()
    """Demands of the contract that are not judged: "`age`: multipleOf"."""


@dataclass(frozen=True)
class ContractDocument:
    """A contract's file: its bytes, and the plain values of a JSON or YAML document, with numbers as Numeral."""

    path: str
    opened: BinaryIO
    head: bytes
    """The first bytes."""
    size: int
    tree: Any = None
    """None for a file that is neither JSON nor YAML."""


@dataclass(frozen=True)
class ContractReader:
    """A format of contracts: its name, what it is, how it is recognised by its content, and how it is read.

    `read` gets the document and the part of it that a rule names, else an empty text. It raises EvidenceError where the
    document has no such part, or no column can be read from it.
    """

    name: str
    said: str
    recognises: Callable[[ContractDocument], bool]
    read: Callable[[ContractDocument, str], ContractFact]


@dataclass
class WrittenColumn:
    """What a contract demands of one column, collected key by key. What cannot be judged is kept by its name."""

    name: str
    keys: dict[str, Any] = field(default_factory=dict)
    unjudged: list[str] = field(default_factory=list)

    def demand(self, key: str, value: Any, said: str) -> None:
        """Add a demand. One that is there already with another value cannot be judged; neither can None."""
        if value is None or self.keys.setdefault(key, value) != value:
            self.unjudged.append(said)

    def length(self, side: str, value: Any, said: str) -> None:
        """Add the fewest (`at_least`) or the most (`at_most`) characters."""
        found, own = whole(value), self.keys.get("length", Demand())
        if found is None or getattr(own, side) is not None:
            self.unjudged.append(said)
            return
        low, high = (found if side == end else getattr(own, end) for end in ("at_least", "at_most"))
        least, most = ("" if end is None else str(end) for end in (low, high))
        self.keys["length"] = Demand(low, high, least, most)

    @property
    def column(self) -> tuple[str, ColumnKeys]:
        """The name and the keys."""
        return self.name, ColumnKeys(**self.keys)


def contract_of(reader: str, columns: Iterable[WrittenColumn], *, closed: bool = False) -> ContractFact:
    """The fact of some columns."""
    every = list(columns)
    unjudged = tuple(f"`{column.name}`: {said}" for column in every for said in column.unjudged)
    return ContractFact(reader, tuple(column.column for column in every), closed, unjudged)


def text_of_value(value: Any) -> str | None:
    """A value of a list of allowed values as a text; None for an object, a list or a null."""
    if isinstance(value, Numeral):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None


def texts_of_values(values: Any) -> tuple[str, ...] | None:
    """The values of a list as texts; None where it is not a list, is empty, or has another value."""
    found = [text_of_value(value) for value in values] if isinstance(values, list) else []
    return tuple(dict.fromkeys(text for text in found if text is not None)) if found and None not in found else None


def limit_of(value: Any) -> TypedLimit | None:
    """A number, or a text that is a date or time, as a limit; None for anything else."""
    if isinstance(value, Numeral) and (exact := number(value.text)) is not None:
        return TypedLimit(value.text, exact)
    return TypedLimit(value) if isinstance(value, str) and is_moment(value) else None


def whole(value: Any) -> Fraction | None:
    """A whole number of at least 0; None for anything else."""
    exact = number(value.text) if isinstance(value, Numeral) else None
    return exact if exact is not None and exact >= 0 and exact.denominator == 1 else None


def name_in(found: Any, path: str, *keys: str) -> str:
    """The first of some keys with a text, as the name of a column. Raises EvidenceError where there is none."""
    names = (found.get(key) for key in keys) if isinstance(found, Mapping) else ()
    name = next((name for name in names if isinstance(name, str) and name), "")
    if not name:
        raise EvidenceError(f"{path} has a column without a name, so that no column of a table can be found for it")
    return name


def no_part(path: str, part: str, known: Iterable[str] = ()) -> EvidenceError:
    """The error of a rule that names a part which the contract does not have."""
    names = ", ".join(f"`{name}`" for name in known)
    return EvidenceError(f"{path} has no part `{part}`; {f'it has {names}' if names else 'remove `part`'}")
