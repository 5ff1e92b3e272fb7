"""A key that a check declares is read, validated, digested, completed and given to the check, with no other file told."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import mlgate
from mlgate.candidate.declared import records_of
from mlgate.candidate.named_files import FilePath, files
from mlgate.candidate.read import load_candidate
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.cli.main import run
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.sources import FileSource
from mlgate.reading.fields import Choice, OneOrMany, Record, param
from mlgate.reference.schemas import candidate_schema
from mlgate.values import family
from mlgate.values.errors import InputError, MachineError
from mlgate.values.estimate import Answer, Claim


@dataclasses.dataclass(frozen=True)
class Licence:
    """Under which licence the data may be used."""

    terms: str = param(Choice("open", "closed"), doc="The terms.")
    text: FileSource | None = param(FilePath(), default=None, doc="The licence itself.")


@dataclasses.dataclass(frozen=True)
class LicenceKeys:
    """What the made-up family reads of a candidate."""

    licence: Licence | None = param(Record(Licence), default=None, doc="The licence of the data.")
    notices: tuple[FileSource, ...] = param(OneOrMany(FilePath()), default=(), doc="Further notices.")


@dataclasses.dataclass(frozen=True)
class LicenceOpen(Check):
    """The data may be used by everybody."""

    id: ClassVar[str] = "licence.open"
    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar[type[Any]] = LicenceKeys

    @property
    def measured(self) -> str:
        return "the licence"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        return ()

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        licence = subject.candidate.of(LicenceKeys).licence
        terms = licence.terms if licence else "not said"
        yield Claim((("key", "licence"),), terms == "open", f"the terms are {terms}")


CANDIDATE = "mlgate: 1\ncandidate: c\ntables: {t: {path: t.csv}}\n"
POLICY = "mlgate: 1\npolicy: p\nowner: o\nrules: [{check: licence.open}]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace, where a distribution with the check is installed."""
    installed_at = tmp_path / "site" / "licences-1.0.dist-info"
    installed_at.mkdir(parents=True)
    (installed_at / "METADATA").write_text("Metadata-Version: 2.1\nName: licences\nVersion: 1.0\n")
    (installed_at / "entry_points.txt").write_text(f"[mlgate.checks]\nlicence.open = {__name__}:LicenceOpen\n")
    monkeypatch.syspath_prepend(str(installed_at.parent))
    monkeypatch.chdir(tmp_path)
    family.installed.cache_clear()
    for name, text in {"t.csv": "a\n1\n", "LICENCE.txt": "free", "N1": "one", "N2": "two", "gate.yaml": POLICY}.items():
        (tmp_path / name).write_text(text)
    yield tmp_path
    family.installed.cache_clear()


def load(folder: Path, text: str) -> mlgate.Verdict:
    (folder / "candidate.yaml").write_text(CANDIDATE + text)
    return mlgate.check(policy="gate.yaml", candidate="candidate.yaml")


def test_the_key_reaches_the_check_and_its_files_are_digested(here: Path) -> None:
    verdict = load(here, "licence: {terms: open, text: LICENCE.txt}\nnotices: [N1, N2]\n")
    assert verdict.allowed
    digests = {(entry.role, entry.path): entry.sha256 for entry in verdict.inputs}
    assert digests["licence", "LICENCE.txt"] == hashlib.sha256(b"free").hexdigest()
    assert {("notices", "N1"), ("notices", "N2")} <= set(digests)
    assert not load(here, "licence: {terms: closed}\n").allowed
    assert not load(here, "").allowed


def test_a_file_that_the_key_names_and_that_is_missing_blocks(here: Path) -> None:
    verdict = load(here, "licence: {terms: open, text: NOWHERE.txt}\n")
    assert not verdict.allowed
    assert [outcome.rule for outcome in verdict.outcomes if outcome.status.name == "ERROR"] == ["inputs"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("licence: {terms: opne}\n", "candidate.yaml:4:18: `licence.terms` must be one of open, closed, not `opne`, did you mean `open`?"),
        ("licence: {term: open}\n", "candidate.yaml:4:11: unknown key `term` in `licence`, did you mean `terms`?"),
        ("licnce: {terms: open}\n", "candidate.yaml:4:1: unknown key `licnce`, did you mean `licence`?"),
    ],
)  # fmt: skip
def test_the_key_is_validated_with_its_place(here: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load(here, text)
    assert said in str(caught.value).splitlines()


def test_the_key_is_an_argument_in_python(here: Path) -> None:
    assert mlgate.check(policy="gate.yaml", tables={"t": "t.csv"}, licence={"terms": "open"}).allowed
    with pytest.raises(InputError, match=r"^`licence\.terms` must be one of open, closed"):
        mlgate.check(policy="gate.yaml", tables={"t": "t.csv"}, licence={"terms": "opne"})


def test_the_key_is_completed_by_the_json_schema() -> None:
    properties = candidate_schema({"licence.open": LicenceOpen})["properties"]
    assert properties["licence"]["properties"]["terms"]["enum"] == ["open", "closed"]
    assert properties["notices"]["description"] == "Further notices."


def test_without_the_check_nobody_knows_the_key(tmp_path: Path) -> None:
    (tmp_path / "candidate.yaml").write_text(CANDIDATE + "licence: {terms: open}\n")
    with pytest.raises(InputError, match="unknown key `licence`"):
        load_candidate(tmp_path / "candidate.yaml", workspace=tmp_path)


def test_facts_that_travel_hold_the_digests_of_the_key(here: Path) -> None:
    (here / "candidate.yaml").write_text(CANDIDATE + "licence: {terms: open, text: LICENCE.txt}\n")
    assert run(["measure", "--policy", "gate.yaml", "--output", "facts.json"]) == 0
    assert run(["check", "--policy", "gate.yaml", "--facts", "facts.json"]) == 0
    assert "LICENCE.txt" in json.dumps(json.loads((here / "facts.json").read_text())["candidates"])
    (here / "LICENCE.txt").write_text("not so free")
    assert run(["check", "--policy", "gate.yaml", "--facts", "facts.json"]) == 1


def test_two_records_of_one_key_are_an_error() -> None:
    @dataclasses.dataclass(frozen=True)
    class Other:
        licence: str = param(Choice("a"), default="a", doc="")

    @dataclasses.dataclass(frozen=True)
    class OtherOpen(LicenceOpen):
        candidate_keys: ClassVar[type[Any]] = Other

    with pytest.raises(MachineError, match="`licence` is declared by LicenceKeys and Other; rename one"):
        records_of([LicenceOpen, OtherOpen])
    assert records_of([LicenceOpen, LicenceOpen]) == (LicenceKeys,)


def test_no_file_of_a_candidate_is_left_out() -> None:
    def source(name: str) -> FileSource:
        return FileSource(name, Path())

    nested = LicenceKeys(Licence("open", source("a")), (source("b"), source("c")))
    assert [(".".join(keys), file.path) for keys, file in files({LicenceKeys: nested, "x": (("y", source("d")),)})] == [
        ("licence.text", "a"),
        ("notices", "b"),
        ("notices", "c"),
        ("x.y", "d"),
    ]
