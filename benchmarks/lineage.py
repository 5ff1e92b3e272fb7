"""How fast histories are recomputed and judged, beside `sha256sum` and beside one thread.

    python benchmarks/lineage.py [--gib 2] [--files 64] [--nodes 10000]

Needs what `make bench` installs, `sha256sum` and as much disk again as the file has. What is compared is measured in
turns, and the least of some times counts: wall time, and the processor time of all threads. Files are made of random
bytes and kept in benchmarks/out/.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from side_by_side import OUT

from mlgate.candidate.lineage_sources import LineageKeys
from mlgate.candidate.presented import Candidate, ModelFile
from mlgate.checks.lineage.complete import LineageComplete
from mlgate.checks.lineage.consistent import LineageConsistent
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.lineage.verified import LineageVerified
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.lineage.graph import (
    CODE,
    COMMIT,
    DATA,
    ENVIRONMENT,
    EVALUATION_DATA,
    MD5,
    MODEL,
    PARAMETERS,
    RUN,
    SHA256,
    TRAINING,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    recorded,
)

CHUNK = 1 << 24
TURNS = 30
Action = Callable[[], Any]


def filled(path: Path, size: int) -> Path:
    """A file of random bytes, made when it is not there."""
    if not path.exists() or path.stat().st_size != size:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for at in range(0, size, CHUNK):
                out.write(os.urandom(min(CHUNK, size - at)))
    return path


def measured(action: Action) -> tuple[float, float]:
    """Wall time, and the processor time of all threads and of programs that were run."""

    def busy() -> float:
        used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(each.ru_utime + each.ru_stime for each in used)

    began, worked = time.perf_counter(), busy()
    action()
    return time.perf_counter() - began, busy() - worked


def table(title: str, lines: dict[str, Action], beside: str, turns: int = TURNS) -> None:
    """Print what some actions took, measured in turns, and their ratio to one of them."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in lines}
    for _ in range(turns):
        for name, action in lines.items():
            found[name].append(measured(action))
    least = {name: tuple(map(min, zip(*times, strict=True))) for name, times in found.items()}
    print(f"\n{title}\n{'':44}{'seconds':>9}{'CPU s':>9}  ratio, and of CPU time")
    for name, (wall, busy) in least.items():
        other = least[beside]
        ratio = "" if name == beside else f"{wall / other[0]:7.2f} {busy / other[1]:7.2f} x {beside}"
        print(f"{name:44}{wall:9.2f}{busy:9.2f}{ratio}", flush=True)


def of_file(gib: float) -> None:
    """One large file: mlgate's digest beside `sha256sum`, and several digests of it at once."""
    from mlgate.evidence.file_hashes import file_hashes

    path = filled(OUT / "large.bin", int(gib * (1 << 30)))
    lines: dict[str, Action] = {
        "sha256sum": lambda: subprocess.run(["sha256sum", path], check=True, capture_output=True),
        "mlgate: SHA-256": lambda: digest(FileSource(path.name, OUT), reach()),
        "mlgate: SHA-256 and MD5, read once": lambda: file_hashes(path, path.name, ("sha256", "md5")),
        "mlgate: SHA-256, then MD5": lambda: [file_hashes(path, path.name, (each,)) for each in ("sha256", "md5")],
    }
    table(f"a file of {gib:g} GiB", lines, "sha256sum", 3)


def of_folder(files: int) -> None:
    """Files of 16 MiB and small ones: all cores beside one thread."""
    for size, number in ((CHUNK, files), (1 << 12, files * 100)):
        folder = OUT / f"folder-{size}-{number}"
        for at in range(number):
            filled(folder / f"{at % 16}" / f"{at}.bin", size)

        def alone(folder: Path = folder) -> None:
            lines = []
            for path in sorted(each for each in folder.rglob("*") if each.is_file()):
                with path.open("rb", buffering=0) as opened:
                    lines.append(f"{hashlib.file_digest(opened, 'sha256').hexdigest()}  {path.relative_to(folder)}\n")
            hashlib.sha256("".join(lines).encode()).hexdigest()

        def ours(folder: Path = folder) -> None:
            digest(FileSource(folder.name, OUT), reach())

        title = f"a folder of {number:,} files of {size >> 10:,} KiB, {os.cpu_count()} cores"
        table(title, {"hashlib in one thread": alone, "mlgate: digest of the folder": ours}, "hashlib in one thread")


def reach() -> Any:
    """Where the benchmark's files may be read."""
    from mlgate.values.reach import Reach

    return Reach.of(OUT)


def of_graph(nodes: int) -> None:
    """Histories of several shapes, from the records of their sources to the answers of all three rules."""
    OUT.mkdir(exist_ok=True)
    filled(OUT / "model.bin", 1000)
    for name, items in SHAPES.items():
        record = recorded(items(nodes))
        found: dict[str, Any] = {}
        lines = {
            "graph of the records": lambda record=record, found=found: found.update(graph=graph_of(record)),
            "recomputed": lambda found=found: found.update(graph=recomputed_of(found["graph"])),
            "complete, verified, consistent": lambda found=found: found.update(answers=answers_of(found["graph"])),
        }
        title = f"{name}: {len({node.id for node in record.nodes}):,} things, {len(record.arrows):,} arrows"
        began = time.perf_counter(), time.process_time()
        table(title, lines, "graph of the records", 1)
        wall, busy = time.perf_counter() - began[0], time.process_time() - began[1]
        print(f"{'all together':44}{wall:9.2f}{busy:9.2f}  {len(found['answers']):,} answers")


def graph_of(record: LineageRecord) -> Any:
    """The graph of one record."""
    from mlgate.lineage.assembled import composed, model_node, with_the_model

    root = model_node("model.bin", [record], reach())
    tables = (("train.csv", TRAINING), ("held-out.csv", EVALUATION_DATA), *((f"t{at}/x", DATA) for at in range(20)))
    return replace(composed(root, with_the_model(root, [record], reach()), tables), sources=("bench",))


def recomputed_of(graph: Any) -> Any:
    """The graph with what is here compared."""
    from mlgate.lineage.recomputed import recomputed

    return recomputed(graph, reach())


def answers_of(graph: Any) -> list[Any]:
    """What the three rules answer."""
    keys = {LineageKeys: LineageKeys()}
    subject = Subject(Candidate(name="bench", model=ModelFile(FileSource("model.bin", OUT)), declared=keys))
    facts = {lineage_of(subject): graph}
    rules = (LineageComplete(), LineageVerified(cleanliness_unknown=True), LineageConsistent())
    return [answer for rule in rules for answer in rule.answers(subject, facts, ())]


def file(name: str, role: str) -> LineageNode:
    """A file that is not here, with its digests."""
    sha256, md5 = hashlib.sha256(name.encode()).hexdigest(), hashlib.md5(name.encode()).hexdigest()
    return LineageNode(f"file:{name}", name, (role,), name, (Pin(SHA256, sha256), Pin(MD5, md5)), (), ("bench",))


def run(name: str, made: LineageNode, *read: LineageNode) -> Iterator[LineageNode | LineageArrow]:
    """A run with what it has made and read."""
    said = (f"lineage.yaml: {name}",)
    yield LineageNode(name, name, (RUN,), said_in=said, started="2026-11-30T00:57:00Z", ended="2026-11-30T00:58:00Z")
    yield replace(made, said_in=said)
    yield LineageArrow(made.id, name)
    for each in read:
        yield replace(each, said_in=said)
        yield LineageArrow(name, each.id)


MODEL_FILE = LineageNode("file:model.bin", "model.bin", (MODEL,), "model.bin", (), (), ("bench",))
ROLES = (file("train.py", CODE), file("params.yaml", PARAMETERS), file("uv.lock", ENVIRONMENT))
HEAD = LineageNode("commit:1", "commit 1", (CODE,), "", (Pin(COMMIT, "1" * 40),), (), ("bench",), tree="clean")


def judged() -> Iterator[LineageNode | LineageArrow]:
    """The evaluation of the model."""
    yield from run("judge", file("scores.json", DATA), MODEL_FILE, file("held-out.csv", EVALUATION_DATA))


def chain(nodes: int) -> Iterator[LineageNode | LineageArrow]:
    """Each step reads what the one before has made."""
    steps = [MODEL_FILE, *(file(f"step-{at}.csv", DATA) for at in range(nodes // 2))]
    for at in range(len(steps) - 1):
        yield from run(f"run-{at}", steps[at], steps[at + 1], *(ROLES if at == 0 else ()))
    yield from judged()


def wide(nodes: int) -> Iterator[LineageNode | LineageArrow]:
    """One run has read all."""
    yield from run("train", MODEL_FILE, HEAD, *ROLES, *(file(f"part/{at}.csv", TRAINING) for at in range(nodes)))
    yield from judged()


def layers(nodes: int) -> Iterator[LineageNode | LineageArrow]:
    """Fifty layers: each run reads three files of the layer below."""
    across = nodes // 99
    rows = [[file(f"layer-{at}/{each}.csv", DATA) for each in range(across)] for at in range(50)]
    yield from run("train", MODEL_FILE, HEAD, *ROLES, *rows[0])
    for at in range(49):
        for each in range(across):
            below = [rows[at + 1][(each + more) % across] for more in range(3)]
            yield from run(f"run-{at}-{each}", rows[at][each], *below)
    yield from judged()


def many_judges(nodes: int) -> Iterator[LineageNode | LineageArrow]:
    """Thousands of runs have read the model and made an evaluation each."""
    yield from run("train", MODEL_FILE, HEAD, *ROLES, file("train.csv", TRAINING))
    for at in range(nodes // 3):
        yield from run(f"judge-{at}", file(f"scores/{at}.json", DATA), MODEL_FILE, file(f"test/{at}.csv", DATA))
    yield from judged()


SHAPES = {
    "a chain": chain,
    "one run that read all": wide,
    "fifty layers": layers,
    "many evaluations": many_judges,
}


def main() -> None:
    """All parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=2)
    parser.add_argument("--files", type=int, default=64)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--only", choices=["file", "folder", "graph"], action="append")
    chosen = parser.parse_args()
    only = chosen.only or ["file", "folder", "graph"]
    for part, action, value in (
        ("file", of_file, chosen.gib), ("folder", of_folder, chosen.files), ("graph", of_graph, chosen.nodes),
    ):  # fmt: skip
        if part in only:
            action(value)


if __name__ == "__main__":
    main()
