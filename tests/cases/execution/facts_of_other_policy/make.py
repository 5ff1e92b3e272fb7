"""Measures the facts, and then changes the policy (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("policies/gate.yaml")
    file.write_text(file.read_text().replace('0.7', '0.6'))
