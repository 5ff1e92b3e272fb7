"""Two checks of our own, and a policy file in one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlgate.checks.base import Check, Wrong
from mlgate.evidence.questions.need import Need
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.reading.fields import By, Choice, ColumnSets, Identifier, param
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError
from mlgate.values.estimate import Answer


class Silent(Check):
    """A check that is only read."""

    measured = "something"

    def needs(self, *_: Any) -> Iterable[Need]:
        return ()

    def answers(self, *_: Any) -> Iterator[Answer]:
        return iter(())


@dataclass(frozen=True)
class Metric(Silent):
    """A metric meets a bound."""

    id: ClassVar[str] = "performance.metric"
    bounded: ClassVar[bool] = True

    metric: str = param(Choice("recall", "roc_auc", "mae"), doc="The metric.")
    by: ColumnSets = param(By(), default=(), doc="The slices.")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        if self.metric == "mae" and demand.at_least is not None:
            yield "at_least", "mae is an error metric; write `at_most`"
        if self.metric == "recall" and demand.at_least is not None and not 0 < demand.at_least <= 1:
            yield "at_least", f"recall is between 0 and 1, not {demand.at_least_text}"


@dataclass(frozen=True)
class Traceable(Silent):
    """A claim without a bound."""

    id: ClassVar[str] = "lineage.complete"
    bounded: ClassVar[bool] = False

    table: str = param(Identifier(), doc="The table.")


CHECKS: Mapping[str, type[Check]] = {"performance.metric": Metric, "lineage.complete": Traceable}
MARK = "▸"
HEAD = "mlgate: 1\npolicy: p\nowner: o\n"
RULE = "rules:\n  - {id: r, check: performance.metric, metric: recall, at_least: 0.7, by: [sex, [sex, race]]}\n"


@dataclass
class Folder:
    """A workspace with policy files in it."""

    path: Path

    def write(self, **files: str) -> None:
        for name, text in files.items():
            target = self.path / (name.replace("__", "/") + ".yaml")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def load(self, *names: str) -> tuple[Policy, ...]:
        paths = [self.path / name for name in names or (".",)]
        return load_policies(paths, workspace=self.path, checks=CHECKS)

    def problems(self, *names: str) -> list[str]:
        with pytest.raises(InputError) as caught:
            self.load(*names)
        return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def one(folder: Folder) -> Callable[[str], Policy]:
    """The policy of a text."""

    def read(text: str) -> Policy:
        folder.write(p=text)
        (policy,) = folder.load("p.yaml")
        return policy

    return read


@pytest.fixture
def wrong(folder: Folder) -> Callable[[str], list[str]]:
    """The problems of a text."""

    def read(text: str) -> list[str]:
        folder.write(p=text)
        return folder.problems("p.yaml")

    return read


@pytest.fixture
def refuses(wrong: Callable[[str], list[str]]) -> Callable[[str, list[str]], None]:
    """Assert the exact problems of a text in which a mark stands before the place of each, in order."""

    def check(marked: str, messages: list[str]) -> None:
        before = [marked[: match.start()].replace(MARK, "") for match in re.finditer(MARK, marked)]
        places = [(text.count("\n") + 1, len(text) - text.rfind("\n")) for text in before]
        expected = [f"p.yaml:{line}:{column}: {said}" for (line, column), said in zip(places, messages, strict=True)]
        assert wrong(marked.replace(MARK, "")) == expected

    return check


@pytest.fixture
def head() -> str:
    """The first three lines of a policy file."""
    return HEAD


@pytest.fixture
def rule() -> str:
    """Lines 4 and 5: a rule `r` that demands recall >= 0.7 by sex, and by sex and race."""
    return RULE


@pytest.fixture
def checks() -> Mapping[str, type[Check]]:
    return CHECKS
