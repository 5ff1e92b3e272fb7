"""Whether a score is that of the positive class, by how it ranks the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mlgate.authoring.guessed_roles import GuessedRoles
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome

CHANCE = 0.5


def faced(roles: GuessedRoles, classes: Mapping[str, tuple[str, ...]], ranking: Outcome) -> GuessedRoles:
    """The roles with a score that is not shown to rank the rows of the positive class below the others.

    `ranking` is the outcome of a rule about `roc_auc`. A positive class that was guessed gives way to the other one.
    One that is known stays, and the score is left out. Raises InputError where there is no prediction beside it.
    """
    if not _turned(ranking):
        return roles
    label, score = roles.columns["label"], roles.columns["score"]
    if roles.unsure:
        other = next(value for value in classes[label] if value != roles.positive)
        said = f"it is a guess, because `{score}` is higher where `{label}` is `{other}` (`--positive` says it)"
        return replace(roles, positive=other, unsure=(f"Read `positive: {other}` in candidate.yaml: {said}.",))
    said = f"`{score}` is lower where `{label}` is `{roles.positive}`"
    remedy = "name the score of that class by `--score`, or the other class by `--positive`"
    if "prediction" not in roles.columns:
        raise InputError(f"{said}, so it is not the score of that class; {remedy}")
    columns = {role: name for role, name in roles.columns.items() if role != "score"}
    return replace(roles, columns=columns, unsure=(f"{said}, so no rule reads it: {remedy}.",))


def _turned(ranking: Outcome) -> bool:
    return any(finding.upper is not None and finding.upper < CHANCE for finding in ranking.findings)
