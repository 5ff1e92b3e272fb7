"""data.privacy: what is found, what everyday columns do not trigger, and how small groups may be."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import mlgate
from mlgate.checks.data.formats import DETECTORS
from mlgate.checks.data.privacy import DataPrivacy, more_than_chance
from mlgate.checks.data.secret_names import says_secret
from mlgate.cli.main import run
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.found_parts import PART, FoundFact, FoundParts
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FrameSource
from mlgate.reference.manual import table as markdown
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome, Status
from support.privacy_corpus import EVERYDAY, POSITIVE, everyday, positives
from support.waiving import IN_FORCE

PASS, FAIL, ERROR, INCONCLUSIVE = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE
MAIL, CARD = "a@example.com", "4111 1111 1111 1111"


def judged(folder: Path, table: Any, keys: str = "", more: str = "") -> Outcome:
    (folder / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        f"  - {{id: r, check: data.privacy, table: t{f', {keys}' if keys else ''}}}{more}\n",
        encoding="utf-8",
    )
    (outcome,) = mlgate.check(policy=folder / "p.yaml", tables={"t": table}).outcomes
    assert not outcome.machine, outcome.message
    return outcome


def failing(outcome: Outcome) -> list[tuple[str, ...]]:
    return [tuple(value or "" for _, value in each.where) for each in outcome.findings if each.status is not PASS]


def column(*values: Any, of: pa.DataType | None = None) -> pa.Table:
    return pa.table({"x": pa.array(values, of)})


NOTES = column(*["all fine"] * 98, f"write to {MAIL}", None)


@pytest.mark.parametrize(
    ("table", "keys", "expected"),
    [
        (NOTES, "at_most_share: 0.0101", FAIL),
        (NOTES, "at_most_share: 0.0102", PASS),  # 1 of 99 values, and the row without one does not count
        (NOTES, "detect: phone", PASS),
        (NOTES, "except: x, columns: [x]", ERROR),
        (NOTES, "columns: y", ERROR),
        (NOTES, 'columns: "/y.*/"', ERROR),
        (NOTES, "at_most_share: 0, proof: shown", FAIL),
        (column(*["fine"] * 20), "", PASS),
        (column(*["fine"] * 20), "proof: shown", INCONCLUSIVE),  # 20 values do not show a share of at most 1 %
        (column(*["fine"] * 500), "proof: shown", PASS),
        (column(), "", ERROR),
        (column(None, None, of=pa.string()), "", ERROR),
        (column(1.5, 2.5), "", PASS),
        (column(True, False), "", ERROR),
        (column(True, False), "columns: x", ERROR),
        (pa.table({"x": [True], "y": [7]}), "", PASS),
        (pa.table({"x": [True], "y": [7]}), "columns: [x, y]", ERROR),
        (column(4111111111111111.0, None, 0.5, float("inf")), "at_most_share: 0.33", FAIL),
        (column(4111111111111111.0, None, 0.5, float("inf")), "at_most_share: 0.34", PASS),
        (column(Decimal("4111111111111111.00"), Decimal("0.10"), of=pa.decimal128(38, 2)), "", FAIL),
        (column(1.5, 2.5), "detect: secret_names", PASS),
        (column(7, 8), "detect: email", ERROR),  # no column may hold one
        (column(4111111111111111, 12), "", FAIL),
        (column("4111111111111111.0", None), "", FAIL),  # whole numbers beside missing ones in a CSV file
        (column("4111111111111112.0", "4111111111111111.5"), "", PASS),
        (column("to de89370400440532013000"), "", FAIL),
        (column("to de89370400440532013001"), "", PASS),
        (column([MAIL]), "", ERROR),
        (pa.table({"x": [[MAIL]], "y": ["fine"]}), "", ERROR),
        (pa.table({"x": [[MAIL]], "y": ["fine"]}), "except: x", PASS),
        (pa.table({"x": [MAIL], "y": ["fine"]}), "columns: y", PASS),
        (pd.DataFrame({"x": [7, MAIL], "y": ["fine", "too"]}), "", ERROR),  # it cannot be read
        (pa.table({"x": [None, None], "y": ["fine", "too"]}), "", PASS),
        (pa.table({"x": pa.array([None], pa.string()), "y": ["fine"]}), "columns: [x, y]", ERROR),
        (pa.table({"api_key": [1.5], "y": ["fine"]}), "", FAIL),
        (pa.table({"api_key": [1.5], "y": ["fine"]}), 'except: "/api_.*/"', PASS),
        (pa.table({"api_key": [1.5], "y": ["fine"]}), "detect: [email, national_ids]", PASS),
    ],
)
def test_a_table_passes_fails_or_is_an_error(tmp_path: Path, table: pa.Table, keys: str, expected: Status) -> None:
    outcome = judged(tmp_path, table, keys)
    assert outcome.status is expected, outcome.message


def test_each_kind_in_a_column_is_a_finding_with_its_count(tmp_path: Path) -> None:
    table = pa.table({"x": [MAIL, f"{CARD} or {MAIL}", "none", None], "y": ["a", "b", "c", "d"]})
    outcome = judged(tmp_path, table)
    assert failing(outcome) == [("x", "email"), ("x", "card")]
    assert [each.exact for each in outcome.findings] == [None, "2/3", "1/3", "0/4"]
    assert outcome.findings[1].message.startswith(
        "share of values of `x` with an e-mail address 0.6667 (2/3) > 0.01 for column=x"
    )


ODD = pa.table({"notes": ["fine"], "flag": [True], "parts": [[1]], "api_key": ["x"]})


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("columns: [note]", {(("column", "note"),): "t has no such column, did you mean `notes`?"}),
        ('columns: "/note/"', {(("column", "/note/"),): "t has no such column"}),
        (
            "columns: [notes, flag]",
            {(("column", "flag"),): "`flag` is of kind boolean, and only texts and numbers are"},
        ),
        ("except: api_key", {(("column", "parts"),): "`parts` is nested or binary, and only texts and numbers are"}),
        ("except: [api_key, parts]", {}),
        ("except: parts", {(("column", "api_key"), ("detector", "secret_names")): "the name `api_key` says that"}),
    ],
)
def test_columns_that_cannot_be_searched_and_names_of_secrets_are_told(
    tmp_path: Path, keys: str, found: Mapping[Any, str]
) -> None:
    findings = judged(tmp_path, ODD, keys).findings
    told = {each.where: each.message for each in findings if each.status is not PASS and each.where}
    assert told.keys() == found.keys()
    assert all(said in told[where] for where, said in found.items())
    assert ("did you mean" in repr(told)) is (keys == "columns: [note]")
    plain = (("detector", "secret_names"),)
    named = [each.message for each in findings if each.where == plain]
    assert named == {
        "columns: [notes, flag]": ["no name of 2 columns says that it holds a secret"],
        "except: api_key": ["no name of 3 columns says that it holds a secret"],
        "except: [api_key, parts]": ["no name of 2 columns says that it holds a secret"],
    }.get(keys, [])


def test_one_secret_is_too_many(tmp_path: Path) -> None:
    table = column(*["fine"] * 999, 'key = "AKIAIOSFODNN7EXAMPLE"')
    assert failing(judged(tmp_path, table, "at_most_share: 0.5")) == [("x", "secret")]


def test_no_value_is_told_unless_it_may_be_shown(tmp_path: Path) -> None:
    assert MAIL not in repr(judged(tmp_path, NOTES, "at_most_share: 0"))
    shown = judged(tmp_path, NOTES, "at_most_share: 0, show_values: [x]")
    (found,) = [each for each in shown.findings if each.status is FAIL]
    assert found.examples is not None
    assert found.examples.rows == ((f"write to {MAIL}",),)


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        ((1000, 1000, 100), False),  # as many as chance gives
        ((1000, 1000, 125), False),
        ((1000, 1000, 145), True),
        ((1000, 2, 2), True),
        ((1000, 2, 1), False),
        ((1000, 1, 1), True),
        ((1000, 0, 0), False),
    ],
)
def test_right_check_digits_by_chance_are_not_found(fact: tuple[int, int, int], found: bool) -> None:
    """`scipy.stats.binom.sf(124, 1000, 0.1)` is 0.006, and `sf(144, 1000, 0.1)` is 4e-6."""
    assert more_than_chance(FoundFact(*fact), DETECTORS["card"].chance) is found
    assert more_than_chance(FoundFact(*fact), DETECTORS["ip"].chance) is (fact[2] > 0)  # nothing is right by chance


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('columns: "/(/"', "is not a regular expression"),
        ('except: ["/(/"]', "is not a regular expression"),
        ("detect: []", "asks for nothing"),
        ("detect: emial", "did you mean `email`?"),
        ("at_most_share: 2", "from 0 to 1"),
        ("k_anonymity: {quasi_identifiers: x, at_least: 1}", "at_least"),
        ("k_anonymity: {quasi_identifiers: x}", "at_least"),
        ("l_diversity: {quasi_identifiers: [x, s], sensitive: s, at_least: 2}", "is one of the quasi-identifiers"),
    ],
)
def test_a_wrong_rule_is_refused(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        judged(tmp_path, NOTES, keys)
    assert said in str(caught.value)
    assert "p.yaml:5:" in str(caught.value)


SECRET_NAMES = ["password", "user_password", "PasswordHash", "apiKey", "API_KEY", "access-token", "AWSSecretKey",
                "ssn", "cvv2", "card_number", "Social Security Number", "pwd_md5", "passwords", "Passwort_2",
                "contrase\u00f1a", "mot de passe", "\uff50\uff57\uff44"]  # fmt: skip
PLAIN_NAMES = ["tokens", "token_count", "n_tokens", "passed", "compass", "key", "keyboard", "secretary",
               "password_length", "lesson", "session", "id", "pan", "card", "author", "embedding_3", ""]  # fmt: skip


def test_names_of_secrets_are_known_and_names_like_them_are_not() -> None:
    assert [name for name in SECRET_NAMES if not says_secret(name)] == []
    assert [name for name in PLAIN_NAMES if says_secret(name)] == []


@pytest.mark.parametrize(
    ("keys", "where", "bound", "expected"),
    [
        ("at_most_share: 0", "{column: x, detector: email}", "not_above: 0.02", Status.WAIVED),
        ("at_most_share: 0", "{column: x, detector: email}", "not_above: 0.01", FAIL),
        ("detect: [], k_anonymity: {quasi_identifiers: x, at_least: 2}", "{key: k_anonymity, measure: rows}",
         "not_above: 0.02", FAIL),
        ("at_most_share: 0", "{column: x, detector: email}", "not_above: 0", "not weaker"),
        ("", "{column: x, detector: secret_names}", "not_above: 0.5", "no finding there has a bound"),
        ("", "{column: x}", "not_above: 0.5", "name a value for each of"),
    ],
)  # fmt: skip
def test_a_waiver_names_a_detector_of_a_column(
    tmp_path: Path, keys: str, where: str, bound: str, expected: Status | str
) -> None:
    more = (
        f"\nwaivers:\n  - {{rule: r, for: '*', where: {where}, {bound}, owner: a@example.com, reason: RISK-7, "
        f"{IN_FORCE}}}\n"
    )
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            judged(tmp_path, NOTES, keys, more)
    else:
        assert judged(tmp_path, NOTES, keys, more).status is expected


def people(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    age = pd.Series(random.integers(20, 24, 300), dtype="Int64").mask(random.random(300) < 0.2)
    illness = pd.Series(random.choice(["a", "b", "c"], 300, p=[0.8, 0.15, 0.05])).mask(random.random(300) < 0.1)
    return pd.DataFrame({"age": age, "sex": random.choice(["F", "M"], 300), "illness": illness})


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_those_of_pandas(tmp_path: Path, seed: int) -> None:
    """The smallest group passes as `at_least`, and one more is too much. A missing age is an age of its own."""
    frame = people(seed)
    by = frame.groupby(["age", "sex"], dropna=False)
    for key, sizes, more in (
        ("k_anonymity", by.size(), ""), ("l_diversity", by.illness.nunique(), ", sensitive: illness")
    ):  # fmt: skip
        least = int(sizes.min())
        assert least >= 2
        rule = f"detect: [], {key}: {{quasi_identifiers: [age, sex]{more}, at_least: %d}}"
        assert judged(tmp_path, frame, rule % least).status is PASS
        few = judged(tmp_path, frame, rule % (least + 1))
        assert few.status is FAIL
        rows = int(by.size()[sizes < least + 1].sum())
        assert [(each.value, each.exact) for each in few.findings] == [(least, None), (rows / 300, f"{rows}/300")]


def test_groups_of_no_rows_or_of_an_absent_column_are_errors(tmp_path: Path) -> None:
    rule = "detect: [], k_anonymity: {quasi_identifiers: [age], at_least: 2}"
    assert judged(tmp_path, people(1).head(0), rule).status is ERROR
    assert "no column `age`" in judged(tmp_path, people(1).drop(columns="age"), rule).message


TEXT = '"text"'
EACH = 240
"""Values of each kind in the corpus."""


@cache
def corpus() -> pd.DataFrame:
    """All texts of the corpus, with their kinds."""
    texts = {name: positives(name, EACH) for name in POSITIVE} | {name: everyday(name, EACH) for name in EVERYDAY}
    return pd.DataFrame([(kind, text) for kind, of in texts.items() for text in of], columns=["kind", "text"])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, int]]:
    """How many texts of each kind each detector finds."""
    needs = {
        name: Counts("t", terms=(Term("kind", '"kind"'), Term("found", f"case when {form.occurs(TEXT)} then 'x' end")))
        for name, form in DETECTORS.items()
    }
    folder = tmp_path_factory.mktemp("corpus")
    with open_evidence({"t": FrameSource(corpus())}, folder, threads=2) as evidence:
        facts = evidence.measure(list(needs.values()))
    return {
        name: {str(cell.values[0]): cell.n for cell in facts[need].cells if cell.values[1]}
        for name, need in needs.items()
    }


def test_precision_and_recall_are_those_of_the_page(found: Mapping[str, Mapping[str, int]]) -> None:
    """To write the page again, copy the table that this test shows."""
    rows = []
    for name, form in DETECTORS.items():
        right, reported = found[name].get(name, 0), sum(found[name].values())
        rows.append((f"`{name}`", form.said, f"{right / reported:.2f}", f"{right / EACH:.2f}"))
    table = markdown(("detector", "finds", "precision", "recall"), rows)
    assert table in inspect.cleandoc(DataPrivacy.__doc__ or ""), f"\n{table}"


def test_the_question_finds_what_the_condition_finds(tmp_path: Path, found: Mapping[str, Mapping[str, int]]) -> None:
    """A rule counts by the one, and shows examples by the other."""
    needs = {
        name: FoundParts("t", "", "", TEXT, form.part, form.read(PART), form.test(PART))
        for name, form in DETECTORS.items()
    }
    with open_evidence({"t": FrameSource(corpus())}, tmp_path, threads=2) as evidence:
        facts = evidence.measure(list(needs.values()))
    assert {name: facts[need].found for name, need in needs.items()} == {
        name: sum(kinds.values()) for name, kinds in found.items()
    }


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_no_everyday_column_is_reported(tmp_path: Path, seed: int) -> None:
    outcome = judged(tmp_path, pd.DataFrame({name: everyday(name, 300, seed) for name in EVERYDAY}))
    assert (failing(outcome), outcome.status) == ([], PASS)


def test_whole_numbers_of_everyday_columns_are_not_reported(tmp_path: Path) -> None:
    names = [name for name in EVERYDAY if all(text.isdigit() for text in everyday(name, 300))]
    frame = pd.DataFrame({name: [int(text) for text in everyday(name, 300)] for name in names})
    assert len(names) > 5
    assert failing(judged(tmp_path, frame)) == []


@pytest.mark.parametrize("name", POSITIVE)
def test_a_few_in_a_column_of_texts_are_reported(tmp_path: Path, name: str) -> None:
    table = column(*(["nothing to see here"] * 190), *positives(name, 10, seed=4))
    assert ("x", name) in failing(judged(tmp_path, table, f"detect: {name}"))


def test_a_verdict_from_stored_facts_is_the_same_and_the_facts_hold_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(f"id,x\n1,write to {MAIL}\n2,fine\n")
    Path("candidate.yaml").write_text("mlgate: 1\ncandidate: c\ntables:\n  t: {path: t.csv, key: id}\n")
    rule = "{id: r, check: data.privacy, table: t, k_anonymity: {quasi_identifiers: x, at_least: 2}}"
    Path("p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {rule}\n")
    assert run(["measure", "--policy", "p.yaml", "-o", "facts.json"]) == 0
    assert MAIL not in Path("facts.json").read_text()
    verdicts = []
    for more in ([], ["--facts", "facts.json"]):
        assert run(["check", "--policy", "p.yaml", *more, "--report=json=v.json"]) == 1
        (verdict,) = json.loads(Path("v.json").read_text())["verdicts"]
        verdicts.append([(each["where"], each["message"]) for each in verdict["outcomes"][0]["findings"]])
    assert verdicts[0] == verdicts[1]
    assert [["column", "x"], ["detector", "email"]] in [where for where, _ in verdicts[0]]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("l_diversity: {quasi_identifiers: age, sensitive: what, at_least: 2}", PASS),
        ("l_diversity: {quasi_identifiers: age, sensitive: what, at_least: 2}, missing: [unknown]", FAIL),
        ("k_anonymity: {quasi_identifiers: code, at_least: 2}", FAIL),
        ("k_anonymity: {quasi_identifiers: code, at_least: 2}, missing: ['-1', '-2']", PASS),
        ("detect: [email], columns: mail, at_most_share: 0.3", PASS),
        ("detect: [email], columns: mail, at_most_share: 0.3, missing: ['']", FAIL),
    ],
)
def test_values_that_count_as_missing_hide_nothing(tmp_path: Path, keys: str, expected: Status) -> None:
    table = pa.table(
        {"age": [30] * 4, "what": ["flu", "flu", "flu", "unknown"], "code": [-1, -2, 7, 7], "mail": [MAIL, "", "", ""]}
    )
    keys = keys if "detect" in keys else f"detect: [], {keys}"
    assert judged(tmp_path, table, keys).status is expected
