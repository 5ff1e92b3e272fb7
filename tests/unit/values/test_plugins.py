"""Plugins are found wherever `importlib.metadata` finds them, and without it where there are none."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from mlgate.values.plugins import installed

GROUP = "mlgate.reports"
POINTS = f"[console_scripts]\nacme = acme:main\n[{GROUP}]\nteletext = acme:REPORT\n"
METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"


def _folder(place: Path, name: str, points: str = POINTS) -> Path:
    """A distribution's own folder, in a place of `sys.path`."""
    (place / name).mkdir(parents=True)
    (place / name / "METADATA").write_text(METADATA)
    (place / name / "PKG-INFO").write_text(METADATA)
    (place / name / "entry_points.txt").write_text(points)
    return place


def _zip(place: Path) -> Path:
    with zipfile.ZipFile(place / "acme.zip", "w") as packed:
        packed.writestr("acme-1.0.dist-info/METADATA", METADATA)
        packed.writestr("acme-1.0.dist-info/entry_points.txt", POINTS)
    return place / "acme.zip"


WITH = {
    "wheel": lambda at: _folder(at, "acme-1.0.dist-info"),
    "develop": lambda at: _folder(at, "acme.egg-info"),
    "upper case": lambda at: _folder(at, "Acme-1.0.DIST-INFO"),
    "egg": lambda at: _folder(at / "acme-1.0-py3.egg", "EGG-INFO"),
    "zip": _zip,
}
WITHOUT = {
    "other groups": lambda at: _folder(at, "acme-1.0.dist-info", "[console_scripts]\nacme = acme:main\n"),
    "no file of entry points": lambda at: (at / "acme-1.0.dist-info").mkdir() or at,
    "a file in place of a folder": lambda at: (at / "acme.egg-info").write_text(METADATA) and at,
    "no folder": lambda at: at / "gone",
}


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.parametrize("made", WITH.values(), ids=WITH)
def test_a_plugin_is_found_in_every_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], Path]
) -> None:
    monkeypatch.syspath_prepend(str(made(tmp_path)))
    assert [point.value for point in installed(GROUP)] == ["acme:REPORT"]
    assert tuple(entry_points(group=GROUP)) == installed(GROUP)


@pytest.mark.parametrize("made", WITHOUT.values(), ids=WITHOUT)
def test_where_there_is_no_plugin_none_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], Path]
) -> None:
    monkeypatch.syspath_prepend(str(made(tmp_path)))
    assert tuple(installed(GROUP)) == tuple(entry_points(group=GROUP)) == ()


def test_a_plugin_of_a_finder_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Distributions need not be on `sys.path`: whoever imports in another way may say where they are."""
    place = _folder(tmp_path, "acme-1.0.dist-info")

    class Elsewhere:
        @staticmethod
        def find_spec(*_: object) -> None:
            return None

        @staticmethod
        def find_distributions(context: object) -> Iterator[object]:
            from importlib.metadata import Distribution

            return iter([Distribution.at(place / "acme-1.0.dist-info")])

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Elsewhere])
    assert [point.value for point in installed(GROUP)] == ["acme:REPORT"]


def test_without_plugins_nothing_heavy_is_imported() -> None:
    program = (
        "import sys; from mlgate.values.plugins import installed; "
        f"print(len(installed({GROUP!r})), 'importlib.metadata' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["0", "False"]
