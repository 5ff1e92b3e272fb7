"""Makes the hand-made tables beside the tests importable."""

import sys
from functools import cache
from pathlib import Path

import pytest

from mlgate.metrics import registry

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.append(str(HERE))


@pytest.fixture(autouse=True, scope="session")
def plugins_looked_up_once():
    """No plugin comes or goes while thousands of tables are asked."""
    found = registry.entry_points
    registry.entry_points = cache(found)
    yield
    registry.entry_points = found
