"""The register of models, `models.yaml` at the top of a repository: who each candidate is, by path."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mlgate.candidate.presented import MOST_CHAMPIONS, RISKS
from mlgate.metrics.metric import TASKS
from mlgate.reading import locate
from mlgate.reading.fields import (
    Choice,
    Date,
    FormatVersion,
    Identifier,
    Integer,
    MapOf,
    OneOrMany,
    ProblemReport,
    Record,
    RepositoryPath,
    Sha256,
    Text,
    param,
    place,
    read_record,
)
from mlgate.reading.placeholders import says_nothing
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import parse
from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.provenance import Input

FILE_NAME = "models.yaml"
MOST_MODELS = 10_000
TABLES = ("evaluation", "predictions")
"""Where the rows with labels may be."""


@dataclass(frozen=True)
class RegisteredEvaluation:
    """The rows that a candidate is judged on."""

    table: str = param(
        Choice(*TABLES), default=TABLES[0], doc="Where the labels are: in the table `evaluation`, or in `predictions`."
    )
    path: str = param(RepositoryPath(), default="", doc="The file, from the top of the repository.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str = param(Text(), default="", doc="The column with the true value.")
    sha256: tuple[str, ...] = param(
        OneOrMany(Sha256()),
        default=(),
        doc="The digest of the file, or several, so that the next one is allowed.",
    )
    min_rows: int | None = param(Integer(min=1), default=None, doc="The least number of rows.")
    recorded_at: str = param(Text(), default="", doc="The column with the date or time of a row.")
    max_age_days: int | None = param(
        Integer(min=0), default=None, doc="The most days between the newest row, by `recorded_at`, and the verdict."
    )
    at: Location = place()


@dataclass(frozen=True)
class RegisteredChampion:
    """The earlier model that a candidate is compared with."""

    path: str = param(RepositoryPath(), default="", doc="The file of its answers, from the top of the repository.")
    sha256: tuple[str, ...] = param(OneOrMany(Sha256()), default=(), doc="The digest of that file, or several.")


@dataclass(frozen=True)
class RegisteredModel:
    """Who a candidate is. Of `tags`, `risk`, `task` and `positive`, it leaves out what is left out here."""

    name: str = param(Identifier(), doc="The candidate's name.")
    owner: str = param(Text(), default="", doc="Who is responsible for the model.")
    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The candidate's tags, in any order.")
    risk: str = param(Choice(*RISKS), default="", doc="The risk tier.")
    task: str = param(Choice(*TASKS), default="", doc="The model's task.")
    positive: str | None = param(Text(), default=None, doc="Binary: the positive class, as exact text.")
    policies: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The names of policies that must apply to it.")
    evaluation: RegisteredEvaluation | None = param(
        Record(RegisteredEvaluation, min=1), default=None, doc="What holds for the rows that it is judged on."
    )
    champion: RegisteredChampion | None = param(
        Record(RegisteredChampion, min=1), default=None, doc="What holds for its only champion."
    )
    champions: tuple[tuple[str, RegisteredChampion], ...] = param(
        MapOf(Record(RegisteredChampion, min=1), key=Identifier(), max=MOST_CHAMPIONS),
        default=(),
        doc="What holds for its champions, by their names.",
    )
    watch: tuple[str, ...] = param(
        OneOrMany(RepositoryPath(glob=True)),
        default=(),
        doc="Further files that the model rests on, as globs such as `features/**`. With `--changed-from`, it is "
        "judged if one of them changed.",
    )
    retired: date | None = param(
        Date(), default=None, doc="The day from which its file may be gone. What is still there is judged as before."
    )
    at: Location = place()


@dataclass(frozen=True)
class RegisterKeys:
    """The models of a repository."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    owner: str = param(Text(), doc="Who is responsible for this file.")
    models: tuple[tuple[str, RegisteredModel], ...] = param(
        MapOf(Record(RegisteredModel), key=RepositoryPath(), max=MOST_MODELS),
        doc="Each candidate file, by its path from the top of the repository.",
    )


@dataclass(frozen=True)
class RegisterEntry:
    """One model of a register: the path of its candidate file, who it is, and where the keys stand."""

    path: str
    model: RegisteredModel
    places: Mapping[str, Location]

    def at(self, key: str) -> str:
        """Where a key stands, else the nearest one above it, or the entry: `models.yaml:7`."""
        while key not in self.places:
            key = key.rpartition(".")[0]
        return f"{self.places[key].file}:{self.places[key].line}"

    def is_retired(self, day: date) -> bool:
        """Whether its file may be gone on a day."""
        return self.model.retired is not None and self.model.retired <= day


@dataclass(frozen=True)
class Register:
    """The models of a repository, by the paths of their candidate files."""

    entries: Mapping[str, RegisterEntry]
    owner: str
    input: Input
    """Its digest, for the verdict."""

    def named(self, name: str) -> Iterator[RegisterEntry]:
        """The entries with a name."""
        return (entry for entry in self.entries.values() if entry.model.name == name)


def read_register(top: Path) -> Register | None:
    """The register at the top of a repository; None if it has none.

    Raises InputError with all its mistakes, and for one that has the wrong name.
    """
    file = top / FILE_NAME
    if not os.path.lexists(file):
        _refuse_misnamed(top)
        return None
    locate.refuse_links_out([file], top, ())
    raw = locate.read(file, FILE_NAME)
    report = ProblemReport()
    node = parse(raw, FILE_NAME, report.problems)
    if _of_another_tool(node):
        return None
    given = read_record(RegisterKeys, node, report) if node is not None else None
    if given is not None and isinstance(node, MappingNode):
        for at, message in _mistakes(given):
            report.add(at, message)
    report.raise_if_any()
    if given is None or not isinstance(node, MappingNode):
        raise InputError([Problem(Location(FILE_NAME), "the file does not contain a register of models")])
    entries = {path: RegisterEntry(path, model, _places(node, at)) for at, (path, model) in enumerate(given.models)}
    return Register(entries, given.owner, Input("register", FILE_NAME, hashlib.sha256(raw).hexdigest()))


def _of_another_tool(node: object) -> bool:
    """Whether a file is not a register: it has a `version`, as the files of dbt, and does not say `mlgate`."""
    return isinstance(node, MappingNode) and node.get("version") is not None and node.get("mlgate") is None


def _refuse_misnamed(top: Path) -> None:
    """Raise InputError for a register that would be passed over because of its name."""
    for name in sorted(os.listdir(top)) if top.is_dir() else ():
        if name.casefold() in (FILE_NAME, "models.yml") and (top / name).is_file():
            node = parse(locate.read(top / name, name), name, [])
            if isinstance(node, MappingNode) and node.get("mlgate") is not None and node.get("models") is not None:
                raise InputError(f"`{name}` is not a valid name for the register of models; rename it to `{FILE_NAME}`")


def _places(node: MappingNode, at: int) -> dict[str, Location]:
    """The places of the keys of an entry by their dotted names; that of the entry itself by an empty one."""
    models = node.get("models")
    key, below = models.entries[at] if isinstance(models, MappingNode) else (None, None)
    found = {"": key.at if key else node.at}
    return found | (dict(_below(below, "")) if isinstance(below, MappingNode) else {})


def _below(node: MappingNode, above: str) -> Iterator[tuple[str, Location]]:
    for key, value in node.entries:
        yield f"{above}{key.text}", key.at
        if isinstance(value, MappingNode):
            yield from _below(value, f"{above}{key.text}.")


def _mistakes(given: RegisterKeys) -> Iterator[tuple[Location, str]]:
    """What is wrong with entries that can be read: each its place and a message."""
    paths: dict[str, Location] = {}
    names: dict[str, Location] = {}
    for path, model in given.models:
        if not path.casefold().endswith((".yaml", ".yml")):
            yield model.at, f"`{path}` is not a candidate file; write its path, such as {path}/candidate.yaml"
        if path in paths:
            yield model.at, f"`{path}` is also registered at line {paths[path].line}; keep one"
        paths.setdefault(path, model.at)
        if model.name in names and model.retired is None:
            said = f"the name `{model.name}` is also registered at line {names[model.name].line}"
            yield model.at, f"{said}; give each model its own, or write `retired: DATE` for the one that ends"
        if model.retired is None:
            names.setdefault(model.name, model.at)
        yield from _of_model(path, model)
    if says_nothing(given.owner):
        yield Location(FILE_NAME), f"`owner` is `{given.owner}`, which says nothing; write who is responsible"


def _of_model(path: str, model: RegisteredModel) -> Iterator[tuple[Location, str]]:
    if model.positive is not None and model.task != "binary":
        yield model.at, f"`positive` of {path} is for binary tasks, not {model.task or 'none'}; remove it"
    if model.task == "binary" and model.positive is None:
        yield model.at, f"{path} has the task binary and no `positive`; add the positive class"
    if model.champion and model.champions:
        yield model.at, f"{path} has `champion` and `champions`; keep one"
    own = model.evaluation
    if own is None:
        return
    if (own.max_age_days is None) != (not own.recorded_at):
        yield own.at, f"`evaluation` of {path} needs both `max_age_days` and `recorded_at`, or none; add the other"
    if own.table == "predictions" and (own.path or own.sha256):
        said = f"`evaluation` of {path} fixes the file of the predictions, which every model writes itself"
        yield own.at, f"{said}; remove `path` and `sha256`"
