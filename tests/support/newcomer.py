"""Somebody else's check or reader, installed as pip does, and mlgate as its user runs it."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from site import addsitedir
from typing import Any

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["mlgate.cli.check", "mlgate.cli.lint", "mlgate.gate.run", "_duckdb", "numpy", "pytest"]
)


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Newcomer:
    """A workspace, and a folder in which the plugin is installed."""

    work: Path
    site: Path

    def run(self, *arguments: str) -> Ended:
        """mlgate as a user with the plugin runs it: a process that has imported mlgate and looked for no plugin yet."""
        printed = [self.site / name for name in ("stdout", "stderr")]
        process = PROCESSES.Process(target=_run, args=(self.work, self.site, printed, arguments))
        process.start()
        process.join(60)
        assert process.exitcode is not None, "it takes longer than a minute"
        out, err = (path.read_text(encoding="utf-8") for path in printed)
        return Ended(process.exitcode, out, err)

    def verdict(self, *arguments: str) -> Any:
        """The verdict of a check, as its JSON report says it."""
        done = self.run("check", "--policy", "policy.yaml", "--format", "json", *arguments)
        document = json.loads(done.stdout)
        assert document["exit_code"] == done.returncode, done.stderr
        return document["verdicts"][0]

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the workspace or of the plugin."""
        path = next(folder / name for folder in (self.work, self.site) if (folder / name).exists())
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


def installed(
    folder: Path, members: Mapping[str, str], source: str, files: Mapping[str, str], group: str = "mlgate.checks"
) -> Newcomer:
    """A plugin with some members of a family (name -> object), and a workspace with some files."""
    work, site = folder / "work", folder / "site"
    info = site / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (work / ".git").mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    entries = "".join(f"{name} = acme:{found}\n" for name, found in members.items())
    (info / "entry_points.txt").write_text(f"[{group}]\n{entries}")
    (site / "acme.py").write_text(source, encoding="utf-8")
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    return Newcomer(work, site)


def _run(work: Path, site: Path, printed: Sequence[Path], arguments: Sequence[str]) -> None:
    """The command line in a process of its own."""
    os.chdir(work)
    os.environ["COLUMNS"] = "120"
    addsitedir(str(site))
    sys.dont_write_bytecode = True  # a test changes the plugin's source faster than the clock of files shows
    for stream, path in enumerate(printed, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream)
    sys.stdout, sys.stderr = (os.fdopen(stream, "w", encoding="utf-8", closefd=False) for stream in (1, 2))
    from mlgate.cli.main import main

    sys.argv = ["mlgate", *arguments]
    main()
