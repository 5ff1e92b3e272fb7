"""A page of text for a terminal or a log: styled lines that fit a width."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.reports.safe_text import ascii_signs, one_line, visible
from mlgate.values.verdict import Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PLAIN_WIDTH = 100
_UNBROKEN = "\ue000"
STYLES = {
    Status.PASS: "green",
    Status.WAIVED: "cyan",
    Status.INCONCLUSIVE: "yellow",
    Status.FAIL: "bold red",
    Status.ERROR: "bold magenta",
    Status.SKIPPED: "dim",
    Status.LISTED: "cyan",
}
_SIGNS = {
    Status.PASS: "✓+",
    Status.WAIVED: "◇~",
    Status.INCONCLUSIVE: "??",
    Status.FAIL: "✗x",
    Status.ERROR: "!!",
    Status.SKIPPED: "○-",
    Status.LISTED: "≡=",
}
Span = str | tuple[str, str]
"""Text, or (text, style)."""


@dataclass(frozen=True)
class Look:
    """What the reader's terminal or log can show."""

    width: int = PLAIN_WIDTH
    color: bool = False
    unicode: bool = True

    def sign(self, status: Status) -> str:
        """The one-character sign of a status."""
        return _SIGNS[status][not self.unicode]

    def say(self, text: str) -> str:
        """Text from outside mlgate on one line, safe to print; with ASCII signs if others cannot be shown."""
        return self.signs(one_line(text))

    def signs(self, text: str) -> str:
        """mlgate's own text, with ASCII signs if others cannot be shown."""
        return text if self.unicode else ascii_signs(text)

    @property
    def dot(self) -> str:
        """The separator of facts on one line."""
        return " · " if self.unicode else " | "

    @property
    def arrow(self) -> str:
        """The sign before a remedy."""
        return "→" if self.unicode else "->"


class Page:
    """Lines that are added from top to bottom and rendered at the end."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._lines: list[Text | str] = []

    def line(self, *parts: Span) -> None:
        """One line, cut to the width."""
        if not self.look.color:
            # Without rich, because loading it takes longer than judging a small gate.
            plain = "".join(part if isinstance(part, str) else part[0] for part in parts)
            self._lines.append(shortened(plain.rstrip(), self.look.width, self.look))
            return
        text = _text(*parts)
        text.rstrip()
        if text.cell_len > self.look.width:
            dots = "…" if self.look.unicode else "..."
            text.truncate(self.look.width - len(dots))
            text.rstrip()
            text.append(dots)
        self._lines.append(text)

    def blank(self) -> None:
        """An empty line, unless the last line is empty already."""
        if self._lines and str(self._lines[-1]):
            self.line()

    def paragraph(self, *parts: Span, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Text wrapped to the width. `lead` (a sign) comes before its first line."""
        hang = indent + (cells(lead) + 1 if lead else 0)
        whole = map(_kept_together, parts)
        folded = _text(*whole).wrap(console_for(self.look), max(self.look.width - hang, 20), overflow="fold")
        for number, text in enumerate(folded):
            text.plain = text.plain.replace(_UNBROKEN, " ")
            text.rstrip()
            start = " " * indent + (lead + " " if lead else "") if number == 0 else " " * hang
            self._lines.append(_text((start, style), text))

    def literal(self, text: str, indent: int = 0) -> None:
        """Lines of a text such as a traceback, unchanged except that they are made safe."""
        for line in visible(text).splitlines():
            self.paragraph(self.look.signs(line), indent=indent)

    def render(self) -> str:
        """All lines as text, with colours if the look has them."""
        while self._lines and not str(self._lines[-1]):
            self._lines.pop()
        if not self.look.color:
            return "".join(f"{line}\n" for line in self._lines)
        console = console_for(self.look)
        with console.capture() as capture:
            for line in self._lines:
                console.print(line, soft_wrap=True)
        return capture.get()


def cells(text: str) -> int:
    """The number of terminal cells that a text takes. A Chinese character takes two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, look: Look, right: bool = False) -> str:
    """The text in exactly `width` cells: padded with spaces, or cut with an ellipsis."""
    text = shortened(text, width, look)
    filling = " " * (width - cells(text))
    return filling + text if right else text + filling


def shortened(text: str, width: int, look: Look) -> str:
    """The text in at most `width` cells, cut with an ellipsis."""
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    dots = "…" if look.unicode else "..."
    return set_cell_size(text, max(width - len(dots), 0)).rstrip() + dots


def console_for(look: Look) -> Console:
    """What lays out a text for the look: rich's console, which writes nowhere."""
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        width=look.width,
        force_terminal=look.color,
        color_system="standard" if look.color else None,
        no_color=not look.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def _kept_together(part: Span) -> Span:
    """The text with the space of `95 %` as a sign at which no line breaks."""
    text = part if isinstance(part, str) else part[0]
    kept = re.sub(r"(?<=\d) %", _UNBROKEN + "%", text)
    return kept if isinstance(part, str) else (kept, part[1])


def _text(*parts: Span | Text) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, no_wrap=False, overflow="fold")
