"""The special functions of scipy, loaded without the rest of scipy."""

from __future__ import annotations

import subprocess
import sys

import pytest
import scipy.special

from mlgate.stats import special


def printed(program: str) -> str:
    """What a program prints in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_the_functions_load_without_the_package_and_its_heavy_imports() -> None:
    program = (
        "import sys, mlgate.stats.special; "
        "print([name for name in ('scipy.special', 'numpy.f2py', 'numpy.testing', 'unittest') if name in sys.modules])"
    )
    assert printed(program) == "[]"


@pytest.mark.parametrize("name", special.NAMES)
def test_a_function_is_the_one_of_scipy(name: str) -> None:
    assert getattr(special, name) is getattr(scipy.special, name)


def test_the_package_is_whole_when_it_is_imported_afterwards() -> None:
    program = (
        "import mlgate.stats.special as ours, scipy.special, scipy.stats; "
        "print(scipy.special.ndtri is ours.ndtri, set(scipy.special.__all__) <= set(dir(scipy.special)))"
    )
    assert printed(program) == "True True"


def test_the_package_is_used_when_it_is_there_already() -> None:
    program = "import scipy.special, mlgate.stats.special as ours; print(scipy.special.ndtri is ours.ndtri)"
    assert printed(program) == "True"


@pytest.mark.parametrize("name", ["_no_such_module", "_ufuncs_cxx"])
def test_without_the_compiled_module_the_package_is_imported(name: str) -> None:
    """A scipy that keeps its functions elsewhere: its absence is played by another name."""
    program = f"""
import importlib.util
spec = importlib.util.find_spec("mlgate.stats.special")
source = spec.loader.get_source(spec.name).replace("import _ufuncs", "import {name} as _ufuncs")
assert "{name}" in source
names = {{"__name__": "elsewhere"}}
exec(compile(source, "elsewhere", "exec"), names)
import scipy.special
print(names["ndtri"] is scipy.special.ndtri, names["_functions"] is scipy.special)
"""
    assert printed(program) == "True True"


def test_threads_that_import_the_package_meanwhile_get_it_whole() -> None:
    program = """
import threading
found = []
def whole():
    import scipy.special
    found.append(hasattr(scipy.special, "logsumexp"))
def alone():
    import mlgate.stats.special as ours
    found.append(ours.ndtri(0.5) == 0)
threads = [threading.Thread(target=work) for work in (whole, alone) * 4]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(found == [True] * 8)
"""
    assert printed(program) == "True"
