"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
file.write_bytes(text.encode("utf-16" if sys.argv[1] == "bad" else "utf-8-sig"))
