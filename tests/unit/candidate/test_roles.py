"""Roles and tasks are said once: whatever lists them, lists the same."""

from __future__ import annotations

from pkgutil import iter_modules

import pytest

from mlgate.candidate import tasks
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import ANSWERS, ROLES, ChampionSpec, Predictions, is_answer, known_before
from mlgate.candidate.tasks import BY_NAME
from mlgate.metrics.metric import TASKS
from mlgate.reading.fields import keys


def test_every_file_of_a_task_is_a_task() -> None:
    files = {file.name for file in iter_modules(tasks.__path__)}
    assert files - {"task"} == set(TASKS) == set(BY_NAME)


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_what_a_role_names_is_there(role: object) -> None:
    fit = ROLES[getattr(role, "key")].fit  # noqa: B009
    assert set(fit.tasks) <= set(TASKS)
    assert {*fit.excludes, fit.pair} - {""} <= set(ROLES)


@pytest.mark.parametrize("task", BY_NAME.values(), ids=BY_NAME)
def test_a_task_takes_the_roles_that_it_requires(task: object) -> None:
    of = BY_NAME[getattr(task, "name")]  # noqa: B009
    assert all(of.taken(role) for role in of.requires)
    assert {*of.requires, *of.refuses, *of.takes} <= set(ROLES)


def test_a_champion_has_the_answers_of_its_own() -> None:
    assert set(ANSWERS) <= set(keys(ChampionSpec)) & set(keys(Predictions))
    assert set(keys(ChampionSpec)) - set(ANSWERS) == {"path", "id", "label", "verdict"}


@pytest.mark.parametrize(
    ("name", "answer", "before"),
    [("score", True, False), ("decisions.cat", True, False), ("label", False, False), ("labels.cat", False, False),
     ("query", False, True), ("horizon", False, True), ("count", False, False), ("history", False, False)],
)  # fmt: skip
def test_what_a_model_says_and_what_it_is_asked(name: str, answer: bool, before: bool) -> None:
    assert (is_answer(name), known_before(name)) == (answer, before)


def test_what_identifies_a_row_follows_from_the_roles() -> None:
    def of(**roles: object) -> tuple[str, ...]:
        return Predictions(source="", **roles).identity  # type: ignore[arg-type]

    assert of(id=("a", "b"), query="q", item="i") == ("a", "b")
    assert of(query="q", item="i") == ("q", "i")
    assert of(series=("s", "t"), time="w", horizon="h") == ("s", "t", "w", "h")
    assert of(label="y") == ()


def test_a_candidate_needs_nothing_but_a_name() -> None:
    assert Candidate(name="c").task == ""
