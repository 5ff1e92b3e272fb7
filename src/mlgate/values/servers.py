"""The addresses of servers that may be asked: named by the policy or the caller, and never by a candidate."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

Servers = tuple[tuple[str, str], ...]
"""The address of each server, by what it is: "mlflow"."""
_PLAIN = re.compile(r"[!-~]+")
_LONGEST = 2000


def unfit(address: str) -> str:
    """Why a text cannot be the address of a server, as the end of a message; empty if it can."""
    parts = _parts(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return "is not an address that begins with https:// or http://; correct it"
    if "@" in parts.netloc:
        return "has a user or password in it; set them in the environment, and remove them here"
    if "?" in address or "#" in address:
        return "has more than a host and a folder; remove all from `?` or `#` on"
    return ""


def _parts(address: str) -> SplitResult | None:
    if len(address) > _LONGEST or not _PLAIN.fullmatch(address) or "\\" in address:
        return None
    try:
        found = urlsplit(address)
        return found if found.port != 0 else None
    except ValueError:
        return None


def origin(address: str) -> tuple[str, str, int]:
    """The scheme, host and port of an address; those of no server where it is none."""
    parts = _parts(address)
    if parts is None:
        return "", "", 0
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def on_this_machine(address: str) -> bool:
    """Whether a server is on this machine, so that nobody listens in between."""
    host = origin(address)[1]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
