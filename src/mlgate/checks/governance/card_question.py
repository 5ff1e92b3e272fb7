"""The model card that a candidate names, and the question what it says."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.candidate.named_files import FilePath
from mlgate.checks.subject import Subject
from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.evidence.sources import FileSource
from mlgate.reading.cards.model_card import ModelCard
from mlgate.reading.cards.read_card import read_card
from mlgate.reading.fields import param
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class CardKeys:
    """What is written about the model."""

    card: FileSource | None = param(
        FilePath(), default=None, doc="The model card: Markdown as on the Hugging Face Hub, or JSON."
    )


@dataclass(frozen=True)
class CardSays(Need):
    """What a model card says."""

    name = "model-card"
    fact = ModelCard
    beside = True
    path: str

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ModelCard) -> str:
        """A card of another file."""
        return "" if fact.path == self.path else f"it is the card {fact.path!r}"

    def answer(self, tables: OpenTables) -> ModelCard:
        """The card. Raises EvidenceError where the file is missing, or is not a model card."""
        return read_card(contents(self.path, tables.reach), self.path)


def card_of(subject: Subject) -> CardSays:
    """The question for the candidate's model card. Raises EvidenceError where it names none."""
    named = subject.candidate.of(CardKeys).card
    if named is None:
        raise EvidenceError("the candidate names no model card; add `card: MODEL_CARD.md`", "card")
    return CardSays(subject.candidate.path_of(named))
