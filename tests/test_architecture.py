"""The shape of the source: imports go down, nothing goes in circles, one name has one meaning, functions stay short."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib

import pytest

from mlgate.cli.main import COMMANDS
from mlgate.metrics.metric import TASKS
from support.source import (
    SOURCE,
    Import,
    circles,
    file_names,
    file_sizes,
    function_sizes,
    import_graph,
    imports,
    package,
    trees,
    type_names,
)

LAYERS = (
    {"__main__"},
    {"cli"},
    {"api"},
    {"authoring", "doctor", "planning", "reference", "testing"},
    {"gate"},
    {"policy"},
    {"checks"},
    {"candidate"},
    {"lineage", "metrics"},
    {"evidence"},
    {"git", "reports", "stats"},
    {"reading"},
    {"values", "version"},
)
"""From the top down: a package imports packages in layers below its own, and no others of mlgate."""

ONLY = {
    "metrics": {"evidence", "stats", "reading", "values"},
    "checks": {"candidate", "lineage", "metrics", "evidence", "stats", "reading", "values"},
    "lineage": {"evidence", "git", "reading", "values", "version"},
    "evidence": {"stats", "values"},
    "git": {"values"},
    "reports": {"values"},
    "stats": set(),
    "values": set(),
    "reading": {"values", "version"},
}
"""Where less is allowed than what the layers allow."""

HEAVY = {
    "_duckdb", "cryptography", "duckdb", "fairlearn", "jinja2", "jsonschema", "numpy", "pandas", "polars", "pyarrow",
    "pyspark", "rich", "scipy", "sklearn", "sqlglot",
}  # fmt: skip

BY_NAME = {
    "mlgate.candidate.tasks": "every task's file",
    "mlgate.cli.main": "a command's own file",
    "mlgate.evidence.questions.catalogue": "every question's file",
    "mlgate.evidence.called_function": "a user's function",
    "mlgate.metrics.registry": "every task's metrics",
    "mlgate.values.family": "every check's and every report's file",
}
"""Where modules are imported by a name made at run time, and which."""

FILES_REPEATED = {
    "__init__.py": "every package has one",
    "calibration.py": "the check `fairness.calibration`, the kind of statistic, and its arithmetic",
    "melded.py": "the kind of statistic, and its arithmetic",
    "csv.py": "how a CSV file is opened, and the report",
    "metric.py": "what a metric is, and the checks `performance.metric` and `reported.metric`",
    "ratio.py": "the check `fairness.ratio`, and its arithmetic",
    "registry.py": "the members of a family, by name",
    "reliability.py": "the kind of statistic, and its arithmetic",
    "rows.py": "the check `data.rows`, and a table as rules see it",
    "share.py": "the kind of statistic, and its arithmetic",
    **{f"{task}.py": "what the task says of candidates, and its metrics" for task in TASKS},
}
"""File names that several packages have on purpose, with the reason."""


def between_packages() -> list[Import]:
    """The imports of one package of mlgate by another; the package's own front door is above all."""
    ours = [found for found in imports() if found.imported.split(".")[0] == "mlgate"]
    return [found for found in ours if package(found.importer) not in ("", package(found.imported))]


def test_the_top_holds_two_doors_the_api_the_version_and_packages() -> None:
    top = {path.name for path in (SOURCE / "mlgate").iterdir() if path.is_file()}
    assert top == {"__init__.py", "__main__.py", "api.py", "version.py", "py.typed"}


def test_every_package_has_a_layer() -> None:
    packages = {package(module) for module in trees()} - {""}
    assert packages == set().union(*LAYERS)


def test_imports_go_down_only() -> None:
    depth = {name: level for level, names in enumerate(LAYERS) for name in names}
    wrong = [
        str(found)
        for found in between_packages()
        if depth[package(found.importer)] >= depth.get(package(found.imported), -1)
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ONLY)
def test_a_package_imports_only_what_it_may(part: str) -> None:
    used = [found for found in between_packages() if package(found.importer) == part]
    assert [str(found) for found in used if package(found.imported) not in ONLY[part]] == []


def test_no_modules_import_each_other() -> None:
    assert [sorted(circle) for circle in circles(import_graph())] == []


def test_modules_are_imported_by_a_name_made_at_run_time_only_where_this_is_stated() -> None:
    dynamic = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__")
    }
    assert dynamic == set(BY_NAME)


def test_a_file_name_stands_for_one_idea() -> None:
    """A command's file has the command's name, and the packages below may have a file of the same name."""
    commands = {f"mlgate.cli.{name}" for name in COMMANDS}
    others = {name: [module for module in modules if module not in commands] for name, modules in file_names().items()}
    repeated = {name: modules for name, modules in others.items() if len(modules) > 1}
    assert {name: modules for name, modules in repeated.items() if name not in FILES_REPEATED} == {}
    assert set(FILES_REPEATED) - set(repeated) == set(), "take these out of FILES_REPEATED"


def test_a_type_name_stands_for_one_type() -> None:
    assert {name: modules for name, modules in type_names().items() if len(modules) > 1} == {}


def test_heavy_modules_load_where_they_are_used() -> None:
    at_top = [str(found) for found in imports() if found.at_load and found.imported.split(".")[0] in HEAVY]
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


def test_every_dependency_is_imported_and_every_import_is_a_dependency() -> None:
    """Two are promised without an import: a policy may name any function of theirs as a metric."""
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {demanded.partition(">")[0] for demanded in project["dependencies"]}
    roots = {found.imported.split(".")[0] for found in imports()} - set(sys.stdlib_module_names)
    imported = roots - {"mlgate", "_duckdb", "pyarrow", "cryptography"}  # DuckDB's compiled module, and extras
    assert named - {"scikit-learn", "fairlearn"} == {"pyyaml" if root == "yaml" else root for root in imported}


def test_special_functions_come_from_the_one_place_that_loads_them_alone() -> None:
    """`import scipy.special` takes longer than numpy; `mlgate.stats.special` loads its functions without the rest."""
    whole = {found.importer for found in imports() if found.imported.startswith("scipy.special")}
    assert whole == {"mlgate.stats.special"}


def test_only_the_command_line_ends_the_program() -> None:
    exits = [
        (module, ast.unparse(node))
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("sys.exit", "os._exit", "exit", "quit", "SystemExit")
    ]
    # `python -m mlgate` refuses an unsafe path with a 2; only the line in `cli.main` can exit 0. It does so where the
    # process that it watches handed in this code and ended with it. A policy's function has a process of its own.
    assert exits == [
        ("mlgate.__main__", "sys.exit(2)"),
        ("mlgate.cli.main", "sys.exit(code)"),
        ("mlgate.cli.supervised", "os._exit(code)"),
        ("mlgate.evidence.called_function", "os._exit(0)"),
        ("mlgate.evidence.called_function", "os._exit(1)"),
    ]


def test_a_crash_is_caught_only_where_it_becomes_an_answer() -> None:
    """Where it becomes an ERROR, a fact that could not be had, a refusal, an exit code; at plugins, and at what the
    library of a frame cannot hand over."""
    allowed = {
        "mlgate.gate.run", "mlgate.gate.ask", "mlgate.gate.batch", "mlgate.evidence.tables.open_tables",
        "mlgate.cli.main", "mlgate.values.family", "mlgate.evidence.open.frames",
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


def test_functions_stay_short() -> None:
    sizes = function_sizes()
    assert {name: lines for name, lines in sizes.items() if lines > 60} == {}
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 30
    assert statistics.median(sizes.values()) <= 10


def test_files_hold_one_idea() -> None:
    sizes = file_sizes()
    assert {name: lines for name, lines in sizes.items() if lines > 500} == {}
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 300


def test_every_public_name_has_a_docstring() -> None:
    documented = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    silent = [
        f"{module}.{node.name}"
        for module, tree in trees().items()
        for node in tree.body
        if isinstance(node, documented) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


TESTS = SOURCE.parent / "tests"


def test_no_test_imports_another_or_changes_the_search_path() -> None:
    wrong = [
        f"{file.relative_to(TESTS)}:{number}: {line}"
        for file in sorted(TESTS.rglob("*.py"))
        if "cases" not in file.parts
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(from|import) (tests\.|.*\btest_)", line) or re.match(r"\s*sys\.path\b", line)
    ]
    assert wrong == []


def test_the_folders_of_unit_tests_are_those_of_the_source() -> None:
    folders = [path.relative_to(TESTS / "unit") for path in (TESTS / "unit").rglob("test_*.py")]
    assert [str(path) for path in folders if not (SOURCE / "mlgate" / path.parent).is_dir()] == []


def test_mutants_are_made_of_every_guard_and_its_tests_are_there() -> None:
    """A guard that refuses too little is a wrong pass, so `make mutants` changes what each refuses."""
    listed = tomllib.loads((TESTS / "mutants.toml").read_text())
    refusing = [
        (module.removeprefix("mlgate.").replace(".", "/") + ".py", prefix + each.name)
        for module, tree in trees().items()
        if module.startswith(("mlgate.checks.", "mlgate.metrics."))
        for prefix, body in (
            ("", tree.body),
            *((f"{of.name}.", of.body) for of in tree.body if isinstance(of, ast.ClassDef)),
        )
        for each in body
        if isinstance(each, ast.FunctionDef) and each.name.lstrip("_").startswith("refuse")
    ]
    assert len(refusing) > 20
    unlisted = [
        f"{file}: {name}"
        for file, name in refusing
        if file not in listed or not any(re.fullmatch(each, name) for each in listed[file].get("functions", (".*",)))
    ]
    assert unlisted == []
    assert [file for file in listed if not (SOURCE / "mlgate" / file).is_file()] == []
    named = {test.partition("::")[0] for each in listed.values() for test in each["tests"]}
    assert [test for test in sorted(named) if not (TESTS.parent / test).is_file()] == []
