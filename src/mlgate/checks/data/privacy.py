"""data.privacy: the columns of a table do not look like personal data or secrets, and groups of persons are large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.data.column_names import listed, means, named, pattern_of
from mlgate.checks.data.formats import DETECTORS, NATIONAL_ID_NAME, TextFormat, detectors
from mlgate.checks.data.secret_names import says_secret
from mlgate.checks.data.table_rows import joined
from mlgate.checks.of_table import demanded, number_of, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.found_parts import PART, FoundFact, FoundParts
from mlgate.evidence.questions.group_sizes import GroupSizes
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.reading.fields import Choice, Integer, ListOf, Number, OneOrMany, Record, Text, param
from mlgate.stats.share import clopper_pearson_lower
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import About, Proof, Where
from mlgate.values.words import Words, counted, did_you_mean

SECRET_NAMES = "secret_names"
SEARCHED = ("text", "integer", "float", "decimal")
"""The kinds of columns that are searched."""
LEAST_NUMBER = 10**8
"""The least number with as many digits as the shortest form of digits alone."""
BY_CHANCE = 0.0001
"""The chance that arbitrary numbers are taken for numbers with check digits."""


@dataclass(frozen=True)
class KAnonymity:
    """Every group of rows with equal quasi-identifiers is large."""

    quasi_identifiers: tuple[str, ...] = param(
        OneOrMany(Text()), doc="Columns that together may identify a person, such as age, sex and postal code."
    )
    at_least: int = param(Integer(min=2), doc="The least rows of a group (k).")


@dataclass(frozen=True)
class LDiversity:
    """Every group of rows with equal quasi-identifiers has several sensitive values."""

    quasi_identifiers: tuple[str, ...] = param(
        OneOrMany(Text()), doc="Columns that together may identify a person, such as age, sex and postal code."
    )
    sensitive: str = param(Text(), doc="The column that nobody may learn about a person, such as a diagnosis.")
    at_least: int = param(Integer(min=2), doc="The least different sensitive values of a group (l).")


@dataclass(frozen=True, kw_only=True)
class DataPrivacy(Check):
    """The columns of a table do not look like personal data or secrets, and no small group of persons stands out.

    ## What it does
    Searches every text for e-mail addresses, phone numbers, card numbers and the like, alone or inside other text, and
    every whole number for cards and national ids. A column fails where more than `at_most_share` of
    its values have one. Secrets (private keys, access keys, JSON web tokens) fail wherever one occurs, and so does a
    column whose name says that it holds a secret: `password`, `api_key`, `cvv`. With `k_anonymity`, each combination of
    values of the quasi-identifiers must occur in several rows; with `l_diversity`, it must have several values of the
    sensitive column.

    ## Why it matters
    What a model is trained on, it can repeat, and a table that was meant to be pseudonymous may hold an address in a
    comment. A person who is alone with an age and a postal code is found again.

    ## Example
    ```yaml
    - id: no-personal-data
      check: data.privacy
      table: train
      except: [support_address, /public_.*/]
      k_anonymity: {quasi_identifiers: [age_band, sex, region], at_least: 5}
    ```

    ## Notes
    `columns` and `except` take names and patterns between slashes. All columns of texts and numbers are searched by
    default. It is an error if `columns` names a column of dates or truth values, and if a column is nested or binary
    and not in `except`. Of several parts of a text that look alike, the first is tested.
    Names of secrets are known in English, and a password also in German, French, Spanish, Portuguese and Dutch.
    IPv4 addresses of fewer than 11 characters, such as 10.0.0.7, are taken for versions and are not reported.

    Of arbitrary numbers, one in ten has the check digit of a card. So a column has card numbers only if more than half
    of the numbers of that form have right check digits, or significantly more than chance gives (at 0.0001). National
    ids are searched likewise. Where few numbers repeat all over a column, they may have right check digits by chance.

    A missing value of a quasi-identifier is a value of its own, and a missing sensitive value does not count. Reports
    show the number of values and rows; values and ids only where `show_values` allows it.

    ## Precision and recall
    Measured on a generated corpus, which is part of the tests, with as many texts of each kind. Precision is the share
    of right ones among the texts that a detector reports; recall is the share that it reports of those that it should.
    Half of the latter stand inside other text, and some are written in forms that it does not know, such as
    `name (at) example.com`. The other texts are those of all other detectors and hard everyday values: order numbers,
    times, prices, hashes, versions, ids. Where precision is low, arbitrary numbers of that length are in the corpus,
    which have right check digits by chance; no everyday column is reported, since that is what chance gives.

    | detector | finds | precision | recall |
    | --- | --- | --- | --- |
    | `email` | an e-mail address | 1.00 | 0.90 |
    | `phone` | a phone number | 1.00 | 0.95 |
    | `ip` | an IP address | 1.00 | 0.82 |
    | `mac` | a MAC address | 1.00 | 1.00 |
    | `card` | a card number | 0.86 | 1.00 |
    | `iban` | an IBAN | 1.00 | 1.00 |
    | `us_ssn` | a social security number of the USA | 1.00 | 0.90 |
    | `br_cpf` | a CPF number of Brazil | 0.96 | 1.00 |
    | `ca_sin` | a social insurance number of Canada | 0.77 | 1.00 |
    | `es_dni` | a DNI or NIE number of Spain | 1.00 | 1.00 |
    | `fi_hetu` | a personal identity code of Finland | 1.00 | 1.00 |
    | `fr_nir` | a social security number of France | 1.00 | 1.00 |
    | `nl_bsn` | a citizen service number of the Netherlands | 0.82 | 1.00 |
    | `pl_pesel` | a PESEL number of Poland | 0.97 | 1.00 |
    | `se_personnummer` | a personal identity number of Sweden | 0.98 | 1.00 |
    | `uk_nhs` | an NHS number of the United Kingdom | 0.84 | 1.00 |
    | `secret` | a secret such as a private key, an access key or a JSON web token | 1.00 | 0.82 |

    ## References
    Sweeney (2002), k-anonymity; Machanavajjhala et al. (2007), l-diversity; ISO/IEC 7812-1 (Luhn) and ISO 13616 (IBAN).
    """

    id: ClassVar[str] = "data.privacy"
    bounded: ClassVar[bool] = False
    about: ClassVar[About] = "table"

    table: str = param(Text(), default="", doc="The table of the candidate; `predictions` if left out.")
    columns: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The columns to search, by name or /pattern/; all if left out."
    )
    without: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), key="except", doc="Columns that are not searched, by name or /pattern/."
    )
    detect: tuple[str, ...] = param(
        OneOrMany(Choice(*DETECTORS, NATIONAL_ID_NAME, SECRET_NAMES), min=0),
        default=(*DETECTORS, SECRET_NAMES),
        doc="What to search for; everything if left out, and nothing with [].",
    )
    missing: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True), default=(), doc="Values that count as missing in every column."
    )
    at_most_share: Fraction = param(
        Number(min=0, max=1),
        default=Fraction(1, 100),
        doc="The largest share of the values of a column that may look like one kind of personal data. Of secrets, "
        "none is allowed.",
        tighter="lower",
    )
    k_anonymity: KAnonymity | None = param(
        Record(KAnonymity), default=None, doc="How many rows share each combination of quasi-identifiers."
    )
    l_diversity: LDiversity | None = param(
        Record(LDiversity), default=None, doc="How many sensitive values each combination of quasi-identifiers has."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"privacy of {self.source}"

    @property
    def source(self) -> str:
        """The table."""
        return self.table or PREDICTIONS

    def words(self, _subject: Subject) -> Words:
        """A finding is about what a column looks like, or about the groups of a table."""
        return Words("privacy demand", improve="the data")

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """A waiver names a column and a detector, or a key about groups and what is measured."""
        return ("column", "detector"), ("key", "measure")

    def demand_of(self, where: Where, given: Demand) -> Demand:
        """The largest share of a detector, or the least size of a group and the share of rows in smaller ones."""
        place = dict(where)
        groups = getattr(self, place.get("key") or "", None)
        detector = place.get("detector") or ""
        if detector in DETECTORS:
            return demanded("", at_most=self._most(detector)).demand
        if isinstance(groups, KAnonymity | LDiversity):
            smallest = place.get("measure") == "smallest"
            return demanded("", at_least=groups.at_least).demand if smallest else demanded("", at_most=0).demand
        return Demand()

    def _most(self, detector: str) -> Fraction:
        return Fraction(0) if detector == "secret" else self.at_most_share

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Patterns that are not regular expressions, and rules that ask for nothing."""
        for key, names in (("columns", self.columns), ("except", self.without)):
            for name in names:
                if isinstance(found := pattern_of(name), str):
                    yield key, found
        if not (self.detect or self.k_anonymity or self.l_diversity):
            yield "detect", "is empty, so the rule asks for nothing; name what to search for, or add `k_anonymity`"
        if self.l_diversity and self.l_diversity.sensitive in self.l_diversity.quasi_identifiers:
            said = "is one of the quasi-identifiers, so each group has one value of it; name another column"
            yield ("l_diversity", "sensitive"), said

    def advice(self, _proof: Proof) -> Iterable[str]:
        """A share that everything meets."""
        if self.at_most_share == 1 and self.detect:
            yield "allows every value to look like personal data; lower `at_most_share`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """How many values of each column look like each kind, and how small the groups are."""
        yield from joined(subject, self.source)
        for column in self._searched(subject.rows(self.source)):
            yield from (self._found(subject, column, form) for form in self._forms(column).values())
        yield from self._groups(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A finding for each kind that a column looks like, one for a column without any, and one for the groups."""
        rows = subject.rows(self.source)
        if self.detect:
            yield from self._about_names(rows)
        searched = [found for column in self._searched(rows) for found in self._about(subject, facts, column)]
        yield from searched
        if detectors(self.detect) and not searched:
            yield Unanswered((), "no column has texts or numbers to search, so nothing was evaluated")
        for need, (key, names, of) in self._groups(subject).items():
            found, group = facts[need], f"group by {listed(names)}"
            smallest = demanded(f"{of} in the smallest {group}", at_least=need.least)
            yield number_of((("key", key), ("measure", "smallest")), found.smallest, found.rows, smallest)
            few = demanded(f"share of rows in a {group} of fewer than {need.least} {of}", at_most=0)
            yield share_of((("key", key), ("measure", "rows")), MatchingFact(found.rows_below, found.rows), few)

    def _selected(self, rows: Rows) -> list[str]:
        """The columns that the rule means, in the order of the table."""
        meant = {column for name in self.columns for column in named(rows, name)} if self.columns else rows.kinds
        return [name for name in rows.kinds if name in meant and not any(means(each, name) for each in self.without)]

    def _searched(self, rows: Rows) -> list[Column]:
        """The columns of texts and numbers among them."""
        return [rows.column(name, "columns") for name in self._selected(rows) if rows.kinds[name] in SEARCHED]

    def _forms(self, column: Column) -> dict[str, TextFormat]:
        """The forms that values of a column may have."""
        return {name: form for name, form in detectors(self.detect).items() if form.whole or column.kind == "text"}

    def _found(self, subject: Subject, column: Column, form: TextFormat) -> FoundParts:
        all_rows = subject.matching(self.source, "")
        read = form.read(PART)
        return FoundParts(
            all_rows.table, "", all_rows.count, self._text(column), form.part, read, form.test(PART), form.sign
        )

    def _groups(self, subject: Subject) -> dict[GroupSizes, tuple[str, tuple[str, ...], str]]:
        """The questions about groups, each with its key, its columns and what is counted."""
        rows, all_rows = subject.rows(self.source), subject.matching(self.source, "")
        found = {}
        if wanted := self.k_anonymity:
            values = tuple(self._of_group(rows, name, "k_anonymity") for name in wanted.quasi_identifiers)
            need = GroupSizes(all_rows.table, "", all_rows.count, values, "", wanted.at_least)
            found[need] = "k_anonymity", wanted.quasi_identifiers, "rows"
        if diverse := self.l_diversity:
            values = tuple(self._of_group(rows, name, "l_diversity") for name in diverse.quasi_identifiers)
            sensitive = self._of_group(rows, diverse.sensitive, "l_diversity")
            need = GroupSizes(all_rows.table, "", all_rows.count, values, sensitive, diverse.at_least)
            found[need] = "l_diversity", diverse.quasi_identifiers, f"values of `{diverse.sensitive}`"
        return found

    def _about_names(self, rows: Rows) -> Iterator[Answer]:
        """Names that mean no column or one that cannot be searched, and names of secrets."""
        for name in self.columns:
            if not named(rows, name):
                near = "" if pattern_of(name) else did_you_mean(name, rows.kinds)
                yield Unanswered((("column", name),), f"{rows.shown_as} has no such column{near}")
        selected = self._selected(rows)
        for name in selected:
            kind = rows.kinds[name]
            if kind == "other" or (name in self.columns and kind not in SEARCHED):
                said = "nested or binary" if kind == "other" else f"of kind {kind}"
                yield Unanswered(
                    (("column", name),),
                    f"`{name}` is {said}, and only texts and numbers are searched; add it to `except`",
                )
        if SECRET_NAMES in self.detect:
            secret = [name for name in selected if says_secret(name)]
            for name in secret:
                said = (
                    f"the name `{name}` says that the column holds a secret; remove the column, or add it to `except`"
                )
                yield Claim((("column", name), ("detector", SECRET_NAMES)), False, said)
            if selected and not secret:
                said = f"no name of {counted(len(selected), 'column')} says that it holds a secret"
                yield Claim((("detector", SECRET_NAMES),), True, said)

    def _about(self, subject: Subject, facts: Facts, column: Column) -> Iterator[Answer]:
        """What a column looks like; nothing for one without values that no key names."""
        found = {name: facts[self._found(subject, column, form)] for name, form in self._forms(column).items()}
        values = max((fact.values for fact in found.values()), default=0)
        about = ("column", column.name)
        if found and not values and column.name in self.columns:
            yield Unanswered((about,), f"every value of `{column.name}` is missing, so nothing was evaluated")
        if not values:
            return
        looks = {name: fact.found for name, fact in found.items() if more_than_chance(fact, DETECTORS[name].chance)}
        for name, count in looks.items():
            form = DETECTORS[name]
            own = demanded(f"share of values of `{column.name}` with {form.said}", at_most=self._most(name))
            rows = subject.examples(self.source, form.occurs(self._text(column)), column)
            yield share_of((about, ("detector", name)), MatchingFact(count, values), own, of="value", offenders=rows)
        if not looks:
            own = demanded(f"share of values of `{column.name}` with personal data", at_most=self.at_most_share)
            yield share_of((about,), MatchingFact(0, values), own, of="value")

    def _of_group(self, rows: Rows, name: str, wanted_for: str) -> str:
        return TypedColumn(rows.column(name, wanted_for), "", self.missing).text

    def _text(self, column: Column) -> str:
        """SQL for the values as texts. A number, or the text of one, is its digits if it is whole and long enough;
        another number is an empty text."""
        present = TypedColumn(column, "", self.missing)
        if column.kind == "text":
            text = present.text if self.missing else column.text
            # A program that holds missing values as NaN writes whole numbers with `.0`.
            whole = f"matches({column.text}, '[0-9]{{8,}}[.]0+')"
            return f"case when {whole} then found_in({text}, '^([0-9]+)') else {text} end"
        raw = column.raw
        long = f"{raw} >= {LEAST_NUMBER} and {raw} = floor({raw})"
        digits = f"case when {long} then cast(try_cast({raw} as bigint) as varchar) end"
        return f"case when not {present.missing} then coalesce({digits}, '') end"


def more_than_chance(fact: FoundFact, chance: Fraction) -> bool:
    """Whether some values were found, and more than right check digits by chance explain."""
    if not fact.found:
        return False
    return 2 * fact.found > fact.alike or clopper_pearson_lower(fact.found, fact.alike, BY_CHANCE) > chance
