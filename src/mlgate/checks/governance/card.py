"""governance.card: the model card is written, and its numbers are the measured ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.governance.card_numbers import CardNumber, other_numbers
from mlgate.checks.governance.card_question import CardKeys, CardSays, card_of
from mlgate.checks.governance.card_text import WrittenCard
from mlgate.checks.governance.card_topics import misspelt_topic
from mlgate.checks.metric_problems import metric_problems
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import Choice, Integer, ListOf, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.words import Words

_DEFAULT = ("intended_use", "limitations", "training_data", "evaluation")
_MOST = 100


@dataclass(frozen=True, kw_only=True)
class GovernanceCard(Check):
    """The model card is written: required sections and fields, no placeholders, and the numbers that were measured.

    ## What it does
    Reads the file that the candidate names by `card`: Markdown with or without front matter, as on the Hugging Face
    Hub, JSON of Google's Model Card Toolkit, or the model card of a CycloneDX document. Each of these is a finding:

    | finding | what is demanded |
    |---|---|
    | each of `sections` | there is such a section, with at least `least_words` different words and no placeholder |
    | each of `fields` | the metadata have the field, and it says something: `unknown` and `n/a` do not |
    | `all others` | no other section is empty or has a placeholder; `others: allow` does not ask |
    | each of `numbers` | the card states the number, and it is the measured one, rounded as it is written there |

    A section is named by its topic or by its title. These are the topics: `description`, `intended_use`,
    `out_of_scope`, `limitations`, `risks`, `training_data`, `training`, `evaluation_data`, `evaluation`, `factors`,
    `recommendations`, `contact`. A topic is found under the headings that the Hugging Face template, Google's cards and
    most others give it: `intended_use` under "Uses", "Direct Use", "Intended Use". A title is compared by its words.
    What is inside a section belongs to it, and the title of the whole card is not a section.

    A comment is not text, so a section that has only the comment of its template is empty. `[More Information Needed]`,
    `TODO`, `lorem ipsum`, `{{ model_id }}` and a label such as `**License:**` without a value are placeholders. Code
    may have them.

    Each of `numbers` has the keys that choose a metric, as in `performance.metric`, and three more: `name` is what the
    card calls it, `of` is what stands beside the number (the data set, the split, another cell of its row, the
    section), and `digits` is the fewest digits (2). A number is found in `model-index`, in tables of Markdown or HTML,
    and in lines such as `- Accuracy: 0.91`. Each place that states it must be right: 0.91 is right for 0.912, and 0.92
    is not. `91.2` for a share is in percent. A name with words such as "test" must be right, too: `Test accuracy`.
    With `other_numbers: block`, the metadata may state no metric that the rule does not measure.

    A sentence that seems to state another number, such as "an accuracy of 0.93", is an ERROR: whether it is about this
    model and these rows cannot be read surely. It is found where a number with a decimal point or in percent follows
    the name in a part of a sentence, or stands just before it. Other sentences are not read, nor are code, pictures,
    numbers after words such as "at least", and names with other words, such as `Training accuracy`.

    ## Why it matters
    Who decides about the use of a model reads its card. A card that nobody wrote misleads less than one with numbers of
    an earlier model.

    ## Example
    ```yaml
    # candidate: card: MODEL_CARD.md
    - id: card-is-written
      check: governance.card
      sections: [intended_use, out_of_scope, limitations, training_data, evaluation]
      fields: [license, datasets]
      numbers:
        - {metric: accuracy}
        - {metric: f1, average: macro, name: F1 (macro), of: test}
    ```

    ## Use instead
    No rule reads what the words mean: whether the limitations are true, somebody must judge who approves the model.
    """

    id: ClassVar[str] = "governance.card"
    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar = CardKeys
    own_needs: ClassVar = (CardSays,)

    sections: tuple[str, ...] = param(
        ListOf(Text(), max=_MOST, unique=True),
        default=_DEFAULT,
        doc="Topics or titles of sections that must be written.",
        tighter="more",
    )
    fields: tuple[str, ...] = param(
        ListOf(Text(), max=_MOST, unique=True),
        default=(),
        doc="Fields of the metadata that must have a value, by dotted names: `license`, `model_details.owners`.",
        tighter="more",
    )
    least_words: int = param(
        Integer(min=1, max=1000), default=5, doc="The fewest different words of a required section.", tighter="higher"
    )
    placeholders: tuple[str, ...] = param(
        ListOf(Text(), max=_MOST, unique=True), default=(), doc="Further texts that are placeholders."
    )
    others: str = param(
        Choice("block", "allow"), default="block", doc="Whether other sections may be empty or have placeholders."
    )
    numbers: tuple[CardNumber, ...] = param(
        ListOf(Record(CardNumber), max=_MOST), default=(), doc="Metrics that the card must state as they are measured."
    )
    other_numbers: str = param(
        Choice("block", "allow"),
        default="allow",
        doc="Whether the card's metadata, such as `model-index`, may state metrics that `numbers` does not name.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "the model card"

    @property
    def source(self) -> str:
        """The table of its metrics; without any it reads none."""
        return next(iter(self._tables), "")

    @property
    def further_tables(self) -> tuple[str, ...]:
        """The tables of further metrics."""
        return self._tables[1:]

    @property
    def _tables(self) -> tuple[str, ...]:
        found = {of.source for of in self.numbers}
        return tuple(sorted(found, key=lambda name: (name != PREDICTIONS, name)))

    @property
    def estimates(self) -> bool:
        """Its answers are claims."""
        return False

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles that its metrics read."""
        found = [of.reads(task) for of in self.numbers]
        return None if None in found else frozenset[str]().union(*(roles for roles in found if roles is not None))

    def words(self, _subject: Subject) -> Words:
        """A finding is about one part of the card."""
        return Words("part", improve="the card")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """A topic that is probably misspelt, and wrong metrics."""
        for wanted in self.sections:
            if hint := misspelt_topic(wanted):
                yield "sections", f"names `{wanted}`, which is not a topic{hint}"
        called = [of.called for of in self.numbers]
        for at, of in enumerate(self.numbers):
            if of.called in called[:at]:
                yield ("numbers", str(at)), f"names `{of.called}` a second time; give it another `name` or `of`"
            for key, said in metric_problems(of.metric, of.given(), of.options()):
                yield ("numbers", str(at), key), said

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The card, and what its metrics need."""
        yield card_of(subject)
        for of in self.numbers:
            yield from of.needs(subject, alphas)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """What its metrics ask further."""
        for of in self.numbers:
            yield from of.later(subject, facts, alphas)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per section, field and number, and one for all other sections."""
        card = facts[card_of(subject)]
        written = WrittenCard(card, self.least_words, self.placeholders)
        yield from map(written.section, self.sections)
        yield from map(written.field, self.fields)
        if self.others == "block":
            yield written.others(self.sections, self.fields)
        for of in self.numbers:
            yield of.claim(card, subject, facts, alphas)
        if self.other_numbers == "block":
            yield other_numbers(card, self.numbers)
