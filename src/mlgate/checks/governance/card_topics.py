"""What a model card should be about, and under which headings cards of different shapes have it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlgate.reading.cards.model_card import CardSection, ModelCard, same_words
from mlgate.values.words import did_you_mean

TOPICS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "description": r"(?:model )?(?:description|overview|summary|details|information)|introduction|about.*",
        "intended_use": r".*\b(?:intended|evaluated) (?:us(?:e|es|age)|purposes?)\b.*|(?:model |primary )?uses"
        r"|(?:model )?use cases|direct use|purpose(?: and use.*)?",
        "out_of_scope": r".*\bout of scope\b.*|.*\b(?:misuses?|prohibited uses?|unintended uses?)\b.*",
        "limitations": r".*\b(?:limitations?|caveats|tradeoffs|known issues)\b.*",
        "risks": r".*\b(?:risks?|harms?|bias|biases|ethics|ethical|fairness|safety)\b.*",
        "training_data": r".*\btraining\b.*\b(?:data|datasets?)\b.*|data|datasets?",
        "training": r".*\btraining\b.*(?<!data)(?<!dataset)(?<!datasets)",
        "evaluation_data": r".*\b(?:evaluation|test|testing|validation)\b.*\b(?:data|datasets?)\b.*",
        "evaluation": r".*\b(?:evaluations?|results|metrics|performance|benchmarks?|quantitative analys[ie]s)\b.*",
        "factors": r".*\b(?:factors|groups|subgroups)\b.*",
        "recommendations": r".*\brecommendations?\b.*",
        "contact": r".*\b(?:contacts?|owners?|authors?|maintainers?|support)\b.*",
    }.items()
}
"""For each topic, the headings under which it is found: those of the Hugging Face template, of "Model Cards for Model
Reporting" (Mitchell et al. 2019) with the Model Card Toolkit, and common others."""
_NUMBERED, _OPTIONAL = re.compile(r"(?:\d+ )+"), re.compile(r" optional\Z")


def sections_about(card: ModelCard, wanted: str) -> tuple[CardSection, ...]:
    """The sections about a topic, or with a title; the title of the whole card does not count."""
    topic = TOPICS.get(wanted)
    if topic is not None:
        return tuple(section for section in card.headed if topic.fullmatch(_heading(section)))
    return tuple(section for section in card.headed if _heading(section) == _plain(wanted))


def _heading(section: CardSection) -> str:
    return _plain(section.title)


def _plain(title: str) -> str:
    """A title as words, without a number before it and the `[optional]` of templates."""
    words = same_words(title)
    return _OPTIONAL.sub("", _NUMBERED.sub("", words)) or words


def misspelt_topic(wanted: str) -> str:
    """The topic that a title in the form of one probably means, as the end of a message; empty if it is a title."""
    if wanted in TOPICS or not re.fullmatch(r"[a-z]+(?:_[a-z]+)*", wanted):
        return ""
    listed = f"; topics: {', '.join(TOPICS)}" if "_" in wanted else ""
    return did_you_mean(wanted, TOPICS) or listed
