"""Checks, metrics, reports and readers of lineage by name.

Plugins load only when named; a broken or doubled one names its distribution.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlgate.checks.registry import checks
from mlgate.lineage.lineage_reader import lineage_readers
from mlgate.metrics.registry import entries, known
from mlgate.reports.registry import find_report, reports
from mlgate.values.errors import InputError, MachineError
from mlgate.values.plugins import installed

Install = Callable[..., None]
PLUGIN = """
from dataclasses import replace

from mlgate.checks.registry import checks
from mlgate.lineage.lineage_reader import lineage_readers
from mlgate.metrics.registry import metrics
from mlgate.reports.interface import Report

READER = replace(lineage_readers()["dvc"], name="acme")
REPORT = Report("teletext", "page 100", lambda verdicts: str(verdicts.exit_code))
RECALL = metrics()["recall"][0]
METRIC = replace(RECALL, name="my_recall")
SEVERAL = [METRIC, replace(METRIC, tasks=("multiclass",))]
MIXED = (METRIC, RECALL)
NOTHING = ()
TEXT = "neither"


class Check(checks()["performance.metric"]):
    id = "acme.metric"
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with a line of entry points: install("mlgate.reports", "teletext = acme_good:REPORT")."""

    def one(group: str, line: str, distribution: str = "acme") -> None:
        folder = tmp_path / f"{distribution}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[{group}]\n{line}\n")
        clear()

    def clear() -> None:
        installed.cache_clear()
        for name in ("acme_good", "acme_broken"):
            sys.modules.pop(name, None)

    (tmp_path / "acme_good.py").write_text(PLUGIN)
    (tmp_path / "acme_broken.py").write_text("raise RuntimeError('half installed')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield one
    clear()


FAMILIES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "mlgate.checks": ("performance.metric", lambda name: checks()[name]),
    "mlgate.metrics": ("recall", entries),
    "mlgate.reports": ("json", find_report),
    "mlgate.lineage": ("dvc", lambda name: lineage_readers()[name]),
}
GOOD = [
    ("mlgate.checks", "acme.metric", "Check"),
    ("mlgate.metrics", "my_recall", "METRIC"),
    ("mlgate.metrics", "my_recall", "SEVERAL"),
    ("mlgate.reports", "teletext", "REPORT"),
    ("mlgate.lineage", "acme", "READER"),
]


@pytest.mark.parametrize(("group", "name", "what"), GOOD)
def test_a_plugin_is_found_by_its_name(install: Install, group: str, name: str, what: str) -> None:
    install(group, f"{name} = acme_good:{what}")
    assert FAMILIES[group][1](name)
    families = {"mlgate.checks": checks, "mlgate.metrics": known, "mlgate.reports": reports}
    assert name in {**families, "mlgate.lineage": lineage_readers}[group]()


@pytest.mark.parametrize("group", FAMILIES)
def test_a_broken_plugin_that_is_not_named_is_not_loaded(install: Install, group: str) -> None:
    install(group, "mine = acme_broken:IT")
    name, look_up = FAMILIES[group]
    assert look_up(name)
    assert "acme_broken" not in sys.modules


@pytest.mark.parametrize("group", FAMILIES)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("acme_broken:IT", "RuntimeError: half installed"),
        ("acme_missing:IT", "ModuleNotFoundError"),
        ("acme_good:ABSENT", "AttributeError"),
        ("acme_good:TEXT", "cannot be used: it is not"),
        ("acme_good:NOTHING", "cannot be used: it is not"),
        ("acme_good:MIXED", "cannot be used: it is not"),
    ],
)
def test_a_broken_plugin_is_an_error_where_it_is_named(install: Install, group: str, value: str, said: str) -> None:
    install(group, f"mine = {value}")
    with pytest.raises(MachineError, match="acme") as caught:
        FAMILIES[group][1]("mine")
    assert said in str(caught.value)


@pytest.mark.parametrize(("group", "what"), [(group, what) for group, _, what in GOOD])
def test_a_plugin_must_have_the_name_that_it_is_installed_by(install: Install, group: str, what: str) -> None:
    install(group, f"mine = acme_good:{what}")
    with pytest.raises(MachineError, match="acme"):
        FAMILIES[group][1]("mine")


@pytest.mark.parametrize(("group", "name", "what"), GOOD)
def test_two_plugins_of_one_name_are_an_error(install: Install, group: str, name: str, what: str) -> None:
    install(group, f"{name} = acme_good:{what}")
    install(group, f"{name} = acme_good:{what}", "other")
    with pytest.raises(MachineError, match=r"(acme .*other |other .*acme )"):
        FAMILIES[group][1](name)


@pytest.mark.parametrize("group", FAMILIES)
def test_a_plugin_takes_no_name_that_is_taken(install: Install, group: str) -> None:
    name, look_up = FAMILIES[group]
    install(group, f"{name} = acme_good:IT")
    with pytest.raises(MachineError, match=r"called `.*`: mlgate, acme \(acme_good:IT\)"):
        look_up(name)


def test_every_check_is_found_in_its_familys_folder() -> None:
    assert all(check.id == name for name, check in checks().items())
    assert {"performance.metric", "fairness.ratio", "fairness.four_fifths"} <= set(checks())
    assert "performance.searching" not in checks()


def test_every_report_stands_in_the_file_of_its_name() -> None:
    assert all(report.name == name and report.about for name, report in reports().items())
    assert set(reports()) >= {"console", "json", "junit", "tables", "csv"}


def test_an_unknown_report_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean `junit`"):
        find_report("junitt")
