"""Questions to a server that answers with JSON: bounded in size and time, of one host, and told its secrets alone.

Only reading is asked for. What a person must not see, the token, gets into no message.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from mlgate.values.errors import MachineError
from mlgate.values.json_text import parse
from mlgate.values.servers import on_this_machine, origin

_SECONDS, _LONGEST_ANSWER = 20, 16 << 20
"""How long one answer may take, and the most bytes of it."""
_CHUNK = 1 << 16
_PRINTED = re.compile(r"[ -~]*")
_MISSING = ("RESOURCE_DOES_NOT_EXIST",)


@dataclass(frozen=True)
class Secrets:
    """The names of the environment's variables that say who asks."""

    user: str
    password: str
    token: str

    def header(self, address: str) -> Mapping[str, str]:
        """The header that says who asks; empty where nobody is named.

        Raises MachineError where it could be overheard, or cannot be sent.
        """
        user, password, token = (os.environ.get(name, "") for name in (self.user, self.password, self.token))
        if not (token or (user and password)):
            return {}
        if origin(address)[0] == "http" and not on_this_machine(address):
            name = self.user if user and password else self.token
            raise MachineError(f"{name} is set, and {address} would send it unencrypted; use https, or unset it")
        for name, value in ((self.user, user), (self.password, password), (self.token, token)):
            if not _PRINTED.fullmatch(value):
                raise MachineError(f"{name} has signs that cannot be sent, such as a line end; set it again")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {basic}" if user and password else f"Bearer {token}"}


class _SameHost(HTTPRedirectHandler):
    """Follows a redirect on one host: a secret is for that host, and no other was named."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if origin(newurl) != origin(req.full_url):
            fp.close()
            host = "://".join(map(str, origin(newurl)[:2])) if origin(newurl)[0] else "another place"
            raise MachineError(f"{_shown(req)} leads on to {host}, which nobody named; name the address it leads to")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(frozen=True)
class RestServer:
    """A server that may be asked."""

    address: str
    secrets: Secrets
    what: str
    """What it must be: "a tracking server of MLflow 3"."""

    def get(self, path: str, **query: str) -> Mapping[str, Any] | None:
        """The answer about something; None where the server has no such thing. Raises MachineError otherwise."""
        return self._answer(Request(f"{self._url(path)}?{urlencode(query)}" if query else self._url(path)))

    def search(self, path: str, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a search. Raises MachineError where there is none."""
        body = json.dumps(wanted).encode()
        found = self._answer(Request(self._url(path), body, {"Content-Type": "application/json"}))
        if found is None:
            raise self._not_one("it has nothing that can be searched")
        return found

    def _url(self, path: str) -> str:
        return f"{self.address.rstrip('/')}/{quote(path)}"

    def _answer(self, request: Request) -> Mapping[str, Any] | None:
        for name, value in self.secrets.header(self.address).items():
            request.add_unredirected_header(name, value)
        try:
            with _opener(self.address).open(request, timeout=_SECONDS) as opened:
                return self._parsed(self._bounded(opened))
        except HTTPError as error:
            with error:
                self._refuse(error)
            return None
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            said = f"{self.address} cannot be reached: {str(reason)[:200]}"
            raise MachineError(f"{said}; check the address in `servers` or `--server`, and the network") from error

    def _bounded(self, opened: Any) -> bytes:
        """The bytes of an answer. A server that answers without end, or a byte a second, is given up."""
        until, found = time.monotonic() + _SECONDS, bytearray()
        while chunk := opened.read1(_CHUNK):
            found += chunk
            if len(found) > _LONGEST_ANSWER:
                raise self._not_one(f"an answer has more than {_LONGEST_ANSWER >> 20} MiB")
            if time.monotonic() > until:
                raise TimeoutError(f"an answer takes more than {_SECONDS} seconds")
        return bytes(found)

    def _parsed(self, raw: bytes) -> Mapping[str, Any]:
        try:
            found = parse(raw.decode())
        except ValueError as error:
            raise self._not_one("an answer is not JSON") from error
        if not isinstance(found, dict):
            raise self._not_one("an answer is not an object of JSON")
        return found

    def _refuse(self, error: HTTPError) -> None:
        """Raise MachineError for an answer that is an error, unless it says that the server has no such thing."""
        if error.code in (401, 403):
            said = f"{self.address} refuses access ({error.code})"
            raise MachineError(f"{said}; set {self.secrets.token}, or {self.secrets.user} and {self.secrets.password}")
        try:
            told = self._parsed(self._bounded(error))
        except (MachineError, OSError, HTTPException):
            told = {}
        if told.get("error_code") in _MISSING or (error.code == 400 and "not found" in str(told.get("message"))):
            return
        if not told and error.code == 404:
            raise self._not_one("it answers 404")
        raise MachineError(f"{self.address} answers with error {error.code}; try again, or look at the server's log")

    def _not_one(self, why: str) -> MachineError:
        return MachineError(f"{self.address} is not {self.what}: {why}; correct the address")


def _opener(address: str) -> OpenerDirector:
    """What opens addresses: through the machine's proxies, unless the server is on this machine."""
    proxies = [ProxyHandler({})] if on_this_machine(address) else []
    return build_opener(_SameHost, *proxies)


def _shown(request: Request) -> str:
    scheme, host, port = origin(request.full_url)
    return f"{scheme}://{host}:{port}"
