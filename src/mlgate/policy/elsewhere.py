"""How reports call policies from elsewhere than the workspace: packs, and files of other repositories."""

from __future__ import annotations

import re

from mlgate.policy.packs import PREFIX

_SHORT = 12


def shortened(commit: str) -> str:
    """A commit's name as reports show it."""
    return commit[:_SHORT]


def prefix_of(url: str, commit: str) -> str:
    """What reports write before the paths of another repository's files."""
    return f"{url}@{shortened(commit)}/"


def is_elsewhere(name: str) -> bool:
    """Whether the name of a policy's file in reports is that of a pack, or of a file of another repository."""
    return name.startswith(PREFIX) or re.search(f"@[0-9a-f]{{{_SHORT}}}/", name) is not None
