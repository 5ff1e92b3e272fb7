"""Text in UTF-8 that is of no other format, such as a vocabulary or YAML; and files without a byte."""

from __future__ import annotations

import codecs
import re

from mlgate.checks.operations.artifact_content import ArtifactContent, ArtifactFormat, ContentReading

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_TAG = re.compile(r"!!python/|tag:yaml\.org,2002:python/")
_TAGGED = "has a YAML tag of Python, which makes objects of any kind when it is loaded without care"
_PROGRAM = "is the text of a program, which may run with the model"
_PROGRAMS = (".py", ".pyw", ".sh", ".bash", ".ps1", ".bat", ".js", ".rb", ".pl", ".r", ".jl", ".lua", ".ipynb")


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.size:
        return ContentReading("empty")
    code, decoder = "", codecs.getincrementaldecoder("utf-8")()
    try:
        for part in content.chunks():
            text = decoder.decode(part)
            if _CONTROL.search(text):
                return None
            code = code or (_TAGGED if _TAG.search(text) else "")
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return None
    program = content.head.startswith(b"#!") or content.name.lower().endswith(_PROGRAMS)
    return ContentReading("text", _PROGRAM if program else code)


FORMAT = ArtifactFormat(("text", "empty"), "text in UTF-8", _read, plain=True)
