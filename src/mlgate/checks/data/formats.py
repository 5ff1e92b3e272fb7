"""Named forms of text, each one entry: for `format:` of `data.columns`, and to be found in texts by `data.privacy`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from mlgate.checks.data.check_digits import digit, letter_of, letters_as_numbers, luhn, remainder_97, weighted
from mlgate.evidence.dialect import literal
from mlgate.evidence.time_texts import CLOCK, DAY, ZONE, moment_of

_NUMBER = r"(?:^|[^\pL\pN_.,+/@-])", r"(?:[.,:;!?]*[^\pL\pN_.,+/@=-]|[.,:;!?]*$)"
_WORD = r"(?:^|[^\pL\pN_])", r"(?:[^\pL\pN_]|$)"
_ALONE = r"(?:^|(?:^|\PN)[^\pL\pN_.,+/@-])", r"(?:[.,:;!?]*[^\pL\pN_.,+/@=-](?:\PN|$)|[.,:;!?]*$)"
"""What stands before and after a form inside other text, so that it is not a part of a longer number or word."""


_DIGITS = "((?:[0-9][^0-9]{0,3}){7})"
"""Seven digits that are near to each other."""


@dataclass(frozen=True, kw_only=True)
class TextFormat:
    """A form of text: a regular expression (RE2) for the whole text, and a test of its check digits."""

    said: str
    """What a text of it is, in words."""
    pattern: str
    read: Callable[[str], str] = lambda text: text
    """From SQL of a text that matches to SQL of its digits and letters, as `valid` requires them."""
    valid: Callable[[str], str] = lambda _digits: ""
    """From SQL of these to SQL for whether the check digits are right; empty without check digits."""
    likely: Callable[[str], str] = lambda _digits: ""
    """As `valid`, but for a part of another text, which must be distinguished from other things that look alike."""
    inside: str = ""
    """The expression by which it is found inside other text; empty where it says nothing about a person."""
    sign: str = _DIGITS
    """A simple expression that matches somewhere in every text in which it is found, so that others cost little."""
    around: tuple[str, str] = _NUMBER
    """Expressions for what stands before and after it there."""
    chance: Fraction = Fraction(0)
    """Of arbitrary numbers that match, the share with right check digits; 0 without check digits."""
    whole: bool = False
    """Whether a whole number may have the form, so that columns of numbers are searched too."""

    def holds(self, text: str) -> str:
        """SQL for whether a text, as SQL, has the form."""
        matches = f"matches({text}, {literal(self.pattern)})"
        valid = self.valid(self.read(text))
        return f"case when {matches} then coalesce({valid}, false) else false end" if valid else matches

    @property
    def part(self) -> str:
        """The expression for a text that has the form somewhere; its first group is that part."""
        before, after = self.around
        return f"{before}({self.inside}){after}"

    def test(self, part: str) -> str:
        """SQL for whether a part that matches has the form; empty if all have."""
        return self.likely(part) or self.valid(part)

    def occurs(self, text: str) -> str:
        """SQL for whether a text has the form somewhere. Of several parts that match, the first is tested."""
        part = f"found_in({text}, {literal(self.part)})"
        test = self.test(self.read(part))
        return f"case when {part} <> '' then coalesce({test}, false) else false end" if test else f"{part} <> ''"


def _without(signs: str) -> Callable[[str], str]:
    """A text without some characters."""

    def bare(text: str) -> str:
        for sign in signs:
            text = f"replace({text}, '{sign}', '')"
        return text

    return bare


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_GROUP = "[0-9a-fA-F]{1,4}"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_HOST = f"{_LABEL}([.]{_LABEL})*"
_IPV4 = rf"{_OCTET}([.]{_OCTET}){{3}}"
_IPV6 = (
    rf"(({_GROUP}:){{7}}{_GROUP}|({_GROUP}:){{1,7}}:|({_GROUP}:){{1,6}}:{_GROUP}|({_GROUP}:){{1,5}}(:{_GROUP}){{1,2}}"
    rf"|({_GROUP}:){{1,4}}(:{_GROUP}){{1,3}}|({_GROUP}:){{1,3}}(:{_GROUP}){{1,4}}|({_GROUP}:){{1,2}}(:{_GROUP}){{1,5}}"
    rf"|{_GROUP}:(:{_GROUP}){{1,6}}|:((:{_GROUP}){{1,7}}|:))"
)
_DD = "(?:0[1-9]|[12][0-9]|3[01])"
_MM = "(?:0[1-9]|1[0-2])"

_CARD = _any(
    "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})",
    "(?:5[1-5]|2[2-7])[0-9]{14}",
    "3[47][0-9]{13}",
    "3[0689][0-9]{12,14}",
    "35[0-9]{14}",
    "6[0-9]{15,18}",
    "(?:[456][0-9]{3}|35[0-9]{2}|2[2-7][0-9]{2})(?:[ -][0-9]{4}){3}(?:[ -][0-9]{3})?",
    "3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5}",
    "3[0689][0-9]{2}[ -][0-9]{6}[ -][0-9]{4}",
)
"""The numbers that issuers of cards use, in one piece and in their usual groups."""

_IBAN_LENGTHS: Mapping[int, str] = {
    15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
"""The countries of the IBAN registry (ISO 13616), by the length of their numbers."""


def _iban_of(length: int, countries: str) -> str:
    groups, rest = divmod(length - 4, 4)
    last = f" ?[A-Z0-9]{{{rest}}}" if rest else ""
    return f"(?:{countries.replace(' ', '|')})(?:0[2-9]|[1-8][0-9]|9[0-8])(?: ?[A-Z0-9]{{4}}){{{groups}}}{last}"


_IBAN = _any(*(_iban_of(length, countries) for length, countries in _IBAN_LENGTHS.items()))


def _iban_number(text: str) -> str:
    bare = _without(" ")(text)
    return letters_as_numbers(f"(substr({bare}, 5) || substr({bare}, 1, 4))")


def _isbn(text: str) -> str:
    ten = f"({weighted(text, range(10, 1, -1))} + case when substr({text}, 10) = 'X' then 10 else {digit(text, 10)} end"
    return (
        f"case when length({text}) = 13 then {weighted(text, [1, 3] * 6 + [1])} % 10 = 0 "
        f"when length({text}) = 10 then {ten}) % 11 = 0 else false end"
    )


def _dni(text: str) -> str:
    first = f"replace(replace(replace(substr({text}, 1, 1), 'X', '0'), 'Y', '1'), 'Z', '2')"
    number = f"({first} || substr({text}, 2, 7))"
    return f"{letter_of(number, 'TRWAGMYFPDXBNJZSQVHLCKE')} = substr({text}, 9, 1)"


def _hetu(text: str) -> str:
    number = f"(substr({text}, 1, 6) || substr({text}, 8, 3))"
    return f"{letter_of(number, '0123456789ABCDEFHJKLMNPRSTUVWXY')} = substr({text}, 11, 1)"


def _nir_number(text: str) -> str:
    return f"replace(replace({_without(' ')(text)}, '2A', '19'), '2B', '18')"


def _nir(number: str) -> str:
    key = f"try_cast(substr({number}, 14, 2) as integer)"
    return f"(try_cast(substr({number}, 1, 13) as bigint) + {key}) % 97 = 0 and {key} between 1 and 97"


def _last_ten(text: str) -> str:
    bare = _without("+-")(text)
    return f"substr({bare}, length({bare}) - 9, 10)"


def _cpf(text: str) -> str:
    checks = (
        f"({weighted(text, range(places + 1, 1, -1))} * 10 % 11) % 10 = {digit(text, places + 1)}" for places in (9, 10)
    )
    return f"{' and '.join(checks)} and replace({text}, substr({text}, 1, 1), '') <> ''"


_PHONE = _any(
    r"\+[1-9][0-9]{0,2}(?:[ -]?\([0-9]{1,4}\))?(?:[ -]?[0-9]){6,13}",
    "00[1-9][0-9]{0,2}(?: [0-9]{2,}){2,4}",
    r"(?:\+?1[ .-]?)?\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4}",
    "(?:1[.-])?[2-9][0-9]{2}[.-][2-9][0-9]{2}[.-][0-9]{4}",
    "0[1-9][0-9]{1,3} [0-9]{3,4} [0-9]{3,4}",
    r"(?:\(0[1-9][0-9]{1,4}\) ?|0[1-9][0-9]{1,4} ?/ ?)[0-9]{3,4}(?:[ -]?[0-9]{2,4}){0,2}",
    "0[1-9][0-9]{0,3}-[0-9]{3,4}-[0-9]{4}",
    "0[1-9](?:[ .-][0-9]{2}){4}",
)
"""Numbers with a country code, and those of North America, Great Britain, Germany, Japan and France."""


def _address(text: str) -> str:
    """IPv6, or more digits than the number of a version has."""
    return f"length({text}) >= 11 or replace({text}, ':', '') <> {text}"


_SSN = (
    "(?:00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])-(?:0[1-9]|[1-9][0-9])-"
    "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
)
_NIR = f"[12] ?[0-9]{{2}} ?(?:{_MM}|[2-9][0-9]) ?(?:[0-9]{{2}}|2[AB]) ?[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{2}}"
_PESEL = f"[0-9]{{2}}(?:[02468][1-9]|[13579][0-2]){_DD}[0-9]{{5}}"
_PERSONNUMMER = f"(?:18|19|20)?[0-9]{{2}}{_MM}(?:{_DD}|[678][0-9]|9[01])[+-]?[0-9]{{4}}"
_HETU = f"{_DD}{_MM}[0-9]{{2}}[-+A-FU-Y][0-9]{{3}}[0-9A-FHJ-NPR-Y]"
_DNI = "(?:[0-9]{8}|[XYZ]-?[0-9]{7})-?[A-HJ-NP-TV-Z]"
_CPF = r"[0-9]{3}[.]?[0-9]{3}[.]?[0-9]{3}-?[0-9]{2}"
_NHS = "[0-9]{3} ?[0-9]{3} ?[0-9]{4}"
_SIN = "[1-79][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}"
_BSN = "[0-9]{9}"

NATIONAL_IDS: Mapping[str, TextFormat] = {
    "us_ssn": TextFormat(said="a social security number of the USA", pattern=_SSN, inside=_SSN),
    "br_cpf": TextFormat(
        said="a CPF number of Brazil",
        pattern=_CPF,
        inside=_CPF,
        valid=_cpf,
        read=_without(".-"),
        chance=Fraction(1, 100),
        whole=True,
    ),
    "ca_sin": TextFormat(
        said="a social insurance number of Canada",
        pattern=_SIN,
        inside=_SIN,
        valid=lambda text: luhn(text, 9),
        read=_without(" -"),
        chance=Fraction(1, 10),
        whole=True,
    ),
    "es_dni": TextFormat(
        said="a DNI or NIE number of Spain",
        pattern=_DNI,
        inside=_DNI,
        valid=_dni,
        read=_without("-"),
        chance=Fraction(1, 23),
    ),
    "fi_hetu": TextFormat(
        said="a personal identity code of Finland", pattern=_HETU, inside=_HETU, valid=_hetu, chance=Fraction(1, 31)
    ),
    "fr_nir": TextFormat(
        said="a social security number of France",
        pattern=_NIR,
        inside=_NIR,
        read=_nir_number,
        valid=_nir,
        chance=Fraction(1, 97),
        whole=True,
    ),
    "nl_bsn": TextFormat(
        said="a citizen service number of the Netherlands",
        pattern=_BSN,
        inside=_BSN,
        valid=lambda text: f"{weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, 10])} % 11 = 0 and {text} <> '000000000'",
        chance=Fraction(1, 11),
        whole=True,
    ),
    "pl_pesel": TextFormat(
        said="a PESEL number of Poland",
        pattern=_PESEL,
        inside=_PESEL,
        valid=lambda text: f"{weighted(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1])} % 10 = 0",
        chance=Fraction(1, 10),
        whole=True,
    ),
    "se_personnummer": TextFormat(
        said="a personal identity number of Sweden",
        pattern=_PERSONNUMMER,
        inside=_PERSONNUMMER,
        read=_last_ten,
        valid=lambda number: luhn(number, 10),
        chance=Fraction(1, 10),
        whole=True,
    ),
    "uk_nhs": TextFormat(
        said="an NHS number of the United Kingdom",
        pattern=_NHS,
        inside=_NHS,
        valid=lambda text: f"{weighted(text, range(10, 0, -1))} % 11 = 0 and {text} <> '0000000000'",
        read=_without(" "),
        chance=Fraction(1, 11),
        whole=True,
    ),
}
"""Numbers of persons, by country."""

FORMATS: Mapping[str, TextFormat] = {
    "email": TextFormat(
        said="an e-mail address",
        # A dot-string of RFC 5321, of at most 64 characters beside its dots, and a host with a dot.
        pattern=rf"{_ATEXT}([.]?{_ATEXT}){{0,63}}@{_LABEL}([.]{_LABEL})+",
        inside=r"[\pL\pN._%+'-]+@(?:[\pL\pN-]+[.])+\pL{2,24}",
        sign="(@)",
        around=_WORD,
    ),
    "phone": TextFormat(
        said="a phone number",
        pattern=rf"\+[1-9][0-9]{{6,14}}|{_PHONE}",
        inside=_PHONE,
        around=_ALONE,
    ),
    "url": TextFormat(
        said="a URL",
        pattern=rf"(https?|ftp)://([^\s/?#@]+@)?({_HOST}|\[[0-9a-fA-F:.]+\])(:[0-9]{{1,5}})?([/?#]\S*)?",
    ),
    "hostname": TextFormat(said="a host name", pattern=_HOST),
    "ip": TextFormat(
        said="an IP address",
        pattern=_any(_IPV4, _IPV6),
        inside=_any(
            rf"(?:25[0-5]|2[0-4][0-9]|1[0-9]{{2}}|[1-9][0-9]?)(?:[.]{_OCTET}){{3}}",
            f"{_GROUP}(?::{_GROUP}){{7}}",
            f"[0-9a-fA-F]{{3,4}}(?::{_GROUP}){{0,6}}::(?:{_GROUP}(?::{_GROUP}){{0,5}})?",
        ),
        likely=_address,
        sign="([0-9a-fA-F]{1,4}[.:][0-9a-fA-F]{0,4}[.:])",
    ),
    "ipv4": TextFormat(said="an IPv4 address", pattern=_IPV4),
    "ipv6": TextFormat(said="an IPv6 address", pattern=_IPV6),
    "mac": TextFormat(
        said="a MAC address",
        pattern="[0-9a-fA-F]{2}((:[0-9a-fA-F]{2}){5}|(-[0-9a-fA-F]{2}){5})",
        sign="([0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}[:-])",
        inside="[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){5})",
    ),
    "uuid": TextFormat(said="a UUID", pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "card": TextFormat(
        said="a card number",
        pattern="[0-9]([ -]?[0-9]){11,18}",
        inside=_CARD,
        valid=lambda text: luhn(text, 19),
        read=_without(" -"),
        chance=Fraction(1, 10),
        whole=True,
    ),
    "iban": TextFormat(
        said="an IBAN",
        pattern=_IBAN,
        inside=f"(?i:{_IBAN})",
        sign="([A-Za-z]{2}[0-9]{2})",
        read=_iban_number,
        valid=lambda number: f"{remainder_97(number, 68)} = 1",
        chance=Fraction(1, 97),
    ),
    "bic": TextFormat(said="a BIC", pattern="[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"),
    "isbn": TextFormat(said="an ISBN", pattern="(97[89]-?)?[0-9]-?([0-9]-?){8}[0-9X]", valid=_isbn, read=_without("-")),
    "date": TextFormat(
        said="an ISO date",
        pattern=DAY,
        valid=lambda text: f"try_cast({text} as date) >= cast('0001-01-01' as date)",
    ),
    "datetime": TextFormat(
        said="an ISO date with a time",
        pattern=f"{DAY}{CLOCK}{ZONE}?",
        valid=lambda text: f"{moment_of(text)} is not null",
    ),
    "time": TextFormat(
        said="an ISO time",
        pattern=f"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{{1,9}})?)?{ZONE}?",
    ),
    "json": TextFormat(said="a JSON text", pattern=r"(?s).*", valid=lambda text: f"is_json({text})"),
    **NATIONAL_IDS,
}
"""Every form, by its name in a policy."""

SECRET = TextFormat(
    said="a secret such as a private key, an access key or a JSON web token",
    pattern="(?s).*",
    inside=_any(
        "(?:AKIA|ASIA)[0-9A-Z]{16}",
        "eyJ[A-Za-z0-9_-]{8,}[.]eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{8,}",
        "-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
        "gh[pousr]_[A-Za-z0-9]{36,}",
        "github_pat_[A-Za-z0-9_]{22,}",
        "xox[abprs]-[A-Za-z0-9-]{10,}",
        "AIza[0-9A-Za-z_-]{35}",
        "[sr]k_live_[0-9A-Za-z]{16,}",
    ),
    sign="",
    around=_WORD,
)
"""Keys and tokens that grant access."""

DETECTORS: Mapping[str, TextFormat] = {
    **{name: form for name, form in FORMATS.items() if form.inside and name not in NATIONAL_IDS},
    **NATIONAL_IDS,
    "secret": SECRET,
}
"""The forms that are found inside other text."""


def detectors(names: Iterable[str]) -> dict[str, TextFormat]:
    """The forms of some names, in their order; `national_ids` are all numbers of persons."""
    wanted = set(names)
    if NATIONAL_ID_NAME in wanted:
        wanted |= set(NATIONAL_IDS)
    return {name: form for name, form in DETECTORS.items() if name in wanted}


NATIONAL_ID_NAME = "national_ids"
"""The name of all numbers of persons together."""
