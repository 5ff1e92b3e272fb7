"""From candidate files to Candidates; every problem of a file is told at once, with its line and column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mlgate.candidate.file import NOT_YET, CandidateKeys, ChampionKeys, PredictionsKeys, TableKeys
from mlgate.candidate.model import CHAMPION, Candidate, ChampionSpec, Predictions, TableSpec, Unit
from mlgate.candidate.multilabel import declared_classes
from mlgate.candidate.validate import validate
from mlgate.evidence.sources import FileSource
from mlgate.reading import locate
from mlgate.reading.fields import FormatVersion, Missing, Report, keys, read_values, refuse_unknown
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.values.errors import InputError, Location, Problem

FILE_NAME = "candidate.yaml"
_wanted = locate.named(FILE_NAME, "*.candidate.yaml", "candidate.yml", "*.candidate.yml")


def find_candidates(arguments: Sequence[str], cwd: Path) -> tuple[Path, ...]:
    """The candidate files that the arguments mean: files, folders (searched below), globs; sorted, each once.

    Raises InputError for every argument that matches nothing.
    """
    return locate.find(arguments, _wanted, cwd=cwd, what=f"candidate ({FILE_NAME} or *.candidate.yaml)")


def load_candidate(path: Path, *, workspace: Path) -> Candidate:
    """The candidate of a file or of a folder's `candidate.yaml`; raises InputError with all its problems."""
    file = path / FILE_NAME if path.is_dir() else path
    name = locate.shown(file, workspace)
    raw = locate.read(file, name)
    report = Report()
    node = parse(raw, name, report.problems)
    given = _read(node, report) if isinstance(node, Mapping) else None
    if node is not None and not isinstance(node, Mapping):
        report.add(node.at, f"a candidate file must be a mapping with the keys {', '.join(keys(CandidateKeys))}")
    report.raise_if_any()
    if given is None or not isinstance(node, Mapping):
        raise InputError([Problem(Location(name), "the file holds no candidate")])
    return _candidate(given, file.parent, name, hashlib.sha256(raw).hexdigest(), dict(_places(node)))


def _read(node: Mapping, report: Report) -> CandidateKeys | None:
    version = node.get("mlgate")
    # A file of another version may have other keys: more messages about it would mislead.
    if version and isinstance(FormatVersion().read(version, report.inside("mlgate")), Missing):
        return None
    for key in NOT_YET:
        if node.get(key):
            report.add(node.key_at(key), f"`{key}` is not supported by this version of mlgate yet; remove it")
    known = refuse_unknown(node, (*keys(CandidateKeys), *NOT_YET), report)
    values = read_values(CandidateKeys, node, report)
    given = CandidateKeys(**{"mlgate": 1, "candidate": "", "task": "", **values})
    # What could not be read looks left out; to say so of it would mislead.
    if known and all(node.get(key) is None or key in values for key in keys(CandidateKeys)):
        validate(given, node, report)
    return given


def _places(node: Mapping, prefix: str = "") -> Iterator[tuple[str, Location]]:
    for key, below in node.entries:
        name = f"{prefix}{key.text}"
        yield name, key.at
        if isinstance(below, Mapping):
            yield from _places(below, f"{name}.")


def _candidate(given: CandidateKeys, root: Path, file: str, sha256: str, places: dict[str, Location]) -> Candidate:
    def source(path: str, key: str) -> FileSource:
        return FileSource(path, root, places.get(key))

    predictions = given.predictions
    classes = declared_classes(given)
    return Candidate(
        name=given.candidate,
        task=given.task,
        file=file,
        version=given.version,
        owner=given.owner,
        tags=given.tags,
        risk=given.risk,
        positive=given.positive,
        classes=classes,
        model=source(given.model.path, "model.path") if given.model else None,
        predictions=_predictions(predictions, source(predictions.path, "predictions.path"), classes)
        if predictions
        else None,
        unit=Unit(given.unit.column, given.unit.score) if given.unit else None,
        tables={name: _table(name, table, source(table.path, f"tables.{name}.path")) for name, table in given.tables},
        champions={name: _champion(name, champion, predictions, classes, source) for name, champion in _named(given)},
        sha256=sha256,
        keys_at=places,
    )


def _predictions(given: PredictionsKeys, source: FileSource, classes: tuple[str, ...]) -> Predictions:
    columns = dict(given.scores)
    return Predictions(
        source=source,
        id=given.identity,
        label=given.label,
        prediction=given.prediction,
        score=given.score,
        scores=tuple((name, columns[name]) for name in classes) if columns else (),
        lower=given.lower,
        upper=given.upper,
        count=given.count,
        weight=given.weight,
        labels=given.labels,
        decisions=given.decisions,
        separator=given.separator,
        series=given.series,
        time=given.time,
        horizon=given.horizon,
        cutoff=given.cutoff,
        query=given.query,
        item=given.item,
    )


def _named(given: CandidateKeys) -> Iterator[tuple[str, ChampionKeys]]:
    if given.champion:
        yield CHAMPION, given.champion
    yield from given.champions


def _champion(
    name: str,
    given: ChampionKeys,
    predictions: PredictionsKeys | None,
    classes: tuple[str, ...],
    source: Callable[[str, str], FileSource],
) -> ChampionSpec:
    at = CHAMPION if name == CHAMPION else f"champions.{name}"
    columns = dict(given.scores)
    return ChampionSpec(
        name,
        source(given.path, f"{at}.path") if given.path else None,
        source(given.verdict, f"{at}.verdict") if given.verdict else None,
        given.id or (predictions.identity if predictions else ()),
        given.label,
        given.prediction,
        given.score,
        tuple((name, columns[name]) for name in classes) if columns else (),
        given.lower,
        given.upper,
    )


def _table(name: str, given: TableKeys, source: FileSource) -> TableSpec:
    return TableSpec(name, source, given.key, given.label, given.labels)
