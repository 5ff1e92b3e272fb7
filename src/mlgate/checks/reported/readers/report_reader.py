"""What a reader of reports gives: the tests of a run with their results, and what it must not hide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from xml.etree.ElementTree import Element

from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

Result = Literal["passed", "failed", "error", "skipped"]
RESULTS: tuple[str, ...] = get_args(Result)


@dataclass(frozen=True)
class ReportedTest:
    """One test of a report: its name as the report gives it, and its result."""

    name: str
    result: Result


@dataclass(frozen=True)
class ReportedRun:
    """All tests of a report, and the time that it records; empty if it records none."""

    tests: tuple[ReportedTest, ...]
    time: str = ""
    cannot_pass: str = ""
    """Why a report of this format shows no pass, whatever it says; empty if it can."""


@dataclass(frozen=True)
class ReportDocument:
    """A report that was parsed: the root of an XML document, or the plain values of a JSON document."""

    path: str
    xml: Element | None = None
    json: Any = None


@dataclass(frozen=True)
class ReportReader:
    """A format of reports: its name in `format`, what it is, how it is recognised by its content, and how it is read.

    `read` raises EvidenceError where the document contradicts itself or lacks what the format always has.
    """

    name: str
    said: str
    recognises: Callable[[ReportDocument], bool]
    read: Callable[[ReportDocument], ReportedRun]


def contradiction(path: str, said: str) -> EvidenceError:
    """The error of a report whose summary does not fit its tests."""
    return EvidenceError(f"{path} contradicts itself: {said}; run the tests again and keep the whole report")


def unlike(path: str, what: str) -> EvidenceError:
    """The error of a report that lacks what its format always has."""
    return EvidenceError(f"{path} has {what}, so it is not a whole report; write it again")


def unknown(path: str, what: str) -> EvidenceError:
    """The error of a report that says about a test what mlgate does not understand."""
    return EvidenceError(f"{path} has {what}, so it is not known what passed; write the report without it")


def objects(found: Any, path: str, what: str) -> tuple[Mapping[str, Any], ...]:
    """A list of objects. Raises EvidenceError for anything else."""
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise unlike(path, f"no list of {what}")
    return tuple(found)


def text_in(found: Mapping[str, Any], *keys: str) -> str:
    """The first of some keys that has a text; else an empty text."""
    return next((found[key] for key in keys if isinstance(found.get(key), str)), "")


def result_of(word: Any, known: Mapping[str, Result], path: str) -> Result:
    """The result that a word of the format means, whatever its case. Raises EvidenceError for an unknown word."""
    result = known.get(word.lower()) if isinstance(word, str) else None
    if result is None:
        raise unknown(path, f"a test with the unknown result {str(word)[:40]!r}")
    return result


def agree(path: str, tests: Iterable[ReportedTest], stated: Mapping[str, tuple[Any, Iterable[str]]]) -> None:
    """Raise EvidenceError where a count in the summary is not that of the tests with some results.

    `stated` has, by the name of the count, what the summary says and the results that it counts. A count that the
    summary leaves out is not compared.
    """
    found = tuple(tests)
    for name, (said, results) in stated.items():
        among = frozenset(results)
        real = sum(test.result in among for test in found)
        if said is not None and (isinstance(said, bool) or said != real):
            raise contradiction(path, f"`{name}` is {str(said)[:40]}, and it lists {counted(real, 'such test')}")
