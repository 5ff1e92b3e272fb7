"""Names of columns that say that their values are secrets, such as `api_key` or `userPassword`."""

from __future__ import annotations

import re
from unicodedata import normalize

_SECRETS = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "pwd", "secret", "credential", "credentials"),
    *("token", "api key", "apikey", "access key", "secret key", "private key", "encryption key", "signing key"),
    *("session id", "cookie", "otp", "cvv", "cvc", "card number", "credit card", "pan number", "iban"),
    *("account number", "ssn", "social security number", "social insurance number", "national id", "passport number"),
    *("passwort", "kennwort", "mot de passe", "contrasena", "senha", "wachtwoord"),
    *("tax id", "driver license", "drivers license", "mothers maiden name"),
)
_AFTERWARDS = frozenset(["hash", "hashed", "md", "sha", "value", "text", "string", "old", "new"])
"""Words that may follow: a hash of a password is a secret too. `token count` is not a token."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def says_secret(name: str) -> bool:
    """Whether the last words of a name, in any case and with any separators, name a secret."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = [word.lower() for word in _WORDS.findall(plain)]
    while words and (words[-1] in _AFTERWARDS or words[-1].isdigit()):
        words.pop()
    return any(words[-len(secret) :] == secret for secret in (each.split() for each in _SECRETS))
