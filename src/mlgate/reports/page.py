"""A page of text for a terminal or a log: styled lines that fit a width."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.reports.safe_text import ascii_signs, one_line, visible
from mlgate.values.verdict import Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PLAIN_WIDTH = 100
HANG = 4
"""How much further the rest of a wrapped line is indented."""
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
    cut: bool = False
    """Whether long names are cut in the middle, so that lines fit a terminal. In a file or a pipe nothing is cut."""
    values: bool = False
    """Whether values of the data that were fetched for a terminal may be shown."""

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


PLAIN_LOOK = Look()
"""The look of a page in a log: 100 characters wide, without colour."""


class Page:
    """Lines that are added from top to bottom and rendered at the end."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._lines: list[Text | str] = []

    def line(self, *parts: Span, whole: bool = False) -> None:
        """One line, if it fits; else it is wrapped with its further lines indented, unless it must stay `whole`."""
        plain = "".join(part if isinstance(part, str) else part[0] for part in parts).rstrip()
        if not whole and cells(plain) > self.look.width:
            self._wrap(parts, len(plain) - len(plain.lstrip()) + HANG)
        elif self.look.color:
            text = _text(*parts)
            text.rstrip()
            self._lines.append(text)
        else:  # without rich, because loading it takes longer than judging a small gate
            self._lines.append(plain)

    def blank(self) -> None:
        """An empty line, unless the last line is empty already."""
        if self._lines and str(self._lines[-1]):
            self.line()

    def paragraph(self, *parts: Span, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Text wrapped to the width. `lead` (a sign) comes before its first line."""
        hang = indent + (cells(lead) + 1 if lead else 0)
        self._wrap(parts, hang, (" " * indent + (lead + " " if lead else ""), style))

    def _wrap(self, parts: Sequence[Span], hang: int, start: tuple[str, str] = ("", "")) -> None:
        whole = map(_kept_together, parts)
        folded = _text(*whole).wrap(console_for(self.look), max(self.look.width - hang, 20), overflow="fold")
        for number, text in enumerate(folded):
            text.plain = text.plain.replace(_UNBROKEN, " ")
            text.rstrip()
            self._lines.append(_text(start if number == 0 else " " * hang, text))

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
    """The text padded to `width` cells. A longer one is cut in the middle where the look cuts, and a number never."""
    if look.cut and not right:
        text = shortened(text, width, look)
    filling = " " * (width - cells(text))
    return filling + text if right else text + filling


def shortened(text: str, width: int, look: Look) -> str:
    """The text in at most `width` cells, cut in the middle: the ends of a name tell it from others."""
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    dots = "…" if look.unicode else "..."
    kept = max(width - len(dots), 0)
    end = set_cell_size(text[::-1], kept // 2)[::-1]
    return set_cell_size(text, kept - kept // 2) + dots + end


def console_for(look: Look) -> Console:
    """What lays out a text for the look: rich's console, which writes nowhere."""
    from rich.console import Console

    return Console(
        # rich draws boxes by the encoding of the file, in some versions around headings too.
        file=io.TextIOWrapper(io.BytesIO(), "utf-8" if look.unicode else "ascii"),
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
    """The text with the space of `95 %` and of `≤ 0.1` as a sign at which no line breaks."""
    text = part if isinstance(part, str) else part[0]
    kept = re.sub(r"(?<=\d) (?=%)|(?<=[<>=≤≥]) (?=-?\d)", _UNBROKEN, text)
    return kept if isinstance(part, str) else (kept, part[1])


def _text(*parts: Span | Text) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, no_wrap=False, overflow="fold")
