"""data.drift against stored facts: the answer of the table itself, or an error that says what to store again."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.checks.data.drift_distances import DISTANCES
from mlgate.cli.main import run
from mlgate.values.verdict import Outcome, Status, Verdict

PASS, FAIL, ERROR = Status.PASS, Status.FAIL, Status.ERROR
OF_CELLS = [name for name, distance in DISTANCES.items() if not distance.ordered]


def sample(seed: int, n: int = 400) -> pd.DataFrame:
    """Numbers with all special values, whole numbers, texts, texts of numbers and dates, and rare categories."""
    random = np.random.default_rng(seed)
    found = pd.DataFrame(
        {
            "id": [f"{seed}-{at}" for at in range(n)],
            "number": random.normal(size=n),
            "whole": random.integers(0, 4, n),
            "word": random.choice(["nörd", "south", "N/A", "we'st\n"], n),
            "rare": [f"category {at}" for at in random.integers(0, 60, n)],
            "flag": random.random(n) < 0.3,
            "digits": [str(each) for each in random.integers(0, 60, n)],
            "day": [f"2026-01-{each:02}" for each in random.integers(1, 29, n)],
            "age": random.choice([*map(float, range(20, 60)), -999], n),
        }
    )
    found.loc[found.index % 50 == 0, ["number", "word", "digits"]] = None
    found.loc[found.index % 70 == 1, "number"] = np.inf
    return found


def policy(*rules: str) -> str:
    text = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
    for at, rule in enumerate(rules):
        bound = [] if "at_most" in rule else ["at_most: 0.3"]
        lines = "".join(f"    {line}\n" for line in (*bound, *rule.splitlines()))
        text += f"  - id: r{at}\n    check: data.drift\n    table: now\n    against: then\n{lines}"
    return text


def candidate(**tables: str) -> str:
    return "mlgate: 1\ncandidate: c\ntables:\n" + "".join(f"  {name}: {of}\n" for name, of in tables.items())


WHOLE = "columns: [number, whole, word]"
TABLE = "{path: then.parquet, key: id}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables, and the facts of one for the rule WHOLE."""
    folder = tmp_path_factory.mktemp("stored")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        sample(1).to_parquet("then.parquet")
        sample(2).to_parquet("now.parquet")
        Path("training.yaml").write_text(candidate(then=TABLE), encoding="utf-8")
        assert stored(WHOLE) == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stored(*rules: str) -> int:
    Path("p.yaml").write_text(policy(*rules), encoding="utf-8")
    return run(["measure", "training.yaml", "--policy", "p.yaml", "--table", "then", "-o", "then.json"])


def all_judged(
    *rules: str, then: str = "{facts: then.json}", now: str = "{path: now.parquet, key: id}"
) -> tuple[Outcome, ...]:
    Path("p.yaml").write_text(policy(*rules), encoding="utf-8")
    Path("later.yaml").write_text(candidate(then=then, now=now), encoding="utf-8")
    outcomes = check("later.yaml").outcomes
    assert not any(outcome.machine for outcome in outcomes), outcomes
    return outcomes


def judged(rule: str = WHOLE, **tables: str) -> Outcome:
    (outcome,) = [each for each in all_judged(rule, **tables) if each.rule != "inputs"]
    return outcome


def check(file: str) -> Verdict:
    return mlgate.check(candidate=file, policy="p.yaml")


def findings(outcome: Outcome) -> list[tuple[Any, ...]]:
    return [(f.where, f.status, f.value, f.lower, f.upper, f.rows, f.n, f.exact) for f in outcome.findings]


RULES = [
    *(f"distance: {distance}\ncategories: 40\nmissing: [N/A, '-999']" for distance in OF_CELLS),
    "by: flag\ncolumns: [number, word]",
    "bins: 4\nread_as: {number: number, digits: length, whole: category}\ncolumns: [number, digits, whole]",
    "edges: {number: [-1, 0, 1]}\ncolumns: number",
    "columns: day",
    "share_of_columns_above: 0.05\nat_most: 0.5",
    "except: [rare, /a.*/]",
]


def test_facts_give_the_answers_of_the_table(folder: Path) -> None:
    assert stored(*RULES) == 0
    by_facts, by_table = all_judged(*RULES), all_judged(*RULES, then=TABLE)
    assert not [each.message for each in by_facts if not each.findings]
    assert [len(outcome.findings) for outcome in by_facts] == [7, 7, 7, 7, 7, 4, 3, 1, 1, 8, 5]
    for outcome, other in zip(by_facts, by_table, strict=True):
        assert outcome.status is other.status
        for one, same in zip(findings(outcome), findings(other), strict=True):
            assert (one[:2], one[5:]) == (same[:2], same[5:])
            assert one[2:5] == pytest.approx(same[2:5], abs=1e-12)


def test_the_same_population_passes(folder: Path) -> None:
    assert judged().status is PASS


def test_what_moved_fails(folder: Path) -> None:
    sample(2).assign(number=lambda t: t.number + 2).to_parquet("now.parquet")
    found = {dict(each.where)["column"]: each.status for each in judged().findings}
    assert [name for name, status in found.items() if status is FAIL] == ["number"]


def test_facts_of_the_same_rows_are_an_error(folder: Path) -> None:
    outcome = judged(now="{path: then.parquet, key: id}")
    assert outcome.status is ERROR
    assert "have the same rows" in outcome.message


def test_categories_are_digests_unless_a_rule_shows_them(folder: Path) -> None:
    stored("columns: word")
    text = Path("then.json").read_text("utf-8")
    assert "south" not in text
    assert json.loads(text)["facts"]["hidden"] == ["word"]
    stored("columns: word\nshow_values: [word]")
    text = Path("then.json").read_text("utf-8")
    assert "south" in text
    assert json.loads(text)["facts"]["hidden"] == []


def test_facts_of_predictions_stand_for_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(4)
    for name in ("old", "new"):
        label = random.integers(0, 2, 800)
        frame = pd.DataFrame({"id": range(800), "y": label, "p": label, "score": random.random(800)})
        frame.to_csv(f"{name}.csv", index=False)
    head = "mlgate: 1\ncandidate: c\ntask: binary\npositive: '1'\npredictions: "
    roles = "id: id, label: y, prediction: p, score: score}\n"
    Path("old.yaml").write_text(f"{head}{{path: old.csv, {roles}", encoding="utf-8")
    table = "tables:\n  then: {path: old.csv, key: id}\n"
    Path("facts.yaml").write_text(f"{head}{{path: new.csv, {roles}tables:\n  then: {{facts: then.json}}\n", "utf-8")
    Path("table.yaml").write_text(f"{head}{{path: new.csv, {roles}{table}", "utf-8")
    Path("p.yaml").write_text(policy("distance: hellinger").replace("    table: now\n", ""), encoding="utf-8")
    assert run(["measure", "old.yaml", "--policy", "p.yaml", "--table", "then=predictions", "-o", "then.json"]) == 0
    (by_facts,), (by_table,) = (check(f"{each}.yaml").outcomes for each in ("facts", "table"))
    assert findings(by_facts) == findings(by_table)
    assert [dict(each.where)["column"] for each in by_facts.findings] == ["y", "p", "score"]


CHANGES: dict[str, tuple[str, str]] = {
    "bins": ("bins: 5", "write it again by `mlgate measure --table then` with this policy"),
    "edges": ("edges: {number: [0, 1]}", "with this policy"),
    "read_as": ("read_as: {whole: category}", "with this policy"),
    "missing": ("missing: [N/A]", "with this policy"),
    "by": ("by: flag", "with this policy"),
    "columns": ("columns: [number, day]", "with this policy"),
    "absent": ("columns: [number, nothing]", "has no such column"),
    "kolmogorov_smirnov": ("distance: kolmogorov_smirnov", "then.json has counts of then only"),
    "wasserstein": ("distance: wasserstein", "present the table by `path`"),
}


@pytest.mark.parametrize(("rule", "said"), CHANGES.values(), ids=CHANGES)
def test_a_rule_that_asks_for_other_facts_is_an_error(folder: Path, rule: str, said: str) -> None:
    outcome = judged(rule if "columns" in rule else f"{rule}\n{WHOLE}")
    assert outcome.status is ERROR
    told = [outcome.message, *(each.message for each in outcome.findings)]
    assert any(said in each for each in told), told


def resealed(change: Callable[[Any], Any]) -> None:
    """Change the facts and seal them again, as whoever forges them can."""
    document = json.loads(Path("then.json").read_text("utf-8"))
    change(document["facts"])
    text = json.dumps(document["facts"], sort_keys=True, separators=(",", ":"))
    document["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    Path("then.json").write_text(json.dumps(document), encoding="utf-8")


FORGED: dict[str, Callable[[Any], Any]] = {
    "rows": lambda facts: facts.update(rows=facts["rows"] + 1),
    "a count": lambda facts: facts["compared"][0]["numbers"][0]["rows"].__setitem__(0, 9),
    "a negative count": lambda facts: facts["compared"][0]["numbers"][0]["rows"].__setitem__(0, -9),
    "a bin too few": lambda facts: facts["compared"][0]["numbers"][0]["rows"].pop(),
    "edges that fall": lambda facts: facts["compared"][0]["edges"].reverse(),
    "a column twice": lambda facts: facts["compared"].append(facts["compared"][0]),
    "a category twice": lambda facts: facts["compared"][2]["categories"].append(facts["compared"][2]["categories"][0]),
    "a group": lambda facts: facts["compared"][2]["categories"][0].update(group=["x"]),
    "a day": lambda facts: facts.update(day="yesterday"),
    "a kind": lambda facts: facts["columns"][1].__setitem__(1, "nothing"),
    "a table's name": lambda facts: facts.update(table="other"),
    "a key": lambda facts: facts.pop("key"),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_facts_that_no_table_has_are_an_error(folder: Path, change: Callable[[Any], Any]) -> None:
    resealed(change)
    outcome = judged()
    assert outcome.status is ERROR
    assert "then.json" in outcome.message
    assert "mlgate measure --table" in outcome.message or "write it again" in outcome.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "has no facts of a table"),
        ('{"mlgate": 1, "kind": "facts", "candidates": []}', "has no facts of a table"),
        ('{"mlgate": 2, "kind": "table"}', "another version"),
        ('{"mlgate": 1, "kind": "table", "facts": 1, "sha256": "0"}', "was edited"),
    ],
)
def test_another_file_is_an_error(folder: Path, text: str, said: str) -> None:
    Path("then.json").write_text(text, encoding="utf-8")
    outcome = judged()
    assert outcome.status is ERROR
    assert said in outcome.message


def test_an_edit_is_an_error(folder: Path) -> None:
    path = Path("then.json")
    path.write_text(path.read_text("utf-8").replace('"rows": 400', '"rows": 401', 1), encoding="utf-8")
    assert "was edited after it was measured" in judged().message


def test_a_policy_says_which_facts_it_trusts(folder: Path) -> None:
    own = json.loads(Path("then.json").read_text("utf-8"))["sha256"]
    assert judged(f"{WHOLE}\nfacts_sha256: '{own}'").status is PASS
    for then in ("{facts: then.json}", TABLE):
        outcome = judged(f"{WHOLE}\nfacts_sha256: '{'0' * 64}'", then=then)
        assert outcome.status is ERROR
        assert f"trusts {'0' * 64}" in outcome.message or "trusts the stored facts" in outcome.message
    with pytest.raises(mlgate.InputError, match="is not a SHA-256 digest"):
        judged(f"{WHOLE}\nfacts_sha256: abc")


def test_other_rules_require_the_rows(folder: Path) -> None:
    rule = "  - {id: r, check: data.rows, table: then, count: {at_least: 1}}\n"
    Path("p.yaml").write_text(f"{policy()}{rule}", encoding="utf-8")
    Path("later.yaml").write_text(candidate(then="{facts: then.json}"), encoding="utf-8")
    (outcome,) = check("later.yaml").outcomes
    assert outcome.status is ERROR
    assert "name its file by `path`" in outcome.message


def test_facts_are_measured_with_a_candidate_that_names_them(folder: Path) -> None:
    judged()
    assert run(["measure", "later.yaml", "--policy", "p.yaml", "-o", "facts.json"]) == 0
    assert run(["check", "later.yaml", "--policy", "p.yaml", "--facts", "facts.json"]) == 0
    Path("then.json").write_text("{}", encoding="utf-8")
    assert run(["check", "later.yaml", "--policy", "p.yaml", "--facts", "facts.json"]) == 1


REFUSED: dict[str, tuple[str, str, str]] = {
    "no rule": ("training.yaml", "--table=before", "write `against: before` in a rule of data.drift"),
    "no table": ("training.yaml", "--table=then=evaluation", "the candidate presents no table `evaluation`"),
    "a column without values": ("nothing.yaml", "--table=then", "`number` has no value in the reference"),
}


@pytest.mark.parametrize(("file", "option", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_stored_is_refused(
    folder: Path, file: str, option: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sample(1).assign(number=np.nan).to_parquet("nothing.parquet")
    Path("nothing.yaml").write_text(candidate(then="{path: nothing.parquet, key: id}"), encoding="utf-8")
    Path("p.yaml").write_text(policy("except: rare"), encoding="utf-8")
    assert run(["measure", file, "--policy", "p.yaml", option, "-o", "then.json"]) == 2
    assert not Path("then.json").exists()
    assert said in capsys.readouterr().err


WRONG = {
    "both": ("{facts: then.json, path: then.parquet}", "cannot be combined with `facts`"),
    "with a key": ("{facts: then.json, key: id}", "cannot be combined with `facts`"),
    "neither": ("{key: id}", "missing key `path`"),
}


@pytest.mark.parametrize(("then", "said"), WRONG.values(), ids=WRONG)
def test_a_table_is_in_a_file_or_its_facts_are(folder: Path, then: str, said: str) -> None:
    with pytest.raises(mlgate.InputError, match=said):
        judged(then=then)


def test_a_file_that_an_earlier_version_stored_still_answers(folder: Path) -> None:
    """The table is often gone, so a later version must read the file, or change its format and say so."""
    shutil.copy(Path(__file__).parent / "vectors" / "stored_table_1.json", "then.json")
    rules = WHOLE, f"{WHOLE}\nby: flag"
    for one, other in zip(all_judged(*rules), all_judged(*rules, then=TABLE), strict=True):
        assert findings(one) == findings(other)


def test_a_text_of_too_many_categories_is_left_out_as_with_the_table(folder: Path) -> None:
    for name, seed in (("then", 1), ("now", 2)):
        frame = sample(seed, 1000)
        frame.assign(note=[f"{seed} {at}" for at in frame.index]).to_parquet(f"{name}.parquet")
    rule = "columns: [note, whole]\ncategories: 5"
    assert stored(rule) == 0
    by_facts, by_table = judged(rule), judged(rule, then=TABLE)
    assert by_facts.status is by_table.status is ERROR
    assert by_facts.message == by_table.message
