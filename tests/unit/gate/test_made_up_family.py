"""A newcomer's check: one installed file of a family that mlgate does not know, and everything works with it.

The check reads a key of the candidate that it declares itself, and a file by a question of its own; it answers claims
about columns. Nothing in mlgate names it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.newcomer import Newcomer, installed

PLUGIN = '''
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.named_files import FilePath
from mlgate.checks.base import Check
from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need
from mlgate.evidence.sources import FileSource
from mlgate.reading.fields import MapOf, Record, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Claim, Published
from mlgate.values.pictures import Graph, GraphNode
from mlgate.values.words import Words


@dataclass(frozen=True)
class CatalogueKeys:
    """What a candidate says of its data catalogue."""

    catalogue: FileSource | None = param(FilePath(), default=None, doc="The file that lists the columns.")


@dataclass(frozen=True)
class CatalogueFact:
    """The columns that a catalogue lists."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueOf(Need):
    """The columns that the catalogue in a file lists."""

    name = "acme-catalogue"
    fact = CatalogueFact
    path: str

    def answer(self, tables):
        """The columns, one per line."""
        return CatalogueFact(tuple(contents(self.path, tables.reach).decode().split()))


@dataclass(frozen=True)
class ColumnKeys:
    """What a policy demands of one column."""

    owner: str = param(Text(), doc="Who answers for the column.")


@dataclass(frozen=True, kw_only=True)
class CatalogueComplete(Check):
    """Every column has an entry in the catalogue.

    ## What it does
    Looks every column up in the catalogue.
    """

    id: ClassVar[str] = "catalogue.complete"
    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar = CatalogueKeys
    own_needs: ClassVar = (CatalogueOf,)

    columns: tuple[tuple[str, ColumnKeys], ...] = param(MapOf(Record(ColumnKeys)), doc="The columns.")

    @property
    def measured(self):
        """What is measured, in words."""
        return "columns in the catalogue"

    @property
    def source(self):
        """It reads no table."""
        return ""

    def words(self, subject):
        """A column each."""
        return Words("column")

    def problems(self, demand):
        """An owner whom nobody can write to."""
        for name, keys in self.columns:
            if "@" not in keys.owner:
                yield ("columns", name, "owner"), f"`{keys.owner}` is not an e-mail address"

    def advice(self, proof):
        """One column is seldom all."""
        if len(self.columns) == 1:
            yield "names one column only; name all that the model reads"

    def needs(self, subject, alphas):
        """The catalogue."""
        yield self._catalogue(subject)

    def answers(self, subject, facts, alphas):
        """A claim for every column."""
        listed = facts[self._catalogue(subject)].columns
        for name, _ in self.columns:
            there = "is" if name in listed else "is not"
            yield Claim((("column", name),), name in listed, f"`{name}` {there} in the catalogue")
        yield Published(Graph("Catalogue", tuple(GraphNode(name, name) for name in listed), ()))

    def _catalogue(self, subject):
        source = subject.candidate.of(CatalogueKeys).catalogue
        if source is None:
            raise EvidenceError("the candidate names no `catalogue`; add it")
        return CatalogueOf(subject.candidate.path_of(source))
'''

CANDIDATE = """\
mlgate: 1
candidate: churn
owner: ml@example.com
tags: [eu, weekly]
risk: high
catalogue: catalogue.txt
"""

POLICY = """\
mlgate: 1
policy: data
owner: data-office@example.com
rules:
  - id: all-listed
    check: catalogue.complete
    description: Nobody can ask about a column that nobody lists.
    columns:
      age: {owner: a@example.com}
      income: {owner: b@example.com}
"""


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    """The plugin, and a candidate that it has something to say about."""
    files = {"candidate.yaml": CANDIDATE, "policy.yaml": POLICY, "catalogue.txt": "age\n"}
    return installed(tmp_path, {"catalogue.complete": "CatalogueComplete"}, PLUGIN, files)


def test_its_claims_decide_and_its_words_are_in_the_message(newcomer: Newcomer) -> None:
    verdict = newcomer.verdict()
    (outcome,) = verdict["outcomes"]
    assert (verdict["exit_code"], outcome["status"]) == (1, "FAIL")
    assert outcome["message"] == "1 of 2 columns FAIL; worst: `income` is not in the catalogue"
    assert [(finding["where"], finding["status"]) for finding in outcome["findings"]] == [
        ([["column", "age"]], "PASS"),
        ([["column", "income"]], "FAIL"),
    ]
    newcomer.edit("catalogue.txt", "age\n", "age\nincome\n")
    assert newcomer.verdict()["outcomes"][0]["message"].startswith("all 2 columns pass")


def test_who_demands_and_who_presents_reach_the_verdict(newcomer: Newcomer) -> None:
    verdict = newcomer.verdict()
    (outcome,) = verdict["outcomes"]
    assert outcome["help"] == "Every column has an entry in the catalogue."
    assert outcome["description"] == "Nobody can ask about a column that nobody lists."
    assert outcome["owner"] == "data-office@example.com"
    presented = {key: verdict[key] for key in ("owner", "tags", "risk", "task")}
    assert presented == {"owner": "ml@example.com", "tags": ["eu", "weekly"], "risk": "high", "task": ""}


def test_its_file_is_bound_by_its_digest(newcomer: Newcomer) -> None:
    before = {entry["role"]: entry["sha256"] for entry in newcomer.verdict()["inputs"]}
    newcomer.edit("catalogue.txt", "age\n", "age\nheight\n")
    after = {entry["role"]: entry["sha256"] for entry in newcomer.verdict()["inputs"]}
    assert before["candidate"] == after["candidate"]
    assert before["catalogue"] != after["catalogue"]


def test_its_picture_is_in_the_verdict(newcomer: Newcomer) -> None:
    (picture,) = newcomer.verdict()["outcomes"][0]["pictures"]
    assert (picture["kind"], picture["title"]) == ("graph", "Catalogue")
    assert [node["id"] for node in picture["nodes"]] == ["age"]


def test_a_wrong_nested_key_is_told_at_its_own_line_and_column(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "income: {owner: b@example.com}", "income: {owner: nobody}")
    done = newcomer.run("lint", "policy.yaml")
    assert done.returncode == 2
    said = "`columns.income.owner` of rule `all-listed`: `nobody` is not an e-mail address"
    assert f"policy.yaml:10:16: {said}" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("fixed", "met"),
    [
        ("{catalogue: catalogue.txt}", True),
        ("{catalogue: /catalogue.txt}", True),
        ("{catalogue: other.txt}", False),
        ("{catalogue: none}", False),
    ],
)
def test_a_policy_fixes_its_key_of_the_candidate(newcomer: Newcomer, fixed: str, met: bool) -> None:
    newcomer.edit("policy.yaml", "rules:", f"expects: {fixed}\nrules:")
    expects, _ = newcomer.verdict()["outcomes"]
    assert (expects["rule"], expects["status"]) == ("expects", "PASS" if met else "FAIL")


def test_lint_lists_its_key_as_open_until_a_policy_fixes_it(newcomer: Newcomer) -> None:
    assert "the candidate may choose catalogue." in newcomer.run("lint", "policy.yaml").stdout
    newcomer.edit("policy.yaml", "rules:", "expects: {catalogue: /catalogue.txt}\nrules:")
    assert "the candidate may choose" not in newcomer.run("lint", "policy.yaml").stdout


def test_a_key_that_no_check_declares_cannot_be_fixed(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "rules:", "expects: {catalog: none}\nrules:")
    said = "unknown key `catalog` in `expects`, did you mean `catalogue`?"
    assert f"policy.yaml:4:11: {said}" in newcomer.run("lint", "policy.yaml").stderr


def test_its_advice_is_in_lint_and_its_page_in_explain(newcomer: Newcomer) -> None:
    newcomer.edit("policy.yaml", "      income: {owner: b@example.com}\n", "")
    advice = newcomer.run("lint", "policy.yaml").stdout
    assert "policy.yaml:5:5: advice: rule `all-listed` names one column only" in advice
    page = newcomer.run("explain", "catalogue.complete").stdout
    assert page.startswith("# catalogue.complete\n\nEvery column has an entry in the catalogue.")
    assert "| `columns` |" in page
    near = newcomer.run("explain", "catalogue.complet")
    assert "did you mean `catalogue.complete`?" in near.stdout + near.stderr


def test_its_claims_are_not_advised_or_planned_by_rows(newcomer: Newcomer) -> None:
    for proof in ("unrefuted", "estimate"):
        newcomer.edit("policy.yaml", "    columns:\n", f"    proof: {proof}\n    columns:\n")
        advised = newcomer.run("lint", "policy.yaml", "--candidate", "candidate.yaml").stdout
        assert "1 rule, no problems" in advised
        assert not any(word in advised for word in (" row", "min_n", "runs"))
        newcomer.edit("policy.yaml", f"    proof: {proof}\n", "")
    page = newcomer.run("plan", "candidate.yaml", "--policy", "policy.yaml").stdout
    assert "the whole gate does not pass with what is presented" in page
    assert "`income` is not in the catalogue" in page
    assert " row" not in page


def test_every_report_renders_it(newcomer: Newcomer) -> None:
    targets = [f"--report={report}={report}.txt" for report in ("console", "junit", "json", "tables")]
    done = newcomer.run("check", "--policy", "policy.yaml", *targets)
    assert done.returncode == 1, done.stderr
    for report in ("console", "junit", "json"):
        assert "`income` is not in the catalogue" in (newcomer.work / f"{report}.txt").read_text(encoding="utf-8")
    assert (newcomer.work / "tables.txt").exists()


def test_a_verdict_records_the_version_of_the_plugin(newcomer: Newcomer) -> None:
    assert newcomer.verdict()["versions"]["others"] == ["acme 1.0"]


def test_it_is_judged_elsewhere_by_what_was_measured_beside_its_file(newcomer: Newcomer) -> None:
    here = newcomer.verdict()
    assert newcomer.run("measure", "--policy", "policy.yaml", "-o", "facts.json").returncode == 0
    (newcomer.work / "catalogue.txt").unlink()
    assert newcomer.verdict("--facts", "facts.json") == here


def test_a_question_that_its_check_does_not_declare_is_not_stored(newcomer: Newcomer) -> None:
    newcomer.edit("acme.py", "    own_needs: ClassVar = (CatalogueOf,)\n", "")
    done = newcomer.run("measure", "--policy", "policy.yaml", "-o", "facts.json")
    assert done.returncode == 3
    assert "`acme-catalogue` cannot be stored: its check does not declare it" in done.stderr
    assert not (newcomer.work / "facts.json").exists()


def test_what_is_not_a_check_is_refused_when_a_policy_names_it(newcomer: Newcomer) -> None:
    newcomer.edit("acme.py", "class CatalogueComplete(Check):", "class CatalogueComplete:")
    done = newcomer.run("check", "--policy", "policy.yaml")
    assert done.returncode == 3
    assert "CatalogueComplete is not a subclass of mlgate.checks.base.Check" in done.stdout + done.stderr
