"""Where reports go: every `--report` to a path of its own, and none over a file that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.cli.output import STDOUT
from mlgate.cli.targets import parse_report_option, parse_report_options
from mlgate.values.errors import InputError


def test_an_option_names_a_report_and_a_path() -> None:
    assert parse_report_option("junit=out/report=1.xml") == ("junit", Path("out/report=1.xml"))
    assert parse_report_option("json=-") == ("json", STDOUT)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("junt=x.xml", "did you mean `junit`?"),
        ("JSON=x", "did you mean `json`?"),
        ("out.xml", "choose one of code-quality, console, csv, html, json, junit"),
        ("json", "json=PATH"),
        ("json=", "json=- for standard output"),
        ("json= ", "a path is required"),
        ("json=a\0b", "NUL"),
    ],
)
def test_a_wrong_option_is_refused_with_the_remedy(option: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_report_option(option)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        ["json=out/a", "junit=out/a"],
        ["json=out/a", "junit=out/../out/a"],
        ["json=-", "console=-"],
        ["json=a", "json=a"],
    ],
)
def test_two_reports_never_share_a_path(options: list[str]) -> None:
    with pytest.raises(InputError, match="own path"):
        parse_report_options(options)


def test_a_report_never_overwrites_an_input(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("mlgate: 1")
    link = tmp_path / "link.yaml"
    link.symlink_to(policy)
    with pytest.raises(InputError, match="would overwrite the input"):
        parse_report_options([f"json={link}"], inputs=[policy])
    assert len(parse_report_options([f"json={tmp_path / 'new'}", "junit=-"], inputs=[policy])) == 2
