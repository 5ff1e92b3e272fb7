"""Reports by name: built-in ones, and plugins that load only when named and are an error when broken."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from mlgate.reports import registry
from mlgate.values.errors import InputError, MachineError
from mlgate.values.verdict import Verdicts


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with an installed distribution whose entry points a test writes."""
    folder = tmp_path / "acme-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("acme_good", "acme_broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "acme_good.py").write_text(
        "from mlgate.reports.interface import Report\n"
        "REPORT = Report('teletext', 'page 100', lambda verdicts: str(verdicts.exit_code))\n"
        "OTHER = 'no report'\n"
    )
    (tmp_path / "acme_broken.py").write_text("raise RuntimeError('half installed')\n")
    return folder


def declare(folder: Path, *lines: str) -> None:
    (folder / "entry_points.txt").write_text("[mlgate.reports]\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", ["console", "json", "junit"])
def test_the_built_in_reports_render(name: str, several: Verdicts) -> None:
    report = registry.find_report(name)
    assert report.name == name
    assert report.about
    assert "credit-default" in report.render(several)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'junit'"):
        registry.find_report("junitt")


def test_a_plugin_is_found_by_its_name(plugin: Path, several: Verdicts) -> None:
    declare(plugin, "teletext = acme_good:REPORT")
    assert registry.report_names()[-1] == "teletext"
    assert registry.find_report("teletext").render(several) == "1"


def test_a_plugin_that_is_not_named_is_not_loaded(plugin: Path) -> None:
    declare(plugin, "teletext = acme_broken:REPORT")
    assert "teletext" in registry.report_names()
    assert registry.find_report("json").name == "json"
    assert "acme_broken" not in sys.modules


@pytest.mark.parametrize(
    ("line", "name", "said"),
    [
        ("teletext = acme_broken:REPORT", "teletext", "RuntimeError: half installed"),
        ("teletext = acme_missing:REPORT", "teletext", "ModuleNotFoundError"),
        ("teletext = acme_good:ABSENT", "teletext", "AttributeError"),
        ("teletext = acme_good:OTHER", "teletext", "but str"),
        ("videotext = acme_good:REPORT", "videotext", "calls itself 'teletext'"),
        ("json = acme_good:REPORT", "json", "the built-in one"),
    ],
)
def test_a_broken_or_doubled_plugin_is_an_error(plugin: Path, line: str, name: str, said: str) -> None:
    declare(plugin, line)
    with pytest.raises(MachineError, match="acme") as caught:
        registry.find_report(name)
    assert said in str(caught.value)


def test_two_plugins_of_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("teletext", f"acme{i}:REPORT", registry.GROUP) for i in (1, 2)]
    monkeypatch.setattr(registry, "entry_points", lambda **_: points)
    with pytest.raises(MachineError, match=r"acme1:REPORT.*acme2:REPORT"):
        registry.find_report("teletext")
