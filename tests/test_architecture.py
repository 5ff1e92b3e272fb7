"""The shape of the source: imports go down only, heavy modules load late, functions and files stay small."""

from __future__ import annotations

import ast
import graphlib
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

LAYERS = (
    {"__main__"},
    {"cli"},
    {"api"},
    {"planning", "reference"},
    {"gate"},
    {"policy"},
    {"checks"},
    {"candidate"},
    {"metrics"},
    {"evidence"},
    {"reports", "stats"},
    {"reading"},
    {"values", "version"},
)
"""From the top down: what is in a layer imports what is in the layers below it, and nothing else of ours."""

ONLY = {
    "metrics": {"evidence", "stats", "values"},
    "checks": {"candidate", "metrics", "evidence", "stats", "reading", "values"},
    "evidence": {"stats", "values"},
    "reports": {"values"},
    "stats": set(),
    "values": set(),
    "reading": {"values", "version"},
}
"""Where less is allowed than what the layers allow."""

HEAVY = {
    "duckdb", "fairlearn", "jinja2", "jsonschema", "numpy", "pandas", "polars", "pyarrow", "pyspark", "rich",
    "scipy", "sklearn", "sqlglot",
}  # fmt: skip
HEAVY_AT_TOP: dict[str, set[str]] = {}
"""Heavy modules that a file may import at its top, by file: none today."""


@dataclass(frozen=True)
class Import:
    """One import: who, whom, in which line; at the module's top or later; for type checkers alone or not."""

    importer: str
    imported: str
    line: int
    top: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name."""
    files = sorted((SOURCE / "mlgate").rglob("*.py"))
    return {name_of(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def name_of(file: Path) -> str:
    """The dotted name of a module's file."""
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def file_of(module: str) -> Path:
    """The file of a module of ours."""
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def imports() -> tuple[Import, ...]:
    """Every import of every module, also those within functions and those for the type checker."""
    return tuple(found for module, tree in trees().items() for found in within(tree, module, True, False))


def within(node: ast.AST, module: str, top: bool, typing: bool) -> Iterator[Import]:
    """The imports of a part of a module."""
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.Import):
            for alias in below.names:
                yield Import(module, alias.name, below.lineno, top, typing)
        elif isinstance(below, ast.ImportFrom):
            assert below.level == 0, f"{module}:{below.lineno} imports relatively"
            for alias in below.names:
                yield Import(module, resolved(below.module or "", alias.name), below.lineno, top, typing)
        else:
            late = isinstance(below, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for_types = isinstance(below, ast.If) and "TYPE_CHECKING" in ast.unparse(below.test)
            yield from within(below, module, top and not late, typing or for_types)


def resolved(module: str, name: str) -> str:
    """`from a import b` as `a.b` where that is a module of ours, else as `a`."""
    return f"{module}.{name}" if f"{module}.{name}" in trees() else module


def package(module: str) -> str:
    """The part of mlgate that a module belongs to: `metrics` for `mlgate.metrics.kinds.share`."""
    return (*module.split("."), "")[1]


def between_packages() -> list[Import]:
    """The imports of one part of mlgate by another; the package's own front door is above all."""
    ours = [found for found in imports() if found.imported.split(".")[0] == "mlgate"]
    return [found for found in ours if package(found.importer) not in ("", package(found.imported))]


def test_every_part_has_its_layer() -> None:
    parts = {package(module) for module in trees()} - {""}
    assert parts == set().union(*LAYERS)


def test_imports_go_down_only() -> None:
    depth = {name: level for level, names in enumerate(LAYERS) for name in names}
    wrong = [
        str(found)
        for found in between_packages()
        if depth[package(found.importer)] >= depth.get(package(found.imported), -1)
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ONLY)
def test_a_part_imports_only_what_it_may(part: str) -> None:
    used = [found for found in between_packages() if package(found.importer) == part]
    assert [str(found) for found in used if package(found.imported) not in ONLY[part]] == []


def test_modules_have_no_cycles() -> None:
    graph: dict[str, set[str]] = {module: set() for module in trees()}
    for found in imports():
        if found.imported in graph and found.top and not found.typing:
            graph[found.importer].add(found.imported)
    graphlib.TopologicalSorter(graph).prepare()


def test_heavy_modules_load_where_they_are_used() -> None:
    at_top = [
        str(found)
        for found in imports()
        if found.top
        and not found.typing
        and (heavy := found.imported.split(".")[0]) in HEAVY
        and heavy not in HEAVY_AT_TOP.get(file_of(found.importer).relative_to(SOURCE).as_posix(), set())
    ]
    assert at_top == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["check", "--help"], ["lint", "--help"], ["plan", "--help"], ["explain", "recall"]],
    ids=" ".join,
)
def test_the_command_line_answers_without_heavy_modules(arguments: list[str]) -> None:
    program = (
        "import sys; from mlgate.cli.main import run; code = run(sys.argv[1:]); "
        f"print('loaded:', sorted({HEAVY!r} & set(sys.modules))); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_special_functions_come_from_the_one_place_that_loads_them_alone() -> None:
    """`import scipy.special` takes longer than numpy; `mlgate.stats.special` loads its functions without the rest."""
    whole = [str(found) for found in imports() if found.imported.startswith("scipy.special")]
    assert whole == []


def test_only_the_command_line_ends_the_program() -> None:
    exits = [
        (module, ast.unparse(node))
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("sys.exit", "os._exit", "exit", "quit", "SystemExit")
    ]
    # `python -m mlgate` refuses an unsafe path with a 2; only the line in `cli.main` can exit 0.
    assert exits == [("mlgate.__main__", "sys.exit(2)"), ("mlgate.cli.main", "sys.exit(code)")]


def test_a_crash_is_caught_only_where_it_becomes_an_answer() -> None:
    """Where it becomes an ERROR, a fact that could not be had, a refusal, an exit code; and at plugins."""
    allowed = {
        "mlgate.gate.run", "mlgate.evidence.tables", "mlgate.cli.main",
        "mlgate.checks.registry", "mlgate.metrics.registry", "mlgate.reports.registry",
    }  # fmt: skip
    broad = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    }
    assert broad <= allowed, broad - allowed


def function_sizes() -> dict[str, int]:
    """Lines of every function, its docstring and decorators included."""
    return {
        f"{module}.{node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def file_sizes() -> dict[str, int]:
    """Lines of every file that has more than a docstring."""
    sizes = {module: len(file_of(module).read_text(encoding="utf-8").splitlines()) for module in trees()}
    return {module: lines for module, lines in sizes.items() if lines > 1}


@pytest.mark.parametrize(
    ("sizes", "median", "most", "longest"),
    [(function_sizes, 10, 30, 60), (file_sizes, 120, 250, 400)],
    ids=["functions", "files"],
)
def test_sizes_stay_within_the_budget(sizes: object, median: int, most: int, longest: int) -> None:
    assert callable(sizes)
    found: dict[str, int] = sizes()
    assert {name: lines for name, lines in found.items() if lines > longest} == {}
    assert statistics.quantiles(found.values(), n=10)[-1] <= most
    assert statistics.median(found.values()) <= median


def test_every_public_name_says_what_it_is() -> None:
    documented = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    silent = [
        f"{module}.{node.name}"
        for module, tree in trees().items()
        for node in tree.body
        if isinstance(node, documented) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []
