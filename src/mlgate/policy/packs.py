"""The policy packs of mlgate: in the installed package, or in `policies/` of a source tree."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

PREFIX = "mlgate/"


@cache
def packs() -> dict[str, Traversable]:
    """The packs by name, without `mlgate/` and `.yaml`."""
    # A source tree has the packs beside src; an installed package has them inside.
    source = Path(__file__).resolve().parents[3]
    inside = resources.files("mlgate") / "packs"
    folder = inside if inside.is_dir() else source / "policies"
    if folder is not inside and not (source / "pyproject.toml").is_file():
        return {}
    files = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
    return {file.name.removesuffix(".yaml"): file for file in files if file.name.endswith(".yaml")}
