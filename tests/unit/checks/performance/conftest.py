"""Makes the benchmarks' simulation importable."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[4] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
