"""Needs that do not use the engine are answered in a separate thread, while the engine answers the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Event, Thread
from typing import Any

from mlgate.evidence.questions.need import Need


class BesideEngine:
    """Answers needs one after the other in a thread; `answer` must not raise.

    An interrupt is not delayed: after `end`, no further need is started, and the thread ends with the program.
    """

    def __init__(self, answer: Callable[[Need], Any]) -> None:
        self._answer = answer
        self._threads: dict[Need, Thread] = {}
        self._answers: dict[Need, Any] = {}
        self._ended = Event()

    def begin(self, needs: Iterable[Need]) -> None:
        """Start to answer needs, after those that were started before."""
        new = [need for need in dict.fromkeys(needs) if need not in self._threads]
        before = list(self._threads.values())[-1:]
        thread = Thread(target=self._run, args=(new, before), name="beside the engine", daemon=True)
        self._threads |= dict.fromkeys(new, thread)
        if new:
            thread.start()

    def _run(self, needs: Iterable[Need], before: Iterable[Thread]) -> None:
        for thread in before:
            thread.join()
        for need in needs:
            if not self._ended.is_set():
                self._answers[need] = self._answer(need)

    def found(self, needs: Iterable[Need]) -> Mapping[Need, Any]:
        """The answers to needs that were started, once there are all."""
        asked = list(needs)
        for need in asked:
            self._threads[need].join()
        return {need: self._answers[need] for need in asked}

    def end(self) -> None:
        """Start no further need."""
        self._ended.set()
