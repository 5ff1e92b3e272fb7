"""Writes predictions.csv.gz, for the bad side cut off."""

import gzip
import sys
from pathlib import Path

packed = gzip.compress(Path("predictions.csv").read_bytes(), mtime=0)
packed = packed + (b"more rows" if sys.argv[1] == "bad" else b"")
Path("predictions.csv.gz").write_bytes(packed)
