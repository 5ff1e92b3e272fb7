"""Measures the facts, and then makes a count of them larger (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("facts.json")
    file.write_text(file.read_text().replace('"n": 9', '"n": 99'))
