"""What is missing in a model card: sections, fields, and words where a template waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlgate.checks.governance.card_topics import sections_about
from mlgate.reading.cards.model_card import CardField, CardSection, ModelCard, empty_label, words_of
from mlgate.reading.placeholders import placeholder_in, says_nothing
from mlgate.values.estimate import Claim
from mlgate.values.words import counted

_SHOWN = 60


@dataclass(frozen=True)
class WrittenCard:
    """A card, and what counts as written."""

    card: ModelCard
    least_words: int
    placeholders: tuple[str, ...] = ()
    """Further texts that are placeholders."""

    def section(self, wanted: str) -> Claim:
        """Whether a section about a topic, or with a title, is written."""
        where, found = (("section", wanted),), sections_about(self.card, wanted)
        if not found:
            said = f"{self.card.path} has no section about {wanted.replace('_', ' ')}"
            return Claim(where, False, f"{said}; write one under a heading of its own")
        inside = (part for section in found for part in self.card.below(section))
        held = next(filter(None, map(self._placeholder, inside)), "")
        unwritten = [self._unwritten(section) for section in found]
        wrong = held or ("" if "" in unwritten else unwritten[0])
        titles = ", ".join(_titled(section) for section, why in zip(found, unwritten, strict=True) if not why)
        return Claim(where, not wrong, wrong or f"{wanted} is written under {titles}")

    def _unwritten(self, section: CardSection) -> str:
        """Why a section with all inside it has too few words; empty if it has enough."""
        inside = self.card.below(section)
        words = set[str]().union(*(words_of(part.text) | words_of(part.code) for part in inside))
        where = f"section {_titled(section)} ({self.card.at(section.line)})"
        if not words:
            only = "has only the comment of a template" if any(part.commented for part in inside) else "is empty"
            return f"{where} {only}; write it"
        if len(words) < self.least_words:
            said = f"{where} has {counted(len(words), 'different word')}, and the rule requires {self.least_words}"
            return f"{said}; write more"
        return ""

    def _placeholder(self, section: CardSection) -> str:
        """The first placeholder in a section; empty if it has none."""
        found = self._held(section.text) or self._held(section.title)
        label = "" if found else empty_label(section.text)
        if not found and not label:
            return ""
        line = self.card.line_of(section, lambda text: label in text if label else self._held(text))
        what = f"the placeholder `{found}`" if found else f"`{label[:_SHOWN]}` without a value, which is a placeholder"
        return f"section {_titled(section)} has {what} ({self.card.at(line)}); write it, or remove it"

    def _held(self, text: str) -> str:
        return placeholder_in(text, self.placeholders)

    def field(self, name: str) -> Claim:
        """Whether a field of the card's metadata has a value."""
        where, found = (("field", name),), self.card.values(name)
        if not found:
            return Claim(where, False, f"{self.card.path} has no field `{name}`; add it to the front matter")
        empty = next((value for value in found if says_nothing(value.text)), None)
        if empty:
            said = (
                f"field `{'.'.join(empty.keys)}` is `{empty.text[:_SHOWN]}`"
                if empty.text
                else f"field `{name}` is empty"
            )
            return Claim(where, False, f"{said} ({self.card.at(empty.line)}), which says nothing; write its value")
        return Claim(where, True, f"{name} is {', '.join(value.text[:_SHOWN] for value in found[:3])}")

    def others(self, asked: Iterable[str], fields: Iterable[str]) -> Claim:
        """Whether all that the rule does not ask for by name is written, too."""
        where = (("section", "all others"),)
        about = [found for wanted in asked for found in sections_about(self.card, wanted)]
        named = {value.keys for name in fields for value in self.card.values(name)}
        values = (value for value in self.card.fields if value.keys not in named)
        wrong = [*self._left_open(values), *self._open_sections(about)]
        if wrong:
            more = f" ({len(wrong) - 1} more in the card)" if len(wrong) > 1 else ""
            return Claim(where, False, f"{wrong[0]}{more}")
        return Claim(where, True, "no other section is empty or has a placeholder")

    def _left_open(self, values: Iterable[CardField]) -> Iterator[str]:
        for value in values:
            found = self._held(value.text)
            if found:
                said = f"field `{'.'.join(value.keys)}` has the placeholder `{found}`"
                yield f"{said} ({self.card.at(value.line)}); write its value"

    def _open_sections(self, about: Sequence[CardSection]) -> Iterator[str]:
        """The sections that have a placeholder or are empty, but for what those say that the rule asks for."""
        asked = {id(section) for section in about}
        judged = {id(part) for section in about for part in self.card.below(section)}
        for section in self.card.sections:
            held = "" if id(section) in judged else self._placeholder(section)
            blank = section.title and section.line and all(part.blank for part in self.card.below(section))
            if held:
                yield held
            elif blank and id(section) not in asked:
                only = "has only the comment of a template" if section.commented else "is empty"
                yield f"section {_titled(section)} ({self.card.at(section.line)}) {only}; write it, or remove it"


def _titled(section: CardSection) -> str:
    return f"`{section.title[:_SHOWN]}`"
