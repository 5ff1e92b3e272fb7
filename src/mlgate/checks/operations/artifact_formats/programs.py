"""Programs and libraries of the machine, and compiled Python: they run as soon as something loads them."""

from __future__ import annotations

from mlgate.checks.operations.artifact_content import ArtifactContent, ArtifactFormat, ContentReading

_MAGIC = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
)
_PYTHON, _WINDOWS = b"\r\n", b"PE\0\0"


def _read(content: ArtifactContent) -> ContentReading | None:
    head = content.head
    if head.startswith(_MAGIC) or _is_windows(content):
        return ContentReading("program", "is a program or library, which runs when it is loaded")
    compiled = len(head) > 16 and head[2:4] == _PYTHON and head[:2].strip() and not head[4:8].strip(b"\0\1\2\3")
    return ContentReading("program", "is compiled Python, which runs when it is imported") if compiled else None


def _is_windows(content: ArtifactContent) -> bool:
    if not content.head.startswith(b"MZ") or content.size < 64:
        return False
    at = int.from_bytes(content.read(60, 4), "little")
    return at + 4 <= content.size and content.read(at, 4) == _WINDOWS


FORMAT = ArtifactFormat(("program",), "a program, a library, or compiled Python", _read)
