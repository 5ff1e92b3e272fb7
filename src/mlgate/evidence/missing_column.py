"""The message for a column that a table does not have, with what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mlgate.values.errors import EvidenceError
from mlgate.values.words import are, did_you_mean

SEPARATORS = {";": "`;`", "\t": "tabs", "|": "`|`"}
"""What others put between columns, and its name in messages."""
_MOST = 12


def no_column(
    name: str, shown_as: str, there: Collection[str], wanted_for: str = "", also: Iterable[str] = ()
) -> EvidenceError:
    """The error for a column that is not in a table. `also` are other names that may be meant, such as bands."""
    missing = f"no column `{name}`{f' ({wanted_for})' if wanted_for else ''} in {shown_as}"
    if sign := _unsplit(there):
        said = f"its lines were read as one column, because {SEPARATORS[sign]} and not commas separate the values"
        remedy = "write the file with commas" + (", or name it .tsv" if sign == "\t" else "")
        return EvidenceError(f"{missing}: {said}; {remedy}")
    hint = did_you_mean(name, (*there, *also)) or f"; there {are(len(there))} {_listed([*there])}"
    return EvidenceError(missing + hint)


def _unsplit(there: Collection[str]) -> str:
    """The separator in the name of an only column; empty if there are several columns or no separator."""
    (only,) = there if len(there) == 1 else ("",)
    return next((sign for sign in SEPARATORS if sign in only), "")


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST])
    return (shown or "none") + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
