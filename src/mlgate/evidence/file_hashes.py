"""Hashes of files: each file is read once for all that is asked of it, and several files at the same time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock, Thread
from typing import TypeVar

from mlgate.evidence.files import CHUNK, Unchanged, contained, reading, regular
from mlgate.values.faults import CRASHES
from mlgate.values.reach import Reach

T = TypeVar("T")
U = TypeVar("U")
_AT_ONCE = 16
"""How many items a thread takes at a time, so that threads do not wait for each other where items are small."""


@dataclass(frozen=True)
class FileHashes:
    """The hashes of one file, in hexadecimal and in the order in which they were asked, and its size in bytes."""

    values: tuple[str, ...]
    size: int


def file_hashes(path: Path, shown: str, algorithms: Sequence[str], *, empty: bool = False) -> FileHashes:
    """The hashes of one file by some algorithms of `hashlib`, all from one reading.

    Raises EvidenceError where the file is missing, is not a regular file, changes while it is read or, without `empty`,
    has no bytes.
    """
    with reading(shown):
        regular(path, shown, empty=empty)
        before = Unchanged.of([path])
        size = before.signatures[0][1][2]
        # MD5 protects from accidents and not from an attacker; it is how DVC names files.
        hashes = [hashlib.new(algorithm, usedforsecurity=False) for algorithm in algorithms]
        buffer = memoryview(bytearray(min(CHUNK, size + 1)))
        with path.open("rb", buffering=0) as opened:
            while read := opened.readinto(buffer):
                for each in hashes:
                    each.update(buffer[:read])
        before.check()
        return FileHashes(tuple(each.hexdigest() for each in hashes), size)


def folder_hashes(
    names: Iterable[Path], folder: Path, reach: Reach, algorithms: Sequence[str]
) -> list[tuple[str, FileHashes]]:
    """The path of each file from the folder, with its hashes, in the order of the names, as `walk` finds them.

    Raises EvidenceError for the first file that may not be read, is not a regular file, or changes while it is read.
    """

    def hashed(name: Path) -> tuple[str, FileHashes]:
        if name.is_symlink():  # the folders that lead to it may be read, or `walk` would not have entered them
            contained(name, reach, str(name))
        return name.relative_to(folder).as_posix(), file_hashes(name, str(name), algorithms, empty=True)

    return in_threads(hashed, names)


def in_threads(action: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """What an action gives for each item, in their order, by as many threads as there are cores.

    Raises what the first item in this order has raised. An interrupt is not delayed: the threads end with the program.
    """
    every = list(items)
    found: dict[int, U] = {}
    failed: dict[int, BaseException] = {}
    waiting, lock = iter(range(len(every))), Lock()

    def work() -> None:
        while not failed:
            with lock:
                taken = list(islice(waiting, _AT_ONCE if len(every) > _AT_ONCE * 8 else 1))
            if not taken:
                return
            for at in taken:
                try:
                    found[at] = action(every[at])
                except CRASHES as error:  # raised again, in the thread that asked
                    failed[at] = error
                    break

    threads = [Thread(target=work, daemon=True) for _ in range(min(os.cpu_count() or 1, len(every)) - 1)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[min(failed)]
    return [found[at] for at in range(len(every))]
