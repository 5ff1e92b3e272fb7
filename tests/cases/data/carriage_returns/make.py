"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
end = "\r" if sys.argv[1] == "bad" else "\r\n"
file.write_bytes(text.replace("\n", end).encode())
