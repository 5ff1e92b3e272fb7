"""Rules about a model's files and its cost, through the command line: each changed fact fails the rule about it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run

DATA = Path(__file__).parent / "data"
SAFE = "check: operations.artifact, formats: [onnx, json], max_size: 20 kB"
CHEAP = (
    "check: operations.cost, of: inference, from: costs, name: serving.cost, unit: EUR per 1000 requests, "
    "unit_name: serving.unit, source_name: serving.source, time: serving.at, at_most_days: 30, at_most: 0.05"
)
POLICY = f"mlgate: 1\npolicy: gate\nowner: o\nrules:\n  - {{id: safe, {SAFE}}}\n  - {{id: cheap, {CHEAP}}}\n"
CANDIDATE = "mlgate: 1\ncandidate: churn\nmodel: {path: model}\nreports: {costs: costs.json}\n"


class Service:
    """A workspace with a model in a folder, its cost, and what the gate says of them."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        Path("model").mkdir()
        Path("policies").mkdir()
        shutil.copy(DATA / "models" / "trees.onnx", "model/model.onnx")
        Path("model/config.json").write_text('{"threshold": 0.5}')
        shutil.copy(DATA / "costs.json", "costs.json")
        Path("policies/gate.yaml").write_text(POLICY)
        Path("candidate.yaml").write_text(CANDIDATE)

    def edit(self, name: str, old: str, new: str) -> None:
        text = Path(name).read_text()
        assert text.count(old) == 1
        Path(name).write_text(text.replace(old, new))

    def judged(self) -> dict[str, Any]:
        """The outcomes by rule."""
        code = run(["check", "--as-of", "2026-11-30", "--report", "json=verdict.json"])
        said = "".join(self.capsys.readouterr())
        assert "Traceback" not in said
        assert code in (0, 1), said
        return {each["rule"]: each for each in json.loads(Path("verdict.json").read_text())["verdicts"][0]["outcomes"]}

    def statuses(self) -> dict[str, str]:
        return {rule: outcome["status"] for rule, outcome in self.judged().items()}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Service:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Service(capsys)


def test_a_model_of_an_allowed_format_and_a_cost_within_its_bound_pass(service: Service) -> None:
    outcomes = service.judged()
    assert {rule: outcome["status"] for rule, outcome in outcomes.items()} == {"safe": "PASS", "cheap": "PASS"}
    said = [finding["message"] for finding in outcomes["safe"]["findings"]]
    assert said == [
        "model/config.json is json, 18 bytes",
        "model/model.onnx is onnx, 17,596 bytes",
        "all files have 17,614 bytes, at most 20,000",
    ]
    assert "cost of inference in EUR per 1000 requests" in outcomes["cheap"]["message"]
    assert "from invoice 2026-11, 10 days old" in json.dumps(outcomes["cheap"])
    assert "reported, not measured" in outcomes["cheap"]["message"]
    assert outcomes["cheap"]["findings"][0]["rows"] is None


def _swap(raw: bytes) -> Callable[[Service], None]:
    return lambda _: Path("model/model.onnx").write_bytes(raw) and None


def _cost(old: str, new: str) -> Callable[[Service], None]:
    return lambda service: service.edit("costs.json", old, new)


ONNX = (DATA / "models" / "trees.onnx").read_bytes()
MUTATIONS: dict[str, tuple[Callable[[Service], None], str, str, str]] = {
    "a pickle under the name of the model": (_swap(pickle.dumps(print)), "safe", "FAIL", "is a pickle"),
    "another format": (
        lambda _: shutil.copy(DATA / "models" / "trees.cbm", "model/model.onnx") and None,
        "safe",
        "FAIL",
        "is `catboost`, and allowed are onnx, json",
    ),
    "a model that is cut off": (_swap(ONNX[:-1]), "safe", "ERROR", "is of no format that mlgate knows"),
    "a file more": (lambda _: Path("model/run.py").write_text("run()") and None, "safe", "FAIL", "text of a program"),
    "an array more": (
        lambda _: shutil.copy(DATA / "models" / "weights.safetensors", "model/w") and None,
        "safe",
        "FAIL",
        "is `safetensors`, and allowed are",
    ),
    "more bytes": (
        lambda _: Path("model/more.json").write_text(json.dumps(["x" * 9_000])) and None,
        "safe",
        "FAIL",
        "more than the 20,000 allowed; make the model smaller",
    ),
    "a link out of the workspace": (
        lambda _: os.symlink("/etc/hostname", "model/more"),
        "safe",
        "ERROR",
        "is a link out of the workspace",
    ),
    "a pipe": (lambda _: os.mkfifo("model/pipe"), "safe", "ERROR", "is not an ordinary file"),
    "no model": (
        lambda service: service.edit("candidate.yaml", "model: {path: model}\n", ""),
        "safe",
        "ERROR",
        "names no",
    ),
    "no files": (lambda _: shutil.rmtree("model"), "safe", "ERROR", "no such file"),
    "a folder without files": (
        lambda _: [path.unlink() for path in Path("model").iterdir()] and None,
        "safe",
        "ERROR",
        "has 0 files, and from 1 to 10,000 are judged",
    ),
    "a higher cost": (_cost("0.031,", "0.051,"), "cheap", "FAIL", "> 0.05"),
    "another unit": (_cost('"EUR per', '"USD per'), "cheap", "ERROR", "states serving.cost in `USD per 1000 requests`"),
    "no unit": (_cost('"unit"', '"units"'), "cheap", "ERROR", "has no `serving.unit`"),
    "a cost below nothing": (_cost("0.031,\n", "-1,\n"), "cheap", "ERROR", "a cost is not negative"),
    "no number": (_cost("0.031,\n", "NaN,\n"), "cheap", "ERROR", "not a finite number"),
    "a text": (_cost("0.031,\n", '"0.031",\n'), "cheap", "ERROR", "in quotes, not a finite number"),
    "a name twice": (_cost('"old":', '"cost":'), "cheap", "ERROR", "2 values of `serving.cost`"),
    "no source": (_cost('"invoice 2026-11"', '" "'), "cheap", "ERROR", "states no source"),
    "a source that is null": (_cost('"invoice 2026-11"', "null"), "cheap", "ERROR", "states no source"),
    "a figure that is old": (_cost("2026-11-20T", "2026-10-20T"), "cheap", "ERROR", "is 41 days old, and at most 30"),
    "a figure of tomorrow": (_cost("2026-11-20T", "2026-12-01T"), "cheap", "ERROR", "later than 2026-11-30"),
    "a time without a zone": (_cost("11-20T10:00:00Z", "11-20T10:00:00"), "cheap", "ERROR", "time with its zone"),
    "a time before all times": (_cost("2026-11-20T10:00:00Z", "0001-01-01T00:00:00+10:00"), "cheap", "ERROR", "zone"),
    "no file": (lambda _: os.remove("costs.json"), "cheap", "ERROR", "no such file"),
    "a file cut off": (
        lambda _: Path("costs.json").write_text('{"serving": {"cost": 0.0') and None,
        "cheap",
        "ERROR",
        "not JSON",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_fact_fails_the_rule_about_it_and_no_other(service: Service, name: str) -> None:
    change, rule, status, said = MUTATIONS[name]
    change(service)
    outcomes = service.judged()
    outcomes.pop("inputs", None)  # the digest of what cannot be read
    assert {each: outcome["status"] for each, outcome in outcomes.items()} == {
        **dict.fromkeys(("safe", "cheap"), "PASS"),
        rule: status,
    }
    assert said in json.dumps(outcomes[rule], ensure_ascii=False)


@pytest.mark.parametrize("day", ["2026-11-30T23:59:59Z", "2026-10-31T00:00:00Z", "2026-12-01T01:00:00+02:00"])
def test_a_figure_of_today_and_of_the_last_day_allowed_counts(service: Service, day: str) -> None:
    service.edit("costs.json", "2026-11-20T10:00:00Z", day)
    assert service.statuses()["cheap"] == "PASS"


def test_a_policy_can_allow_code_and_the_parts_of_an_allowed_format_need_no_format_of_their_own(
    service: Service,
) -> None:
    with zipfile.ZipFile("model/model.onnx", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps(print))
        archive.writestr("a/data/0", bytes(64))
    service.edit("policies/gate.yaml", "formats: [onnx, json]", "formats: [torch, json]")
    assert service.statuses()["safe"] == "FAIL"
    service.edit("policies/gate.yaml", "20 kB", "20 kB, code: allow")
    assert service.statuses()["safe"] == "PASS"
    shutil.copy("model/model.onnx", "model/inner.pt")
    with zipfile.ZipFile("model/model.onnx", "w") as archive:
        archive.write("model/inner.pt", "inner.pt")
    os.remove("model/inner.pt")
    assert "is `zip`, and allowed are torch, json" in json.dumps(service.judged()["safe"])


def test_files_of_just_the_most_bytes_allowed_pass(service: Service) -> None:
    service.edit("policies/gate.yaml", "20 kB", "17614")
    assert service.statuses()["safe"] == "PASS"
    service.edit("policies/gate.yaml", "17614", "17613")
    assert service.statuses()["safe"] == "FAIL"


def test_what_costs_nothing_is_within_a_bound_of_nothing(service: Service) -> None:
    service.edit("costs.json", "0.031,", "0,")
    service.edit("policies/gate.yaml", "at_most: 0.05", "at_most: 0")
    assert service.statuses()["cheap"] == "PASS"


def test_a_policy_can_accept_what_mlgate_does_not_know(service: Service) -> None:
    Path("model/engine.plan").write_bytes(b"\xff\xfe\xfd" * 9)
    assert service.statuses()["safe"] == "ERROR"
    service.edit("policies/gate.yaml", "[onnx, json]", "[onnx, json, unknown]")
    assert service.statuses()["safe"] == "PASS"


def test_without_a_list_every_known_format_may_be_there(service: Service) -> None:
    service.edit("policies/gate.yaml", "formats: [onnx, json], ", "")
    shutil.copy(DATA / "models" / "weights.safetensors", "model/w")
    assert service.statuses()["safe"] == "PASS"
    Path("model/more").write_bytes(b"\xff\xfe\xfd" * 9)
    assert service.statuses()["safe"] == "ERROR"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[onnx, json]", "[onnix]", "names `onnix`, which is not a format, did you mean `onnx`?"),
        ("[onnx, json]", "[.onnx]", "names `.onnx`, which is not a format"),
        ("20 kB", "20 KB", "must be a whole number of bytes"),
        ("20 kB", "0", "must be a whole number of bytes"),
        ("20 kB", "1.5 GB", "must be a whole number of bytes"),
        ("20 kB", "20 kB, code: maybe", "must be one of refuse, allow"),
        ("20 kB", "20 kB, at_most: 3", "takes no bound"),
        ("at_most: 0.05", "at_least: 0.05", "a cost must be `at_most` so much"),
        ("at_most: 0.05", "at_most: -1", "a cost is not below 0"),
        ("at_most_days: 30, ", "", "missing key `at_most_days`"),
        ("unit_name: serving.unit, ", "", "missing key `unit_name`"),
        ("at_most: 0.05", "at_most: 0.05, proof: shown", "cannot be `shown`, because a reported value has no rows"),
    ],
)
def test_a_rule_that_is_wrong_is_refused(service: Service, old: str, new: str, said: str) -> None:
    service.edit("policies/gate.yaml", old, new)
    assert run(["lint"]) == 2
    assert said in "".join(service.capsys.readouterr())


def test_what_was_measured_elsewhere_is_judged_alike(service: Service) -> None:
    assert run(["measure", "--output", "facts.json"]) == 0
    service.capsys.readouterr()
    arguments = ["check", "--as-of", "2026-11-30", "--facts", "facts.json", "--report", "json=verdict.json"]
    assert run(arguments) == 0
