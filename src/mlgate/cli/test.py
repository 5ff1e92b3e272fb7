"""mlgate test: runs the unit tests of policies."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.appearance import look
from mlgate.cli.output import STDOUT, deliver
from mlgate.cli.preamble import Running
from mlgate.cli.shared_options import running_options
from mlgate.cli.targets import parse_report_options
from mlgate.reading.edge import today, workspace
from mlgate.values.errors import InputError


@click.command("test")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@click.option("-k", "only", default="", metavar="TEXT", help="Run only tests with this text in their file or name.")
@click.option("-x", "first_failure", is_flag=True, help="End the run with the first test that fails.")
@click.option("--verbose", "-v", is_flag=True, help="Print one line per test.")
@click.option("--allow-untested", is_flag=True, help="List rules that no test has seen block, and do not fail by them.")
@click.option("--report", "reports", multiple=True, metavar="junit=PATH", help="Write a report: junit.")
@running_options("as_of")
def command(
    paths: tuple[str, ...],
    only: str,
    first_failure: bool,
    verbose: bool,
    allow_untested: bool,
    reports: tuple[str, ...],
    running: Running,
) -> int:
    """Run the tests of policies in *.test.yaml: does each candidate get the answer that its test expects?

    PATH is a file with tests, or a folder of them. Default: policies/. The exit code is 1 if a test fails, if no test
    has seen a rule block, or if a policy applies to no candidate of its tests; and 2 if there is no test.
    """
    from mlgate.cli.policy_test_output import PolicyTestOutput
    from mlgate.reports.policy_tests_junit import as_junit
    from mlgate.reports.policy_tests_page import closing_page
    from mlgate.reports.write import remove_stale
    from mlgate.testing.whole_run import WholeRunSettings, run_policy_tests

    given, top = [Path(path) for path in paths or ("policies",)], workspace(Path.cwd())
    targets = _targets(reports, given)
    remove_stale((path for path in targets if path != STDOUT), top)
    day = running.as_of or today()
    settings = WholeRunSettings(top, day, only, first_failure, allow_untested)
    output = PolicyTestOutput(look(), verbose, silent=STDOUT in targets)
    run = run_policy_tests(given, settings, output.show)
    output.end(closing_page(run, look()))
    for path in targets:
        deliver(path, as_junit(run))
    return run.exit_code


def _targets(options: tuple[str, ...], inputs: list[Path]) -> list[Path]:
    """Where the report is written. Raises InputError for another format, and for a path that is an input."""
    parsed = parse_report_options(options, inputs)
    if other := next((name for name, _ in parsed if name != "junit"), ""):
        raise InputError(f"`mlgate test` writes no report `{other}`; write --report junit=PATH")
    return [path for _, path in parsed]
