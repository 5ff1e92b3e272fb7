"""Text and numbers in HTML and SVG: escaped in one place, so that no text from outside mlgate becomes an element."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from mlgate.reports.safe_text import visible, xml_text


def shown(value: Any) -> Any:
    """What a template prints: text with its unseen characters written out, all else as it is."""
    return xml_text(visible(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def element(name: str, *content: str | Markup, **attributes: str | float | None) -> Markup:
    """An element with its content. `class_` is `class`, other `_` are `-`; an attribute of None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(shown(part)) for part in content)
    return Markup(f"<{name}{given}>{inner}</{name}>")


def with_code(text: object) -> Markup:
    """A text in which what stands in backticks is code."""
    said = str(shown(str(text)))
    parts = said.split("`")
    if len(parts) % 2 == 0:
        return escape(said)
    return joined([element("code", part) if at % 2 else escape(part) for at, part in enumerate(parts)])


def joined(parts: list[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def _attribute(value: str | float) -> str:
    return str(shown(value)) if isinstance(value, str) else f"{round(value, 1):g}"
