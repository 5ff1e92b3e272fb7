"""Settings of all tests, and `--fast`, which skips the slow ones by name."""

import gc
import re
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on the machine, not on the code.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

collect_ignore = ["cases", "golden", "unit/lineage/artefacts"]
"""Folders of files and no tests; to look through their 1,800 folders takes a second of every worker."""

gc.set_threshold(100_000)  # as the program does

_folders = count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own; pytest's fixture looks through all folders of the tests before for each new one."""
    folder = tmp_path_factory.getbasetemp() / f"{re.sub(r'[^a-z]', '_', request.node.name)[:30]}{next(_folders)}"
    folder.mkdir(0o700)
    return folder


def pytest_collection_finish() -> None:
    """What is there for good need not be looked through again: thousands of tests, and the libraries of numbers."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="skip the tests that are marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skipped and not deselected: workers of pytest-xdist do not report what they deselect."""
    if config.getoption("--fast"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow; `make test-slow` runs it"))
