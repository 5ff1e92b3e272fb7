"""The licences that a model card states for its model."""

from __future__ import annotations

import re

from mlgate.reading.cards.model_card import ModelCard

_STATED = (
    "license",
    "model_details.licenses.N.identifier",
    "model_details.licenses.N.custom_text",
    "model_details.license",
    "licenses.N.license.id",
    "licenses.N.license.name",
    "licenses.N.expression",
)
"""Where cards state a licence: the Hugging Face Hub, the Model Card Toolkit, CycloneDX. N is any number."""
_PLACES = tuple(re.compile(re.escape(place).replace("N", "[0-9]+")) for place in _STATED)
_LISTED = re.compile(r"license\.[0-9]+")


def licences_of_card(card: ModelCard) -> tuple[str, ...]:
    """The licences as they are written. Of `license: other` it is the name beside it, in `license_name`."""
    named = "".join(card.texts("license_name"))
    found = []
    for value in card.fields:
        place = ".".join(value.keys)
        if _LISTED.fullmatch(place) or any(each.fullmatch(place) for each in _PLACES):
            found.append(named if value.text.lower() == "other" and named else value.text)
    return tuple(dict.fromkeys(found))
