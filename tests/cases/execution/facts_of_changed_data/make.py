"""Measures the facts, and then changes the predictions (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("predictions.csv")
    file.write_text(file.read_text().replace('r01,1,1', 'r01,1,0'))
