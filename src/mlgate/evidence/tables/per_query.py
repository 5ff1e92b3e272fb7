"""The columns that a table of queries computes on demand, and their names, which are written and parsed here.

`ndcg("score", "grade", 10)` is the value of a ranking in each query; `state(...)` around it says whether the order
matters. `unusable("score")`, `negative("grade")` and `varies("market")` are the faults of a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.dialect import quote, unquoted

FORMULAS = ("ndcg", "map", "mrr", "precision", "recall", "hit_rate")
FLAWS = ("unusable", "negative", "varies")

_NAME = r'"((?:[^"]|"")*)"'
_VALUE = re.compile(
    rf"(?P<state>state\()?(?P<formula>{'|'.join(FORMULAS)})\({_NAME}, {_NAME}"
    r"(?:, (?P<k>[0-9]+))?(?P<gain>, exponential)?(?:, from (?P<least>[0-9]+(?:/[0-9]+)?))?\)+",
    re.DOTALL,
)
_FLAW = re.compile(rf"(?P<flaw>{'|'.join(FLAWS)})\({_NAME}\)", re.DOTALL)


@dataclass(frozen=True)
class PerQuery:
    """The value of a ranking in each query, or its state.

    The state is "none" where no item is relevant, "any" where every order of the items has the same value, else
    "open".
    """

    formula: str
    """One of FORMULAS."""
    score: str
    label: str
    k: int | None = None
    """Only the first k ranks count."""
    exponential: bool = False
    """For ndcg, whether the gain is 2**grade - 1 and not the grade."""
    relevant_from: Fraction | None = None
    """The lowest grade of a relevant item; None for any grade above 0."""
    state: bool = False

    @property
    def name(self) -> str:
        """The column's name."""
        shape = [quote(self.score), quote(self.label)]
        shape += [str(self.k)] if self.k is not None else []
        shape += ["exponential"] if self.exponential else []
        shape += [f"from {self.relevant_from}"] if self.relevant_from is not None else []
        value = f"{self.formula}({', '.join(shape)})"
        return f"state({value})" if self.state else value


@dataclass(frozen=True)
class Flaw:
    """A fault of a query in one column.

    It is the number of items without a finite number ("unusable") or with one below 0 ("negative"), or whether the
    column has several values in the query ("varies").
    """

    flaw: str
    """One of FLAWS."""
    column: str

    @property
    def name(self) -> str:
        """The column's name."""
        return f"{self.flaw}({quote(self.column)})"


def computed(name: str) -> PerQuery | Flaw | None:
    """The computed column with a name; None for other names."""
    found = _of_flaw(name) or _of_value(name)
    return found if found is not None and found.name == name else None


def _of_flaw(name: str) -> Flaw | None:
    found = _FLAW.fullmatch(name)
    return Flaw(found["flaw"], unquoted(found[2])) if found else None


def _of_value(name: str) -> PerQuery | None:
    found = _VALUE.fullmatch(name)
    if not found or (found["least"] or "").endswith("/0"):
        return None
    return PerQuery(
        found["formula"],
        unquoted(found[3]),
        unquoted(found[4]),
        int(found["k"]) if found["k"] else None,
        bool(found["gain"]),
        Fraction(found["least"]) if found["least"] else None,
        bool(found["state"]),
    )
