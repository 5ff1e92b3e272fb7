"""Which lists of packages are locks: each line fixes one version, or a list beside it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.lineage.package_list import PackageList
from mlgate.lineage.package_list_format import packages_in
from mlgate.lineage.source_file import SourceFile
from mlgate.values.reach import Reach

HASH = "a" * 64
COMMIT = "b" * 40
UV = 'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "numpy"\nversion = "2.4.6"\n'
OWN = '\n[[package]]\nname = "mine"\nsource = { editable = "." }\n'
POETRY = '[[package]]\nname = "numpy"\nversion = "2.4.6"\n\n[metadata]\nlock-version = "2.1"\n'
PYLOCK = 'lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = "2.4.6"\n'
OF_GIT = f'lock-version = "1.0"\n[[packages]]\nname = "mine"\n[packages.vcs]\ncommit-id = "{COMMIT}"\n'
CONDA_LOCK = f"version: 1\npackage:\n- name: numpy\n  version: 2.4.6\n  hash: {{sha256: {HASH}}}\n"
EXPLICIT = (
    "# platform: linux-64\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/numpy-2.4.6-py311_0.conda#1\n"
)
MLFLOW = "channels: [conda-forge]\ndependencies:\n- python=3.11.7\n- pip<=23.2.1\n- pip:\n  - numpy==2.4.6\nname: env\n"
PYTHON = "python: 3.11.7\nbuild_dependencies: [pip==23.2.1, wheel]\ndependencies: [numpy==2.4.6]\n"


def pipfile(**packages: object) -> str:
    return json.dumps({"_meta": {"hash": {}}, "default": packages, "develop": {}})


def listed(folder: Path, name: str, text: str | bytes) -> PackageList | None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return packages_in(SourceFile(name, Reach.of(folder)))


LOCKS = {
    "requirements.txt": "# by hand\nnumpy==2.4.6\npandas [excel] == 3.1.1 ; python_version > '3.9'  # why\n-i https://x.org\n",
    "requirements-hashed.txt": f"numpy==2.4.6 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha256:{HASH}\n",
    "requirements-urls.txt": f"a @ https://x.org/a-1.whl#sha256={HASH}\nb @ git+https://x.org/b@{COMMIT}\n-e .\n./s\n",
    "freeze.txt": "numpy===2.4.6\r\npandas==3.1.1,>=3\r\n",
    "constraints.txt": "\ufeffnumpy==2.4.6\n",
    "uv.lock": UV + OWN,
    "poetry.lock": POETRY,
    "pylock.toml": PYLOCK,
    "pylock.prod.toml": OF_GIT,
    "renamed.lock": UV,
    "Pipfile.lock": pipfile(numpy={"version": "==2.4.6"}, mine={"path": ".", "editable": True}),
    "conda-lock.yml": CONDA_LOCK,
    "linux-64.lock": EXPLICIT,
    "environment.yml": "dependencies: [python=3.11.7, 'conda-forge::numpy==2.4.6', pandas=3.1=py311_0]\n",
    "conda.yaml": MLFLOW,
    "python_env.yaml": PYTHON,
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_list_whose_every_line_fixes_a_version_is_a_lock(tmp_path: Path, name: str) -> None:
    found = listed(tmp_path, name, LOCKS[name])
    assert found is not None
    assert found.format
    assert found.unfixed == ()


LOOSE = {
    "a name alone": ("requirements.txt", "numpy==2.4.6\nnumpy\n", 2, "numpy"),
    "at least a version": ("requirements.txt", "numpy>=2.4.6\n", 1, "numpy>=2.4.6"),
    "each version that begins so": ("requirements.txt", "numpy==2.*\n", 1, "numpy==2.*"),
    "a version from a variable": ("requirements.txt", "numpy==${NUMPY}\n", 1, "numpy==${NUMPY}"),
    "a branch of git": ("requirements.txt", "b @ git+https://x.org/b@main\n", 1, "b @ git+https://x.org/b@main"),
    "a short commit": ("requirements.txt", "b @ git+https://x.org/b@bbbbbbb\n", 1, "b @ git+https://x.org/b@bbbbbbb"),
    "an editable branch": ("requirements.txt", "-e git+https://x.org/b@dev\n", 1, "git+https://x.org/b@dev"),
    "an address without a hash": ("requirements.txt", "a @ https://x.org/a.whl\n", 1, "a @ https://x.org/a.whl"),
    "a wheel beside it": ("requirements.txt", "./a-1.0.whl\n", 1, "./a-1.0.whl"),
    "a short hash": ("requirements.txt", "numpy --hash=sha256:abc\n", 1, "numpy --hash=sha256:abc"),
    "another list": ("requirements.txt", "\n-r base.txt\n", 2, "-r base.txt"),
    "what is no requirement": ("requirements.txt", "numpy 2.4.6\n", 1, "numpy 2.4.6"),
    "no package": ("requirements.txt", "# none\n--no-index\n", 0, "it lists no package"),
    "a list of another name": ("packages.txt", "numpy\n", 1, "numpy"),
    "conda's short version": ("environment.yml", "dependencies:\n- python=3.11\n", 2, "python=3.11"),
    "a name in conda": ("conda.yaml", MLFLOW.replace("numpy==2.4.6", "numpy"), 6, "numpy"),
    "only pip itself": ("conda.yaml", "dependencies: [pip==23.2.1]\n", 0, "it lists no package"),
    "an empty lock": ("uv.lock", 'version = 1\nrequires-python = ">=3.11"\n', 0, "it lists no package"),
    "a package without a version": ("uv.lock", UV + '\n[[package]]\nname = "pandas"\n', 9, "pandas"),
    "any version": ("poetry.lock", POETRY.replace("2.4.6", "*"), 2, "numpy"),
    "any version of Pipenv": ("Pipfile.lock", pipfile(numpy={"version": "*"}), 1, "numpy"),
    "a file that is no address": ("x.lock", EXPLICIT + "numpy\n", 4, "numpy"),
    "a lock without a digest": ("conda-lock.yml", CONDA_LOCK.replace("hash", "hashes"), 3, "numpy"),
    "a name alone of a lock": ("uv.lock", "[tool]\n", 0, "its content is not that of a lock of uv, Poetry or PDM"),
    "a lock cut off": ("Pipfile.lock", pipfile()[:20], 0, "its content is not that of a lock of Pipenv"),
    "a broken YAML": ("conda.yaml", "a: [*a\n", 0, "its content is not that of an environment of conda"),
    "no version of Python": ("python_env.yaml", PYTHON.replace("3.11.7", "3.11"), 1, "python: 3.11"),
}  # fmt: skip


@pytest.mark.parametrize("what", LOOSE)
def test_a_line_that_fixes_no_version_is_named(tmp_path: Path, what: str) -> None:
    name, text, line, said = LOOSE[what]
    found = listed(tmp_path, name, text)
    assert found is not None
    assert [(each.line, each.text) for each in found.unfixed] == [(line, said)]


@pytest.mark.parametrize("text", ["FROM python:3.12\nRUN pip install numpy\n", '{"lockfileVersion": 3}', "name: x\n"])
def test_of_an_unknown_format_nothing_is_known(tmp_path: Path, text: str) -> None:
    assert listed(tmp_path, "Dockerfile", text) == PackageList()


@pytest.mark.parametrize("text", ["numpy==2.4.6".encode("utf-16"), b"\x00" * 10, b"numpy==1\xe9"])
def test_a_list_in_another_encoding_fixes_nothing(tmp_path: Path, text: bytes) -> None:
    found = listed(tmp_path, "requirements.txt", text)
    assert found is not None
    assert found.unfixed
    assert listed(tmp_path, "image.bin", b"\xff\xfe") is None


def test_a_list_outside_of_the_workspace_is_not_read(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "requirements.txt").write_text("numpy==2.4.6\n")
    (inside / "requirements.txt").symlink_to(outside / "requirements.txt")
    found = packages_in(SourceFile("requirements.txt", Reach.of(inside)))
    assert found is not None
    assert "requirements.txt" in found.unfixed[0].text


def test_a_list_beside_it_may_fix_what_a_list_leaves_open(tmp_path: Path) -> None:
    """Constraints, the list that a list names, and a resolved lock; a lock that is itself open does not."""
    wanted = listed(tmp_path, "requirements.txt", "Scikit_Learn\n-r base.txt\n")
    pinned = listed(tmp_path, "constraints.txt", "scikit-learn==1.9.1\n")
    locked, broken = listed(tmp_path, "uv.lock", UV), listed(tmp_path, "poetry.lock", POETRY.replace("2.4.6", "*"))
    assert wanted
    assert pinned
    assert locked
    assert broken
    first, second = wanted.unfixed
    assert wanted.first_open([]) == first
    assert wanted.first_open([("constraints.txt", pinned)]) == second
    assert wanted.first_open([("constraints.txt", pinned), ("base.txt", pinned)]) is None
    assert wanted.first_open([("uv.lock", locked)]) is None
    assert wanted.first_open([("poetry.lock", broken)]) == first
