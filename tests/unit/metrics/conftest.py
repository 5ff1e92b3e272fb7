"""Makes the oracles beside the tests, and the benchmarks' grid, importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parents[2] / "benchmarks"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
