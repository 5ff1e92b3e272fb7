"""The version of a distribution is the one that `importlib.metadata` gives, which is not imported for a plain one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from mlgate.values.installed import installed_version

HEADERS = "Metadata-Version: 2.1\nName: acme\nVersion: {}\nSummary: of\n  Version: 9.9\n\nVersion: 8.8\n"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    installed_version.cache_clear()
    yield
    installed_version.cache_clear()


def _folder(place: Path, name: str = "acme-1.2.dist-info", text: str = HEADERS.format("1.2")) -> Path:
    (place / name).mkdir(parents=True)
    (place / name / "METADATA").write_text(text)
    (place / name / "PKG-INFO").write_text(text)
    return place


def _zip(place: Path) -> Path:
    with zipfile.ZipFile(place / "acme.zip", "w") as packed:
        packed.writestr("acme-1.2.dist-info/METADATA", HEADERS.format("1.2"))
    return place / "acme.zip"


def _two(place: Path) -> Path:
    return _folder(_folder(place), "acme-1.3.dist-info", HEADERS.format("1.3"))


SHAPES: dict[str, Callable[[Path], Path]] = {
    "wheel": _folder,
    "line ends of Windows": lambda at: _folder(at, text=HEADERS.format("1.2").replace("\n", "\r\n")),
    "spaces": lambda at: _folder(at, text=HEADERS.format("  1.2+local")),
    "upper case": lambda at: _folder(at, "Acme-1.2.DIST-INFO"),
    "develop": lambda at: _folder(at, "acme.egg-info"),
    "egg": lambda at: _folder(at / "acme-1.2-py3.egg", "EGG-INFO"),
    "zip": _zip,
    "two of that name": _two,
    "another name": lambda at: _folder(at, "acme_tools-1.2.dist-info"),
    "nothing": lambda at: at / "gone",
}


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES)
def test_the_version_is_that_of_the_distribution(
    made: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(made(tmp_path)))
    try:
        expected = metadata.version("acme")
    except metadata.PackageNotFoundError:
        expected = ""
    assert installed_version("acme") == expected


def test_the_first_place_that_has_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(_folder(tmp_path / "behind")))
    monkeypatch.syspath_prepend(str(_folder(tmp_path / "before", "acme-1.3.dist-info", HEADERS.format("1.3"))))
    assert installed_version("acme") == metadata.version("acme") == "1.3"


def test_a_plain_distribution_needs_no_import(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from mlgate.values.installed import installed_version; "
        "print(installed_version('acme'), 'importlib.metadata' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(_folder(tmp_path))], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1.2", "False"]
