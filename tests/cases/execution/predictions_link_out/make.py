"""Makes predictions.csv a link out of the workspace (bad), or to a file in it."""

import shutil
import sys
from pathlib import Path

there = Path("predictions.csv")
kept = Path("kept.csv") if sys.argv[1] == "twin" else Path("..", f"{Path.cwd().name}.csv")
shutil.move(there, kept)
there.symlink_to(kept)
