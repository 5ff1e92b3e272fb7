"""Writes predictions.csv in bytes that are not plain text."""

import sys
from pathlib import Path

file = Path("predictions.csv")
text = file.read_text()
place = text.index("r02") if sys.argv[1] == "bad" else 0
file.write_text(text[:place] + "\ufeff" + text[place:])
