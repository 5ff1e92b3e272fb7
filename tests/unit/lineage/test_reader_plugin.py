"""Somebody else's reader of lineage: one installed file, and the rules judge what it reads."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from support.history import POLICY
from support.newcomer import Newcomer, installed

PLUGIN = """
from mlgate.lineage.graph import MODEL, PARAMETERS, RUN, SHA256, TRAINING, LineageArrow, LineageNode, Pin, recorded
from mlgate.lineage.lineage_reader import LineageReader

ROLES = {"in": TRAINING, "out": MODEL}


def _read(source):
    run = LineageNode("acme:run", "run of acme", (RUN,))
    items = [run]
    for way, name, digest in map(str.split, source.text().splitlines()):
        path = source.from_here(name)
        file = LineageNode(f"file:{path}", path, (ROLES[way],), path, (Pin(SHA256, digest),), (), (source.path,))
        items += [file, LineageArrow(run.id, file.id) if way == "in" else LineageArrow(file.id, run.id)]
    return recorded(items)


READER = LineageReader("acme", "a list of acme", ("acme.txt",), lambda source: source.name == "acme.txt", _read)
"""
CANDIDATE = """\
mlgate: 1
candidate: toy
model: {path: m.bin}
lineage: [{path: acme.txt, format: acme}]
"""
FILES = {"m.bin": "model\n", "train.csv": "x\n1\n"}


def listed(way: str, name: str) -> str:
    return f"{way} {name} {hashlib.sha256(FILES[name].encode()).hexdigest()}\n"


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    """The plugin, and a model whose history only the plugin can read."""
    record = listed("in", "train.csv") + listed("out", "m.bin")
    policy = POLICY.replace('[code, "data:train", "data:evaluation", parameters]', "[data:train]")
    files = {**FILES, "acme.txt": record, "candidate.yaml": CANDIDATE, "policy.yaml": policy}
    found = installed(tmp_path, {"acme": "READER"}, PLUGIN, files, "mlgate.lineage")
    subprocess.run(["git", "init", "-q"], cwd=found.work, check=True, timeout=60)
    return found


def test_what_it_reads_is_recomputed_and_judged(newcomer: Newcomer) -> None:
    verdict = newcomer.verdict()
    said = {outcome["rule"]: (outcome["status"], outcome["message"]) for outcome in verdict["outcomes"]}
    assert {status for status, _ in said.values()} == {"PASS"}, said
    assert verdict["versions"]["others"] == ["acme 1.0"]
    newcomer.edit("train.csv", "1", "2")
    statuses = {outcome["rule"]: outcome["status"] for outcome in newcomer.verdict()["outcomes"]}
    assert statuses == {"complete": "PASS", "verified": "FAIL", "consistent": "PASS"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return recorded(items)", "return items", "TypeError: it gave a list, not a LineageRecord"),
        ("return recorded(items)", "raise SystemExit(0)", "SystemExit: 0"),
        ('source.name == "acme.txt"', "1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_crash_is_an_error_that_names_the_plugin(newcomer: Newcomer, old: str, new: str, said: str) -> None:
    newcomer.edit("acme.py", old, new)
    verdict = newcomer.verdict()
    assert verdict["exit_code"] == 3
    for outcome in verdict["outcomes"]:
        assert outcome["status"] == "ERROR"
        assert "acme.txt: the reader of lineage `acme` crashed in the plugin acme" in outcome["message"]
        assert said in outcome["message"]


def test_it_is_not_loaded_where_no_candidate_names_it(newcomer: Newcomer) -> None:
    newcomer.edit("acme.py", "ROLES =", "raise RuntimeError\nROLES =")
    newcomer.edit("candidate.yaml", "lineage: [{path: acme.txt, format: acme}]", "lineage: [{path: acme.txt}]")
    verdict = newcomer.verdict()
    assert verdict["exit_code"] == 1
    assert "acme.txt is not a source of lineage that mlgate reads" in verdict["outcomes"][0]["message"]


def test_a_format_that_is_misspelt_is_corrected(newcomer: Newcomer) -> None:
    newcomer.edit("candidate.yaml", "format: acme", "format: acmee")
    assert "did you mean `acme`?" in newcomer.verdict()["outcomes"][0]["message"]
