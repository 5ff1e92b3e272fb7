"""A function of the policy's choice, called in a process of its own: `python -I called_function.py`.

It reads one line of JSON and then arrays from standard input, and writes one line of JSON to standard output. This file
imports nothing of mlgate. What the function prints is thrown away. The process ends when its input is closed.
"""

from __future__ import annotations

import importlib
import inspect
import io
import json
import math
import os
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.machinery import FileFinder, SourceFileLoader
from itertools import pairwise
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVIDENCE, MACHINE = "evidence", "machine"
_QUIET = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
_TAKES_SCORES = re.compile("score|prob|logit|pred_decision|confidence", re.IGNORECASE)
"""Names of a second parameter that is not a decision."""
_SCORES_BY_NAME = re.compile("log_?loss|cross_?entropy|brier|hinge|auc|average_precision|calibration", re.IGNORECASE)
"""Names of functions of scores whatever their parameters are called, as `y_pred` of scikit-learn's log loss."""

Scorer = Callable[..., Any]


class NoValue(Exception):  # noqa: N818 - an answer, as an error
    """Why there is no value, and who can correct it."""

    def __init__(self, whose: str, message: str) -> None:
        super().__init__(message)
        self.whose = whose


def main() -> None:
    """Answer one call."""
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    asked = json.loads(sys.stdin.buffer.readline())
    arrays = sys.stdin.buffer.read(asked["size"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer: dict[str, Any] = {"values": _values(asked, arrays)}
    except NoValue as why:
        answer = {"refused": why.whose, "message": str(why)}
    except MemoryError:
        answer = {"refused": MACHINE, "message": f"`{asked['function']}` needs more memory than there is"}
    with os.fdopen(answers, "w") as out:
        out.write(json.dumps(answer) + "\n")
        out.flush()
    os._exit(0)  # threads that the function started are not waited for


def _end_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


def _values(asked: Mapping[str, Any], arrays: bytes) -> list[Any]:
    """For every group its value, and those of its bootstrap samples."""
    import numpy as np

    if asked["folder"]:
        sys.path_hooks.insert(0, partial(_sources_below, asked["folder"]))
        sys.path.append(asked["folder"])
    function = load_function(asked["function"])
    if asked["decisions"]:
        refuse_decisions(asked["function"], function, chosen=asked["chosen"])
    more = _labels(function, asked["labels"])
    with np.load(io.BytesIO(arrays), allow_pickle=False) as held:
        label, given, edges = held["label"], held["given"], held["edges"]
    call = _Call(asked["function"], function, more)
    parts = [slice(low, high) for low, high in pairwise(edges)]
    values = [call(label[part], given[part], "the rows") for part in parts]
    return [
        [value, sorted(_samples(call, label[part], given[part], asked, seed))]
        for value, part, seed in zip(values, parts, asked["seeds"], strict=True)
    ]


def _samples(
    call: _Call, label: NDArray[Any], given: NDArray[Any], asked: Mapping[str, Any], seed: int
) -> Iterator[float]:
    """The values of seeded bootstrap samples; each group has its own stream."""
    import numpy as np

    random = np.random.default_rng([asked["seed"], seed])
    for _ in range(asked["replicates"]):
        drawn = random.integers(0, len(label), len(label))
        yield call(label[drawn], given[drawn], "a bootstrap sample of the rows")


class _Source(SourceFileLoader):
    """Loads a source file as it is: no compiled file beside it speaks for it."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of the file's own text."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _sources_below(folder: str, path: str) -> FileFinder:
    """What finds modules in a folder with functions, and below it: source files alone, whose text is known."""
    if os.path.commonpath([folder, os.path.abspath(path)]) != folder:
        raise ImportError(path)
    return FileFinder(path, (_Source, [".py"]))


def load_function(name: str) -> Scorer:
    """The function of a `module:function`. Refuses one that is not there."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        raise NoValue(
            MACHINE,
            f"`{name}` cannot be loaded ({error}); install it, put it into the policy's folder, or correct the name",
        ) from error
    if not callable(found):
        raise NoValue(MACHINE, f"`{name}` is not a function; name one that can be called as f(label, prediction)")
    return found  # type: ignore[no-any-return]


def refuse_decisions(name: str, function: Scorer, *, chosen: bool) -> None:
    """Refuse a function of scores that is given decisions. `chosen`: the rule itself says that it is given these."""
    parameters = [*_parameters(function), "", ""]
    sure = str(getattr(function, "__module__", "")).startswith("sklearn.") or not chosen
    by_name = sure and _SCORES_BY_NAME.search(getattr(function, "__name__", ""))
    if by_name or _TAKES_SCORES.search(parameters[1]):
        raise NoValue(
            EVIDENCE,
            f"`{name}` is a function of scores, and the rule gives it decisions, which makes another number of it; "
            "add `inputs: score`, or `inputs: scores` for several classes",
        )


def _parameters(function: Scorer) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _labels(function: Scorer, labels: list[Any]) -> dict[str, Any]:
    """All classes, for a function that takes them: a bootstrap sample may lack one."""
    return {"labels": labels} if labels and "labels" in _parameters(function) else {}


class _Call:
    """A call of the function whose answer is a finite number, or a refusal."""

    def __init__(self, name: str, function: Scorer, more: Mapping[str, Any]) -> None:
        self.name, self.function, self.more = name, function, more

    def __call__(self, label: NDArray[Any], given: NDArray[Any], of: str) -> float:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                for category in _QUIET:
                    warnings.simplefilter("ignore", category)
                value = float(self.function(label, given, **self.more))
        except Warning as error:
            said = f"`{self.name}` warns on {of}: {_first(error)}; its value cannot be used"
            raise NoValue(EVIDENCE, said) from error
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            # It is not our code, so it may raise anything.
            said = f"`{self.name}` fails on {of}: {type(error).__name__}: {_first(error)}"
            raise NoValue(EVIDENCE, said) from error
        if not math.isfinite(value):
            raise NoValue(EVIDENCE, f"`{self.name}` gives {value} on {of}; a finite number is required")
        return value


def _first(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]


if __name__ == "__main__":
    main()
