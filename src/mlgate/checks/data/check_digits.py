"""Check digits as SQL over a text of digits. A text of another form gives NULL."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.evidence.dialect import literal


def digit(text: str, at: int) -> str:
    """The digit at a place, counted from 1."""
    return f"try_cast(substr({text}, {at}, 1) as integer)"


def weighted(text: str, weights: Sequence[int]) -> str:
    """The sum of the first digits, each times its weight."""
    return f"({' + '.join(f'{weight} * {digit(text, at)}' for at, weight in enumerate(weights, 1))})"


def luhn(text: str, digits: int) -> str:
    """Whether a text of at most that many digits meets the formula of Luhn (ISO/IEC 7812-1)."""
    padded = f"lpad({text}, {digits}, '0')"
    # Twice a digit, less 9 where that is above 9, is floor(2.2 times the digit) modulo 10.
    doubled = (digits - at for at in range(1, digits + 1))
    parts = (
        f"floor({digit(padded, at)} * 11 / 5)" if left % 2 else digit(padded, at) for at, left in enumerate(doubled, 1)
    )
    return f"({' + '.join(parts)}) % 10 = 0"


def remainder_97(text: str, digits: int) -> str:
    """The remainder of a number of at most that many digits by 97, from 15 digits at a time."""
    found = f"try_cast(substr({text}, 1, 15) as bigint) % 97"
    for start in range(16, digits + 1, 15):
        found = f"try_cast(cast({found} as varchar) || substr({text}, {start}, 15) as bigint) % 97"
    return found


def letters_as_numbers(text: str) -> str:
    """A text with 10 for A up to 35 for Z, in any case."""
    text = f"lower({text})"
    for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz", 10):
        text = f"replace({text}, '{letter}', '{at}')"
    return text


def letter_of(number: str, letters: str) -> str:
    """The letter for the remainder of a text of digits by the number of letters."""
    return f"substr({literal(letters)}, cast(try_cast({number} as bigint) % {len(letters)} as integer) + 1, 1)"
