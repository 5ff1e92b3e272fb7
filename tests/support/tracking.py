"""A tracking server of MLflow that gives recorded answers, in a thread."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.history import ARTEFACTS

RUN = "0e8d6660d5284fbc95ff9070ef4bc0e5"
MODEL = "m-dfabec9a1a55472d94b2bcfa4fe6d3db"
API = "/api/2.0/mlflow/"
RECORDED = {
    name: json.loads((ARTEFACTS / "mlflow-rest" / f"{name}.json").read_text())
    for name in ("alias", "experiment", "logged-model", "run-missing", "runs-get")
}


class Tracking:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        recorded = copy.deepcopy(RECORDED)
        self.run: dict[str, Any] = recorded["runs-get"]["run"]
        self.model: dict[str, Any] = recorded["logged-model"]["model"]
        self.experiment: dict[str, Any] = recorded["experiment"]["experiment"]
        self.version: dict[str, Any] = recorded["alias"]["model_version"]
        self.raw: dict[str, tuple[int, dict[str, str], bytes]] = {}
        """Other answers by their path: status, headers and bytes."""
        self.page_size = 100
        self.models = [self.model]
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Path and headers of each request."""
        self.address = ""

    def tag(self, key: str, value: str) -> None:
        """Let the run have a tag."""
        self.run["data"]["tags"] = [each for each in self.run["data"]["tags"] if each["key"] != key]
        self.run["data"]["tags"].append({"key": key, "value": value})

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """The answer to one request."""
        if path in self.raw:
            return self.raw[path]
        known = {
            "runs/get": ("run_id", RUN, {"run": self.run}),
            "experiments/get": ("experiment_id", "1", {"experiment": self.experiment}),
            "model-versions/get": ("version", self.version["version"], {"model_version": self.version}),
            "registered-models/alias": ("alias", "champion", {"model_version": self.version}),
            f"logged-models/{MODEL}": ("", "", {"model": self.model}),
        }
        if path == "logged-models/search":
            at = int(body.get("page_token", "0"))
            found: dict[str, Any] = {"models": self.models[at : at + self.page_size]}
            if at + self.page_size < len(self.models):
                found["next_page_token"] = str(at + self.page_size)
            return _json(200, found)
        key, wanted, answer = known.get(path, ("nothing", "", {}))
        if path == "registered-models/alias" and query.get("alias") != "champion":
            said = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Registered model alias x not found."}
            return _json(400, said)
        return _json(200, answer) if query.get(key, "") == wanted else _json(404, RECORDED["run-missing"])


def _json(status: int, answer: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()


@contextmanager
def tracking_server() -> Iterator[Tracking]:
    """The server, on a port of this machine."""
    told = Tracking()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: dict[str, Any]) -> None:
            parts = urlsplit(self.path)
            told.asked.append((parts.path, dict(self.headers)))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            status, headers, raw = told.answer(parts.path.partition(API)[2], query, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - as the base class calls it
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
