"""Examples of the keys of the check of the model card, on a card of another model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

CARD = Path(__file__).parents[2] / "unit" / "checks" / "governance" / "data" / "MODEL_CARD.md"
GIVEN: Mapping[str, Any] = {"card": str(CARD)}


def card(one: dict[str, str], other: dict[str, str]) -> Pairwise:
    """Two rules about the card."""
    return Pairwise(one, other, given=GIVEN)


PAIRS = {
    ("governance.card", "sections"): card({"sections": "[contact]"}, {"sections": "[out_of_scope]"}),
    ("governance.card", "fields"): card({"fields": "[license]"}, {"fields": "[base_model]"}),
    ("governance.card", "least_words"): card({"least_words": "5"}, {"least_words": "50"}),
    ("governance.card", "placeholders"): card({"placeholders": "[to do]"}, {"placeholders": "[one country]"}),
    ("governance.card", "others"): card(
        {"others": "allow", "sections": "[contact]", "placeholders": "[one country]"},
        {"others": "block", "sections": "[contact]", "placeholders": "[one country]"},
    ),
    ("governance.card", "numbers"): card(
        {"numbers": "[{metric: accuracy, name: Accuracy on other rows}]"}, {"numbers": "[{metric: accuracy}]"}
    ),
    ("governance.card", "other_numbers"): card({"other_numbers": "allow"}, {"other_numbers": "block"}),
}
