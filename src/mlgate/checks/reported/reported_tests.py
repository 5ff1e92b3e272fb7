"""The question for the results of tests in a report: how many of each kind, and those of some names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from mlgate.checks.reported import readers as folder
from mlgate.checks.reported.parsed import is_json, json_document, text_of, xml_document
from mlgate.checks.reported.readers.report_reader import ReportDocument, ReportedRun, ReportReader
from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.values.errors import EvidenceError
from mlgate.values.family import FilesBelow
from mlgate.values.words import did_you_mean

MOST_NAMED, LONGEST = 5, 120


@cache
def report_readers() -> Mapping[str, ReportReader]:
    """The readers of all formats, by the name of the format: the READER of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _reader_in))


def _reader_in(module: ModuleType) -> Mapping[str, ReportReader]:
    found = getattr(module, "READER", None)
    return {found.name: found} if isinstance(found, ReportReader) else {}


@dataclass(frozen=True)
class NamedTests:
    """The tests of one name that a rule requires: how many there are, and how many of them passed."""

    name: str
    found: int
    passed: int
    near: str = ""
    """Where there is none, what the name may have meant."""


@dataclass(frozen=True)
class ReportedTestsFact:
    """How many tests of a report have each result, and some of the names that did not pass."""

    format: str
    passed: int
    failed: int
    errors: int
    skipped: int
    not_passed: tuple[str, ...] = ()
    named: tuple[NamedTests, ...] = ()
    time: str = ""

    @property
    def ran(self) -> int:
        """The tests that came to a result: all but those that were skipped."""
        return self.passed + self.failed + self.errors


@dataclass(frozen=True)
class ReportedTests(Need):
    """The results of the tests in a report, with those of some names."""

    name = "reported-tests"
    fact = ReportedTestsFact
    beside = True
    path: str
    names: tuple[str, ...] = ()
    format: str = ""
    """The name of a format; empty to recognise it by the content."""

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ReportedTestsFact) -> str:
        """What is not a count, and more passed tests of a name than there are."""
        said = not_counts(fact.passed, fact.failed, fact.errors, fact.skipped, *(each.found for each in fact.named))
        odd = next((each.name for each in fact.named if not 0 <= each.passed <= each.found), "")
        unasked = tuple(each.name for each in fact.named) != self.names
        return said or (f"more tests {odd!r} passed than there are" if odd else "other names than asked" * unasked)

    def answer(self, tables: OpenTables) -> ReportedTestsFact:
        """The results. Raises EvidenceError where the file is not a whole report of the format, or of any."""
        raw = contents(self.path, tables.reach)
        reader, document = recognised(raw, self.path, self.format)
        run = reader.read(document)
        if run.cannot_pass and not run.tests:
            raise EvidenceError(f"{self.path} shows nothing: {run.cannot_pass}")
        results = Counter(test.result for test in run.tests)
        at_fault = [test.name[:LONGEST] for test in run.tests if test.result in ("failed", "error")]
        return ReportedTestsFact(
            reader.name,
            results["passed"],
            results["failed"],
            results["error"],
            results["skipped"],
            tuple(at_fault[:MOST_NAMED]),
            tuple(_named(name, run) for name in self.names),
            run.time,
        )


def recognised(raw: bytes, path: str, wanted: str = "") -> tuple[ReportReader, ReportDocument]:
    """The reader of a report, by its content, and the parsed document. Raises EvidenceError if none recognises it."""
    known = report_readers()
    document = _parsed(raw, path)
    found = [reader for reader in known.values() if reader.recognises(document)]
    if len(found) == 1 and wanted in ("", found[0].name):
        return found[0], document
    if found and wanted:
        raise EvidenceError(f"{path} is {_list(found)}, not {known[wanted].said}; correct `format`, or the file")
    if found:
        raise EvidenceError(f"{path} could be {_list(found)}; write a report of one format")
    what = known[wanted].said if wanted else f"a report that mlgate reads ({_list(known.values())})"
    raise EvidenceError(f"{path} is not {what}; write the report in such a format")


def _parsed(raw: bytes, path: str) -> ReportDocument:
    text = text_of(raw, path)
    if is_json(text):
        return ReportDocument(path, json=json_document(text, path))
    if text.lstrip().startswith("<"):
        return ReportDocument(path, xml=xml_document(raw, path))
    return ReportDocument(path)


def _list(readers: Iterable[ReportReader]) -> str:
    return ", ".join(reader.said for reader in readers)


def _named(name: str, run: ReportedRun) -> NamedTests:
    """The tests of a name: its whole name, or the part after the class or module that only they have."""
    alike = [test for test in run.tests if test.name == name]
    found = alike or [test for test in run.tests if test.name.endswith(f".{name}")]
    near = "" if found else did_you_mean(name, dict.fromkeys(test.name for test in run.tests[:10_000]))
    return NamedTests(name, len(found), sum(test.result == "passed" for test in found), near)
