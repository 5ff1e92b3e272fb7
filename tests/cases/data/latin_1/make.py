"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
text = text.replace("r02", "rø2")
file.write_bytes(text.encode("latin-1" if sys.argv[1] == "bad" else "utf-8"))
