"""Histories as pictures and as an ML-BOM: valid documents, in which nothing that a source calls a thing does harm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mlgate.cli.main import run
from mlgate.lineage.formats.ml_bom import ml_bom
from mlgate.lineage.formats.svg import MOST_DRAWN, svg
from mlgate.lineage.graph import (
    BASE_MODEL,
    CODE,
    COMMIT,
    DATA,
    MD5,
    MODEL,
    RUN,
    SHA256,
    TRAINING,
    LineageArrow,
    LineageGraph,
    LineageNode,
    Pin,
)
from mlgate.lineage.lineage_format import lineage_formats
from support.history import DVC, History, workspace

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert(1)</script>" onload="x" \x1b[31m\n::error::\u202e\ufffe\ud800 &amp; ]]>'


@pytest.fixture
def dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "dvc", DVC, capsys)
    found.commit()
    return found


def printed(history: History, form: str) -> str:
    history.capsys.readouterr()
    assert run(["lineage", "--format", form]) == 0
    return history.capsys.readouterr().out


def test_every_file_of_the_folder_is_a_format() -> None:
    assert [*lineage_formats()] == ["text", "cyclonedx", "json", "mermaid", "svg"]


def test_a_document_is_of_one_candidate(dvc: History) -> None:
    (dvc.folder / "more").mkdir()
    (dvc.folder / "more" / "candidate.yaml").write_text("mlgate: 1\ncandidate: more\nmodel: {path: m.bin}\n")
    for form in ("svg", "json", "cyclonedx"):
        dvc.capsys.readouterr()
        assert run(["lineage", "--format", form, "."]) == 2
        assert "is one document, and there are 2 candidates" in " ".join(dvc.capsys.readouterr().err.split())


def test_a_picture_says_each_state_by_shape_sign_and_word(dvc: History) -> None:
    dvc.edit("params.yaml", "seed: 7", "seed: 8")
    drawn = ElementTree.fromstring(printed(dvc, "svg"))
    groups = {str(of.findtext(f"{SVG}title")): of for of in drawn.iter(f"{SVG}g") if of.find(f"{SVG}title") is not None}
    assert len(groups) == 14
    (name,) = (name for name in groups if name.startswith("parameters of params.yaml"))
    assert "contradicted. seed was 7, and params.yaml says 8" in name
    wrong, right = groups[name], next(of for name, of in groups.items() if name.startswith("train.py. code. verified"))
    assert (wrong.get("class"), right.get("class")) == ("contradicted", "verified")
    assert (wrong[1].tag, right[1].tag) == (f"{SVG}polygon", f"{SVG}rect")
    assert wrong[2].get("d") != right[2].get("d")
    assert [text.text for text in wrong.iter(f"{SVG}text")] == [
        "parameters of params.yaml",
        "contradicted · parameters",
    ]
    assert drawn.findtext(f"{SVG}desc") == (
        "11 things: 10 verified, 0 unverified, 1 contradicted, 0 missing. "
        "parameters of params.yaml is contradicted: seed was 7, and params.yaml says 8."
    )


def test_a_picture_is_one_file_without_programs_and_addresses(dvc: History) -> None:
    text = printed(dvc, "svg")
    drawn = ElementTree.fromstring(text)
    ids = {of.get("id"): of.tag.removeprefix(SVG) for of in drawn.iter() if of.get("id")}
    assert ids[drawn.get("aria-labelledby")] == "title"
    assert ids[drawn.get("aria-describedby")] == "desc"
    assert {of.tag.removeprefix(SVG) for of in drawn.iter()} == {
        "svg", "title", "desc", "style", "defs", "marker", "path", "polygon", "rect", "text", "g",
    }  # fmt: skip
    names = {name for of in drawn.iter() for name in of.attrib}
    assert not [name for name in names if name.startswith("on") or "href" in name or name == "style"]
    assert "prefers-color-scheme:dark" in text
    assert re.findall(r"https?://\S+?(?=\")", text) == ["http://www.w3.org/2000/svg"]
    assert "url(http" not in text
    assert text == printed(dvc, "svg")


def hostile() -> LineageGraph:
    """A history whose every text is hostile."""
    of = LineageNode("a", HOSTILE, (MODEL,), HOSTILE, (Pin(SHA256, HOSTILE),), (HOSTILE,), (HOSTILE,), why=HOSTILE)
    made = LineageNode("b", HOSTILE, (RUN,), "", (), (HOSTILE,), (HOSTILE,), HOSTILE, HOSTILE)
    return LineageGraph("a", (of, made), (LineageArrow("a", "b"),), (HOSTILE,), (HOSTILE,))


def test_a_name_is_no_part_of_a_picture() -> None:
    text = svg(hostile())
    drawn = ElementTree.fromstring(text)
    assert "<script" not in text
    assert not [of for of in drawn.iter() if of.get("onload")]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ufffe\ud800]", text)
    assert not [line for line in text.splitlines() if line.startswith("::")]


def long_history(number: int) -> LineageGraph:
    runs = [LineageNode("r", "r", (RUN,)), *(LineageNode(f"d{at}", f"d{at}", (DATA,)) for at in range(number))]
    arrows = [LineageArrow("m", "r"), *(LineageArrow("r", f"d{at}") for at in range(number))]
    return LineageGraph("m", (LineageNode("m", "m", (MODEL,)), *runs), tuple(arrows))


def test_of_a_long_history_the_nearest_things_are_drawn() -> None:
    text = svg(long_history(3000))
    assert text.count('<g class="') == MOST_DRAWN + 5
    assert f"{3002 - MOST_DRAWN:,} things further from the model are not drawn" in text


def test_a_circle_is_drawn() -> None:
    nodes = (LineageNode("m", "m", (MODEL,)), LineageNode("d", "d", (DATA,)), LineageNode("e", "e", (DATA,)))
    arrows = [("m", "d"), ("d", "e"), ("e", "m"), ("d", "d"), ("e", "d"), ("m", "nobody")]
    graph = LineageGraph("m", nodes, tuple(LineageArrow(*pair) for pair in arrows))
    assert ElementTree.fromstring(svg(graph)).tag == f"{SVG}svg"
    ml_bom(graph)


def test_a_long_name_keeps_its_ends() -> None:
    name = "models/" + "数据" * 40 + "/final.bin"
    text = svg(LineageGraph("m", (LineageNode("m", name, (MODEL,)),), ()))
    (shown,) = re.findall(r'class="name" x="60" y="80">([^<]*)<', text)
    assert shown.startswith("models/数")
    assert shown.endswith("/final.bin")
    assert len(shown) <= 26


@pytest.fixture
def valid() -> Any:
    """The strict validator of CycloneDX 1.6."""
    pytest.importorskip("cyclonedx", reason="the official schema of CycloneDX comes with `cyclonedx-python-lib`")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6)

    def check(text: str) -> None:
        assert validator.validate_str(text) is None

    return check


def test_an_ml_bom_is_valid(dvc: History, valid: Any) -> None:
    text = printed(dvc, "cyclonedx")
    valid(text)
    assert text == printed(dvc, "cyclonedx")


def test_an_ml_bom_of_anything_is_valid(valid: Any) -> None:
    text = ml_bom(hostile()).encode("utf-8", "backslashreplace").decode()
    valid(text.replace("\\ud800", ""))
    base = LineageNode(
        "b", "base", (BASE_MODEL,), "", (Pin(SHA256, "1" * 64), Pin(SHA256, "2" * 64)), licences=("MIT",)
    )
    code = LineageNode("c", "commit", (CODE,), "", (Pin(COMMIT, "3" * 40),), tree="clean")
    part = LineageNode("d", "data", (TRAINING,), "d", (Pin(MD5, "4" * 32),), content="5" * 64, state="verified")
    times = LineageNode("r", "run", (RUN,), started="yesterday", ended="2026-11-30T00:57:00Z", by="dev")
    arrows = (LineageArrow("m", "r"), *(LineageArrow("r", name) for name in "bcd"), LineageArrow("d", "b"))
    graph = LineageGraph("m", (LineageNode("m", "m", (MODEL,)), base, code, part, times), arrows)
    text = ml_bom(graph)
    valid(text)
    valid(ml_bom(long_history(300)))
    document = json.loads(text)
    assert document["metadata"]["component"]["pedigree"]["commits"] == [{"uid": "3" * 40}]
    (workflow,) = document["formulation"][0]["workflows"]
    assert "timeStart" not in workflow
    (data,) = (of for of in document["components"] if of["name"] == "data")
    assert [of["alg"] for of in data["hashes"]] == ["MD5", "SHA-256"]


def reread(history: History, change: Any = None) -> None:
    """Put what is exported in place of what it was made of."""
    document = json.loads(printed(history, "cyclonedx"))
    if change:
        change(document)
    (history.folder / "dvc.lock").unlink()
    (history.folder / "bom.json").write_text(json.dumps(document))
    history.edit("policy.yaml", "lineage.verified", "lineage.verified, accept_unverified: [parameters]")


def test_an_ml_bom_is_read_as_what_it_was_made_of(dvc: History) -> None:
    before = json.loads(printed(dvc, "json"))
    reread(dvc)
    after = json.loads(printed(dvc, "json"))

    def told(graph: Any) -> Any:
        things = [of for of in graph["nodes"] if of["roles"] != ["run"] and not of["name"].startswith("parameters")]
        return {of["path"]: (sorted(of["roles"]), of["state"]) for of in things}

    assert told(after) == told(before)
    judged = dvc.judge()
    assert judged.failing == set(), judged.said()


def swap(document: Any, old: str, new: str) -> None:
    assert old in json.dumps(document)
    text = json.dumps(document).replace(old, new)
    document.clear()
    document.update(json.loads(text))


CHANGES: dict[str, tuple[str, str, set[str], str]] = {
    "another digest of the training data": (
        "324d1a11ba27", "0" * 12, {"verified"}, "data/split/train.csv is contradicted"
    ),
    "another digest of the code": ("39b2d7b4de73", "0" * 12, {"verified"}, "train.py is contradicted"),
    "another model": ("1a2aefb8dbd3", "0" * 12, {"complete", "verified", "consistent"}, "no source knows how"),
    "a run that reads what nobody describes": (
        '"inputs": [{"resource": {"ref": "', '"inputs": [{"resource": {"ref": "nothing-',
        {"complete", "verified", "consistent"}, "does not describe it",
    ),
    "a part of a digest": ('"content": "39b2d7b4de73', '"content": "', {"verified"}, "is not a whole md5"),
    "a state that is claimed": ('"value": "verified"', '"value": "contradicted"', set(), ""),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_an_ml_bom_fails_the_rule_that_is_about_it_and_no_other(dvc: History, what: str) -> None:
    old, new, failing, said = CHANGES[what]
    reread(dvc, lambda document: swap(document, old, new))
    judged = dvc.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said()


WRONG: dict[str, Any] = {
    "formulation": [7, "x", {}, [[]], [{"workflows": 3}], [{"workflows": [7, None]}]],
    "components": [7, {"a": 1}, [None, 7, "x"]],
    "dependencies": [7, [7]],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, every in WRONG.items() for value in every])
def test_other_types_than_expected_are_no_crash(dvc: History, key: str, value: Any) -> None:
    reread(dvc, lambda document: document.__setitem__(key, value))
    judged = dvc.judge()
    assert "crashed" not in judged.said()
    if key != "dependencies":
        assert judged.failing
