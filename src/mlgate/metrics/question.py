"""What a rule asks of a metric: the table, the columns by role, the groups, and the guards on the rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from mlgate.evidence.dialect import double, literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.decimals import EXACT, Decimals, DecimalsFact, off_by
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import ProfileFact
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.unlike_kinds import unlike_kinds
from mlgate.metrics.options import Options
from mlgate.values.errors import EvidenceError

NO_POSITIVE = "the candidate does not say which class is positive: add `positive:`"
PREDICTIONS = "predictions"
NO_ROWS = "no rows to measure: the table, or what `where` selects of it, is empty"
Range = tuple[float, float]
UNIT: Range = (0.0, 1.0)
NOT_NEGATIVE: Range = (0.0, math.inf)
ABOVE_ZERO: Range = (5e-324, math.inf)
MOST_OFF = 0.02
"""How far rounded probabilities of a row may miss a sum of 1."""
_SLACK = 1e-9
"""How far averages of probabilities may be outside [0, 1], or off a sum that is allowed, by rounding."""
_PERCENT = (2, 100)
"""Values up to which scores may be percentages: from somewhat above any probability."""


@dataclass(frozen=True)
class Question:
    """A metric that one rule asks of one table, for one slicing."""

    rows: Rows
    task: str
    roles: Mapping[str, str]
    options: Options
    by: tuple[Term, ...] = ()
    where: str = ""
    positive_class: str | None = None
    classes: tuple[str, ...] = ()
    scores: tuple[tuple[str, str], ...] = ()
    alphas: tuple[float, ...] = field(default=(0.05,))
    keys: str = PREDICTIONS
    """The section of the candidate file that names the columns, for messages."""
    shared: frozenset[str] = frozenset()
    """The roles whose columns the predictions name, if `keys` is the section of an earlier model."""
    separator: str = ""
    """The text between class names, where a label or prediction is one text with all classes of a row."""
    expressions: tuple[tuple[str, str], ...] = ()
    """(role, SQL) for a label or prediction that is an SQL expression and not a column; it gives the class as text."""
    folder: str = ""
    """The folder of the policy, from the workspace."""
    unit: str = ""
    """SQL text that identifies the unit of a row; empty where rows are independent."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """This question alone; a pair has two."""
        return (self,)

    @property
    def first(self) -> Question:
        """This question; for a pair it is the question about the new model."""
        return self

    def role(self, role: str) -> Column:
        """The column with a role. Raises EvidenceError where the candidate names none."""
        name = self.roles.get(role)
        if name is None:
            key, _, of = role.partition(".")
            column = f"{key} column of class `{of}`" if of else f"{key} column"
            remedy = f"{key}: {{{of}: COLUMN}}" if of else f"{key}:"
            said = f"the candidate names no {column}: add `{remedy}` to its `{self.keys}`"
            raise EvidenceError(said, self.key(role))
        return self.rows.column(name, wanted_for=role, key=self.key(role))

    def key(self, role: str) -> str:
        """The key of the candidate file that names the column of a role."""
        return f"{PREDICTIONS if role in self.shared else self.keys}.{role}"

    @property
    def whose(self) -> str:
        """Whose answers these are, before their name in messages: "the champion's "; empty for the candidate."""
        if self.keys == PREDICTIONS:
            return ""
        name = self.keys.partition(".")[2]
        return f"champion {name}'s " if name else "the champion's "

    @property
    def count(self) -> str:
        """The frequency of a row, as SQL; empty where every row counts once."""
        return self.role("count").number if "count" in self.roles else ""

    @property
    def weight(self) -> str:
        """The sampling weight of a row, as SQL; empty where rows are not weighted."""
        return self.role("weight").number if "weight" in self.roles else ""

    @property
    def positive(self) -> str:
        """The positive class: the rule's `class`, or else the candidate's `positive`."""
        wanted = self.options.class_ if self.options.class_ is not None else self.positive_class
        if wanted is None:
            raise EvidenceError(NO_POSITIVE, "positive")
        return wanted

    @property
    def label_term(self) -> Term:
        """The label's class, as text."""
        if self.expressions:
            return Term("label", dict(self.expressions)["label"])
        return Term("label", self.role("label").text)

    @property
    def decided(self) -> bool:
        """Whether the prediction is the score compared with the rule's threshold."""
        return self.options.threshold is not None

    @property
    def prediction_term(self) -> Term:
        """The predicted class, as text; with a threshold it is "true" or "false"."""
        if self.expressions:
            return Term("prediction", dict(self.expressions)["prediction"])
        if self.options.threshold is None:
            prediction, label = self.role("prediction"), self.roles.get("label")
            if label is not None:
                same_kind(self.role("label"), prediction, "label", f"{self.whose}prediction")
            return Term("prediction", prediction.text)
        cut = f"{self.score.number} >= cast({literal(repr(float(self.options.threshold)))} as double)"
        return Term.flag("prediction", cut)

    @property
    def score(self) -> Column:
        """The score column."""
        return self.role("score")

    @property
    def is_positive(self) -> str:
        """Whether a row's label is the positive class, as SQL."""
        return f"{self.label_term.sql} = {literal(self.positive)}"

    def number(self, role: str) -> Column:
        """The column with a role that holds numbers: "label", "prediction", ..., or "column" for the rule's column."""
        if role == "column":
            if self.options.column is None:
                raise EvidenceError("the rule names no column: add `column:`")
            return self.rows.column(self.options.column, "column")
        return self.role(role)

    def usable(self, *roles: str, within: Range | None = None) -> tuple[Guard, ...]:
        """The guards that every row has a finite number, within a range if given, in the columns of these roles."""
        return tuple(self._usable(self.number(role), within) for role in roles)

    def _usable(self, column: Column, within: Range | None) -> Guard:
        profile = self.rows.profile(column, self.where, self.count)
        return Guard(profile, partial(_refuse_unusable, column, within))

    def score_columns(self) -> tuple[tuple[str, Column], ...]:
        """(class, column of its score) for every class. Raises EvidenceError where the candidate names none."""
        if not self.scores:
            said = f"the candidate names no score columns: add `scores: {{class: column}}` to `{self.keys}`"
            raise EvidenceError(said, self.key("scores"))
        keys = ((name, column, f"scores.{name}") for name, column in self.scores)
        return tuple((name, self.rows.column(column, key, self.key(key))) for name, column, key in keys)

    def usable_scores(self, *, probabilities: bool) -> tuple[Guard, ...]:
        """The guards that every class's score is a finite number; for probabilities also that each row sums to 1."""
        within = UNIT if probabilities else None
        each = tuple(self._usable(column, within) for _, column in self.score_columns())
        return (*each, self._sum_of_scores()) if probabilities else each

    def _sum_of_scores(self) -> Guard:
        numbers = tuple(column.number for _, column in self.score_columns())
        decimals = Decimals(self.rows.table, self.where, self.count, numbers)
        return Guard((decimals.sums, decimals), partial(_refuse_other_sums, self.key("scores"), len(numbers)))


def same_kind(one: Column, other: Column, called: str, other_called: str) -> None:
    """Raise EvidenceError where two columns that are compared are of different kinds, such as text and number."""
    if one.kind != other.kind:
        names = f"{called} `{one.name}`", f"{other_called} `{other.name}`"
        raise EvidenceError(unlike_kinds((names[0], one.kind), (names[1], other.kind)), one.key, other.key)


def _refuse_unusable(column: Column, within: Range | None, fact: ProfileFact) -> None:
    if not fact.rows:
        raise EvidenceError(NO_ROWS)
    if fact.flaws:
        raise EvidenceError(f"column `{column.name}`: {fact.flaws}; every row requires a finite number", column.key)
    low, high = fact.minimum, fact.maximum
    slack = _SLACK if within == UNIT else 0.0
    if within and low is not None and high is not None and not (within[0] - slack <= low and high <= within[1] + slack):
        percent = (
            "; divide percentages by 100" if within == UNIT and low >= 0 and _PERCENT[0] < high <= _PERCENT[1] else ""
        )
        said = f"column `{column.name}` has values between {low:.12g} and {high:.12g}; {_MUST[within]}{percent}"
        raise EvidenceError(said, column.key)


def _refuse_other_sums(key: str, classes: int, total: ProfileFact, decimals: DecimalsFact) -> None:
    """Refuse rows whose probabilities do not sum to 1.

    Rounded to d decimals, each of k probabilities may be off by half a unit of the last, so that a sum may be off by
    k / 2 of these units, but never by more than 0.02.
    """
    off, allowed, why = off_by(total), EXACT, ""
    if decimals.most is not None:
        allowed = min(classes / 2 * 10.0**-decimals.most, MOST_OFF)
        why = f", or be off by at most {allowed:.2g}: {classes} probabilities of {decimals.most} decimals"
    if off is None or off > allowed + _SLACK:
        found = f"between {total.minimum:.6g} and {total.maximum:.6g}" if off is not None else "nothing readable"
        raise EvidenceError(f"the class probabilities of a row sum to {found}; each row must sum to 1{why}", key)


_MUST = {
    UNIT: "a probability must be between 0 and 1",
    NOT_NEGATIVE: "every value must be 0 or more",
    ABOVE_ZERO: "every value must be above 0",
}


def clipped(probability: str) -> str:
    """SQL for a probability, where one that rounding put outside [0, 1] counts as 0 or 1."""
    low, high = map(double, UNIT)
    return f"case when {probability} < 0 then {low} when {probability} > 1 then {high} else {probability} end"


def as_float(value: Fraction | None, default: float) -> float:
    """A parameter as a float, or its default."""
    return default if value is None else float(value)
