"""The command line explains itself: every command and option is in its help, in the docs and completed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete

from mlgate.checks.registry import checks
from mlgate.cli.main import COMMANDS, cli, run
from mlgate.metrics.registry import metrics
from mlgate.policy.packs import packs
from mlgate.reports.registry import reports

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def command(name: str) -> click.Command:
    """A command by its name."""
    found = cli.get_command(click.Context(cli), name)
    assert isinstance(found, click.Command)
    return found


def options() -> list[tuple[str, click.Option]]:
    """Every option with its command's name."""
    return [(name, param) for name in COMMANDS for param in command(name).params if isinstance(param, click.Option)]


def mlgate(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program, run as a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "mlgate", *arguments],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def completed(line: str) -> list[str]:
    """What the shell is offered for the last word of a line."""
    words = line.split(" ")
    offered = BashComplete(cli, {}, "mlgate", "_MLGATE_COMPLETE").get_completions(words[1:-1], words[-1])
    return [offer.value for offer in offered if offer.type == "plain"]


def test_every_file_that_has_a_command_is_in_the_table() -> None:
    files = (ROOT / "src/mlgate/cli").glob("*.py")
    found = {file.stem.rstrip("_") for file in files if "\ndef command(" in file.read_text(encoding="utf-8")}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(name).name == name
    assert COMMANDS[name].endswith(".")
    assert len((command(name).help or "").split()) > 5
    assert run([name, "--help"]) == 0
    printed, complaints = capsys.readouterr()
    assert complaints == ""
    assert printed.startswith(f"Usage: mlgate {name} ")


@pytest.mark.parametrize(("name", "option"), options(), ids=lambda part: getattr(part, "name", part))
def test_an_option_says_what_it_does(name: str, option: click.Option) -> None:
    assert (option.help or "").endswith("."), f"{name} {option.opts[0]}"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_in_the_docs(name: str) -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    _, found, rest = page.partition(f"## mlgate {name}\n")
    section = rest.partition("\n## ")[0]
    assert found
    wanted = [option for of, param in options() if of == name for option in param.opts]
    assert [option for option in wanted if option not in section] == []


def test_every_command_is_shown_in_use() -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "commands.md")
    assert [name for name in COMMANDS if f"mlgate {name}" not in written] == []


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = mlgate("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, said in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert said.split()[0] in done.stdout
    assert " ".join(done.stdout.split()).count("Exit codes: 0 allowed; 1 blocked") == 1


def test_a_report_option_names_every_format() -> None:
    """The text is written by hand, so that help answers without loading any report."""
    option = next(param for of, param in options() if of == "check" and param.name == "reports")
    assert [name for name in reports() if name not in (option.help or "")] == []


@pytest.mark.parametrize("arguments", [(), ("chekc",), ("check", "--polici", "x"), ("explain", "x")], ids=" ".join)
def test_a_wrong_command_line_is_answered_with_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    printed, complaints = capsys.readouterr()
    assert printed == ""
    assert complaints.startswith("mlgate: ")
    assert "Traceback" not in complaints


def test_a_misspelt_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    run(["chekc"])
    assert "did you mean `check`?" in capsys.readouterr().err


def test_the_program_answers_the_shell() -> None:
    asked = {"_MLGATE_COMPLETE": "bash_complete", "COMP_WORDS": "mlgate ch", "COMP_CWORD": "1"}
    done = mlgate(**asked)
    assert (done.stdout, done.stderr) == ("plain,check\n", "")


def test_commands_are_completed() -> None:
    assert completed("mlgate ") == sorted(COMMANDS)
    assert completed("mlgate ch") == ["check"]


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_completed(name: str) -> None:
    wanted = {opt for of, param in options() if of == name for opt in param.opts if opt.startswith("--")}
    assert set(completed(f"mlgate {name} --")) == wanted | {"--help"}


@pytest.mark.parametrize("name", ["check", "report"])
def test_report_formats_are_completed(name: str) -> None:
    assert completed(f"mlgate {name} --report ") == [f"{form}=" for form in reports()]
    assert completed(f"mlgate {name} --report ju") == ["junit="]


def test_checks_metrics_reports_and_packs_are_completed() -> None:
    assert completed("mlgate explain ") == [*checks(), *metrics(), *reports(), *(f"mlgate/{name}" for name in packs())]
    assert completed("mlgate explain roc") == ["roc_auc"]


def test_choices_are_completed() -> None:
    assert completed("mlgate schema ") == ["policy", "candidate", "register", "verdict", "waivers", "tests", "known"]
    assert completed("mlgate check --format ") == ["console", "json"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_completion_script_for(shell: str) -> None:
    assert "_MLGATE_COMPLETE" in mlgate(_MLGATE_COMPLETE=f"{shell}_source").stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_bash_completes_names_beside_files(tmp_path: Path) -> None:
    """The whole way: bash's own function must keep the names although files are offered too."""
    program = """
        compopt() { :; }
        complete() { :; }
        source <(_MLGATE_COMPLETE=bash_source mlgate)
        COMP_WORDS=(mlgate explain reca) COMP_CWORD=2
        _mlgate_completion mlgate
        echo "${COMPREPLY[*]}"
    """
    shim = tmp_path / "mlgate"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m mlgate "$@"\n')
    shim.chmod(0o755)
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["recall", "recall_at_k"]


def test_the_group_is_what_the_program_runs() -> None:
    assert cli.list_commands(click.Context(cli)) == sorted(COMMANDS)


@pytest.mark.parametrize("arguments", [("schema",), ("schema", "x"), ("report",), ("explain", *"abc")])
def test_what_is_wrong_in_a_command_line_stands_on_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    said, hint = capsys.readouterr().err.splitlines()
    assert said.startswith("mlgate: ")
    assert hint == f"Try `mlgate {arguments[0]} --help`."
    assert "\\n" not in said
    assert "\\t" not in said


def test_a_schema_without_a_name_lists_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    run(["schema"])
    assert "Choose from: policy, candidate, register, verdict, waivers, tests, known" in capsys.readouterr().err
