"""The check `reported.tests`: the results of tests that others ran, in the report that their tool wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.reported.report_keys import key_of
from mlgate.checks.reported.reported_check import ReportedCheck
from mlgate.checks.reported.reported_tests import NamedTests, ReportedTests, ReportedTestsFact, report_readers
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import Integer, ListOf, Text, param
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import Words, counted

MOST_REQUIRED = 1_000
RESULT, TEST = "result", "test"
FAILED, RAN, SKIPPED = "failed", "run", "skipped"


@dataclass(frozen=True, kw_only=True)
class ReportedTestResults(ReportedCheck):
    """Results of tests that others ran and reported.

    ## What it does
    Reads the report of a test tool that the candidate names in `reports`, and counts its tests. The format is
    recognised by the content, never by the name of the file:

    | `format` | what it is |
    |---|---|
    | `junit` | JUnit XML of pytest and most test runners |
    | `great_expectations` | a validation result, or the result of a checkpoint |
    | `soda` | scan results of Soda Core |
    | `dbt` | `run_results.json`: tests, and models that failed |
    | `evidently` | a report with tests, or a test suite |
    | `deepchecks` | a suite result; each condition is a test |
    | `pandera` | the failures of a schema, which can block and never pass |

    A test that was skipped has not passed. One that could not run (an error) has failed, and so has one that only
    warns, and a suite of JUnit XML of which the set-up failed. A flaky test that passed when it ran again has
    passed. An expectation of Great Expectations that had no value to look at is skipped, although it reports a
    success, as far as its `result_format` tells: `BOOLEAN_ONLY` does not. A report without a test that ran, an
    unknown or truncated document, a result or element of a test that mlgate does not know, and a summary that
    contradicts the tests (a success although one failed, other counts) are an ERROR, and so is a required test that
    the report does not have.

    ## Why it matters
    Teams have tests of their data and their code already. This brings their results into one verdict. But mlgate has
    not run the tests: whoever can change the file can change the results. So each report of the gate says `reported,
    not measured`, only `proof: estimate` is possible, and a policy with `reported: refuse` allows no such rule.

    Where the report records a time with its zone, one from before the candidate's `trained_at` is an ERROR. The time
    of the file decides nothing: it is that of a checkout or of a copy.

    ## Example
    ```yaml
    - id: data-tests
      check: reported.tests
      from: expectations       # candidate: reports: {expectations: gx/result.json}
      at_least_tests: 20
      require: [expect_column_values_to_not_be_null(age)]
    ```

    ## Use instead
    The checks `data.*` measure the tables themselves.
    """

    id: ClassVar[str] = "reported.tests"
    bounded: ClassVar[bool] = False
    own_needs: ClassVar = (ReportedTests,)

    format: str = param(Text(), default="", doc="The report's format; if left out, recognised by its content.")
    at_most_failed: int = param(
        Integer(min=0), default=0, doc="The most tests that may have failed or not run.", tighter="lower"
    )
    at_least_tests: int = param(
        Integer(min=1), default=1, doc="The fewest tests that must have run; skipped ones have not.", tighter="higher"
    )
    at_most_skipped: int | None = param(
        Integer(min=0), default=None, doc="The most tests that may be skipped.", tighter="at_most"
    )
    require: tuple[str, ...] = param(
        ListOf(Text(), max=MOST_REQUIRED, unique=True),
        default=(),
        doc="Names of tests that must have passed: whole names, or their part after the last class or module.",
        tighter="more",
    )

    @property
    def measured(self) -> str:
        """The results in the report."""
        return f"tests in report {self.report}"

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """A waiver may name the number of tests with one result."""
        return ((RESULT,),)

    def demand_of(self, where: Where, given: Demand) -> Demand:
        """What the rule demands of the number of tests with a result."""
        return self._demands.get(dict(where).get(RESULT, ""), given)

    def words(self, _subject: Subject) -> Words:
        """What is found of tests."""
        return Words(RESULT, TEST)

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """A format that nothing reads."""
        if self.format and self.format not in report_readers():
            yield "format", f"must be one of {', '.join(sorted(report_readers()))}, not `{self.format}`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The results."""
        yield self._tests(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The tests that failed, those that ran, those that were skipped if the rule bounds them, and each required."""
        found: ReportedTestsFact = facts[self._tests(subject)]
        undated = self.undated(subject, found.time)
        if not found.ran:
            skipped = f", and {counted(found.skipped, TEST)} skipped" if found.skipped else ""
            said = f"report `{self.report}` has no test that ran{skipped}; run the tests and write it again"
            raise EvidenceError(said, key_of(self.report))
        notes = {FAILED: _at_fault(found), RAN: undated}
        values = {FAILED: found.failed + found.errors, RAN: found.ran, SKIPPED: found.skipped}
        for result, demand in self._demands.items():
            rows, value = found.ran + found.skipped, values[result]
            own = OwnDemand(f"tests {result}", demand)
            note = notes.get(result) or None
            yield Estimate(((RESULT, result),), value, rows, rows, exact=Fraction(value), own=own, note=note)
        for named in found.named:
            yield self._required(named)

    @property
    def _demands(self) -> Mapping[str, Demand]:
        """What the rule demands of the number of tests with each result."""
        most, fewest = Fraction(self.at_most_failed), Fraction(self.at_least_tests)
        found = {FAILED: Demand(at_most=most, at_most_text=str(most))}
        found[RAN] = Demand(at_least=fewest, at_least_text=str(fewest))
        if self.at_most_skipped is not None:
            bound = Fraction(self.at_most_skipped)
            found[SKIPPED] = Demand(at_most=bound, at_most_text=str(bound))
        return found

    def _required(self, named: NamedTests) -> Claim | Unanswered:
        where = ((TEST, named.name),)
        if not named.found:
            return Unanswered(where, f"report `{self.report}` has no test `{named.name}`{named.near}")
        if named.passed == named.found:
            return Claim(where, True, f"`{named.name}` passed, reported, not measured")
        of = f" in {named.found - named.passed} of {named.found} runs" if named.found > 1 else ""
        return Claim(where, False, f"`{named.name}` has not passed{of}, reported, not measured")

    def _tests(self, subject: Subject) -> ReportedTests:
        return ReportedTests(self.path(subject), self.require, self.format)


def _at_fault(found: ReportedTestsFact) -> str:
    """The names of tests that failed."""
    names = ", ".join(f"`{name}`" for name in found.not_passed)
    more = found.failed + found.errors - len(found.not_passed)
    return f"not passed: {names}{f' and {more:,} more' if more else ''}" if names else ""
