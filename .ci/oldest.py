"""Print a constraints file with the oldest version that pyproject.toml allows of every dependency."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def main() -> None:
    """Turn every `name>=version` of the dependencies into `name==version`."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for demanded in dict.fromkeys(project["dependencies"] + extras["arrow"] + extras["signatures"] + extras["test"]):
        print(re.sub(r">=\s*", "==", demanded.partition(";")[0].partition(",")[0].strip()))


if __name__ == "__main__":
    main()
