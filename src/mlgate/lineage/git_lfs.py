"""Pointers of Git LFS: what a commit has of a large file, which is the SHA-256 of its content."""

from __future__ import annotations

import re

MOST = 1024
"""The most bytes of a pointer, by its specification."""
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize [0-9]+\n"
)
NOT_FETCHED = "Git LFS has not fetched it; run `git lfs pull`"


def pointed_at(content: bytes) -> str:
    """The SHA-256 of the content that a pointer is for; empty for all that is not a pointer."""
    found = _POINTER.fullmatch(content) if len(content) <= MOST else None
    return found[1].decode() if found else ""
