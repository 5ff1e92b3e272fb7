"""Writes predictions.csv.gz, for the bad side cut off."""

import gzip
import sys
from pathlib import Path

packed = gzip.compress(Path("predictions.csv").read_bytes(), mtime=0)
packed = packed[:-8] + bytes(4) + packed[-4:] if sys.argv[1] == "bad" else packed
Path("predictions.csv.gz").write_bytes(packed)
