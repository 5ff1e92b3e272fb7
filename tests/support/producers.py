"""The real tools that record lineage, for slow tests: `make producers` installs them into `.producers`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".producers" / "bin"


def executable(name: str) -> str:
    """Where a tool is: in `.producers`, or else on PATH; empty where it is not installed."""
    own = FOLDER / name
    return str(own) if own.exists() else shutil.which(name) or ""


def require(name: str) -> str:
    """Where a tool is. Skips the test without it."""
    found = executable(name)
    if not found:
        pytest.skip(f"`{name}` is not installed; `make producers` installs it")
    return found


def environment(*before: str) -> dict[str, str]:
    """What a command of these tools sees: their folder first on PATH, a person for git, and no reports to anybody."""
    person = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
              for what, value in (("NAME", "dev"), ("EMAIL", "dev@example.com"))}  # fmt: skip
    quiet = {"DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    quiet |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    known = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    folders = [*dict.fromkeys(str(Path(found).parent) for name in ("dvc", "mlflow") if (found := executable(name)))]
    return known | person | quiet | {"PATH": os.pathsep.join((*folders, *before, os.environ["PATH"]))}
