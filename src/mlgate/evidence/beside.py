"""Needs that use no engine are answered in a thread of their own, while the engine answers the others."""

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
    """Answer needs one after the other in a thread, from now on; `answer` raises nothing.

    An interrupt is not held up: no further need is begun when the context ends, and the thread ends with the program.
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
