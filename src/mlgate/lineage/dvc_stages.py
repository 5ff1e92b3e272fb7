"""The stages that a `dvc.yaml` declares, with its loops and variables written out, against those of its lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from mlgate.lineage.dvc_parameters import PARAMS
from mlgate.lineage.dvc_variables import (
    SIGN,
    SPELLINGS,
    USUAL,
    DvcSpelling,
    DvcVariables,
    NoSuchVariableError,
    matches,
    spelled,
    without_marks,
)
from mlgate.lineage.graph import LineageProblem
from mlgate.lineage.source_file import SourceFile, listing, mapping, outside
from mlgate.values.errors import EvidenceError

LOCK, STAGES = "dvc.lock", "dvc.yaml"
_REPEAT = "run `dvc repro` and commit the lock"
_MOST_TURNS = 10_000


@dataclass(frozen=True)
class _Declared:
    """A stage as dvc.yaml has it, before its variables are written out."""

    stage: Mapping[str, Any]
    names: tuple[str, ...]
    """What the lock may call it."""
    turn: tuple[object, str] | None = None
    """Of a loop: the item and its key; over a list without a key."""


@dataclass(frozen=True)
class DvcStages:
    """What a dvc.yaml declares."""

    source: SourceFile
    document: Mapping[str, Any]

    def declaration(self, name: str) -> Mapping[str, Any]:
        """A stage as it is run, by its name in the lock; one whose variables have no value stays as it is written."""
        found = self._by_name.get(name)
        if found is None:
            return {}
        try:
            return self._written_out(found)[0]
        except NoSuchVariableError:
            return found.stage

    def differences(self, lock: SourceFile, locked: Mapping[str, Any]) -> Iterator[LineageProblem]:
        """In what a lock is not that of this dvc.yaml."""
        yield from self._broken.values()
        for name, stage in locked.items():
            if name.partition("@")[0] in self._broken:
                continue
            found = self._by_name.get(name)
            if found is None:
                yield LineageProblem(
                    f"{lock.path} has a stage `{name}` that dvc.yaml does not have; {_REPEAT}", run_of(lock, name)
                )
            else:
                yield from self._compared(lock, name, found, mapping(stage))
        for declared in self._all:
            if not locked.keys() & {*declared.names}:
                said = f"{lock.path} has no stage `{declared.names[0]}`; {_REPEAT}"
                yield self._problem(said, lock, declared.names[0], declared)

    @cached_property
    def _variables(self) -> DvcVariables:
        return DvcVariables.of(self.source, self.document.get("vars"))

    @cached_property
    def _found(self) -> tuple[tuple[_Declared, ...], dict[str, LineageProblem]]:
        """The stages, and what is wrong with loops whose turns are not known."""
        found, broken = list[_Declared](), dict[str, LineageProblem]()
        stages = without_marks(mapping(self.document.get("stages")), self.source.path)
        for name, each in stages.items():
            try:
                found += self._turns(str(name), mapping(each))
            except NoSuchVariableError as error:
                broken[str(name)] = LineageProblem(_unknown(f"the loop of stage `{name}`", error), always=True)
        return tuple(found), broken

    @property
    def _all(self) -> tuple[_Declared, ...]:
        return self._found[0]

    @property
    def _broken(self) -> Mapping[str, LineageProblem]:
        return self._found[1]

    @cached_property
    def _by_name(self) -> Mapping[str, _Declared]:
        return {name: each for each in self._all for name in reversed(each.names)}

    def _turns(self, name: str, stage: Mapping[str, Any]) -> list[_Declared]:
        """A stage, or those that its loop makes."""
        if "foreach" in stage:
            each, wanted = self._resolved(stage["foreach"]), mapping(stage.get("do"))
            keyed = isinstance(each, dict)
            return [_Declared(wanted, _called(name, [key]), (item, key if keyed else "")) for key, item in _items(each)]
        if "matrix" not in stage:
            return [_Declared(stage, (name,))]
        axes = {key: _axis(str(key), values) for key, values in mapping(self._resolved(stage["matrix"])).items()}
        size = 1
        for axis in axes.values():
            size *= len(axis)
        if size > _MOST_TURNS:
            raise EvidenceError(f"{self.source.path}: stage `{name}` has more than {_MOST_TURNS:,} turns", "lineage")
        own = {key: value for key, value in stage.items() if key != "matrix"}
        found = []
        for chosen in product(*axes.values()):
            names = _called(name, [key for key, _ in chosen])
            item = dict(zip(axes, (value for _, value in chosen), strict=True))
            found.append(_Declared(own, names, (item, names[0].partition("@")[2])))
        return found

    def _resolved(self, value: Any) -> Any:
        return self._variables.resolved(value, USUAL) if SIGN in repr(value) else value

    def _written_out(self, declared: _Declared, spellings: Iterable[DvcSpelling] = (USUAL,)) -> list[Mapping[str, Any]]:
        """A stage as it is run, in each of some spellings. Raises NoSuchVariableError."""
        stage = declared.stage
        if SIGN not in repr(stage):
            return [stage]
        variables = self._variables
        if declared.turn:
            variables = variables.with_item(*declared.turn)
        if stage.get("vars"):
            folder = str(variables.resolved(stage.get("wdir") or ".", USUAL))
            variables = variables.with_vars(self.source.beside(f"{folder}/{STAGES}"), stage["vars"])
        own = {key: value for key, value in stage.items() if key != "vars"}
        return [variables.resolved(own, spelling) for spelling in spellings]

    def _compared(
        self, lock: SourceFile, name: str, declared: _Declared, stage: Mapping[str, Any]
    ) -> Iterator[LineageProblem]:
        """In what a stage of the lock is not the one that is declared."""
        try:
            asked = [_parts(wanted) for wanted in self._written_out(declared, SPELLINGS)]
        except NoSuchVariableError as error:
            yield self._problem(_unknown(f"stage `{name}`", error), lock, name, declared)
            return
        whole = [file for file, names in names_of(self.declaration(name)).items() if not names]
        for key, found in _locked_parts(stage, whole).items():
            if not _same_entries([parts[key] for parts in asked], found):
                said = f"`{key}` of stage `{name}` is not that of dvc.yaml in {lock.path}; {_REPEAT}"
                yield self._problem(said, lock, name, declared)

    def _problem(self, said: str, lock: SourceFile, name: str, declared: _Declared) -> LineageProblem:
        """A problem of a stage; without knowing its files it counts for every model."""
        try:
            stage = self._written_out(declared)[0]
        except NoSuchVariableError:
            return LineageProblem(said, run_of(lock, name), always=True)
        here = self.source.beside(f"{stage.get('wdir') or '.'}/{STAGES}")
        files = [[here.from_here(path) for path in paths if not outside(path)]
                 for paths in (_outputs(stage), paths_of(stage.get("deps")))]  # fmt: skip
        return LineageProblem(said, run_of(lock, name), tuple(files[0]), tuple(files[1]))


def run_of(lock: SourceFile, name: str) -> str:
    """The id of a stage's run."""
    return f"dvc:{lock.path}:{name}"


def names_of(stage: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the parameters of a stage by their files; none where the whole file is meant."""
    found: dict[str, list[str]] = {}
    for entry in listing(stage.get("params")):
        for file, names in entry.items() if isinstance(entry, dict) else [(PARAMS, [entry])]:
            found.setdefault(file, []).extend(map(str, listing(names)))
    return found


def paths_of(entries: object) -> list[str]:
    """The paths of a list whose entries are paths, or a path with options."""
    return [str(next(iter(each), "")) if isinstance(each, dict) else str(each) for each in listing(entries)]


def _unknown(what: str, error: NoSuchVariableError) -> str:
    said = f"{what} of dvc.yaml has `${{{error}}}`, to which neither params.yaml nor `vars` gives a fit value"
    return f"{said}, so its lock cannot be compared; correct dvc.yaml, then {_REPEAT}"


def _items(values: object) -> list[tuple[str, object]]:
    """The items of a loop with their keys: a list of plain values is its own keys."""
    if isinstance(values, dict):
        return [(str(key), value) for key, value in values.items()]
    several = listing(values)
    numbered = any(isinstance(each, dict | list) for each in several)
    return [(str(at) if numbered else str(each), each) for at, each in enumerate(several)]


def _axis(name: str, values: object) -> list[tuple[str, object]]:
    return [
        (f"{name}{at}" if isinstance(each, dict | list) else str(each), each) for at, each in enumerate(listing(values))
    ]


def _called(name: str, keys: Sequence[str]) -> tuple[str, ...]:
    """What the lock may call a turn of a loop."""
    written, canonical = "-".join(keys), "-".join(spelled(key, USUAL) for key in keys)
    return tuple(dict.fromkeys((f"{name}@{canonical}", f"{name}@{written}")))


def _parts(wanted: Mapping[str, Any]) -> dict[str, list[str]]:
    """What of a declared stage must be in the lock."""
    params = [name for names in names_of(wanted).values() for name in names]
    command, deps = [_command(wanted.get("cmd"))], paths_of(wanted.get("deps"))
    return {"cmd": command, "deps": deps, "outs": _outputs(wanted), "params": params}


def _locked_parts(stage: Mapping[str, Any], whole: Iterable[str]) -> dict[str, list[str]]:
    """The same of a stage in the lock; of files of parameters that are read as a whole nothing."""
    known = {*whole}
    values = [of for file, of in mapping(stage.get("params")).items() if file not in known]
    return {
        "cmd": [_command(stage.get("cmd"))],
        "deps": [str(mapping(each).get("path")) for each in listing(stage.get("deps"))],
        "outs": [str(mapping(each).get("path")) for each in listing(stage.get("outs"))],
        "params": [name for of in values for name in mapping(of)],
    }


def _same_entries(spellings: Sequence[Sequence[str]], found: Iterable[str]) -> bool:
    """Whether some texts are those that are wanted, each in one of its spellings, in any order."""
    left = [*spellings[0]]
    wanted = (
        list(zip(*spellings, strict=False)) if len({len(each) for each in spellings}) == 1 else [(t,) for t in left]
    )
    for text in found:
        at = next((at for at, each in enumerate(wanted) if any(matches(one, text) for one in each)), None)
        if at is None:
            return False
        wanted.pop(at)
    return not wanted


def _command(command: object) -> str:
    return "\n".join(map(str, command)) if isinstance(command, list) else str(command or "").strip()


def _outputs(stage: Mapping[str, Any]) -> list[str]:
    return [name for key in ("outs", "metrics", "plots") for name in paths_of(stage.get(key))]
