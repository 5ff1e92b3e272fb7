"""Keys and signed documents for tests. They are made by `cryptography`, without which the tests are skipped by name."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

pytest.importorskip("cryptography", reason="signatures are made and verified by `cryptography`, the extra `signatures`")

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

IN_TOTO = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class SigningKey:
    """A private key, and how it signs."""

    private: Any
    sign: Callable[[bytes], bytes]

    @property
    def public(self) -> str:
        """The public key in PEM."""
        of = self.private.public_key()
        return str(of.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())

    @property
    def secret(self) -> str:
        """The private key in PEM."""
        return str(self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def ed() -> SigningKey:
    """A new key of Ed25519."""
    key = ed25519.Ed25519PrivateKey.generate()
    return SigningKey(key, key.sign)


def ecdsa(curve: ec.EllipticCurve, method: Any) -> SigningKey:
    """A new key on a curve."""
    key = ec.generate_private_key(curve)
    return SigningKey(key, lambda signed: key.sign(signed, ec.ECDSA(method)))


@cache
def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def rsa_pss(bits: int = 2048, salt: int = 32) -> SigningKey:
    """A key of RSA that signs by PSS; keys of RSA are made once, as that takes long."""
    how = padding.PSS(padding.MGF1(SHA256()), salt)
    return SigningKey(_rsa(bits), lambda signed: _rsa(bits).sign(signed, how, SHA256()))


def rsa_pkcs1() -> SigningKey:
    """A key of RSA that signs as cosign does."""
    return SigningKey(_rsa(2048), lambda signed: _rsa(2048).sign(signed, padding.PKCS1v15(), SHA256()))


KINDS: dict[str, Callable[[], SigningKey]] = {
    "Ed25519": ed,
    "ECDSA on P-256": lambda: ecdsa(ec.SECP256R1(), SHA256()),
    "ECDSA on P-384": lambda: ecdsa(ec.SECP384R1(), SHA384()),
    "ECDSA on P-521": lambda: ecdsa(ec.SECP521R1(), SHA512()),
    "RSA by PSS": rsa_pss,
    "RSA by PSS with the longest salt": lambda: rsa_pss(salt=2048 // 8 - 32 - 2),
    "RSA by PKCS #1": rsa_pkcs1,
}


def pae(kind: str, payload: bytes) -> bytes:
    """The pre-authentication encoding, from the text of the specification: `SP` is a space."""
    parts = [b"DSSEv1", str(len(kind.encode())).encode(), kind.encode(), str(len(payload)).encode(), payload]
    return b" ".join(parts)


def enveloped(statement: Any, *keys: SigningKey, kind: str = IN_TOTO) -> dict[str, Any]:
    """A statement in a DSSE envelope, signed by each key."""
    payload = json.dumps(statement).encode()
    signatures = [{"keyid": "", "sig": base64.b64encode(key.sign(pae(kind, payload))).decode()} for key in keys]
    return {"payloadType": kind, "payload": base64.b64encode(payload).decode(), "signatures": signatures}
