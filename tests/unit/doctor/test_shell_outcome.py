"""Whether a script ends with the exit code of its gate, on every way through it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mlgate.doctor.gate_command import arguments_of_gate
from mlgate.doctor.shell_outcome import ShellSettings, lost_failure
from mlgate.doctor.shell_tokens import ShellSyntaxError
from mlgate.doctor.shell_tree import SimpleCommand, shell_tree
from mlgate.doctor.shell_walk import simple_commands

KEPT = (
    "mlgate check",
    "mlgate check --policy-ref origin/main 2>&1",
    "mlgate check || exit 1",
    "mlgate check || exit $?",
    "mlgate check || { echo no; exit 1; }",
    "set -o pipefail\nmlgate check | tee log",
    "set -euo pipefail; mlgate check |& tee log",
    "set +e\nmlgate check\ncode=$?\necho done\nexit $code",
    "set +e\nmlgate check\ncode=$?\nif [ $code -ne 0 ]; then exit $code; fi",
    'set +e\nmlgate check\ncode=$?\nif [ "$code" = 0 ]; then echo y; else exit 1; fi',
    'code=0\nmlgate check || code=$?\nexit "$code"',
    "mlgate check && echo ok",
    "if ! mlgate check; then echo bad; exit 1; fi",
    "if mlgate check; then echo ok; else exit 1; fi",
    "mlgate check & pid=$!\nwait $pid",
    "out=$(mlgate check)\necho $out",
    "for f in a b; do mlgate check $f; done",
    "bash -c 'mlgate check'",
    "command -v mlgate && mlgate check",
    "gate() { mlgate check\n}\ngate",
    "echo 'run mlgate check'\nmlgate check",
    "cat <<EOF\nmlgate check || true\nEOF\nmlgate check",
    "python -m mlgate check",
    "mlgate check > >(cat) 2>&1",
    "mlgate check > log; cat log",
    "mlgate check # || true",
    "while read f; do mlgate check $f; done < list",
    "failed=0\nmlgate check || failed=1\nif (( failed )); then exit 1; fi",
    "mlgate check | tee log; exit ${PIPESTATUS[0]}",
    "mlgate check | tee log\ntest ${PIPESTATUS[0]} -eq 0",
    "mlgate \\\n  check \\\n  --policy-ref origin/main",
)
LOST = (
    "mlgate check || true",
    "mlgate check || :",
    "mlgate check || echo no",
    "mlgate check | tee log",
    "set +e\nmlgate check\necho done",
    "set +e\nmlgate check; true",
    "set +e\nmlgate check\nexit 0",
    "code=0\nmlgate check || code=$?\necho $code",
    "mlgate check && echo ok\necho done",
    "mlgate check && echo ok || echo bad",
    "! mlgate check",
    "if mlgate check; then echo ok; fi",
    "mlgate check &",
    "echo $(mlgate check)",
    "export out=$(mlgate check)",
    "bash -c 'mlgate check || true'",
    "bash -c 'mlgate check; echo hi'",
    "trap 'exit 0' EXIT\nmlgate check",
    "( mlgate check ) || echo",
    "{ mlgate check; } || echo",
    "gate() { mlgate check; }\ngate || true",
    "timeout 60 mlgate check || true # x",
    "mlgate \\\n  check \\\n  --policy-ref origin/main || true",
    "set +e\nfor f in a b; do mlgate check $f; done\nexit 0",
    "mlgate check || (( failed++ )) || true",
    "eval 'mlgate check || true'",
)
SKIPPED = (
    "if [ -f candidate.yaml ]; then mlgate check; fi",
    "[ -f candidate.yaml ] && mlgate check\necho done",
    "exit 0\nmlgate check",
    "case $X in a) mlgate check;; *) echo;; esac",
    "if [ \"${{ github.actor }}\" != 'bot' ]; then\n  mlgate check\nfi",
    "test -f skip || mlgate check",
)


def is_gate(command: SimpleCommand) -> bool:
    """Whether a command is the gate."""
    return arguments_of_gate(command.words) is not None


def lost(script: str, *, errexit: bool = True) -> str:
    """`kept`, `lost` or `skipped`."""
    tree = shell_tree(script)
    (gate,) = {command for command in simple_commands(tree) if is_gate(command)}
    found = lost_failure(tree, gate, ShellSettings(errexit, False), is_gate)
    return "kept" if found is None else "lost" if found.ran else "skipped"


@pytest.mark.parametrize("script", KEPT)
def test_a_script_that_ends_as_its_gate(script: str) -> None:
    assert lost(script) == "kept"


@pytest.mark.parametrize("script", LOST)
def test_a_script_that_loses_the_exit_code(script: str) -> None:
    assert lost(script) == "lost"


@pytest.mark.parametrize("script", SKIPPED)
def test_a_script_that_can_end_with_0_without_its_gate(script: str) -> None:
    assert lost(script) == "skipped"


@pytest.mark.parametrize(
    "script", ["mlgate check\necho done", "mlgate check; true", "for f in a b; do mlgate check; done"]
)
def test_a_shell_that_does_not_stop_at_errors_goes_on(script: str) -> None:
    assert lost(script, errexit=False) == "lost"
    assert lost(f"set -e\n{script}", errexit=False) == "kept"


@pytest.mark.parametrize("script", ['echo "', "if true", "case", "a | | b", "mlgate check )", "{ " * 200, "echo $(("])
def test_what_is_not_understood_is_an_error_with_its_line(script: str) -> None:
    with pytest.raises(ShellSyntaxError) as caught:
        shell_tree(script)
    assert caught.value.line == 1


def test_a_script_of_very_many_ways_is_an_error() -> None:
    script = "".join(f"if [ -f {number} ]; then echo; fi\n" for number in range(20))
    with pytest.raises(ShellSyntaxError, match="too many conditions"):
        lost(f"{script}mlgate check")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
@pytest.mark.parametrize("script", [*KEPT, *LOST])
def test_bash_itself_ends_so(script: str, tmp_path: Path) -> None:
    """A gate that always fails, performed by bash: the script ends with 0 just where it is said to lose the code."""
    program = tmp_path / "mlgate"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "list").write_text("a\nb\n")
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True,
        timeout=20, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) == (script in LOST)
