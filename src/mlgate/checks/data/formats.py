"""Named forms of text. Each is one entry: what a text of it looks like, as SQL over a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlgate.evidence.dialect import literal

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_GROUP = "[0-9a-fA-F]{1,4}"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


@dataclass(frozen=True)
class TextFormat:
    """A form of text, as a regular expression for the whole text."""

    said: str
    """What a text of it is, in words."""
    pattern: str

    def holds(self, text: str) -> str:
        """SQL for whether a text, as SQL, has the form."""
        return f"matches({text}, {literal(self.pattern)})"


FORMATS: Mapping[str, TextFormat] = {
    "email": TextFormat("an e-mail address", rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}([.]{_LABEL})+"),
    "url": TextFormat(
        "a URL", rf"(https?|ftp)://([^\s/?#@]+@)?({_LABEL}([.]{_LABEL})*|\[[0-9a-fA-F:.]+\])(:[0-9]{{1,5}})?([/?#]\S*)?"
    ),
    "uuid": TextFormat("a UUID", r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "ipv4": TextFormat("an IPv4 address", rf"{_OCTET}([.]{_OCTET}){{3}}"),
    "ipv6": TextFormat(
        "an IPv6 address",
        rf"(({_GROUP}:){{7}}{_GROUP}|({_GROUP}:){{1,7}}:|({_GROUP}:){{1,6}}:{_GROUP}|({_GROUP}:){{1,5}}(:{_GROUP}){{1,2}}"
        rf"|({_GROUP}:){{1,4}}(:{_GROUP}){{1,3}}|({_GROUP}:){{1,3}}(:{_GROUP}){{1,4}}|({_GROUP}:){{1,2}}(:{_GROUP}){{1,5}}"
        rf"|{_GROUP}:(:{_GROUP}){{1,6}}|:((:{_GROUP}){{1,7}}|:))",
    ),
}
