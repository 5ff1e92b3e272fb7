"""The groups that a policy declares: derived bands, values, and what happens to rows without a known group."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True)
class Bands:
    """A numeric column cut at edges into bands. The first band is below the first edge, the last is open above."""

    name: str
    column: str
    edges: tuple[Fraction, ...]
    labels: tuple[str, ...]
    """One per band: one more than there are edges."""


@dataclass(frozen=True)
class GroupSpec:
    """What the policy declares for one `by` column. With empty `values`, every value is a group."""

    values: tuple[str, ...] = ()
    unknown: Literal["block", "own_group", "report"] = "block"
