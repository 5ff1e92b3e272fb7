"""Change the code that decides, one place at a time, and see whether the fast tests notice. `make mutants` runs it.

`mutants.toml` says which files are changed, which tests belong to each, and which changes make no difference. A change
that no test notices is printed as `file:line in function: old -> new`, and the exit code is 1. No file is written: a
process collects the tests, and a copy of it per changed function runs them until one fails. For a change that is not in
a function, or that no test noticed so, another process imports the changed module before it collects the tests.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import inspect
import marshal
import multiprocessing
import os
import re
import resource
import signal
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "mutants.toml"
SOURCE = ROOT / "src" / "mlgate"
HEAVY = ("numpy", "scipy.stats", "duckdb", "pyarrow.parquet", "pandas", "yaml", "hypothesis")
"""What tests import and no change touches: imported once, before the processes are forked."""

IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Imported before pytest starts, hypothesis is not rewritten. Nobody minds."""

COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min"}
STATUSES = {"PASS": "FAIL", **dict.fromkeys(("WAIVED", "INCONCLUSIVE", "FAIL", "ERROR", "SKIPPED", "LISTED"), "PASS")}

Ended = Literal["survived", "noticed", "too long"]


@dataclass(frozen=True)
class Mutant:
    """A module with one place changed."""

    file: str
    function: str
    line: int
    old: str
    new: str
    code: CodeType

    def __str__(self) -> str:
        return f"src/mlgate/{self.file}:{self.line} in {self.function or 'the module'}: {self.old} -> {self.new}"

    @property
    def key(self) -> tuple[str, str, str]:
        """Its name in `mutants.toml`. Line numbers move, so they are not part of it."""
        return self.function, self.old, self.new


@dataclass(frozen=True)
class Place:
    """A node that may be changed, where it stands in its parent, and the function around it."""

    function: str
    node: Any
    parent: ast.AST
    field: str
    index: int | None

    @property
    def now(self) -> ast.AST:
        """The node that stands here now."""
        found = getattr(self.parent, self.field)
        return found if self.index is None else found[self.index]

    def put(self, node: ast.AST) -> None:
        """Put another node here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def text(self) -> str:
        """What stands here now, with what is around a single constant or name."""
        alone = isinstance(self.node, ast.Constant | ast.Name) and not isinstance(self.parent, ast.stmt | ast.mod)
        return ast.unparse(self.parent if alone else self.now)

    def changes(self) -> Iterator[ast.AST]:
        """The nodes that may stand here instead."""
        node = self.node
        if isinstance(node, ast.Compare):
            yield from _compared(node)
        elif isinstance(node, ast.BoolOp):
            yield from _joined(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            yield node.operand
        elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
            yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
        elif isinstance(node, ast.Constant):
            yield from map(ast.Constant, _constants(node.value))
        elif isinstance(node, ast.Name) and node.id in SWAPPED:
            yield ast.Name(SWAPPED[node.id], node.ctx)
        elif (
            isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "Status") and node.attr in STATUSES
        ):
            yield ast.Attribute(node.value, STATUSES[node.attr], node.ctx)
        if self.field in ("test", "ifs") and isinstance(node, ast.Name | ast.Attribute | ast.Call):
            yield ast.UnaryOp(ast.Not(), node)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    """Another comparison, or another text to compare with."""
    for at, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)
    for at, value in enumerate(node.comparators):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            changed = [*node.comparators[:at], ast.Constant(f"no {value.value}"), *node.comparators[at + 1 :]]
            yield ast.Compare(node.left, node.ops, changed)


def _joined(node: ast.BoolOp) -> Iterator[ast.AST]:
    """The other operator, or one condition less."""
    yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    for at in range(len(node.values)):
        rest = [*node.values[:at], *node.values[at + 1 :]]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _constants(value: object) -> tuple[object, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1,)
    return (value * 2 or 1.0,) if isinstance(value, float) else ()


def places(node: ast.AST, function: str = "") -> Iterator[Place]:
    """Every place below a node, but for messages, annotations and decorators."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            inside = f"{function}.{child.name}".lstrip(".") if named else function
            yield Place(inside, child, node, field, index)
            yield from places(child, inside)


def mutants(path: Path, file: str, functions: Sequence[str] = (".*",)) -> Iterator[Mutant]:
    """Every mutant of a module's functions whose names match one of some patterns."""
    tree = ast.parse(path.read_text())
    for place in places(tree):
        if not any(any_matches(pattern, (place.function,)) for pattern in functions):
            continue
        for new in place.changes():
            old = place.text()
            place.put(ast.copy_location(new, place.node))
            code = compile(ast.fix_missing_locations(tree), str(path), "exec")
            shown = place.text()
            place.put(place.node)
            yield Mutant(file, place.function, place.node.lineno, old, shown, code)


@dataclass(frozen=True)
class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a changed module to who imports it."""

    module: str
    path: Path
    code: CodeType

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        """Where the changed module is."""
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self)
            if fullname == self.module
            else None
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed module."""
        exec(self.code, module.__dict__)


PATIENCE = 300
"""Seconds in which even a busy machine gives some processor time to a process that asks for it."""
FORK = multiprocessing.get_context("fork")


def _test(tests: Sequence[str], changed: Changed | None, seconds: int, *plugins: object) -> None:
    """Run tests quietly in a process of its own group, and exit with 0 only if none fails."""
    import pytest

    _alone(seconds)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    if changed is not None:
        sys.meta_path.insert(0, changed)
    options = ["-x", "-q", "--fast", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0", *IMPORTED]
    os._exit(int(pytest.main([*options, *tests], plugins)))


def _alone(seconds: int) -> None:
    """Give this process a group of its own, and so much processor time: a busy machine makes no test too long."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def ended(seconds: int, target: Callable[..., None], *args: object) -> Ended:
    """How tests ended in a process of their own, within so much processor time; one that waits for ever ends, too."""
    process = FORK.Process(target=target, args=args)
    process.start()
    process.join(max(60 * seconds, PATIENCE))
    if process.exitcode is None:
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        return "too long"
    if process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "too long"
    return "noticed" if process.exitcode else "survived"


@dataclass(frozen=True)
class Collected:
    """A plugin of pytest. It runs the collected tests in a copy of the process, once per changed function."""

    connection: Connection
    """It receives a function's name and the code of the changed module, and sends how the tests ended."""
    module: str
    seconds: int

    def pytest_runtestloop(self, session: Any) -> bool:
        """In place of the tests: wait for changed functions."""
        functions, seconds = dict(_functions(importlib.import_module(self.module))), self.seconds
        for name, code in iter(self.connection.recv, None):
            found, before = _held(functions, marshal.loads(code), name) if name else (), _spent()
            how = None if found is None else ended(seconds, self._run, session, seconds, *found)
            if not name:
                seconds = min(seconds, 2 + int(3 * (_spent() - before)))  # a change may make a loop endless
            self.connection.send(how)
        return True

    def _run(self, session: Any, seconds: int, function: Any = None, code: CodeType | None = None) -> None:
        """Exit with 0 only if no test fails with the changed function."""
        _alone(seconds)
        if code is not None:
            inspect.unwrap(function).__code__ = code
            getattr(function, "cache_clear", int)()
        for item, following in zip(session.items, [*session.items[1:], None]):
            if not session.testsfailed:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        os._exit(bool(session.testsfailed))


def _spent() -> float:
    """The processor time of all processes that this one has waited for, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions and methods of a module by their names."""
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    for owner in (module, *classes):
        for held in vars(owner).values():
            of = getattr(held, "fget", None) or getattr(held, "func", None) or getattr(held, "__func__", held)
            plain = inspect.unwrap(of) if callable(of) else of
            if isinstance(plain, FunctionType) and plain.__module__ == module.__name__:
                yield plain.__qualname__, of


def _held(functions: Mapping[str, Any], code: CodeType, name: str) -> tuple[Any, CodeType] | None:
    """The outermost function of a name, and its changed code; None where the change is not in its code."""
    parts = name.split(".")
    outermost = next((part for at in range(len(parts)) if (part := ".".join(parts[: at + 1])) in functions), None)
    found = next((each for each in _codes(code) if each.co_qualname == outermost), None)
    if outermost is None or found is None or found == inspect.unwrap(functions[outermost]).__code__:
        return None
    return functions[outermost], found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of everything in a module."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


@dataclass(frozen=True)
class Tests:
    """The tests of one file."""

    file: str
    names: Sequence[str]
    seconds: int

    @property
    def module(self) -> str:
        """The name of the file's module."""
        return "mlgate." + self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @contextmanager
    def collected(self) -> Iterator[Connection]:
        """The connection to a process that has collected them."""
        ours, theirs = FORK.Pipe()
        plugin = Collected(theirs, self.module, self.seconds)
        process = FORK.Process(target=_test, args=(self.names, None, resource.RLIM_INFINITY, plugin))
        process.start()
        theirs.close()  # where the process ends early, waiting for it ends, too
        yield ours
        ours.send(None)
        process.join()

    def survived(self, mutant: Mutant | None, connection: Connection, *, listed: bool = False) -> bool:
        """Whether no test fails with a change, or without any. What is listed as equivalent is always tried twice."""
        changed = None if mutant is None else Changed(self.module, SOURCE / self.file, mutant.code)
        connection.send(("", b"") if mutant is None else (mutant.function, marshal.dumps(mutant.code)))
        in_copy = connection.recv()
        if in_copy in (None, "survived") or listed:
            return ended(self.seconds, _test, self.names, changed, self.seconds) == "survived"
        return False


def examine(file: str, listed: Mapping[str, Any], seconds: int) -> int:
    """Run the mutants of a file, print what is wrong, and return how much that is."""
    tests = Tests(file, [str(ROOT / test) for test in listed["tests"]], seconds)
    known = {(each.get("in", ""), each["old"], each["new"]): each["why"] for each in listed.get("equivalent", ())}
    patterns = listed.get("functions", (".*",))
    met, functions, wrong, total = set(), set(), 0, 0
    with tests.collected() as connection:
        if not tests.survived(None, connection):
            print(f"src/mlgate/{file}: its tests fail or take over {seconds} s without any change")
            return 1
        for mutant in mutants(SOURCE / file, file, patterns):
            total += 1
            functions.add(mutant.function)
            survived = tests.survived(mutant, connection, listed=mutant.key in known)
            if mutant.key in known:
                met.add(mutant.key)
            if survived is not (mutant.key in known):
                wrong += 1
                said = "no test notices" if survived else "listed as equivalent, and a test notices"
                print(f"{mutant}: {said}", flush=True)
    stale = [f"in {at}: {old} -> {new}: listed as equivalent" for at, old, new in known.keys() - met]
    stale += [f"in {pattern}: listed in `functions`" for pattern in patterns if not any_matches(pattern, functions)]
    for each in stale:
        print(f"src/mlgate/{file} {each}, and there is no such change")
    print(f"src/mlgate/{file}: {total} changes, {len(met)} of them listed as equivalent", flush=True)
    return wrong + len(stale)


def any_matches(pattern: str, functions: Iterable[str]) -> bool:
    """Whether a pattern is that of some function."""
    return any(re.fullmatch(pattern, function) for function in functions)


def main() -> int:
    """Examine all listed files, or those given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", help="files below src/mlgate; all that are listed if none is given")
    parser.add_argument("--seconds", type=int, default=20, help="processor time for the tests of one change")
    given = parser.parse_args()
    listed = tomllib.loads(LIST.read_text())
    if unknown := set(given.files) - set(listed):
        parser.error(f"not in {LIST.name}: {', '.join(sorted(unknown))}")
    os.nice(19)
    os.chdir(ROOT)
    for name in HEAVY:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"HYPOTHESIS_STORAGE_DIRECTORY": scratch, "PYTEST_DEBUG_TEMPROOT": scratch}
        wrong = sum(examine(file, listed[file], given.seconds) for file in given.files or listed)
    print(f"{wrong} to mend" if wrong else "every change is noticed or listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
