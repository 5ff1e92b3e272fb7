"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
lines = text.splitlines()
ends = ["\r\n", "\n" if sys.argv[1] == "bad" else "\r\n"]
file.write_bytes("".join(line + ends[i % 2] for i, line in enumerate(lines)).encode())
