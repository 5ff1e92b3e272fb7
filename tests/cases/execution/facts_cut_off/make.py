"""Measures the facts, and then cuts them off (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("facts.json")
    file.write_text(file.read_text()[:-200])
