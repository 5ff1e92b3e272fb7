"""Measures the facts, and removes the data."""

from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
Path("predictions.csv").unlink()
