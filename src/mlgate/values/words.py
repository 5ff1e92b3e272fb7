"""Words for messages: what a rule's findings are about, counts of them, and the word that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar


@dataclass(frozen=True)
class Words:
    """Nouns in the singular for a rule's messages: what each finding is about, and what that consists of."""

    ADDED: ClassVar[tuple[str, ...]] = ("improve",)

    part: str = "slice"
    """What one finding is about: "slice", "group", "column"."""
    of: str = "row"
    """What is counted in it: "row", "query", "item"."""
    improve: str = "the model"
    """What to improve where the rule fails: "the model", "the data"."""


SLICES = Words()
_PLURAL = re.compile(r"\b([a-z]+?)(ies|(?<=s)es|(?<=x)es|(?<=ch)es|s)\b")


def plural(noun: str) -> str:
    """`rows`, `queries`."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch")) else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`1 row`, `12,412 rows`, `2 queries`."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def agreeing(number: int, phrase: str) -> str:
    """A phrase with its noun in the plural as it follows a number: `row with label 1` for 1, `rows with label 1`."""
    return phrase if number != 1 else _PLURAL.sub(_singular, phrase, count=1).replace(" that count", " that counts")


def rounded(number: float, phrase: str) -> str:
    """`13 effective rows` for 12.7: a number that is not whole, as a whole one, and a phrase in the plural."""
    return f"{number:.0f} {agreeing(round(number), phrase)}"


def _singular(found: re.Match[str]) -> str:
    return found[1] + ("y" if found[2] == "ies" else "")


def are(number: int) -> str:
    """`is` for 1, else `are`."""
    return "is" if number == 1 else "are"


def have(count: int, noun: str, of: int | None = None) -> str:
    """`1 row has`, `12 rows have`; with a total, `1 of 4,000 rows has`."""
    said = counted(count, noun) if of is None else f"{count:,} of {counted(of, noun)}"
    return f"{said} {'has' if count == 1 else 'have'}"


def flaws(total: int, *found: tuple[int, str, str]) -> str:
    """`of 4,000 values, 1 is missing and 30 are not numbers`, from (count, what one is, what several are).

    Empty if no value has a flaw.
    """
    said = [f"{count:,} is {one}" if count == 1 else f"{count:,} are {many}" for count, one, many in found if count]
    *first, last = said or [""]
    return f"of {counted(total, 'value')}, {', '.join(first)}{' and ' * bool(first)}{last}" if last else ""


def one_line(text: str, most: int = 60) -> str:
    """A text as it stands in the middle of a message: on one line, and cut where it is long."""
    shown = " ".join(text[: most * 2].split())
    return shown if len(shown) <= most and len(text) <= most * 2 else f"{shown[: most - 3]}..."


def did_you_mean(word: str, known: Iterable[str], also_called: Mapping[str, str] = MappingProxyType({})) -> str:
    """`, did you mean `threshold`?`, or an empty text if nothing is near."""
    near = nearest(word, known, also_called)
    return f", did you mean `{near}`?" if near else ""


def nearest(word: str, known: Iterable[str], also_called: Mapping[str, str] = MappingProxyType({})) -> str:
    """The known word that was probably meant; empty if nothing is near.

    The same name in other case or with other separators comes first, then what others call it, then the known word
    with the most letters in common. `also_called` has what to write, by the names that others give it.
    """
    from difflib import get_close_matches

    names = {name.lower(): name for name in known}
    if found := same_name(word, {**also_called, **{name: name for name in names.values()}}):
        return found
    near = get_close_matches(word[:80].lower(), names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""


def same_name(word: str, names: Mapping[str, str]) -> str:
    """What a name means, whatever its case and separators: `ROC-AUC` is `roc_auc`. Empty for an unknown name."""
    return {_plain(name): meant for name, meant in names.items()}.get(_plain(word) or word, "")


def _plain(name: str) -> str:
    return "".join(sign for sign in name[:80].lower().replace("@", "at") if sign.isalnum())


_SENTENCE = re.compile(r"(?:\([^()]*\)|(?!\.(?: [A-Z`]|$)).)*")
"""Up to a full stop before a capital, but for those in parentheses, as in `(Cox et al. 2019)`."""


def first_sentence(text: str) -> str:
    """The first sentence of a text on one line, with its full stop."""
    found = _SENTENCE.match(text)
    return f"{(found[0] if found else text).rstrip()}."


def encodable(text: str) -> str:
    """The text with lone surrogates, which come from file names that are not UTF-8, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
