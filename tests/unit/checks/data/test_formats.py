"""The named forms of text: each accepts and refuses known examples, and agrees with an independent reader."""

from __future__ import annotations

import ipaddress
import json
import random
import re
import string
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from mlgate.checks.data.formats import DETECTORS, FORMATS, NATIONAL_IDS, detectors
from mlgate.evidence.dialect import FUNCTIONS, functions_in, literal
from mlgate.evidence.engines.duckdb import DuckDB
from support.privacy_corpus import POSITIVE, Random, luhn_digit

Judge = Callable[[str, list[str]], dict[str, bool]]


@pytest.fixture(scope="module")
def holds() -> Iterator[Judge]:
    """`holds("card", texts)`: which texts have a form."""
    engine = DuckDB(threads=1)

    def judge(name: str, texts: list[str]) -> dict[str, bool]:
        values = ", ".join(f"({literal(text)})" for text in texts)
        rows = engine.query(f"select x, {FORMATS[name].holds('x')} from (values {values}) v(x)")
        return {str(text): bool(held) for text, held in rows}

    yield judge
    engine.close()


EXAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "email": (
        ["a@example.com", "a.b+c@sub.example.co.uk", "o'neil@example.com"],
        [
            *("a@b", "@example.com", "a b@example.com", "a@example..com", "a@example.com ", "", "a@-example.com"),
            *(".a@example.com", "a.@example.com", "a..b@example.com", "x" * 65 + "@example.com"),
        ],
    ),
    "phone": (
        ["+4930123456", "+1 212 555 0123", "(212) 555-0123", "030/1234567", "06 12 34 56 78", "020 7946 0958"],
        ["2125550123", "123-45-6789", "2024-02-29", "+12", "1.234.567", "555", ""],
    ),
    "url": (
        ["https://example.com/a?b#c", "ftp://user@10.0.0.1:21/x"],
        ["example.com", "http://", "javascript:alert(1)"],
    ),
    "hostname": (["example.com", "localhost", "a-1.b"], ["-a.com", "a_b.com", "a..b", "a.com.", "x" * 64]),
    "ip": (["10.0.0.1", "8.8.8.8", "::1", "2001:db8::1"], ["256.1.1.1", "1.2.3", "1.2.3.4.5", "2001:db8", "10.0.0.01"]),
    "ipv4": (["0.0.0.0", "255.255.255.255"], ["::1", "1.2.3.256"]),
    "ipv6": (["::", "fe80::1", "1:2:3:4:5:6:7:8"], ["1:2:3:4:5:6:7", "1::2::3", "10.0.0.1", "12345::"]),
    "mac": (["00:1a:2B:3c:4d:5e", "00-1A-2B-3C-4D-5E"], ["00:1a:2b:3c:4d", "00:1a-2b:3c:4d:5e", "0g:1a:2b:3c:4d:5e"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456"]),
    "card": (
        ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "6011000990139424", "30569309025904"],
        ["4111111111111112", "4111  1111 1111 1111", "41111111111", "4111111111111111.0", "０000000000000000", ""],
    ),
    "iban": (
        ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947", "MT84MALT011000012345MTLCAST001S"],
        ["DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "de89370400440532013000", "DE00"],
    ),
    "bic": (["DEUTDEFF", "DEUTDEFF500"], ["DEUTDEF", "DEUTDEFF50", "deutdeff"]),
    "isbn": (
        ["9780306406157", "978-0-306-40615-7", "0-306-40615-2", "080442957X"],
        ["9780306406158", "0-306-40615-3", "080442957x", "97803064061"],
    ),
    "date": (["2024-02-29", "0001-01-01"], ["2023-02-29", "2024-2-9", "20240229", "2024-02-29T00:00", "0000-01-01"]),
    "datetime": (
        ["2024-02-29T10:00:00Z", "2024-02-29 10:00", "2024-02-29T10:00:00.5+02:00"],
        ["2024-02-29", "2023-02-29T10:00:00", "2024-02-29T25:00:00", "10:00"],
    ),
    "time": (["10:00", "23:59:59.999", "10:00:00Z"], ["24:00", "10:60", "1:00", "10:00:60", "10"]),
    "json": (
        ['{"a": [1, 2.5e3, null, true]}', '"x, ]"', "1", '["NaN", "a\\"b,]"]', " []\n"],
        ["{a: 1}", "[1,]", '{"a": 1,}', "NaN", "[-Infinity]", "[nan]", "", "01", "{} x", "'a'"],
    ),
    "us_ssn": (
        ["078-05-1120"],
        ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "123456789"],
    ),
    "br_cpf": (["111.444.777-35", "11144477735"], ["111.444.777-36", "111.111.111-11", "1114447773"]),
    "ca_sin": (["130 692 544", "130692544"], ["130 692 545", "046454286"]),
    "es_dni": (["54362315K", "X-2482300W", "12345678Z"], ["54362315Z", "X2482300A", "1234567L"]),
    "fi_hetu": (["131052-308T", "131052A308T"], ["131052-308U", "321052-308T"]),
    "fr_nir": (["255081416802538", "2 55 08 14 168 025 38", "195042B00100180"], ["255081416802539", "955081416802538"]),
    "nl_bsn": (["111222333", "123456782"], ["111222334", "000000000", "11122233"]),
    "pl_pesel": (["44051401359"], ["44051401358", "44131401359"]),
    "se_personnummer": (["880320-0016", "198803200016", "8803200016"], ["880320-0018", "881320-0016"]),
    "uk_nhs": (["943 476 5870", "9434765870"], ["943 476 5871", "0000000000", "943-476-5870"]),
}


def test_every_form_has_examples() -> None:
    assert EXAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_form_accepts_and_refuses_known_examples(holds: Judge, name: str) -> None:
    good, bad = EXAMPLES[name]
    assert holds(name, good + bad) == {**dict.fromkeys(good, True), **dict.fromkeys(bad, False)}


def luhn(text: str) -> bool:
    bare = text.replace(" ", "").replace("-", "")
    return luhn_digit(bare[:-1]) == bare[-1]


def mod_97(text: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def elevens(*weights: int) -> Callable[[str], bool]:
    return lambda text: sum(int(s) * w for s, w in zip(text, weights, strict=True)) % 11 == 0 and int(text) > 0


def cpf(text: str) -> bool:
    numbers = [int(sign) for sign in text]
    return len(set(numbers)) > 1 and all(
        sum(n * (at + 1 - i) for i, n in enumerate(numbers[:at])) * 10 % 11 % 10 == numbers[at] for at in (9, 10)
    )


def isbn(text: str) -> bool:
    if len(text) == 13:
        return sum(int(s) * (1, 3)[at % 2] for at, s in enumerate(text)) % 10 == 0
    return sum((10 if s == "X" else int(s)) * (10 - at) for at, s in enumerate(text)) % 11 == 0


NUMBERS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "card": ("n" * 17, luhn),
    "iban": ("DEkknnnnnnnnnnnnnnnnnn", mod_97),
    "isbn": ("978nnnnnnnnnn", isbn),
    "br_cpf": ("n" * 11, cpf),
    "ca_sin": ("1nnnnnnnn", luhn),
    "nl_bsn": ("n" * 9, elevens(9, 8, 7, 6, 5, 4, 3, 2, -1)),
    "uk_nhs": ("n" * 10, elevens(10, 9, 8, 7, 6, 5, 4, 3, 2, 1)),
    "pl_pesel": ("nn0112nnnnn", lambda text: sum(int(s) * int(w) for s, w in zip(text, "13791379131")) % 10 == 0),
    "se_personnummer": ("nn0112-nnnn", luhn),
    "fr_nir": ("1nn12nnnnnnnnkk", lambda text: (int(text[:13]) + int(text[13:])) % 97 == 0),
    "es_dni": ("nnnnnnnnK", lambda text: "TRWAGMYFPDXBNJZSQVHLCKE"[int(text[:8]) % 23] == "K"),
    "fi_hetu": (
        "0112nn-nnnT", lambda text: "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31] == "T"
    ),
}  # fmt: skip
"""A form with n for any digit and kk for 02 to 97, and an independent test of its check digits."""


@pytest.mark.parametrize("name", NUMBERS)
def test_check_digits_are_those_of_an_independent_test(holds: Judge, name: str) -> None:
    form, right = NUMBERS[name]
    of = random.Random(name)
    texts = [
        re.sub("n", lambda _: of.choice(string.digits), form.replace("kk", f"{of.randrange(2, 98):02}"))
        for _ in range(1500)
    ]
    found = holds(name, texts)
    assert found == {text: right(text) for text in texts}
    assert 0 < sum(found.values()) < 750


@pytest.mark.parametrize("name", [name for name in POSITIVE if FORMATS.get(name) and FORMATS[name].chance])
def test_one_wrong_digit_is_found_in_most_numbers(holds: Judge, name: str) -> None:
    of = Random(name)
    right = list({POSITIVE[name](of) for _ in range(200)})
    wrong = [text[:-1] + ("1" if text[-1] == "0" else "0") if text[-1].isdigit() else text[:-1] + "#" for text in right]
    assert all(holds(name, right).values())
    assert not any(holds(name, wrong).values())


def test_addresses_are_those_of_the_standard_library(holds: Judge) -> None:
    of = random.Random(1)
    four = [".".join(str(of.randrange(0, 300)) for _ in range(of.choice([3, 4, 4, 4, 5]))) for _ in range(500)]
    six = [
        ":".join(of.choice(["", "0", "1f", "ABCD", "12345"][: of.choice([3, 4, 5])]) for _ in range(of.randrange(2, 9)))
        for _ in range(1500)
    ]
    for name, version, texts in (("ipv4", ipaddress.IPv4Address, four), ("ipv6", ipaddress.IPv6Address, six)):
        assert holds(name, texts) == {text: _reads(version, text) for text in texts}


def test_dates_are_those_of_the_standard_library(holds: Judge) -> None:
    of = random.Random(2)
    texts = [f"{of.randrange(10000):04}-{of.randrange(14):02}-{of.randrange(33):02}" for _ in range(1500)]
    assert holds("date", texts) == {text: _reads(date.fromisoformat, text) for text in texts}


def test_json_is_that_of_the_standard_library(holds: Judge) -> None:
    of = random.Random(3)
    parts = (
        *("{", "}", "[", "]", ",", ":", '"a"', '",]"', "1", "-2.5e3", "null", "true", "NaN", "Infinity", " ", '"\\""'),
        *('{"a": [1, "]"]}', "[1, 2]"),
    )
    texts = ["".join(of.choice(parts) for _ in range(of.randrange(1, 6))) for _ in range(4000)]
    found = holds("json", texts)
    assert found == {text: _reads(_strict_json, text) for text in texts}
    assert sum(found.values()) > 20


def _strict_json(text: str) -> object:
    def refused(name: str) -> object:
        raise ValueError(name)

    return json.loads(text, parse_constant=refused)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def test_forms_call_only_functions_of_the_dialect() -> None:
    for name, form in {**FORMATS, **DETECTORS}.items():
        called = functions_in(form.holds('"x"')) | functions_in(form.occurs('"x"'))
        assert called <= FUNCTIONS, name


def test_national_ids_are_all_of_them() -> None:
    assert detectors(["national_ids"]) == dict(NATIONAL_IDS)
    assert list(detectors(["card", "email"])) == ["email", "card"]
