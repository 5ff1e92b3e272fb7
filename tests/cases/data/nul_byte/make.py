"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
if sys.argv[1] == "bad":
    file.write_bytes(text.replace("r02", "r0\0").encode())
