"""Groups are the policy's: derived bands, declared values, and what becomes of rows without a known group."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True)
class Bands:
    """A numeric column cut at edges into bands: below the first, from one up to the next, from the last on."""

    name: str
    column: str
    edges: tuple[Fraction, ...]
    labels: tuple[str, ...]
    """One more than edges."""


@dataclass(frozen=True)
class GroupSpec:
    """What the policy says of one `by` column; `values` empty means that any value is a group."""

    values: tuple[str, ...] = ()
    unknown: Literal["block", "own_group", "report"] = "block"
