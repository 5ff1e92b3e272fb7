"""Needs that do not use the engine are answered in a separate thread, while the engine answers the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from mlgate.evidence.questions.need import Need

Found = Callable[[], Mapping[Need, Any]]
"""Waits until all of the needs are answered, and gives the answers."""


@contextmanager
def beside(needs: Sequence[Need], answer: Callable[[Need], Any]) -> Iterator[Found]:
    """Start to answer needs one after the other in a thread; `answer` must not raise.

    An interrupt is not delayed: when the context ends, no further need is started, and the thread ends with the
    program.
    """
    answers: dict[Need, Any] = {}
    ended = Event()

    def run() -> None:
        for need in needs:
            if not ended.is_set():
                answers[need] = answer(need)

    def found() -> Mapping[Need, Any]:
        if needs:
            thread.join()
        return {need: answers[need] for need in needs}

    thread = Thread(target=run, name="beside the engine", daemon=True)
    if needs:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
