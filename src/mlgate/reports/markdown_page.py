"""A page that is written in Markdown, such as one of the manual, as a terminal or a log can show it."""

from __future__ import annotations

from mlgate.reports.page import Look, console_for

READABLE = {
    "markdown.code": "bold",
    "markdown.code_block": "none",
    "markdown.h2": "bold",
    "markdown.h3": "bold",
    "markdown.table.header": "bold",
    "markdown.table.border": "dim",
}
"""Styles that are readable on a dark and on a light background: rich's own put cyan on black, whatever is around it."""
WIDEST = 120


def laid_out(text: str, look: Look) -> str:
    """The text itself where there is no colour, because Markdown is plain text; else laid out."""
    if not look.color:
        return look.signs(text)
    from rich.markdown import Markdown
    from rich.theme import Theme

    console = console_for(Look(min(look.width, WIDEST), look.color, look.unicode))
    console.push_theme(Theme(READABLE))
    with console.capture() as captured:
        # A theme of the terminal's own colours, without a background.
        console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    return look.signs(captured.get())
