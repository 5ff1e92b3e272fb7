"""Every key that the candidate format declares: a file and the arguments of a call read to the same, or refuse alike.

The keys, and what they may hold, are walked through from the declarations, so that a new key cannot be forgotten.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.candidate.arguments import argument_names, from_arguments
from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import load_candidate
from mlgate.candidate.roles import ROLES
from mlgate.candidate.tasks import BY_NAME
from mlgate.evidence.sources import FRAME_WORDS, FileSource
from mlgate.reading.fields import Choice, MapOf, OneOrMany, Record, param, params
from mlgate.values.errors import InputError

Keys = tuple[str, ...]
MAY_BE_A_FRAME = f"must be the path of a file, or {FRAME_WORDS}, not"


@dataclass(frozen=True)
class Licence:
    """A mapping of a check's own."""

    terms: str = param(Choice("open", "closed"), default="open", doc="The terms.")
    texts: tuple[FileSource, ...] = param(OneOrMany(FilePath()), default=(), doc="The texts.")


@dataclass(frozen=True)
class LicenceKeys:
    """Keys that a check declares."""

    licence: Licence | None = param(Record(Licence), default=None, doc="The licence.")


RECORDS = (Candidate, LicenceKeys)
NAMES = {"tables": ("evaluation", "history", "train", "units"), "champions": ("old", "champion"), "": ("a",)}
"""Under which names a mapping of mappings is tried."""


def declared(record: type[Any], before: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """The path and the spec of every key, also of those below."""
    for entry in params(record):
        at = (*before, entry.key)
        yield at, entry.spec
        if isinstance(entry.spec, Record):
            yield from declared(entry.spec.cls, at)
        if isinstance(entry.spec, MapOf) and isinstance(entry.spec.of, Record):
            for name in NAMES.get(entry.key, NAMES[""]):
                yield (*at, name), entry.spec.of
                yield from declared(entry.spec.of.cls, (*at, name))


PATHS = {keys: spec for record in RECORDS for keys, spec in declared(record)}
TABLES = ("predictions", *(".".join(keys) for keys, spec in PATHS.items() if isinstance(spec, TablePath)))
"""Where a call may give a frame."""
TEXTS = ("x", "a b")
WRONG: tuple[Any, ...] = ("", [], {}, [[]], {"a": []}, {"a": {}}, {"a": "x", "b": "y"}, ["x", "x"])


def values(keys: Keys, spec: Any, of: str) -> Iterator[Any]:
    """What a key may hold by its JSON Schema; for one candidate also what no candidate's key may hold."""
    every = (*_fitting(spec.schema()), *TEXTS, *(WRONG if of == "binary" else ()))
    return (value for value in every if not _short(keys, value))


def _short(keys: Keys, value: Any) -> bool:
    """Whether a call may say so, and a file not: a path or a column alone, in place of a mapping."""
    if keys == ("tables",):
        return isinstance(value, dict) and not all(isinstance(below, dict) for below in value.values())
    alone = keys in (("model",), ("unit",)) or (len(keys) == 2 and keys[0] == "tables")
    return alone and not isinstance(value, dict)


def _fitting(schema: Mapping[str, Any]) -> Iterator[Any]:
    for option in schema.get("anyOf", ()):
        yield from _fitting(option)
    yield from schema.get("enum", ())
    if schema.get("type") == "array":
        some = list(_fitting(schema["items"])) or ["x", "y"]
        yield from ([one] for one in some)
        yield some
    if schema.get("type") == "object" and "properties" in schema:
        for name, below in schema["properties"].items():
            yield from ({name: one} for one in list(_fitting(below))[:1] or ["x"])
    elif schema.get("type") == "object":
        one = next(_fitting(schema["additionalProperties"]), "x")
        yield {"a": one, "b": f"{one}2" if isinstance(one, str) else one}


def base(task: str) -> dict[str, Any]:
    """A candidate of a task that a file and a call may present, with the roles that the task requires."""
    if not task:
        return {"mlgate": 1, "candidate": "c", "tables": {"train": {"path": "t.csv"}}}
    roles = {name: f"{name}_column" for name in BY_NAME[task].requires}
    answer = "score" if "prediction" in BY_NAME[task].refuses else "prediction"
    found: dict[str, Any] = {"mlgate": 1, "candidate": "c", "task": task}
    found |= {"positive": "1"} if task == "binary" else {}
    found["predictions"] = {"path": "p.csv", "label": "y", answer: "q", **roles}
    if task == "multilabel":
        own = {"path": "p.csv", "labels": {"a": "ya", "b": "yb"}, "decisions": {"a": "qa", "b": "qb"}}
        found |= {"classes": ["a", "b"], "predictions": own}
    return found


OLD = {"path": "o.csv", "id": "i", "label": "y"}
FULL: dict[str, dict[str, Any]] = {
    "binary": {
        "predictions": {"path": "p.csv", "id": "i", "prediction": "q", "score": "s"},
        "tables": {"evaluation": {"path": "e.csv", "key": "i", "label": "y"}, "train": {"path": "t.csv"}},
        "unit": {"column": "u", "score": "max"},
        "source": {"mlflow": "models:/c/1", "path": "mlflow.db"},
        "champion": OLD | {"prediction": "q", "score": "s"},
    },
    "regression": {
        "predictions": {"path": "p.csv", "id": "i", "label": "y", "prediction": "q", "lower": "l", "upper": "h"},
        "champions": {"old": OLD | {"prediction": "q", "lower": "l", "upper": "h"}, "older": {"verdict": "v.json"}},
    },
    "multiclass": {
        "predictions": {"path": "p.csv", "id": "i", "label": "y", "scores": {"a": "qa", "b": "qb"}},
        "champions": {"old": OLD | {"scores": {"a": "qa", "b": "qb"}}},
    },
    "multilabel": {
        "classes": ["a", "b"],
        "predictions": {"path": "p.csv", "id": "i", "prediction": "q", "separator": "|"},
        "tables": {"evaluation": {"path": "e.csv", "key": "i", "labels": {"a": "ya", "b": "yb"}}},
        "champions": {"old": OLD | {"decisions": {"a": "qa", "b": "qb"}}},
    },
    "ranking": {
        "predictions": {"path": "p.csv", "query": "g", "item": "d", "score": "s", "unretrieved": "irrelevant"},
        "tables": {"evaluation": {"path": "e.csv", "key": ["g", "d"], "label": "y"}},
    },
    "forecasting": {
        "predictions": {"path": "p.csv", "series": "g", "time": "t", "horizon": "h", "label": "y", "prediction": "q"},
        "tables": {"history": {"path": "h.csv", "key": ["g", "t"], "label": "y"}},
    },
}
"""Candidates that say more than they must, by task."""
BASES = {task: base(task) for task in ("", *BY_NAME)}
BASES |= {f"full {task}": {key: base(task)[key] for key in base(task)} | more for task, more in FULL.items()}
LIKE_OTHERS = ("regression", "ranking", "forecasting", "text", "full multiclass")
SOME = tuple(of for of in BASES if of not in LIKE_OTHERS)
"""Candidates of which at least one has each key that is ever read."""


def changed(document: Mapping[str, Any], keys: Keys, value: Any) -> dict[str, Any]:
    """The same document with a value under some keys."""
    found = copy.deepcopy(dict(document))
    below = found
    for key in keys[:-1]:
        below = below.setdefault(key, {})
    below[keys[-1]] = value
    return found


TO_A_FRAME = "; make a frame of it, as by `pandas.DataFrame(...)`"
"""What only a call says of a list or mapping in place of a table."""


def of_file(document: Mapping[str, Any], folder: Path) -> Any:
    """What a file reads to, or the messages by which it is refused."""
    file = folder / "candidate.yaml"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    try:
        return plain(load_candidate(file, workspace=folder, declared=lambda: (LicenceKeys,)))
    except InputError as error:
        return sorted(in_arguments(problem.message) for problem in error.problems)


def of_arguments(document: Mapping[str, Any], folder: Path) -> Any:
    """What arguments read to that say the same as a file, or the messages by which they are refused."""
    given = {key: value for key, value in document.items() if key not in ("mlgate", "candidate", "predictions")}
    given["name"] = document["candidate"]
    own = document.get("predictions", {})
    given |= {key: value for key, value in own.items() if key != "path"}
    given |= {"predictions": own["path"]} if "path" in own else {}
    try:
        found = from_arguments(given, cwd=folder, workspace=folder, declared=lambda: (LicenceKeys,))
    except InputError as error:
        said = (problem.message.removesuffix(TO_A_FRAME) for problem in error.problems)
        return sorted(re.sub(r"(\w+)=(COLUMN`|\"1\"$)", r"\1: \2", message) for message in said)
    return plain(found)


def in_arguments(message: str) -> str:
    """A message about a file in the words of a call: keys of predictions stand by themselves, and a table may be a
    frame."""
    said = message.replace("`predictions.path`", "`predictions`").replace("`predictions.", "`")
    said = said.replace("`candidate` must", "`name` must").replace(", first at line 1", "")
    if said == "missing key `path` in `predictions`; it must be a text":
        return f"`predictions` is missing; give the path of a file, or {FRAME_WORDS}"
    return re.sub(rf"^(`({'|'.join(TABLES)})`) must be a text, not", rf"\1 {MAY_BE_A_FRAME}", said)


def plain(value: Any) -> Any:
    """A candidate without places."""
    if isinstance(value, FileSource):
        return value.path
    if isinstance(value, Candidate):
        parts = {entry.key: plain(getattr(value, entry.attribute)) for entry in params(Candidate)}
        return parts | {"declared": {of.__name__: plain(said) for of, said in value.declared.items()}}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    known = params(type(value)) if hasattr(value, "__dataclass_fields__") else ()
    return {entry.key: plain(getattr(value, entry.attribute)) for entry in known} or value


CALL = {"mlgate", "candidate", "predictions"}
"""Keys that are no arguments as they stand: the file's version, its name, and the mapping that a call has flat."""


def test_every_key_is_an_argument() -> None:
    top = {keys[0] for keys in PATHS} - {"licence"} - CALL
    assert top | {"name", "predictions"} | set(ROLES) == set(argument_names()) - {"history"}


@pytest.mark.parametrize("of", BASES)
def test_a_file_and_a_call_read_to_the_same_candidate(of: str, tmp_path: Path) -> None:
    assert isinstance(of_file(BASES[of], tmp_path), dict)
    assert of_arguments(BASES[of], tmp_path) == of_file(BASES[of], tmp_path)


@pytest.mark.parametrize(
    "bases", [pytest.param(SOME, id="some"), pytest.param(tuple(BASES), id="all", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("top", dict.fromkeys(keys[0] for keys in PATHS if keys != ("mlgate",)))
def test_a_file_and_a_call_agree_about_every_key(top: str, bases: tuple[str, ...], tmp_path: Path) -> None:
    never_read = set()
    for keys, spec in PATHS.items():
        if keys[0] == top and keys != ("predictions",):
            read = [of for of in bases if agree(keys, spec, of, tmp_path) or keys in within(BASES[of])]
            never_read |= set() if read else {keys}
    assert never_read <= REFUSED_ALWAYS


REFUSED_ALWAYS = {keys for keys in PATHS if keys[:2] in (("champions", "champion"), ("tables", "units"))}
"""Names that no champion and no table may have."""
REFUSED_ALWAYS |= {("tables", name, "labels") for name in ("history", "train")} | {("tables", "train", "label")}
"""Labels that nobody would read."""


def within(document: Mapping[str, Any], before: Keys = ()) -> set[Keys]:
    """The paths of all keys of a document."""
    below = [within(value, (*before, key)) for key, value in document.items() if isinstance(value, Mapping)]
    return {(*before, key) for key in document}.union(*below)


def agree(keys: Keys, spec: Any, of: str, folder: Path) -> bool:
    """Hold a file to a call with every value of a key; whether some of them are read, by both."""
    read = False
    for value in values(keys, spec, of):
        tried = changed(BASES[of], keys, value)
        expected = of_file(tried, folder)
        assert of_arguments(tried, folder) == expected, (keys, value)
        read = read or isinstance(expected, dict)
    return read
