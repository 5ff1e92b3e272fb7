"""A run of tests of policies, from paths to what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mlgate.testing.read_tests import PolicySuite, load_suites
from mlgate.testing.run_tests import Runner
from mlgate.testing.untested import policies_found, unmatched_policies, untested_rules
from mlgate.values.errors import InputError
from mlgate.values.policy_tests import PolicyTestResult, PolicyTestRun

ShowsResult = Callable[[PolicyTestResult], None]


@dataclass(frozen=True)
class WholeRunSettings:
    """Which tests are run, and how."""

    workspace: Path
    as_of: date
    """The day of verdicts of tests that name none."""
    only: str = ""
    """A part of the names of the tests to run, in lower or upper case; empty for all."""
    first_failure: bool = False
    """Whether the run ends with the first test that fails."""
    allow_untested: bool = False


def run_policy_tests(paths: Sequence[Path], settings: WholeRunSettings, show: ShowsResult) -> PolicyTestRun:
    """Run the tests in some files and folders. `show` gets each result as it comes.

    Raises InputError with all mistakes of all files, and where no test has the name that is asked for.
    """
    suites = load_suites(paths, settings.workspace)
    found = policies_found(paths, suites, settings.workspace)
    chosen = [(suite, trial) for suite in suites for trial in suite.trials if _named(suite, trial.name, settings.only)]
    if not chosen:
        raise InputError(f"no test has `{settings.only}` in its name; correct the text after -k")
    runner, results = Runner(settings.as_of), []
    for suite, trial in chosen:
        results.append(runner.run(suite, trial))
        show(results[-1])
        if settings.first_failure and results[-1].status != "passed":
            break
    total = sum(len(suite.trials) for suite in suites)
    partial = "by -k" if len(chosen) < total else "by -x" if len(results) < total else ""
    return PolicyTestRun(
        tuple(results),
        () if partial else untested_rules(suites, found, runner.seen),
        () if partial else unmatched_policies(suites, runner.applied),
        settings.allow_untested,
        partial,
    )


def _named(suite: PolicySuite, name: str, only: str) -> bool:
    return only.casefold() in f"{suite.file}::{name}".casefold()
