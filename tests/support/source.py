"""The package's source as the architecture tests see it: modules, imports, circles, names and sizes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class Import:
    """One import: which module imports which, in which line, and whether it runs when the importer is loaded."""

    importer: str
    imported: str
    line: int
    at_load: bool
    """False inside functions and under TYPE_CHECKING."""

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its dotted name."""
    files = sorted((SOURCE / "mlgate").rglob("*.py"))
    return {name_of(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def name_of(file: Path) -> str:
    """The dotted name of a module's file."""
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def file_of(module: str) -> Path:
    """The file of a module."""
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def package(module: str) -> str:
    """The package that a module belongs to: `metrics` for `mlgate.metrics.kinds.share`."""
    return (*module.split("."), "")[1]


@cache
def imports() -> tuple[Import, ...]:
    """All imports of all modules, including those inside functions and those under TYPE_CHECKING."""
    return tuple(found for module, tree in trees().items() for found in imports_within(tree, module, at_load=True))


def imports_within(node: ast.AST, module: str, *, at_load: bool) -> Iterator[Import]:
    """The imports of a part of a module."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, at_load)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}:{child.lineno} has a relative import"
            for alias in child.names:
                yield Import(module, resolved(child.module or "", alias.name), child.lineno, at_load)
        else:
            in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from imports_within(child, module, at_load=at_load and not in_function and not for_types)


def resolved(module: str, name: str) -> str:
    """`from a import b` as `a.b` if that is a module of the package, otherwise as `a`."""
    return f"{module}.{name}" if f"{module}.{name}" in trees() else module


def import_graph() -> Graph:
    """Which modules of the package each module imports."""
    graph: dict[str, set[str]] = {module: set() for module in trees()}
    for found in imports():
        if found.imported in graph and found.imported != found.importer:
            graph[found.importer].add(found.imported)
    return graph


def circles(graph: Graph) -> list[frozenset[str]]:
    """The largest groups of nodes in which each reaches every other; none has one member."""
    reached = {node: reachable(graph, node) for node in graph}
    found = {frozenset(other for other in reached[node] if node in reached[other]) for node in graph}
    return sorted((circle for circle in found if len(circle) > 1), key=sorted)


def reachable(graph: Graph, start: str) -> set[str]:
    """All nodes at the end of some path from `start`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = graph[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return seen


def type_names() -> dict[str, list[str]]:
    """The modules that define a type, by the type's name: classes, and aliases written in CamelCase."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, tree in trees().items():
        for node in tree.body:
            if name := type_name(node):
                found[name].append(module)
    return found


def type_name(node: ast.stmt) -> str | None:
    """The name of the type that a statement defines, if it defines one."""
    if isinstance(node, ast.ClassDef):
        return node.name
    target = getattr(node, "target", None) or next(iter(getattr(node, "targets", ())), None)
    if isinstance(target, ast.Name) and target.id[:1].isupper() and not target.id.isupper():
        return target.id
    return None


def file_names() -> dict[str, list[str]]:
    """The modules by the name of their file."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in trees():
        found[file_of(module).name].append(module)
    return found


def function_sizes() -> dict[str, int]:
    """The lines of every function, with its docstring and decorators."""
    return {
        f"{module}.{node.name}:{node.lineno}": (node.end_lineno or 0) - first_line(node) + 1
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The line in which a function begins, at its first decorator if it has one."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def file_sizes() -> dict[str, int]:
    """The lines of every file that has more than a docstring."""
    sizes = {module: len(file_of(module).read_text(encoding="utf-8").splitlines()) for module in trees()}
    return {module: lines for module, lines in sizes.items() if lines > 1}
