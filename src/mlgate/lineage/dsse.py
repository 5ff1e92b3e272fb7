"""DSSE envelopes: a payload with signatures, alone or in a bundle of Sigstore, and by which of some keys it is signed.

What is signed is not the payload alone but its type, too: <https://github.com/secure-systems-lab/dsse>, version 1.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.lineage.public_key import verifier
from mlgate.lineage.source_file import listing, mapping
from mlgate.reading.fields import TextBeside
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

IN_TOTO = "application/vnd.in-toto+json"
"""The type of a payload that is an in-toto statement."""
_MOST = 50
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True)
class Envelope:
    """A payload as it was signed, with its signatures."""

    payload: bytes
    payload_type: str
    signatures: tuple[Any, ...]
    """As the document has them; nothing is read before it is asked who signed."""
    certified: bool = False
    """Whether it has a certificate and no key, as a bundle of Sigstore that was signed without one."""


@dataclass(frozen=True)
class Signer:
    """By which key a document is signed, or why by none of those that count."""

    key: str = ""
    """The path of the key's file; empty if it is not signed by one."""
    why: str = ""
    """What is wrong, and what to do; empty if nothing is."""


def envelope_in(document: Mapping[str, Any], where: str) -> Envelope | None:
    """The envelope that a document is, or that a bundle has; None for any other document.

    Raises EvidenceError for a payload that is not base64.
    """
    inner = mapping(document.get("dsseEnvelope")) or document
    if "payload" not in inner:
        return None
    try:
        payload = _decoded(inner["payload"])
    except ValueError as error:
        raise EvidenceError(f"{where} has a payload that is not base64; write it again", "lineage") from error
    material = mapping(document.get("verificationMaterial"))
    certified = any(key in material for key in ("certificate", "x509CertificateChain"))
    return Envelope(payload, str(inner.get("payloadType") or ""), tuple(listing(inner.get("signatures"))), certified)


def signer_of(envelope: Envelope | None, keys: Sequence[TextBeside], wanted: str = IN_TOTO) -> Signer:
    """By which key a document with a payload of the `wanted` type is signed. The name of a key in it proves nothing.

    Raises MachineError where `cryptography` is not installed, or a key cannot be used.
    """
    verifiers = [(key.path, verifier(key)) for key in keys]
    named = " or ".join(key.path for key in keys)
    if envelope is None:
        return Signer(why=f"it is not signed, and a signature by {named} is required; sign it in a DSSE envelope")
    if envelope.certified:
        said = "it is signed with a certificate of Sigstore and no key, which cannot be verified without its log"
        return Signer(why=f"{said}; sign it with {named}")
    if envelope.payload_type != wanted:
        said = f"its payloadType is `{envelope.payload_type[:80]}`, and `{wanted}` is required"
        return Signer(why=f"{said}; sign it again")
    try:
        given = list(_signatures(envelope))
    except ValueError as error:
        return Signer(why=f"{error}; sign it again")
    signed = _signed(envelope)
    by = [next((path for path, holds in verifiers if holds(signature, signed)), "") for signature in given]
    found = [path for path in by if path]
    if len({*found}) < len(found):
        return Signer(why=f"it has {counted(len(found), 'signature')} of {found[0]}; sign it once with each key")
    if not found:
        said = f"no signature of it is by {named}: another key signed it, or it was changed afterwards"
        return Signer(why=f"{said}; sign it again")
    return Signer(found[0])


def _signatures(envelope: Envelope) -> Iterator[bytes]:
    """The bytes of each signature. Raises ValueError where there is none, or one is not a signature."""
    every = envelope.signatures
    if not every:
        raise ValueError("its envelope has no signatures")
    if len(every) > _MOST:
        raise ValueError(f"its envelope has {len(every)} signatures, and at most {_MOST} are read")
    seen = set()
    for entry in every:
        try:
            found = _decoded(mapping(entry).get("sig"))
        except ValueError as error:
            raise ValueError("it has a signature that is not base64") from error
        if not found:
            raise ValueError("it has an empty signature")
        if found in seen:
            raise ValueError("it has the same signature twice")
        seen.add(found)
        yield found


def _decoded(text: object) -> bytes:
    """The bytes of base64, in the standard or the URL-safe alphabet. Raises ValueError for anything else."""
    try:
        return base64.b64decode(str(text or "").translate(_URL_SAFE), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _signed(envelope: Envelope) -> bytes:
    """What a signature is over: the pre-authentication encoding of type and payload."""
    kind, payload = envelope.payload_type.encode(), envelope.payload
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
