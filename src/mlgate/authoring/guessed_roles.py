"""What the columns of predictions are, by their names and values; what cannot be seen is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlgate.authoring.source import FileToStart, unasked
from mlgate.authoring.table_profile import ProfiledColumn, TableProfile
from mlgate.values.errors import InputError
from mlgate.values.words import did_you_mean

MOST_CLASSES, MOST_GROUPS, FEWEST_IN_GROUP = 20, 8, 20
NAMED: Mapping[str, tuple[str, ...]] = {
    "label": (
        "label", "y_true", "ytrue", "truth", "true_label", "true_class", "ground_truth", "target", "actual",
        "outcome", "observed", "y", "y_test", "true_value",
    ),
    "prediction": (
        "prediction", "pred", "predicted", "y_pred", "ypred", "y_hat", "yhat", "predicted_label", "predicted_class",
        "predicted_value", "prediction_label", "decision", "preds", "forecast",
    ),
    "score": (
        "score", "proba", "prob", "probability", "y_score", "y_prob", "y_proba", "predicted_probability",
        "prediction_score", "prediction_proba", "pred_proba", "scores", "confidence",
    ),
    "id": ("id", "row_id", "rowid", "uuid", "sample_id", "record_id", "case_id", "key", "index"),
    "count": ("count", "counts", "n", "frequency", "freq", "applicants", "rows", "num_rows"),
    "weight": ("weight", "weights", "sample_weight", "sampling_weight"),
}  # fmt: skip
"""Names of columns by role, the most usual first. Case and separators do not matter."""
GROUPS = (
    "sex", "gender", "race", "ethnicity", "agegroup", "ageband", "agerange", "region", "country", "nationality",
    "religion", "disability", "maritalstatus", "language", "group",
)  # fmt: skip
"""Names of columns whose values are groups of people, or may be."""
POSITIVE = ("1", "true", "yes", "y", "positive", "pos", "t", "bad", "default", "fraud", "churn", "approved", "1.0")
"""Names of positive classes beside these of negative ones."""
NEGATIVE = ("0", "false", "no", "n", "negative", "neg", "f", "good", "0.0", "denied", "rejected", "none", "-1")


@dataclass(frozen=True)
class GuessedRoles:
    """What predictions are: their task, the column of each role, and the groups to slice by."""

    task: str
    columns: Mapping[str, str]
    positive: str = ""
    classes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    """What was guessed and must be read, one sentence each."""


@dataclass(frozen=True)
class _Guess:
    wanted: FileToStart
    found: TableProfile
    classes: Mapping[str, tuple[str, ...]]
    """The values of each column that has few."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.found.columns)

    def column(self, name: str) -> ProfiledColumn:
        return next(column for column in self.found.columns if column.name == name)

    def role(self, role: str) -> str:
        """The column that the caller names for a role, or else that has a usual name; empty for none."""
        if given := self.wanted.roles.get(role, ""):
            if given not in self.names:
                hint = did_you_mean(given, self.names) or f"; it has {', '.join(self.names[:20])}"
                raise InputError(f"`--{role} {given}`: {self.wanted.path} has no such column{hint}")
            return given
        return named_column(role, self.names)

    def asked(self, role: str, what: str) -> str:
        """The column of a role that must be known."""
        found = self.role(role)
        if not found and self.wanted.ask is not unasked:
            found = self.wanted.ask(f"Which column of {self.wanted.path} is {what}?", self.names, "")
        if not found:
            said = f"no column of {self.wanted.path} has a usual name of {what}"
            raise InputError(f"{said}; add `--{role} COLUMN`, one of {', '.join(self.names[:20])}")
        return found


def named_column(role: str, names: Sequence[str]) -> str:
    """The column that has the most usual name of a role; empty for none."""
    plain = {_plain(name): name for name in reversed(names)}
    return next((plain[_plain(usual)] for usual in NAMED[role] if _plain(usual) in plain), "")


def looks_like_predictions(names: Sequence[str]) -> bool:
    """Whether columns have the name of a prediction, or those of a label and a score."""
    return bool(named_column("prediction", names)) or all(named_column(role, names) for role in ("label", "score"))


def guess_roles(wanted: FileToStart, found: TableProfile, classes: Mapping[str, tuple[str, ...]]) -> GuessedRoles:
    """The roles of predictions. Raises InputError where they cannot be seen and nobody can be asked."""
    guess = _Guess(wanted, found, classes)
    columns = {"label": guess.asked("label", "the true value")}
    for role in ("prediction", "score"):
        if name := guess.role(role):
            columns[role] = name
    if not {"prediction", "score"} & set(columns):
        columns["prediction"] = guess.asked("prediction", "the prediction")
    task = _task(guess, columns)
    if task != "binary":
        columns.pop("score", None)
        if "prediction" not in columns:
            columns["prediction"] = guess.asked("prediction", "the prediction")
    columns |= _further(guess)
    positive, unsure = _positive(guess, columns) if task == "binary" else ("", ())
    labels = classes.get(columns["label"], ())
    taken = set(columns.values())
    groups = tuple(column.name for column in found.columns if column.name not in taken and _is_group(column, classes))
    return GuessedRoles(task, columns, positive, labels if task == "multiclass" else (), groups, unsure)


def _task(guess: _Guess, columns: Mapping[str, str]) -> str:
    """The task, by the values of the label and of the answers."""
    label = guess.column(columns["label"])
    values = guess.classes.get(label.name, ())
    answer = guess.column(columns["prediction"]) if "prediction" in columns else None
    if len(values) == 2 and (answer is None or set(guess.classes.get(answer.name, ())) <= set(values)):
        return "binary"
    if answer is not None and len(values) > 2 and set(guess.classes.get(answer.name, ("",))) <= set(values):
        return "multiclass"
    numbers = ("integer", "number")
    if answer is not None and label.type in numbers and answer.type in numbers:
        return "regression"
    shown = " and ".join(_shown(guess, each.name) for each in (label, answer) if each)
    said = f"{guess.wanted.path} is not seen to be of a binary, multiclass or regression task: {shown}"
    raise InputError(f"{said}. Write classes alike in both, or name other columns by --label and --prediction")


def _shown(guess: _Guess, name: str) -> str:
    values = guess.classes.get(name, ())
    return f"`{name}` has {', '.join(values[:4])}" if values else f"`{name}` has many values"


def _further(guess: _Guess) -> dict[str, str]:
    """The id, or else the count or the weight of rows."""
    found: dict[str, str] = {}
    for role in ("id", "count", "weight"):
        name = named_column(role, guess.names)
        column = guess.column(name) if name else None
        if column is None or column.missing or column.summary is None:
            continue
        unique = column.summary.distinct == column.rows
        whole = column.type == "integer" and (column.summary.lowest or "-").lstrip("+")[:1] != "-"
        fits = {"id": unique, "count": whole and "id" not in found, "weight": column.type in ("integer", "number")}
        if fits[role] and not (role == "weight" and "count" in found):
            found[role] = name
    return found


def _positive(guess: _Guess, columns: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The positive class, and what to read where it was guessed."""
    values = guess.classes[columns["label"]]
    if given := guess.wanted.roles.get("positive", ""):
        if given not in values:
            raise InputError(f"`--positive {given}`: `{columns['label']}` has {' and '.join(values)}; name one of them")
        return given, ()
    for positive, negative in (values, values[::-1]):
        if positive.casefold() in POSITIVE and negative.casefold() in NEGATIVE:
            return positive, ()
    rarer = _rarer(guess.column(columns["label"]), values)
    found = guess.wanted.ask(f"Which class of `{columns['label']}` is the positive one?", values, rarer)
    if guess.wanted.ask is not unasked:
        return found, ()
    said = f"Read `positive: {found}` in candidate.yaml: it is a guess (`--positive` says it)."
    return found, (said,)


def _rarer(label: ProfiledColumn, values: tuple[str, ...]) -> str:
    rows = dict(label.categories)
    return min(values, key=lambda value: rows.get(value, 0))


def _is_group(column: ProfiledColumn, classes: Mapping[str, tuple[str, ...]]) -> bool:
    values = classes.get(column.name, ())
    return _plain(column.name) in GROUPS and 2 <= len(values) <= MOST_GROUPS and not column.missing


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
