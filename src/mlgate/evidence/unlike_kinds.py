"""The message for two columns that are compared but have different kinds, with what to do."""

from __future__ import annotations

TEXT = "text"


def unlike_kinds(one: tuple[str, str], other: tuple[str, str], why: str = "so they cannot be compared") -> str:
    """The message about two columns, each given by its words and its kind: ("label `y`", "text").

    Where one of them is text, the other can become text too, whatever holds it; a CSV file has nothing else.
    """
    (name, kind), (other_name, other_kind) = one, other
    said = f"{name} is {kind} and {other_name} is {other_kind}, {why}"
    if TEXT not in (kind, other_kind):
        return f"{said}; store both with the same type"
    stays, changes = (name, other_name) if kind == TEXT else (other_name, name)
    return f"{said}; store {changes} as text too, spelled as in {stays} (all values of a CSV file are text)"
