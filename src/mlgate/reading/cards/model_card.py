"""What a model card says: its fields, its sections, and the numbers that it states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile

from mlgate.reading.placeholders import visible

_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
"""Words and numbers; each sign of a script that writes without spaces counts as one."""
_NOT_PROSE = re.compile(
    r"data:[^\s\"')>]+|!\[[^\]]{0,300}\]\([^)]{0,300}\)|(?<=\])\([^)]{0,300}\)|<[^>\n]{0,300}>|https?://\S+|&[a-z]{1,30};"
)
"""Pictures, the targets of links, and tags."""
_LABEL = re.compile(r"(?m)^\s*(?:[-*+]\s+)?(?:\*\*|__)[^*_\n]+?(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)")
"""What a line names in bold before its value: `**License:**`."""


@dataclass(frozen=True)
class CardField:
    """One value of the card's metadata: `(("model-index", "0", "name"), "churn", 3)`."""

    keys: tuple[str, ...]
    text: str
    line: int = 0


@dataclass(frozen=True)
class CardSection:
    """A heading with the text below it, up to the next heading."""

    title: str
    """Empty for what stands before the first heading."""
    level: int
    line: int
    text: str
    """Without comments and code."""
    code: str = ""
    commented: bool = False
    """Whether comments stand there, as a template has them."""
    start: int = 0
    """The line in the file of the first line of `text`."""

    @property
    def blank(self) -> bool:
        """Whether nothing stands there but comments."""
        return not self.text.strip() and not self.code.strip()


@dataclass(frozen=True)
class StatedNumber:
    """A number as the card writes it, with the words beside it that tell what it is about."""

    name: str
    text: str
    of: tuple[str, ...] = ()
    """Beside it: the data set, the split, the other cells of its row."""
    line: int = 0
    declared: bool = False
    """Whether it stands in metadata, where it is surely a metric."""


@dataclass(frozen=True)
class ModelCard:
    """A model card. Lines are those of its file, and 0 where the file is JSON."""

    path: str
    fields: tuple[CardField, ...] = ()
    sections: tuple[CardSection, ...] = ()
    numbers: tuple[StatedNumber, ...] = ()

    def values(self, name: str) -> tuple[CardField, ...]:
        """The values of a field by its dotted name: its own, or all that are below it."""
        wanted = tuple(name.split("."))
        return tuple(found for found in self.fields if found.keys[: len(wanted)] == wanted)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a field that is one text, or a list of texts."""
        depth = name.count(".") + 1
        below = (found for found in self.values(name) if len(found.keys) - depth in (0, 1))
        return tuple(found.text for found in below if len(found.keys) == depth or found.keys[-1].isdecimal())

    def below(self, section: CardSection) -> tuple[CardSection, ...]:
        """One of the sections, with all sections inside it."""
        rest = self.sections[self._places[id(section)] + 1 :]
        return (section, *takewhile(lambda other: other.level > section.level, rest))

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(section): at for at, section in enumerate(self.sections)}

    @cached_property
    def headed(self) -> tuple[CardSection, ...]:
        """The sections with a heading, without the title of the whole card."""
        found = tuple(section for section in self.sections if section.title)
        titled = len(found) > 1 and all(section.level > found[0].level for section in found[1:])
        return found[1:] if titled else found

    def at(self, line: int) -> str:
        """A place in the card: `MODEL_CARD.md:12`."""
        return f"{self.path}:{line}" if line else self.path

    def line_of(self, section: CardSection, wanted: Callable[[str], object]) -> int:
        """The line of the first line of a section's text for which a question is answered; else the section's."""
        lines = enumerate(section.text.splitlines())
        return next((section.start + at for at, line in lines if wanted(line)), section.line) if section.start else 0


def words_of(text: str) -> set[str]:
    """The different words of a text of Markdown, without tags, links' targets and labels before a value."""
    prose = _NOT_PROSE.sub(" ", _LABEL.sub(" ", text))
    return {word.casefold() for word in _WORDS.findall(visible(prose))}


def empty_label(text: str) -> str:
    """The first label in bold that has no value, as templates have them; empty if there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    return next(_empty_labels(lines), "")


def _empty_labels(lines: list[str]) -> Iterator[str]:
    for line, after in pairwise([*lines, ""]):
        found = _LABEL.match(line)
        if found and line.lstrip()[:2] in ("- ", "* ", "+ ") and not line[found.end() :].strip(" *_"):
            deeper = len(after) - len(after.lstrip()) > len(line) - len(line.lstrip())
            if not deeper:
                yield found.group().strip(" -*+_:")


def same_words(text: str) -> str:
    """A name in the form in which names are compared: its words in small letters."""
    return " ".join(re.findall(r"[\w@]+", visible(text).casefold().replace("_", " ")))
