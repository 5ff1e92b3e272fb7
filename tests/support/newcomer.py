"""Somebody else's check, installed as pip does, and mlgate as its user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Newcomer:
    """A workspace, and a folder in which the plugin is installed."""

    work: Path
    site: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """mlgate as a user with the plugin runs it."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "mlgate", *arguments],
            cwd=self.work, env=os.environ | {"PYTHONPATH": str(self.site), "COLUMNS": "120"},
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
        )  # fmt: skip

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


def installed(folder: Path, checks: Mapping[str, str], source: str, files: Mapping[str, str]) -> Newcomer:
    """A plugin with some checks (id -> class), and a workspace with some files."""
    work, site = folder / "work", folder / "site"
    info = site / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (work / ".git").mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    entries = "".join(f"{name} = acme:{cls}\n" for name, cls in checks.items())
    (info / "entry_points.txt").write_text(f"[mlgate.checks]\n{entries}")
    (site / "acme.py").write_text(source, encoding="utf-8")
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    return Newcomer(work, site)
