"""A function that a policy names is part of the policy: a change of it does not count before it is merged."""

from __future__ import annotations

import py_compile
from importlib.util import cache_from_source

from mlgate.cli.main import run
from support.change import POLICY, Change, notes, rows, under

HOUSE = "def hits(label, prediction):\n    return float((label == prediction).mean())\n"
CALLING = POLICY.replace("metric: accuracy", "metric: 'house:hits'")


def test_a_change_of_a_function_is_held_to_the_function_of_the_base(change: Change) -> None:
    change.write({"policies/p.yaml": CALLING, "policies/house.py": HOUSE})
    change.merge()
    assert change.judge()[0] == 0
    change.write({"rows.csv": rows(20)})
    assert change.judge()[0] == 1
    change.write({"policies/house.py": HOUSE.replace("float((label == prediction).mean())", "1.0")})
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
    assert "the policies are not those of main" in notes(found)


def test_a_compiled_file_does_not_speak_for_a_source_file(change: Change) -> None:
    change.write({"policies/p.yaml": CALLING, "policies/house.py": HOUSE, "rows.csv": rows(20)})
    change.merge()
    change.write({"lie.py": "def hits(label, prediction):\n    return 1.0\n"})
    compiled = cache_from_source(str(change.folder / "policies" / "house.py"))
    for place in (compiled, str(change.folder / "policies" / "house.pyc")):
        py_compile.compile(
            str(change.folder / "lie.py"), place, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": False})


def test_diff_names_a_function_that_is_another_one(change: Change) -> None:
    change.write({"policies/p.yaml": CALLING, "policies/house.py": HOUSE})
    change.merge()
    change.capsys.readouterr()
    assert run(["diff", "main"]) == 0
    change.write({"policies/house.py": HOUSE + "# changed\n"})
    assert run(["diff", "main"]) == 1
    assert "NOT COMPARABLE  p:functions  house.py: " in change.capsys.readouterr().out


def test_what_a_function_imports_from_the_folder_is_held_to_the_base_too(change: Change) -> None:
    change.write({"policies/p.yaml": CALLING, "policies/house.py": "from tools.deep import hits\n"})
    change.write({"policies/tools/deep.py": HOUSE})
    change.merge()
    change.write({"rows.csv": rows(20)})
    change.edit("policies/tools/deep.py", "float((label == prediction).mean())", "1.0")
    code, found = change.judge()
    assert (code, under(found)) == (1, {"": True, "the policies of main": False})
