"""Measures the facts, and then changes the model (bad)."""

import sys
from pathlib import Path

from mlgate.cli.main import run

assert run(["measure"]) == 0
if sys.argv[1] == "bad":
    file = Path("model.bin")
    file.write_text(file.read_text().replace('weights', 'heavier'))
