"""Texts with numbers that compare them: errors by word and by character, common words, equality.

Every number is a column that is computed on demand, by its name: `word_errors(reference, answer)`, or after
normalisation `word_errors[case punctuation](reference, answer)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.tables.recipe import Prepared, Recipe
from mlgate.stats.edit_distance import edit_distance
from mlgate.values.errors import EvidenceError

NORMALISATIONS = ("case", "punctuation", "articles", "whitespace")
"""The differences that can be removed before texts are compared, in the order of removal."""
MOST_STEPS = 4 * 10**8
"""The most words or characters of one text times those of the other: 20,000 of each take a third of a second."""
MOST_STEPS_OF_ALL = 10**12
"""The most of all rows together: about ten minutes."""
_COMPUTED = re.compile(r"([a-z_0-9]+)(?:\[([a-z ]+)\])?\((.*)\)", re.DOTALL)
_BLANKS = re.compile(r"(\s+)")
_ARTICLES = re.compile(r"\b(a|an|the)\b", re.IGNORECASE)


def word_errors(label: str, prediction: str) -> int:
    """The edit distance of two texts in words."""
    return edit_distance(label.split(), prediction.split())


def words(text: str) -> int:
    """The number of words of a text."""
    return len(text.split())


def character_errors(label: str, prediction: str) -> int:
    """The edit distance of two texts in characters, which are code points."""
    return edit_distance(label, prediction)


def characters(text: str) -> int:
    """The number of characters of a text."""
    return len(text)


def token_f1(label: str, prediction: str) -> float:
    """F1 of the words of both, counted with repetition (Rajpurkar et al. 2016); 1 where neither has any."""
    wanted, given = Counter(label.split()), Counter(prediction.split())
    whole = wanted.total() + given.total()
    return 2 * (wanted & given).total() / whole if whole else 1.0


def exact_match(label: str, prediction: str) -> int:
    """1 where both are equal, else 0."""
    return int(label == prediction)


@dataclass(frozen=True)
class Function:
    """A function of one or two texts, with the type of its result."""

    of: Callable[..., float]
    takes: int
    gives: str
    length: str = ""
    """SQL for a length that its time grows with, for each text; empty where the time is short."""


_WORDS = "1 + length({0}) - length(regexp_replace({0}, '\\s', '', 'g'))"
FUNCTIONS: Mapping[str, Function] = {
    "word_errors": Function(word_errors, 2, "BIGINT", _WORDS),
    "words": Function(words, 1, "BIGINT"),
    "character_errors": Function(character_errors, 2, "BIGINT", "length({})"),
    "characters": Function(characters, 1, "BIGINT"),
    "token_f1": Function(token_f1, 2, "DOUBLE"),
    "exact_match": Function(exact_match, 2, "BIGINT"),
}


def normalised(text: str, normalise: Iterable[str] = ()) -> str:
    """A text in Unicode's composed form (NFC), with the chosen differences removed."""
    chosen = frozenset(normalise)
    text = unicodedata.normalize("NFC", text)
    if "case" in chosen:
        text = unicodedata.normalize("NFC", text.casefold())
    if "punctuation" in chosen:
        text = _without(text, _unpunctuated)
    if "articles" in chosen:
        text = _without(text, lambda word: _ARTICLES.sub(" ", word).strip())
    return " ".join(text.split()) if "whitespace" in chosen else text


def _unpunctuated(word: str) -> str:
    return "".join(sign for sign in word if not unicodedata.category(sign).startswith("P"))


def _without(text: str, remove: Callable[[str], str]) -> str:
    """A text with something removed from each word; a word that is removed completely takes the blank after it along,
    and the last word the blank before it.
    """
    parts, kept = [*_BLANKS.split(text), ""], ""
    for word, blank in zip(parts[::2], parts[1::2], strict=True):
        left = remove(word)
        if left or not word:
            kept += left + blank
        elif not blank:
            kept = kept.rstrip()
    return kept


def computed(function: str, columns: Iterable[str], normalise: Iterable[str] = ()) -> str:
    """The name of a computed column."""
    chosen, of = frozenset(normalise), ", ".join(columns)
    how = " ".join(name for name in NORMALISATIONS if name in chosen)
    return f"{function}[{how}]({of})" if how else f"{function}({of})"


@dataclass(frozen=True)
class Texts(Recipe):
    """A table with columns that compare its texts."""

    table: str

    @property
    def parents(self) -> tuple[str, ...]:
        """The table."""
        return (self.table,)

    def prepared(self, parents: Mapping[str, Opened]) -> TextTable:
        """The columns of the table. Raises EvidenceError where one has the name of a computed one."""
        return _prepared(self, parents[self.table])


@dataclass(frozen=True)
class Computed:
    """A computed column: its function, the columns with the texts, and the normalisation."""

    function: str
    normalise: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TextTable(Prepared):
    """An open table of texts: its own columns, and those computed on demand."""

    of: Texts
    rows: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the table."""
        return self.rows.columns

    def computes(self, column: str) -> bool:
        """Whether a name is that of a function of text columns."""
        return self._read(column) is not None

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns asked for, and those that computed ones are computed from."""
        wanted: set[str] = set()
        for column in columns:
            found = self._read(column)
            wanted |= {column} if found is None else set(found.columns)
        return {self.of.table: frozenset(wanted)}

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """The same rows with some columns; texts are compared row by row."""
        long = self.refused(engine, columns, parents)
        selected = selection(
            f"{'null' if column in long else self._column(engine, column)} as {quote(column)}" for column in columns
        )
        return f"select {selected} from {parents[self.of.table]}"

    def refused(
        self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]
    ) -> Mapping[str, EvidenceError]:
        """The columns whose texts are so long that comparing them would not end in time."""
        found = {column: self._too_long(engine, column, parents[self.of.table]) for column in columns}
        return {column: refused for column, refused in found.items() if refused is not None}

    def _too_long(self, engine: Engine, column: str, relation: str) -> EvidenceError | None:
        found = self._read(column)
        length = FUNCTIONS[found.function].length if found else ""
        if found is None or not length:
            return None
        steps = " * ".join(f"({length.format(quote(name))})::double" for name in found.columns)
        ((one, every),) = engine.query(f"select max({steps}), sum({steps}) from {relation}")
        said = f"{self.of.table}: `{column}` compares"
        if one and one > MOST_STEPS:
            return EvidenceError(
                f"{said} texts so long that one row takes {one:.1e} steps, and at most {MOST_STEPS:.0e} are taken; cut "
                "long texts into several rows"
            )
        if every and every > MOST_STEPS_OF_ALL:
            return EvidenceError(
                f"{said} texts that take {every:.1e} steps, and at most {MOST_STEPS_OF_ALL:.0e} are taken; give fewer "
                "rows or shorter ones"
            )
        return None

    def _column(self, engine: Engine, column: str) -> str:
        found = self._read(column)
        if found is None:
            return quote(column)
        name = "_".join((found.function, *found.normalise))
        function, how = FUNCTIONS[found.function], found.normalise

        def of_one(text: str) -> float:
            return function.of(normalised(text, how))

        def of_two(label: str, prediction: str) -> float:
            return function.of(normalised(label, how), normalised(prediction, how))

        # The engine inspects the number of parameters of a function.
        python = of_one if function.takes == 1 else of_two
        engine.define(name, python, ("VARCHAR",) * function.takes, function.gives)
        return f"{name}({', '.join(map(quote, found.columns))})"

    def _read(self, column: str) -> Computed | None:
        """The computed column of a name; None where the name is not that of a function of text columns."""
        types = self.rows.types
        named = None if column in types else _COMPUTED.fullmatch(column)
        if named is None or named[1] not in FUNCTIONS:
            return None
        normalise, inside = tuple((named[2] or "").split()), named[3]
        found: list[tuple[str, ...]] = [(inside,)] if inside in types else []
        if FUNCTIONS[named[1]].takes == 2:
            pairs = ((label, inside[len(label) + 2 :]) for label in types if inside.startswith(f"{label}, "))
            found = [pair for pair in pairs if pair[1] in types]
        texts = len(found) == 1 and all(kind_of(types[name]) == "text" for name in found[0])
        return Computed(named[1], normalise, found[0]) if texts and set(normalise) <= set(NORMALISATIONS) else None


def _prepared(of: Texts, rows: Opened) -> TextTable:
    for name, _ in rows.columns:
        found = _COMPUTED.fullmatch(name)
        if found and found[1] in FUNCTIONS:
            raise EvidenceError(f"column `{name}` of {of.table} has a name that the gate computes; rename it")
    return TextTable(of, rows)
