"""Texts with and without personal data, from a seed. Numbers get their check digits here, not by mlgate's SQL."""

from __future__ import annotations

import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable
from datetime import date, timedelta

Random = random.Random
Generator = Callable[[Random], str]
DIGITS = string.digits
UPPER = string.ascii_uppercase


def digits(of: Random, number: int) -> str:
    return "".join(of.choice(DIGITS) for _ in range(number))


def luhn_digit(payload: str) -> str:
    """The digit that completes a number: from the right every second digit is doubled, and its digits summed."""
    total = 0
    for place, sign in enumerate(reversed(payload)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += sum(map(int, str(value)))
    return str(-total % 10)


def grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return sign.join(part for part in (*parts, number[at:]) if part)


def day(of: Random) -> date:
    return date(1930, 1, 1) + timedelta(of.randrange(29_000))


def card(of: Random) -> str:
    prefix, length = of.choice(
        [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16), ("3530", 16)]
    )
    payload = prefix + digits(of, length - 1 - len(prefix))
    number = payload + luhn_digit(payload)
    sizes = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    return of.choice([number, grouped(number, sizes, " "), grouped(number, sizes, "-")])


def iban(of: Random) -> str:
    country, form = of.choice(
        [("DE", "n" * 18), ("GB", "aaaa" + "n" * 14), ("FR", "n" * 10 + "c" * 11 + "nn"), ("NL", "aaaa" + "n" * 10),
         ("NO", "n" * 11), ("MT", "aaaa" + "n" * 5 + "c" * 18), ("ES", "n" * 20)]
    )  # fmt: skip
    kinds = {"n": DIGITS, "a": UPPER, "c": DIGITS + UPPER}
    account = "".join(of.choice(kinds[kind]) for kind in form)
    check = 98 - int("".join(str(int(sign, 36)) for sign in f"{account}{country}00")) % 97
    number = f"{country}{check:02}{account}"
    return of.choice([number, grouped(number, (4,) * 9, " ")])


def email(of: Random) -> str:
    name = of.choice(["anna", "j.smith", "lee+news", "o'neil", "info_2", "jürgen", "x"]) + of.choice(
        ["", digits(of, 2)]
    )
    host = of.choice(["example.com", "mail.example.org", "uni-köln.de", "a.co.uk", "firma.example.museum"])
    return of.choice([f"{name}@{host}"] * 9 + [f"{name} (at) {host}"])


def phone(of: Random) -> str:
    n = lambda size: of.choice("123456789") + digits(of, size - 1)  # noqa: E731 - digits that do not start with 0
    us = of.choice("23456789") + digits(of, 2), of.choice("23456789") + digits(of, 2), digits(of, 4)
    return of.choice(
        [
            *(
                f"+49{n(10)}",
                f"+44 20 {n(4)} {n(4)}",
                f"+1-{us[0]}-{us[1]}-{us[2]}",
                f"+33 6 {n(2)} {n(2)} {n(2)} {n(2)}",
            ),
            *(f"({us[0]}) {us[1]}-{us[2]}", f"{us[0]}-{us[1]}-{us[2]}", f"0{n(3)} {n(3)} {n(4)}", f"0{n(2)}/{n(7)}"),
            *(f"06 {n(2)} {n(2)} {n(2)} {n(2)}", f"06{n(8)}", f"03-{n(4)}-{n(4)}"),
        ]
    )


def ip(of: Random) -> str:
    four = ".".join(str(of.randrange(1, 255)) for _ in range(4))
    group = lambda: f"{of.randrange(65536):x}"  # noqa: E731
    return of.choice(
        [
            four,
            four,
            four,
            f"10.0.{of.randrange(9)}.{of.randrange(255)}",
            f"2001:db8::{group()}:{group()}",
            "2001:db8:" + ":".join(group() for _ in range(6)),
        ]
    )


def mac(of: Random) -> str:
    return of.choice(":-").join(f"{of.randrange(256):02{of.choice('xX')}}" for _ in range(6))


def us_ssn(of: Random) -> str:
    area = of.choice([each for each in range(1, 900) if each != 666])
    number = f"{area:03}-{of.randrange(1, 100):02}-{of.randrange(1, 10_000):04}"
    return of.choice([number] * 9 + [number.replace("-", "")])


def br_cpf(of: Random) -> str:
    number = digits(of, 9)
    for _ in range(2):
        rest = sum(int(sign) * weight for sign, weight in zip(reversed(number), range(2, 12), strict=False)) % 11
        number += str(0 if rest < 2 else 11 - rest)
    return of.choice([number, f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"])


def ca_sin(of: Random) -> str:
    payload = of.choice("1234567") + digits(of, 7)
    number = payload + luhn_digit(payload)
    return grouped(number, (3, 3, 3), of.choice(["", " ", "-"]))


def es_dni(of: Random) -> str:
    first = of.choice(["", "X", "Y", "Z"])
    body = digits(of, 7 if first else 8)
    value = int({"": "", "X": "0", "Y": "1", "Z": "2"}[first] + body)
    return f"{first}{body}{of.choice(['', '-'])}{'TRWAGMYFPDXBNJZSQVHLCKE'[value % 23]}"


def fi_hetu(of: Random) -> str:
    born, person = day(of), of.randrange(2, 900)
    value = int(f"{born:%d%m%y}{person:03}")
    sign = "-" if born.year < 2000 else "A"
    return f"{born:%d%m%y}{sign}{person:03}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[value % 31]}"


def fr_nir(of: Random) -> str:
    place = of.choice([f"{of.randrange(1, 96):02}", "2A", "2B"])
    number = f"{of.choice('12')}{day(of):%y%m}{place}{of.randrange(1, 990):03}{of.randrange(1, 999):03}"
    key = 97 - int(number.replace("2A", "19").replace("2B", "18")) % 97
    return of.choice([f"{number}{key:02}", grouped(f"{number}{key:02}", (1, 2, 2, 2, 3, 3), " ")])


def _eleven(of: Random, weights: range, size: int) -> str:
    """Digits and the digit that makes the weighted sum a multiple of 11."""
    while True:
        body = str(of.randrange(10 ** (size - 2), 10 ** (size - 1)))
        rest = sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True)) % 11
        check = rest if size == 9 else -rest % 11
        if check < 10:
            return body + str(check)


def nl_bsn(of: Random) -> str:
    return _eleven(of, range(9, 1, -1), 9)


def uk_nhs(of: Random) -> str:
    return grouped(_eleven(of, range(10, 1, -1), 10), (3, 3, 4), of.choice(["", " "]))


def pl_pesel(of: Random) -> str:
    born = day(of)
    number = f"{born:%y}{born.month + (20 if born.year >= 2000 else 0):02}{born:%d}{digits(of, 4)}"
    return number + str(-sum(int(s) * w for s, w in zip(number, (1, 3, 7, 9) * 3, strict=False)) % 10)


def se_personnummer(of: Random) -> str:
    born = day(of)
    payload = f"{born:%y%m%d}{digits(of, 3)}"
    number = f"{payload[:6]}-{payload[6:]}{luhn_digit(payload)}"
    return of.choice([number, number, f"{born:%Y}"[:2] + number.replace("-", ""), number.replace("-", "")])


def secret(of: Random) -> str:
    token = lambda size: "".join(of.choice(string.ascii_letters + DIGITS) for _ in range(size))  # noqa: E731
    return of.choice(
        [
            f"AKIA{token(16).upper()}", f"eyJ{token(30)}.eyJ{token(40)}.{token(43)}",
            "-----BEGIN RSA PRIVATE KEY-----\n" + token(64), f"ghp_{token(36)}", f"AIza{token(35)}", token(40),
        ]
    )  # fmt: skip


POSITIVE: dict[str, Generator] = {
    found.__name__: found
    for found in (
        *(email, phone, ip, mac, card, iban, us_ssn, br_cpf, ca_sin, es_dni, fi_hetu, fr_nir, nl_bsn, pl_pesel),
        *(se_personnummer, uk_nhs, secret),
    )
}
"""What each detector should find. Some are written in forms that it does not know."""

EVERYDAY: dict[str, Generator] = {
    "order of 16 digits": lambda of: of.choice("3456") + digits(of, 15),
    "number of 9 digits": lambda of: of.choice("123456789") + digits(of, 8),
    "number of 10 digits": lambda of: of.choice("123456789") + digits(of, 9),
    "number of 11 digits": lambda of: of.choice("123456789") + digits(of, 10),
    "EAN": lambda of: "40" + digits(of, 11),
    "Unix time": lambda of: str(1_700_000_000 + of.randrange(10**8)),
    "Unix time in ms": lambda of: str(1_700_000_000_000 + of.randrange(10**11)),
    "price": lambda of: f"{of.randrange(10**6) / 100:,.2f}",
    "decimal": lambda of: repr(of.random()),
    "signed": lambda of: f"{of.choice('+-')}{of.randrange(10**6)}.{digits(of, 3)}",
    "coordinates": lambda of: f"{of.uniform(-90, 90):.6f}, {of.uniform(-180, 180):.6f}",
    "sha256": lambda of: hashlib.sha256(digits(of, 9).encode()).hexdigest(),
    "commit": lambda of: hashlib.sha1(digits(of, 9).encode()).hexdigest()[:10],
    "uuid": lambda of: str(uuid.UUID(int=of.getrandbits(128), version=4)),
    "version": lambda of: ".".join(str(of.randrange(30)) for _ in range(3)),
    "version of 4 parts": lambda of: f"{of.randrange(4)}.{of.randrange(20)}.{of.randrange(9)}.{of.randrange(9000)}",
    "version from 10 on": lambda of: f"{of.randrange(10, 30)}.{of.randrange(9)}.{of.randrange(20)}.{of.randrange(20)}",
    "date": lambda of: f"{day(of):%Y-%m-%d}",
    "German date": lambda of: f"{day(of):%d.%m.%Y}",
    "compact date": lambda of: f"{day(of):%Y%m%d}",
    "time stamp": lambda of: f"{day(of):%Y-%m-%d} {of.randrange(24):02}:{of.randrange(60):02}:{of.randrange(60):02}",
    "invoice": lambda of: f"INV-{of.randrange(2015, 2030)}-{digits(of, 5)}",
    "part": lambda of: f"{digits(of, 4)}-{digits(of, 3)}",
    "plate": lambda of: f"{of.choice(UPPER)}{of.choice(UPPER)} {digits(of, 4)}",
    "postal code": lambda of: of.choice([digits(of, 5), f"{digits(of, 5)}-{digits(of, 4)}"]),
    "range": lambda of: f"{of.randrange(100, 200)}-{of.randrange(200, 300)}",
    "handle": lambda of: f"@user_{digits(of, 3)}",
    "package": lambda of: f"left-pad@{of.randrange(9)}.{of.randrange(9)}.{of.randrange(9)}",
    "path": lambda of: f"/data/2024/{digits(of, 9)}/part-{digits(of, 5)}.parquet",
    "code": lambda of: f"std::vector<int> v{digits(of, 2)}; a::b(0x{of.getrandbits(32):x})",
    "json": lambda of: json.dumps({"id": of.randrange(10**9), "ratio": of.random(), "tags": ["a", "b"]}),
    "sentence": lambda of: (
        f"The {of.choice(['first', 'last'])} of {of.randrange(2, 99)} tests took {of.random():.3f} s."
    ),
    "scientific": lambda of: f"{of.uniform(1, 10):.8f}e+{of.randrange(10, 99)}",
}
"""Values of everyday columns that are hard to tell from personal data."""

_AROUND = (
    "Please call {}, thanks",
    "see {}.",
    "({})",
    'Customer gave us "{}" on Monday;',
    "new: {}\nold: none",
    "id={}",
)


def inside(of: Random, text: str) -> str:
    """A text inside another."""
    return of.choice(_AROUND).format(text)


def positives(name: str, number: int, seed: int = 1) -> list[str]:
    """Values that a detector should find, every second inside other text."""
    of = Random(f"{name} {seed}")
    return [inside(of, text) if at % 2 else text for at, text in enumerate(POSITIVE[name](of) for _ in range(number))]


def everyday(name: str, number: int, seed: int = 1) -> list[str]:
    """Values of an everyday column."""
    of = Random(f"{name} {seed}")
    return [EVERYDAY[name](of) for _ in range(number)]
