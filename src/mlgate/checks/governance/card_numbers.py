"""Numbers that a model card states, compared with the metric that the gate measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.governance.card_prose import prose_numbers
from mlgate.checks.metric_rule import MetricRule
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.question import Question
from mlgate.metrics.registry import also_called
from mlgate.reading.cards.model_card import ModelCard, StatedNumber, same_words
from mlgate.reading.fields import Integer, Text, param
from mlgate.values.estimate import Claim, Estimate, Unanswered
from mlgate.values.words import counted, did_you_mean

_WRITTEN = re.compile(
    r"[*_~$ ]{0,4}([-+]?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]{1,2})?)[*_ ]{0,4}(\\?%)?[*_~$ ]{0,4}"
    r"(?:(?:±|\+/-|\\pm|[(\[]).*)?"
)
"""A number as cards write it: in bold, in percent, with its deviation or interval after it."""
_LONGEST, _MOST = 60, 200
_QUALIFIERS = frozenset({
    "data", "dataset", "eval", "evaluation", "final", "held", "holdout", "in", "model", "of", "on", "our", "out",
    "overall", "score", "set", "split", "test", "testing", "the", "total", "value",
})  # fmt: skip
"""Words beside the name of a metric after which it is still the value that is judged: `Test accuracy`."""


@dataclass(frozen=True)
class RoundedNumber:
    """A number as it is written: its value, and half a unit of its last digit."""

    value: Fraction
    half: Fraction
    digits: int
    """The digits from the first that is not 0."""

    def covers(self, measured: Fraction) -> bool:
        """Whether a measured value is written so after rounding, up or down."""
        return abs(measured - self.value) <= self.half


@dataclass(frozen=True, kw_only=True)
class CardNumber(MetricRule):
    """A metric that the gate measures, and how the card names it."""

    name: str = param(Text(), default="", doc="What the card calls the metric; by default the metric's own name.")
    of: str = param(
        Text(),
        default="",
        doc="What the card says beside the number, if it states several: the data set, the split, a cell of the row.",
    )
    digits: int = param(
        Integer(min=1, max=15),
        default=2,
        doc="The fewest digits, from the first that is not 0, unless the number is exact.",
    )

    @property
    def called(self) -> str:
        """The number in the words of a message."""
        return (self.name or self.metric) + (f" of {self.of}" if self.of else "")

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """One, for all rows."""
        yield self.question(subject, (), alphas)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need | Guard]:
        """The guards of the rows, and what the metric needs."""
        kind = self.entry(subject).kind
        yield from self.guards(subject)
        for question in self.questions(subject, alphas):
            yield from kind.needs(question)

    def claim(self, card: ModelCard, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Claim | Unanswered:
        """Whether the card states the measured number, rounded as it is written there."""
        where, entry = (("number", self.called),), self.entry(subject)
        (question,) = self.questions(subject, alphas)
        (found,) = answers_by_slice(subject, question, entry, entry.kind.groups(question, facts))
        if not isinstance(found, Estimate):
            return Unanswered(where, f"{self.quantity} was not measured: {getattr(found, 'said', 'there is no value')}")
        stated = [each for each in card.numbers if self.is_meant(each)]
        if not stated:
            return Claim(where, False, self._absent(card, found))
        also = [each for each in card.numbers if not self.is_meant(each) and self._is_about(each)]
        wrong = next(filter(None, (self._wrong(card, each, found, entry.range[1]) for each in (*stated, *also))), "")
        if wrong and len({each.text for each in (*stated, *also)}) > 1 and not self.of:
            wrong += ", or name the one of its numbers that is meant by `of`"
        if unsure := "" if wrong else self._unsure(card, found, entry.range[1]):
            return Unanswered(where, unsure)
        said = f"{card.path} states {self.called} {stated[0].text[:_LONGEST]}, as measured on {_rows(found)}"
        return Claim(where, not wrong, wrong or said)

    def is_meant(self, stated: StatedNumber) -> bool:
        """Whether a number of the card is called so, and is about what the rule names."""
        of = {same_words(each) for each in stated.of}
        return same_words(stated.name) in self._names and (not self.of or same_words(self.of) in of)

    @cached_property
    def _names(self) -> frozenset[str]:
        """What the card may call the metric."""
        others = (other for other, metric in also_called().items() if metric == self.metric)
        return frozenset(same_words(name) for name in ((self.name,) if self.name else (self.metric, *others)))

    def _is_about(self, stated: StatedNumber) -> bool:
        """Whether a name has further words that leave it the metric's, as in `Accuracy (test)`."""
        words, of = same_words(stated.name), frozenset(same_words(self.of).split())
        for name in self._names:
            found = re.search(rf"(?:\A| ){re.escape(name)}(?: |\Z)", words)
            rest = frozenset(f"{words[: found.start()]} {words[found.end() :]}".split()) if found else frozenset()
            beside = rest.union(*(same_words(each).split() for each in stated.of))
            if found and rest <= _QUALIFIERS | of and of <= beside:
                return True
        return False

    def _unsure(self, card: ModelCard, found: Estimate, highest: float) -> str:
        """A sentence that seems to state another number; empty if none does."""
        of = frozenset(same_words(self.of).split())
        for stated in prose_numbers(card, self._names):
            written = written_number(stated.text, highest)
            if of <= stated.about and not (written and written.covers(Fraction(found.sharpest))):
                said = f"`{stated.said[:_MOST]}` ({card.at(stated.line)}) seems to state {self.called}"
                remedy = "correct it, or write it in a table with what it is about"
                return f"{said}, and {_measured(found)} was measured on {_rows(found)}; {remedy}"
        return ""

    def _absent(self, card: ModelCard, found: Estimate) -> str:
        names = {each.name for each in card.numbers if each.name}
        hint = did_you_mean(self.name or self.metric, names)
        said = f"{card.path} states no {self.called}{hint or '; add it'}"
        return f"{said} (measured: {_measured(found)})"

    def _wrong(self, card: ModelCard, stated: StatedNumber, found: Estimate, highest: float) -> str:
        """Why the card does not state what was measured; empty if it does."""
        written, text = written_number(stated.text, highest), stated.text[:_LONGEST]
        at = card.at(stated.line)
        if written is None:
            return f"`{text}` for {self.called} cannot be read as a number ({at}); write it as {_measured(found)}"
        if not written.covers(Fraction(found.sharpest)):
            said = f"the card states {self.called} {text} ({at}), and {_measured(found)} was measured on {_rows(found)}"
            return f"{said}; correct the card"
        if written.digits < self.digits and written.value != Fraction(found.sharpest):
            said = f"the card states {self.called} {text} ({at}) with {counted(written.digits, 'digit')}"
            return f"{said}, and the rule requires {self.digits}; write {_measured(found)}"
        return ""


def other_numbers(card: ModelCard, numbers: Iterable[CardNumber]) -> Claim:
    """Whether each metric of the card's metadata is one that the gate measures."""
    asked, places = tuple(numbers), dict[tuple[object, ...], list[StatedNumber]]()
    for stated in card.numbers:  # one metric may stand there by its type and by its name
        if stated.declared:
            places.setdefault((stated.line, stated.text, stated.of), []).append(stated)
    left = [names[0] for names in places.values() if not any(of.is_meant(each) for of in asked for each in names)]
    if left:
        first, more = left[0], f" ({len(left) - 1} more in the card)" if len(left) > 1 else ""
        said = (
            f"{card.path} states {first.name[:_LONGEST] or 'a metric'} {first.text[:_LONGEST]} ({card.at(first.line)})"
        )
        remedy = "name it in `numbers` of the rule, or remove it from the card"
        return Claim((("number", "all others"),), False, f"{said}, which the rule does not measure; {remedy}{more}")
    return Claim((("number", "all others"),), True, "every metric of the metadata is measured")


def written_number(text: str, highest: float) -> RoundedNumber | None:
    """A number as a card writes it; None for anything else. `highest` is the most that the metric can be.

    A share above 1 is in percent, with or without its sign.
    """
    found = _WRITTEN.fullmatch(text.strip()[:_MOST])
    exact = Decimal(found[1]) if found and len(found[1]) <= _LONGEST else None
    if found is None or exact is None:
        return None
    value, unit = Fraction(exact), Fraction(10) ** int(exact.as_tuple().exponent)
    share = Fraction(1, 100) if found[2] or (highest <= 1 < value <= 100) else Fraction(1)
    digits = len("".join(map(str, exact.as_tuple().digits)).lstrip("0")) or 1
    return RoundedNumber(value * share, unit * share / 2, digits)


def _measured(found: Estimate) -> str:
    return f"{float(found.sharpest):.6g}"


def _rows(found: Estimate) -> str:
    return counted(found.rows, "row")
