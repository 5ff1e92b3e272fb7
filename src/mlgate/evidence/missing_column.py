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
    if said := unsplit(there):
        return EvidenceError(f"{missing}: its lines were read as one column, because {said}")
    hint = did_you_mean(name, (*there, *also)) or f"; there {are(len(there))} {_listed([*there])}"
    return EvidenceError(missing + hint)


def unsplit(there: Collection[str]) -> str:
    """Why an only column holds the values of several, and what to do; empty if its name has no other separator."""
    (only,) = there if len(there) == 1 else ("",)
    sign = next((sign for sign in SEPARATORS if sign in only), "")
    if not sign:
        return ""
    remedy = "write the file with commas" + (", or name it .tsv" if sign == "\t" else "")
    return f"{SEPARATORS[sign]} and not commas separate the values; {remedy}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST])
    return (shown or "none") + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
