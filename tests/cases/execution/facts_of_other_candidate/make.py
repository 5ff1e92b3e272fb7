"""Measures the facts, and then changes the candidate (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("candidate.yaml")
    file.write_text(file.read_text().replace('label: label', 'label: sex'))
