"""Writes rows.csv with 100001 sites (bad) or 2."""

import sys
from pathlib import Path

sites = 100_001 if sys.argv[1] == "bad" else 2
lines = (f"{i % 2},{i % 2},s{i % sites}\n" for i in range(100_001))
Path("rows.csv").write_text("label,prediction,site\n" + "".join(lines))
