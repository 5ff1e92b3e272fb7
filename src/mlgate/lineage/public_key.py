"""Public keys in PEM files, and whether a signature is by one of them: Ed25519, ECDSA and RSA.

Signatures are verified by `cryptography`, which the extra `mlgate[signatures]` installs. What a file is not, such as a
private key, is known without it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from mlgate.reading.fields import TextBeside
from mlgate.values.errors import MachineError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Verifier = Callable[[bytes, bytes], bool]
"""(signature, what was signed) -> whether the key signed it."""

_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_LABEL = re.compile("-----BEGIN ([A-Z0-9 ]+)-----")
_KINDS = (
    bytes.fromhex("06032b6570"),  # id-Ed25519
    bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107"),  # id-ecPublicKey on P-256
    bytes.fromhex("06072a8648ce3d020106052b81040022"),  # on P-384
    bytes.fromhex("06072a8648ce3d020106052b81040023"),  # on P-521
    bytes.fromhex("06092a864886f70d010101"),  # rsaEncryption
)
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_KNOWN = "Ed25519, ECDSA on P-256, P-384 or P-521, or RSA of at least 2048 bits"
_LEAST_BITS, _LEAST_BYTES = 2048, 290
"""The least bits of an RSA key, and a few bytes fewer than such a key has in its encoding."""


def why_no_key(text: str) -> str:
    """Why a text is not a public key that mlgate can use, and what to do; empty if it is one."""
    inner = text.strip().removeprefix(_BEGIN).removesuffix(_END)
    if not text.strip().startswith(_BEGIN) or not text.strip().endswith(_END) or "-----" in inner:
        label = _LABEL.search(text)
        is_a = f"holds a {label.group(1).lower()}" if label else "is not a PEM file"
        return f"{is_a}, and one public key is required (`-----BEGIN PUBLIC KEY-----`)"
    try:
        encoded = base64.b64decode("".join(inner.split()), validate=True)
    except (binascii.Error, ValueError):
        return "is damaged: its lines are not base64; export the public key again"
    kind = next((kind for kind in _KINDS if kind in encoded[:32]), b"")
    if not kind or (kind is _KINDS[-1] and len(encoded) < _LEAST_BYTES):
        return f"holds a key of another kind than {_KNOWN}; sign with such a key"
    return ""


def verifier(key: TextBeside) -> Verifier:
    """The function that knows the key's signatures. Raises MachineError where `cryptography` cannot use the key."""
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError as error:
        said = "the rule requires a signature, and `cryptography`, which verifies it, is not installed"
        raise MachineError(f"{said}; run `pip install 'mlgate[signatures]'`") from error
    try:
        loaded = load_pem_public_key(key.text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MachineError(f"{key.path} is not a public key that can be used: {error}; export it again") from error
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        checks: list[Callable[[bytes, bytes], None]] = [loaded.verify]
    elif isinstance(loaded, ec.EllipticCurvePublicKey) and loaded.curve.name in _CURVES:
        checks = [_ecdsa(loaded)]
    elif isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size >= _LEAST_BITS:
        checks = _rsa(loaded)
    else:
        raise MachineError(f"{key.path} holds a key of another kind than {_KNOWN}; sign with such a key")

    def holds(signature: bytes, signed: bytes) -> bool:
        return any(_passes(check, signature, signed) for check in checks)

    def _passes(check: Callable[[bytes, bytes], None], signature: bytes, signed: bytes) -> bool:
        try:
            check(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    return holds


def _ecdsa(key: EllipticCurvePublicKey) -> Callable[[bytes, bytes], None]:
    """ECDSA with the hash that belongs to the curve: SHA-256 on P-256, SHA-384 on P-384, SHA-512 on P-521."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    by_curve: dict[str, hashes.HashAlgorithm] = dict(zip(_CURVES, (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())))
    method = ECDSA(by_curve[key.curve.name])
    return lambda signature, signed: key.verify(signature, signed, method)


def _rsa(key: RSAPublicKey) -> list[Callable[[bytes, bytes], None]]:
    """RSA with SHA-256: PSS with any salt, or PKCS #1 version 1.5, which cosign writes."""
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    def by(padding: AsymmetricPadding) -> Callable[[bytes, bytes], None]:
        return lambda signature, signed: key.verify(signature, signed, padding, SHA256())

    return [by(PSS(MGF1(SHA256()), PSS.AUTO)), by(PKCS1v15())]
