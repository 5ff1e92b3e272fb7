"""Measures the facts (twin)."""

import sys

from mlgate.cli.main import run

if sys.argv[1] == "twin":
    assert run(["measure"]) == 0
