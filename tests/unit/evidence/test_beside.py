"""Digests are read beside the scans: both go on at the same time, and neither hides what the other finds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mlgate.evidence.beside import BesideEngine
from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach
from support.recording import Recording

PATIENCE = 20
"""Seconds after which a thread that waits for another gives up."""


@dataclass(frozen=True)
class Meeting(Need):
    """Is answered once a scan has begun, which in turn waits for this question."""

    name = "meeting"
    beside = True

    def answer(self, tables: OpenTables) -> bool:
        """Whether the scan began while this was being answered."""
        engine: Any = tables.engine
        engine.meeting.set()
        return bool(engine.scanning.wait(PATIENCE))


class Meets(Recording):
    """An engine whose scans wait until a question beside them is being answered."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self.meeting, self.scanning, self.met = Event(), Event(), False

    def query(self, sql: str) -> Any:
        self.scanning.set()
        self.met = self.meeting.wait(PATIENCE)
        return super().query(sql)


class Writes(Recording):
    """An engine that writes to a file while it scans."""

    def __init__(self, path: Path) -> None:
        super().__init__(threads=1)
        self.path = path

    def query(self, sql: str) -> Any:
        self.path.write_text("a\n2\n2\n")
        return super().query(sql)


class Interrupted(Recording):
    """An engine that is interrupted while it scans."""

    def query(self, sql: str) -> Any:
        raise KeyboardInterrupt


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a\n1\n")
    return path


def opened(engine: Recording, path: Path) -> OpenEvidence:
    return OpenEvidence(engine, {"t": FileSource(path.name, path.parent)}, Reach.of(path.parent))


def test_a_question_beside_the_engine_is_answered_during_the_scans(rows: Path) -> None:
    engine = Meets()
    facts = opened(engine, rows).measure([Meeting(), Counts("t")])
    assert (facts[Meeting()], engine.met, facts[Counts("t")].cells[0].n) == (True, True, 1)


def test_a_file_that_is_written_to_during_the_scans_is_caught(rows: Path) -> None:
    facts = opened(Writes(rows), rows).measure([Digest("data", "rows.csv"), Counts("t")])
    with pytest.raises(EvidenceError, match=r"rows\.csv changed while it was read"):
        facts[Counts("t")]


def test_what_goes_wrong_beside_the_engine_is_the_answer_of_its_question_alone(rows: Path) -> None:
    facts = opened(Recording(threads=1), rows).measure([Digest("m", "gone.onnx"), Counts("t"), Digest("d", "rows.csv")])
    assert facts[Counts("t")].cells[0].n == 1
    assert facts[Digest("d", "rows.csv")].size == 4
    with pytest.raises(EvidenceError, match=r"gone\.onnx: no such file"):
        facts[Digest("m", "gone.onnx")]


def test_an_interrupt_of_a_scan_reaches_the_caller(rows: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        opened(Interrupted(threads=1), rows).measure([Digest("d", "rows.csv"), Counts("t")])


def test_an_interrupt_does_not_wait_for_what_is_read_beside_the_engine() -> None:
    first, second = Digest("d", "first"), Digest("d", "second")
    begun, answered, go_on = [], Event(), Event()

    def answer(need: Need) -> None:
        begun.append(need)
        go_on.wait(PATIENCE)
        answered.set()

    beside = BesideEngine(answer)
    beside.begin([first, second])
    beside.end()
    assert not answered.is_set()
    go_on.set()
    assert answered.wait(PATIENCE)
    assert begun == [first]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_answer_is_no_pass() -> None:
    """A thread that ends without an answer is an error, and not a fact that is missing unnoticed."""

    def answer(need: Need) -> None:
        raise SystemExit

    beside = BesideEngine(answer)
    beside.begin([Digest("d", "rows.csv")])
    with pytest.raises(KeyError):
        beside.found([Digest("d", "rows.csv")])


def test_a_need_is_answered_once_however_often_it_is_begun() -> None:
    first, second, asked = Digest("d", "first"), Digest("d", "second"), []
    beside = BesideEngine(lambda need: asked.append(need) or len(asked))
    beside.begin([first])
    beside.begin([second, first, second])
    assert beside.found([second, first]) == {first: 1, second: 2}
    assert asked == [first, second]


def test_a_file_that_changes_between_its_digest_and_the_opening_of_its_table_is_caught(rows: Path) -> None:
    """The digest is of the bytes before, and the scan reads those after."""
    evidence, need = opened(Recording(threads=1), rows), Digest("data", "rows.csv")
    evidence.begin([need])
    size = evidence._beside.found([need])[need].size
    rows.write_text("a\n1\n2\n")
    facts = evidence.measure([need, Counts("t")])
    assert (size, facts[Counts("t")].cells[0].n) == (4, 2)
    with pytest.raises(EvidenceError, match=r"rows\.csv changed while it was read"):
        facts[need]


def test_a_digest_that_is_begun_is_that_of_the_file(rows: Path) -> None:
    evidence, need = opened(Recording(threads=1), rows), Digest("data", "rows.csv")
    evidence.begin([need])
    facts = evidence.measure([need, Counts("t")])
    assert facts[need].sha256 == hashlib.sha256(rows.read_bytes()).hexdigest()


def test_the_digest_of_a_folder_is_not_begun_before_its_table_is_open(tmp_path: Path) -> None:
    """A file that is added before the table is opened would be scanned, and not be in the digest."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.csv").write_text("a\n1\n")
    need = Digest("data", "parts")
    evidence = OpenEvidence(Recording(threads=1), {}, Reach.of(tmp_path))
    evidence.begin([need])
    (tmp_path / "parts" / "b.csv").write_text("a\n2\n")
    assert evidence.measure([need])[need].size == 8
