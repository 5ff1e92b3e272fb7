"""What a file most likely is for a model, by its name: tools that list files do not say so."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase

from mlgate.lineage.graph import CODE, DATA, ENVIRONMENT, PARAMETERS

_CODE = (
    ".py",
    ".pyx",
    ".ipynb",
    ".r",
    ".R",
    ".Rmd",
    ".qmd",
    ".jl",
    ".scala",
    ".java",
    ".sh",
    ".sql",
    ".c",
    ".cc",
    ".cpp",
)
_LOCKS = (
    "requirements*.txt", "constraints*.txt", "*.lock", "pylock*.toml", "conda-lock.yml", "environment.yml",
    "environment.yaml", "conda.yaml", "python_env.yaml", "package-lock.json", "renv.lock", "Manifest.toml",
    "Dockerfile",
)  # fmt: skip
_PARAMETERS = ("params.yaml", "params.yml", "params.json", "params.toml", "config.yaml", "config.yml")


def role_of_file(path: str) -> str:
    """The role of a file by its name; `data` for all others."""
    name = posixpath.basename(path)
    if name.endswith(_CODE):
        return CODE
    if any(fnmatchcase(name, pattern) for pattern in _LOCKS):
        return ENVIRONMENT
    return PARAMETERS if name in _PARAMETERS else DATA


def is_code(path: str) -> bool:
    """Whether a file is code, by its name."""
    return role_of_file(path) == CODE
