"""Write the generated pages of docs/ and the JSON Schemas of schemas/; with --check, name those that differ.

    python docs/generate.py [--check] [--into FOLDER]

Whole pages are written for checks, metrics and commands. In the pages written by hand, the text between
`<!-- generated: NAME -->` and `<!-- end -->` is replaced.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from mlgate.candidate.from_source import CandidateSource
from mlgate.candidate.presented import Candidate, ModelFile, TableSpec, Unit
from mlgate.candidate.roles import ChampionSpec, Predictions
from mlgate.checks.data.contract import ContractFile
from mlgate.checks.governance.card_question import CardKeys
from mlgate.checks.governance.owner import Responsible
from mlgate.checks.lineage.restorable import Rollback
from mlgate.checks.registry import shipped as shipped_checks
from mlgate.checks.reported.report_keys import ReportKeys
from mlgate.cli.main import COMMANDS, cli
from mlgate.evidence.open import FORMATS
from mlgate.metrics.metric import TASKS
from mlgate.metrics.registry import metrics
from mlgate.policy.expected_keys import ExpectedChampion, ExpectedPredictions, ExpectedTable, ExpectedUnit, ExpectKeys
from mlgate.policy.extended_keys import GitPolicyKeys
from mlgate.policy.known_failures import KnownFailureKeys
from mlgate.policy.packs import packs
from mlgate.policy.policy_keys import (
    DeriveKeys,
    GroupKeys,
    PolicyKeys,
    RuleKeys,
    SelectorKeys,
    WaiverKeys,
)
from mlgate.policy.policy_test_keys import (
    EditKeys,
    ExpectedKeys,
    FileKeys,
    MutationKeys,
    PolicyTestFileKeys,
    PolicyTestKeys,
)
from mlgate.policy.register import RegisteredChampion, RegisteredEvaluation, RegisteredModel
from mlgate.policy.variable_types import VariableKeys
from mlgate.reference import manual
from mlgate.reference.pack_pages import pack_page, packs_page, packs_table
from mlgate.reference.policy_tests_schema import policy_tests_schema
from mlgate.reference.schemas import candidate_schema, known_schema, policy_schema, register_schema, waivers_schema
from mlgate.reports.registry import shipped as shipped_reports
from mlgate.values.stored import schema as verdict_schema

ROOT = Path(__file__).resolve().parents[1]
CHECKS = dict(shipped_checks())
SECTION = re.compile(r"(<!-- generated: ([a-z -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
METRICS_SAY = """\
What each is, which direction is better, and what its bounds promise: *guaranteed on the grid* of scenarios in
`benchmarks/coverage.py`, *approximate*, or *not guaranteed*; its page says when.
[Statistics](../statistics.md) has the rules."""
COMMANDS_SAY = """\
Every command ends with 0, 1, 2 or 3 and nothing else: [the verdict](verdict.md#exit-codes) says what they
mean. No environment variable and no settings file changes what a command decides."""

RECORDS: Mapping[str, type[Any]] = {
    "policy keys": PolicyKeys,
    "rule keys": RuleKeys,
    "selector keys": SelectorKeys,
    "expects keys": ExpectKeys,
    "expected predictions": ExpectedPredictions,
    "expected evaluation": ExpectedTable,
    "expected unit": ExpectedUnit,
    "expected champion": ExpectedChampion,
    "variable keys": VariableKeys,
    "derive keys": DeriveKeys,
    "extends keys": GitPolicyKeys,
    "group keys": GroupKeys,
    "waiver keys": WaiverKeys,
    "registered model": RegisteredModel,
    "registered evaluation": RegisteredEvaluation,
    "registered champion": RegisteredChampion,
    "tests keys": PolicyTestFileKeys,
    "test keys": PolicyTestKeys,
    "mutation keys": MutationKeys,
    "expected keys": ExpectedKeys,
    "file keys": FileKeys,
    "edit keys": EditKeys,
    "known failure keys": KnownFailureKeys,
    "candidate keys": Candidate,
    "contract keys": ContractFile,
    "report keys": ReportKeys,
    "responsible keys": Responsible,
    "card keys": CardKeys,
    "rollback keys": Rollback,
    "model keys": ModelFile,
    "source keys": CandidateSource,
    "predictions keys": Predictions,
    "unit keys": Unit,
    "champion keys": ChampionSpec,
    "table keys": TableSpec,
}


def sections() -> dict[str, Callable[[], str]]:
    """What can stand between markers, by name."""
    tables: dict[str, Callable[[], str]] = {
        name: partial(manual.keys_table, record) for name, record in RECORDS.items()
    }
    return tables | {"reports": _reports, "packs": _packs, "formats": _formats}


def generated(root: Path = ROOT) -> dict[str, str]:
    """Every generated file by its path below the root, hand-written pages with their sections filled in."""
    files = dict(_pages())
    for page in (root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))):
        path = page.relative_to(root).as_posix()
        if path not in files and SECTION.search(written := page.read_text(encoding="utf-8")):
            files[path] = filled(written)
    return files


def filled(page: str) -> str:
    """A page with the text between its markers written anew."""
    known = sections()
    return SECTION.sub(lambda found: f"{found[1]}{known[found[2]]()}\n{found[3]}", page)


def _pages() -> Iterator[tuple[str, str]]:
    for name in CHECKS:
        yield f"docs/checks/{name}.md", manual.check_page(name)
    for name in metrics():
        yield f"docs/metrics/{name}.md", manual.metric_page(name)
    for name in packs():
        yield f"docs/packs/{name}.md", pack_page(name)
    yield "docs/packs/README.md", _packs_index()
    yield "docs/checks/README.md", f"# Checks\n\n{manual.checks_table()}\n"
    yield "docs/metrics/README.md", _metrics_index()
    yield "docs/commands.md", _commands()
    for name, schema in _schemas().items():
        yield f"schemas/{name}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schemas() -> dict[str, Any]:
    return {
        "policy": policy_schema(CHECKS),
        "candidate": candidate_schema(CHECKS),
        "register": register_schema(),
        "verdict": verdict_schema(),
        "waivers": waivers_schema(),
        "tests": policy_tests_schema(CHECKS),
        "known": known_schema(),
    }


def _packs_index() -> str:
    return re.sub(r"^\| `mlgate/([^`]+)`", r"| [`mlgate/\1`](\1.md)", packs_page(), flags=re.MULTILINE)


def _metrics_index() -> str:
    parts = [
        "# Metrics",
        METRICS_SAY,
    ]
    for task in TASKS:
        parts += [f"## {task}", manual.metrics_table(task)]
    return "\n\n".join(parts) + "\n"


def _commands() -> str:
    parts = [
        "# Commands",
        COMMANDS_SAY,
    ]
    for name in sorted(COMMANDS):
        if command := cli.get_command(click.Context(cli), name):
            parts += _command(name, command)
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: click.Command) -> Iterator[str]:
    parent = cli.make_context("mlgate", [], resilient_parsing=True)
    context = click.Context(command, parent=parent, info_name=name)
    yield f"## mlgate {name}"
    yield f"`{context.command_path} {' '.join(command.collect_usage_pieces(context))}`"
    yield from (" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    options = [param.get_help_record(context) for param in command.params if isinstance(param, click.Option)]
    rows = [(f"`{names}`", " ".join(said.split())) for names, said in filter(None, options)]
    if rows:
        yield manual.table(("option", "meaning"), rows)


def _reports() -> str:
    return manual.table(("format", "for whom"), ((f"`{r.name}`", r.about) for r in shipped_reports().values()))


def _packs() -> str:
    return packs_table()


def _formats() -> str:
    """One row per format that can be read."""
    rows = [f"| {of.name} | {', '.join(f'`{ends}`' for ends in of.extensions)} |" for of in FORMATS]
    return "\n".join(["| format | extension |", "|---|---|", *rows])


def stale(files: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """The files that differ from what they should be, and the generated pages of what has gone."""
    differing = [path for path, text in files.items() if _read(root / path) != text]
    folders = (root / "docs" / "checks", root / "docs" / "metrics", root / "docs" / "packs", root / "schemas")
    found = [file.relative_to(root).as_posix() for folder in folders for file in folder.glob("*")]
    return sorted([*differing, *(path for path in found if path not in files)])


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> int:
    """Write the files, or name those that differ; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    parser.add_argument("--into", type=Path, default=ROOT, metavar="FOLDER", help="write below another folder")
    given = parser.parse_args()
    files = generated()
    if given.check:
        differing = stale(files, given.into)
        for path in differing:
            print(f"{path} differs from its source: run python docs/generate.py", file=sys.stderr)
        return 1 if differing else 0
    for path, text in files.items():
        target = given.into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path in stale(files, given.into):
        (given.into / path).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
