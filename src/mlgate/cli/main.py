"""The command line: one error boundary, and the one line of the program that can exit 0."""

from __future__ import annotations

import contextlib
import gc
import importlib
import keyword
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn, TextIO

import click

from mlgate.cli.output import complain, list_problems
from mlgate.cli.set_aside import named_reports, set_aside, without_earlier
from mlgate.cli.supervised import supervised
from mlgate.reports.safe_text import one_line
from mlgate.values.errors import InputError, MachineError, MlgateError, OverwritingError
from mlgate.values.faults import crashed, plugin_in
from mlgate.values.words import did_you_mean
from mlgate.version import __version__

COMMANDS = {
    "backtest": "Run policies over past versions of candidates: what they would have blocked.",
    "check": "Judge candidates by policies: the gate.",
    "diff": "Compare two versions of policies: what is looser, tighter, added or removed.",
    "doctor": "Say what would let a change slip past the gate of this repository.",
    "explain": "Explain a check, a metric, or why a rule of a verdict has its status.",
    "import": "Write a policy from the rules of another tool.",
    "init": "Write a first gate from predictions, metrics or a table.",
    "known": "Record the findings that fail today, so that only new or worse ones block.",
    "lineage": "Show what a model was made from, and what of it could be recomputed.",
    "lint": "Check policies for mistakes, without data or against a candidate's data.",
    "measure": "Measure facts where private data are, to be judged elsewhere.",
    "packs": "List the packs of rules that a policy can extend.",
    "plan": "Plan data: the rows that rules need, and the chance that a good model passes.",
    "record": "Run a program, and record what it read and made.",
    "report": "Render a stored verdict again.",
    "schema": "Print the JSON Schema of a file format.",
    "test": "Run the unit tests of policies.",
    "waive": "Print the stub of a waiver for a rule that blocks.",
}
LEAST_ADDRESSES = 1 << 30
"""Bytes of address space that loading the libraries of numbers takes."""
SETTINGS = ("JOBLIB_", "MKL_", "NPY_", "NUMEXPR_", "NUMPY_", "OMP_", "PANDAS_", "SCIPY_", "SKLEARN_")
"""What the names of variables begin with by which libraries of numbers are set: none may change a verdict."""


class Commands(click.Group):
    """Commands by name. Each has its own module, which is imported when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command by its exact name."""
        if name not in COMMANDS:
            return None
        word = f"{name}_" if keyword.iskeyword(name) else name
        module = importlib.import_module(f"mlgate.cli.{word}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line per command, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A command, or an error that names the nearest one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS) or f"; choose one of {', '.join(sorted(COMMANDS))}"
            raise click.UsageError(f"unknown command `{args[0]}`{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlgate")
def cli() -> None:
    """Decide whether a machine-learning model may merge: policies in, a verdict out.

    Exit codes: 0 allowed; 1 blocked by what was presented; 2 the policy, the candidate file or the command line is
    wrong, or nothing was asked; 3 the gate could not run.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; whatever goes wrong ends here, with a code that is not 0.

    No report outlives a run that did not come to its end: one of an earlier run would be taken for this one's.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with without_earlier(named_reports(given)):
            _enough_addresses()
            code = cli.main(given, prog_name="mlgate", standalone_mode=False)
            if code == 0 and sys.stdout is not None:
                sys.stdout.flush()  # what nobody could read is not a pass; any other answer stands
    except OverwritingError as error:
        complain(str(error))
        return error.exit_code
    except BaseException as error:  # noqa: BLE001 - a bug, too, must end with a code of its own and its trace
        set_aside(named_reports(given))
        return _ended(error)
    return code if isinstance(code, int) else 3


def _ended(error: BaseException) -> int:
    """Say why a command ended without an answer, and return the exit code."""
    if isinstance(error, click.ClickException):
        complain(_usage(error))
        return 2
    if isinstance(error, InputError):
        list_problems(error.problems)
        return error.exit_code
    if isinstance(error, MlgateError):
        complain(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt | click.Abort):
        complain("interrupted: nothing was decided")
    elif isinstance(error, OSError):
        complain(f"the machine could not run the gate: {error}")
    elif isinstance(error, SystemExit) and os.environ.get("_MLGATE_COMPLETE"):
        return 2  # click's shell completion ends so, and decides nothing
    else:
        trace = "".join(traceback.format_exception(error))
        complain(
            crashed("mlgate", error) if plugin_in(error) else f"mlgate crashed; please report this as a bug\n{trace}"
        )
    return 3


def _usage(error: click.ClickException) -> str:
    """The mistake in the command line, and the help to read."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "mlgate"
    return f"{one_line(error.format_message())}\nTry `{path} --help`."


def _let_go(stream: TextIO | None) -> None:
    """Drop what a closed or full stream did not take. Else Python would try again and change the exit code."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _enough_addresses() -> None:
    """Raise MachineError where so few may be used that libraries of numbers would wait for memory for ever."""
    if sys.platform == "win32":
        return
    import mmap
    import resource

    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return
    try:
        mmap.mmap(-1, LEAST_ADDRESSES).close()
    except OSError as error:
        raise MachineError("the process may not use 1 GiB of addresses (ulimit -v); allow more, then retry") from error


def _judged() -> int:
    code = run()
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    return code


def _lost(why: str) -> None:
    set_aside(named_reports(sys.argv[1:]))
    complain(why)


def main() -> NoReturn:
    """The program."""
    # By default Python collects garbage over a hundred times while modules load: a fifteenth of a small gate's time.
    gc.set_threshold(100_000)
    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        del os.environ[name]
    # By default numpy's OpenBLAS starts a thread per core when it is imported: a tenth of a small gate. The gate's
    # arrays are too small for them, and more threads may add numbers in another order.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    warnings.resetwarnings()  # PYTHONWARNINGS could make an error of what a library says
    warnings.simplefilter("ignore")
    code = supervised(_judged, _lost)
    sys.exit(code)
