"""Docs cannot rot: generated parts are generated again and compared, and every block of every page is used.

A comment before a fenced block says what is done with it, in a folder that the page's blocks share:

    <!-- file: NAME -->      it is written to that file
    <!-- run -->             it is run and ends with 0; `run: exit 1` with 1. Python blocks need no comment
    <!-- output -->          it is what the block before printed; a line `...` means lines left out
    <!-- not run: WHY -->    it is not run

YAML is loaded as what it is: a policy, a candidate, a list of rules, some keys of either, or a workflow. With
UPDATE_DOCS=1 in the environment, outputs without `...` are written anew instead of compared.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from mlgate.candidate.declared import records_of
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import load_candidate
from mlgate.checks.registry import shipped
from mlgate.cli.targets import parse_report_option
from mlgate.lineage.readers.lineage_file import NAME, LineageFile, read_lineage_file
from mlgate.lineage.source_file import SourceFile
from mlgate.policy.known_failures import read_known
from mlgate.policy.load import load_policies
from mlgate.policy.policy_keys import PolicyKeys
from mlgate.policy.policy_test_keys import PolicyTestFileKeys
from mlgate.policy.register import FILE_NAME as REGISTER
from mlgate.policy.register import RegisterKeys, read_register
from mlgate.reading.fields import keys
from mlgate.values.reach import Reach
from support.producers import environment, require

ROOT = Path(__file__).parents[1]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
LONG = ("docs/organisation.md",)
"""The pages whose commands take many seconds."""
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
BLOCK = re.compile(
    r"^(?:<!-- (?P<verb>file|run|output|not run)(?:: (?P<what>[^>]+?))? -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
A_RULE = "rules:\n  - {id: a, check: performance.metric, metric: accuracy, at_least: 0.8}\n"
POLICY_STUB = {
    "mlgate": "mlgate: 1\n",
    "policy": "policy: page\n",
    "owner": "owner: docs@example.com\n",
    "rules": A_RULE,
}
CANDIDATE_STUB = {"mlgate": "mlgate: 1\n", "candidate": "candidate: page\n", "task": "task: binary\n"}


@dataclass(frozen=True)
class Block:
    """One fenced block, with what the comment before it says."""

    language: str
    text: str
    verb: str
    what: str
    start: int
    """Where its text begins in the page."""


def page_id(path: Path) -> str:
    """A page by its path from the top."""
    return path.relative_to(ROOT).as_posix()


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    found = list(BLOCK.finditer(page))
    assert 2 * len(found) == len(re.findall(r"^```", page, re.MULTILINE)), "a fence that is not understood"
    for match in found:
        yield Block(match["language"], match["text"], match["verb"] or "", match["what"] or "", match.start("text"))


@cache
def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_files_are_what_their_sources_say(tmp_path: Path) -> None:
    generator_file = str(ROOT / "docs" / "generate.py")
    subprocess.run([sys.executable, generator_file, "--into", str(tmp_path)], check=True, timeout=120)
    fresh = {page_id_in(tmp_path, path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(fresh) == set(generator().generated())
    differing = [name for name, content in fresh.items() if (ROOT / name).read_bytes() != content]
    assert differing == [], "run `make docs`"
    assert generator().stale(generator().generated()) == []


def page_id_in(folder: Path, path: Path) -> str:
    """A file's path from a folder."""
    return path.relative_to(folder).as_posix()


def test_check_names_the_files_that_differ(tmp_path: Path) -> None:
    program = [sys.executable, str(ROOT / "docs" / "generate.py")]
    subprocess.run([*program, "--into", str(tmp_path)], check=True, timeout=120)
    (tmp_path / "docs/metrics/recall.md").write_text("recall is always 1\n", encoding="utf-8")
    (tmp_path / "docs/metrics/luck.md").write_text("# luck\n", encoding="utf-8")
    command = [*program, "--check", "--into", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "docs/metrics/luck.md",
        "docs/metrics/recall.md",
    ]


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.slow] * (page_id(path) in LONG), id=page_id(path)) for path in PAGES]
)
def test_every_block_does_what_it_says(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    (tmp_path / ".git").mkdir()
    printed: str | None = None
    for block in blocks(page):
        if block.verb == "file":
            target = tmp_path / block.what
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        if block.what.endswith("/waivers.yaml"):
            load_policies([target.parent], workspace=tmp_path)
        elif block.language == "yaml":
            load_yaml(block.text, tmp_path / "yaml")
        elif block.verb == "output":
            assert printed is not None, "nothing was run before this output"
            page = compared(page, block, printed)
        elif block.language in ("bash", "python") and block.verb not in ("file", "not run"):
            assert block.verb == "run" or block.language == "python", f"says not what to do with it:\n{block.text}"
            printed = run(block, tmp_path)
        else:
            assert block.verb in ("file", "not run") or block.language == "text", f"is not used:\n{block.text}"
    if UPDATE:
        path.write_text(page, encoding="utf-8")


def run(block: Block, folder: Path, seen: Mapping[str, str] | None = None) -> str:
    """What a block prints; it must end as it says. `seen` is the environment that it sees, if not that of the tests."""
    scripts = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    shell = ["bash", "-euo", "pipefail", "-c", block.text]
    done = subprocess.run(
        shell if block.language == "bash" else [sys.executable, "-c", block.text],
        cwd=folder,
        env={**(seen or os.environ | {"PATH": scripts}), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    expected = int(block.what.removeprefix("exit ") or 0)
    assert done.returncode == expected, f"{block.text}\nended with {done.returncode}:\n{done.stdout}"
    return done.stdout


RECIPES = {"In a DVC repository": "dvc", "In an MLflow project": "mlflow"}
"""The sections of docs/lineage.md with the tool that each needs."""


@pytest.mark.slow
@pytest.mark.parametrize("section", RECIPES)
def test_a_recipe_leads_to_its_verdict_in_five_commands(section: str, tmp_path: Path) -> None:
    require(RECIPES[section])
    before, _, after = (ROOT / "docs" / "lineage.md").read_text(encoding="utf-8").partition(f"\n## {section}\n")
    own, commands, printed = list(blocks(after.partition("\n## ")[0])), 0, ""
    first = "".join(block.text for block in blocks(before) if block.verb == "run")
    data = "".join(f"{line}\n" for line in first.splitlines() if re.match(r"(printf|echo) '", line))
    run(Block("bash", data, "run", "", 0), tmp_path)
    for block in (*(each for each in blocks(before) if each.verb == "file"), *own):
        if block.verb == "file":
            (tmp_path / block.what).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.what).write_text(block.text, encoding="utf-8")
    for block in own:
        if block.language == "bash":
            commands += len(block.text.splitlines())
            printed = run(replace(block, what=""), tmp_path, environment(sysconfig.get_path("scripts")))
        elif block.language == "text" and not block.verb:
            compared("", block, printed)
    assert 0 < commands <= 5


def compared(page: str, block: Block, printed: str) -> str:
    """The page, once its output was compared with what was printed, or replaced by it."""
    if re.search(r"^\.\.\.$", block.text, re.MULTILINE):
        rest = steady(printed)
        for part in filter(None, re.split(r"^\.\.\.\n", steady(block.text), flags=re.MULTILINE)):
            before, found, rest = rest.partition(part)
            assert found == part, f"not printed (any more):\n{part}\nprinted:\n{before}"
        return page
    if UPDATE:
        return page.replace(f"```{block.language}\n{block.text}```", f"```{block.language}\n{printed}```", 1)
    assert steady(block.text) == steady(printed)
    return page


def steady(text: str) -> str:
    """A text without what differs from day to day, and between machines: dates, digests, commits, times and folders."""
    text = re.sub(r"file:///\S*/(?=model-policies)", "file:///repositories/", text)
    text = re.sub(r"\b[0-9a-f]{40}\b|(?<=[@(])[0-9a-f]{12}(?=[/)])", "COMMIT", text)
    text = re.sub(r"\bin \d+\.\d\d s$", "in T s", text, flags=re.MULTILINE)
    text = re.sub(r"(as of|_of\": \"|timestamp=\")( ?)\d{4}-\d\d-\d\d", r"\1\2DAY", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", re.sub(r'time="[\d.]+"', 'time="T"', text))


def load_yaml(text: str, folder: Path) -> None:
    """Read a YAML block as mlgate does, or as a workflow; raise for whatever is wrong in it."""
    found: Any = yaml.safe_load(text)
    folder.mkdir(exist_ok=True)
    if isinstance(found, list):
        load_policy(stubbed(f"rules:\n{indented(text)}", {"rules"}, POLICY_STUB), folder)
    elif "jobs" in found:
        check_workflow(found)
    elif set(found) == {"repos"}:
        check_hooks(found)
    elif set(found) == {"stages"}:
        assert all({"cmd", "deps", "outs"} <= set(stage) for stage in found["stages"].values()), "not a dvc.yaml"
    elif "known_failures" in found:
        read_known(text.encode(), "known.yaml")
    elif set(found) <= set(keys(LineageFile)):
        (folder / NAME).write_text(f"mlgate: 1\n{text}", encoding="utf-8")
        read_lineage_file(SourceFile(NAME, Reach.of(folder)))
    elif {"tests", "mutations"} & set(found):
        assert set(found) <= set(keys(PolicyTestFileKeys)), "neither tests of policies nor a policy"
    elif set(found) <= set(keys(RegisterKeys)):
        (folder / REGISTER).write_text(text, encoding="utf-8")
        assert read_register(folder) is not None
    elif set(found) <= set(keys(PolicyKeys)):
        load_policy(stubbed(text, found, POLICY_STUB), folder)
    else:
        records = records_of(shipped().values())
        known = {key for record in (Candidate, *records) for key in keys(record)}
        assert set(found) <= known, f"neither a policy nor a candidate: {', '.join(found)}"
        file = folder / "candidate.yaml"
        file.write_text(stubbed(text, found, CANDIDATE_STUB), encoding="utf-8")
        load_candidate(file, workspace=folder, declared=lambda: records)


def load_policy(text: str, folder: Path) -> None:
    """Read a policy of its own file, with the public key that the pages name beside it."""
    (folder / "keys").mkdir(exist_ok=True)
    shutil.copy(ROOT / "tests/unit/lineage/artefacts/signed/build.pem", folder / "keys")
    file = folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    load_policies([file], workspace=folder)


def stubbed(text: str, given: Any, stub: dict[str, str]) -> str:
    """A part of a file, with the keys that a whole one must have."""
    return "".join(line for key, line in stub.items() if key not in given) + text


def indented(text: str) -> str:
    """A text two columns further in."""
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def check_hooks(config: dict[str, Any]) -> None:
    """A configuration of pre-commit names hooks that we have."""
    ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for repo in config["repos"] for hook in repo["hooks"]} <= ours


def check_workflow(workflow: dict[str, Any]) -> None:
    """A workflow gives our action inputs that it has, and pins the others by commit."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for job in workflow["jobs"].values():
        assert "if" not in job, "a job that is skipped counts as a success"
        for step in job["steps"]:
            name, _, ref = step.get("uses", "").partition("@")
            given = step.get("with", {})
            if name.endswith("/mlgate"):
                assert set(given) <= set(action["inputs"])
                for report in given.get("reports", "").split():
                    parse_report_option(report)
            elif name:
                assert re.fullmatch(r"[0-9a-f]{40}", ref), f"{name} is not pinned by its commit"


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_link_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_no_page_knows_the_machine_that_it_was_written_on(path: Path) -> None:
    odd = r"(?<![\w.])/(work|opt|tmp|root|home|usr)/|\b(agents?|sessions?|workplaces?|localhost)\b|pythonhosted"
    assert re.findall(odd, path.read_text(encoding="utf-8"), re.IGNORECASE) == []


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_what_make_is_asked_for_is_a_target(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert asked <= targets


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    linked = set(re.findall(r"\]\(([^)#\s]+)\)", index))
    assert pages | {"checks/README.md", "metrics/README.md"} <= linked
