"""A first policy from a table: it passes on the table, blocks what commonly breaks one, and shows how often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mlgate.authoring.source import ENFORCED_AFTER
from mlgate.cli.main import run
from mlgate.reading.edge import today

ENFORCED = ["check", "--as-of", (today() + ENFORCED_AFTER).isoformat()]
"""The gate on the day from which the first rules block."""

ROWS = 400
LEAST_CAUGHT = 17
"""Of the ways in which a table is broken, at least so many are found."""


def people(seed: int = 1) -> pd.DataFrame:
    """A table as teams have it: ids, numbers, shares, flags, categories, dates, texts, and missing values."""
    draw = np.random.default_rng(seed)
    joined = pd.Timestamp("2021-01-01") + pd.to_timedelta(draw.integers(0, 1500, ROWS), "D")
    return pd.DataFrame(
        {
            "person_id": [f"P{at:05d}" for at in draw.permutation(ROWS)],
            "row": np.arange(ROWS),
            "age": draw.integers(18, 91, ROWS),
            "height_cm": draw.normal(172, 9, ROWS).round(1),
            "income": np.exp(draw.normal(10, 0.6, ROWS)).round(2),
            "share": draw.beta(2, 5, ROWS).round(4),
            "temperature": draw.normal(0, 8, ROWS).round(1),
            "member": draw.random(ROWS) < 0.3,
            "region": draw.choice(["north", "south", "east", "west"], ROWS),
            "plan": draw.choice(["basic", "plus", "Pro"], ROWS, p=[0.6, 0.39, 0.01]),
            "joined": joined.strftime("%Y-%m-%d"),
            "email": [f"p{at}@example.com" for at in range(ROWS)],
            "zip": [f"{code:05d}" for code in draw.integers(500, 99999, ROWS)],
            "score": np.where(draw.random(ROWS) < 0.1, np.nan, draw.normal(50, 10, ROWS).round(1)),
            "note": draw.choice(["called back", "no answer", "", "left a message on the machine"], ROWS),
        }
    )


Change = Callable[[pd.DataFrame], pd.DataFrame]


def to(column: str, change: Callable[[pd.Series], Any]) -> Change:
    return lambda table: table.assign(**{column: change(table[column])})


def some(column: str, value: Any, every: int = 20) -> Change:
    """Every so many rows get another value."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        values = table[column].astype(object).tolist()
        values[::every] = [value] * len(values[::every])
        return table.assign(**{column: values})

    return change


BROKEN: dict[str, Change] = {
    "a column renamed": lambda t: t.rename(columns={"income": "earnings"}),
    "a column dropped": lambda t: t.drop(columns="share"),
    "a column more": lambda t: t.assign(new=1),
    "a unit changed, times 1000": to("income", lambda c: c * 1000),
    "a unit changed, metres for centimetres": to("height_cm", lambda c: (c / 100).round(3)),
    "a unit changed, Fahrenheit": to("temperature", lambda c: (c * 9 / 5 + 32).round(1)),
    "a share in percent": to("share", lambda c: c * 100),
    "a category lost": lambda t: pd.concat([t[t.region != "west"]] * 2).head(ROWS).assign(
        person_id=t.person_id, row=t.row, email=t.email
    ),
    "a category new": some("region", "centre"),
    "a category in another case": some("region", "North"),
    "missing values doubled": to("score", lambda c: c.mask(np.arange(ROWS) % 9 == 0)),
    "missing values in a full column": some("age", None, 50),
    "numbers turned to text": to("age", lambda c: c.astype(str) + " years"),
    "a decimal comma": to("height_cm", lambda c: c.map(lambda v: str(v).replace(".", ","))),
    "ids repeated": some("person_id", "P00001", 100),
    "rows repeated": lambda t: pd.concat([t, t.head(3)]),
    "dates shifted by 40 years": to("joined", lambda c: c.map(lambda v: f"{int(v[:4]) - 40}{v[4:]}")),
    "dates in the future": to("joined", lambda c: c.map(lambda v: f"{int(v[:4]) + 100}{v[4:]}")),
    "dates day first": to("joined", lambda c: c.map(lambda v: f"{v[8:]}.{v[5:7]}.{v[:4]}")),
    "a sentinel in numbers": some("age", -999),
    "a sentinel in texts": some("score", "N/A"),
    "two columns swapped": lambda t: t.assign(age=t.height_cm, height_cm=t.age),
    "a column constant": to("income", lambda c: c.median()),
    "case changed": to("person_id", lambda c: c.str.lower()),
    "blanks behind texts": to("email", lambda c: c + " "),
    "zeros in front lost": to("zip", lambda c: c.str.lstrip("0")),
    "half of the rows lost": lambda t: t.head(ROWS // 3),
    "a flag reversed to words": to("member", lambda c: c.map({True: "yes", False: "no"})),
}  # fmt: skip


def write(table: pd.DataFrame, path: str) -> None:
    if path.endswith(".csv"):
        table.to_csv(path, index=False)
    else:
        mixed = {name: table[name].map(lambda v: v if v is None else str(v)) for name in table if _mixed(table[name])}
        table.assign(**mixed).to_parquet(path, index=False)


def _mixed(column: pd.Series) -> bool:
    return column.dtype == object and len({type(value) for value in column if value is not None}) > 1


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("path", ["people.csv", "people.parquet"])
def test_the_policy_passes_on_its_table_and_blocks_what_breaks_it(
    here: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(people(), path)
    assert run(["init", "--from-table", path, "--owner", "o@example.com"]) == 0, capsys.readouterr().err
    assert run(ENFORCED) == 0, capsys.readouterr().out
    missed = []
    for name, change in BROKEN.items():
        write(change(people()), path)
        if run(ENFORCED) != 1:
            missed.append(name)
    assert len(BROKEN) - len(missed) >= LEAST_CAUGHT, missed
    assert missed == []


@pytest.mark.parametrize("seed", [2, 3])
def test_another_table_of_the_same_people_passes(here: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    write(people(), "people.csv")
    assert run(["init", "--from-table", "people.csv"]) == 0
    write(people(seed), "people.csv")
    assert run(ENFORCED) == 0, capsys.readouterr().out


def tails(seed: int) -> pd.DataFrame:
    """Numbers with heavy tails and many zeros, amounts around zero, rare values, and few missing ones."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "amount": draw.lognormal(3, 1.3, ROWS).round(2),
            "revenue": np.where(draw.random(ROWS) < 0.9, 0, draw.exponential(30, ROWS)).round(2),
            "balance": draw.normal(0, 5000, ROWS).round(2),
            "margin": np.abs(draw.normal(21, 7, ROWS)) if seed == 1 else draw.normal(21, 7, ROWS),
            "calls": draw.poisson(2, ROWS),
            "error": np.where(draw.random(ROWS) < 0.985, 0, draw.integers(1, 9, ROWS)),
            "score": np.where(draw.random(ROWS) < 0.015, np.nan, draw.normal(50, 10, ROWS)),
        }
    )


def test_tables_with_heavy_tails_and_rare_values_pass_and_block_what_breaks_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tails(1), "tails.csv")
    assert run(["init", "--from-table", "tails.csv"]) == 0
    for seed in (1, 2, 3, 4):
        write(tails(seed), "tails.csv")
        assert run(ENFORCED) == 0, capsys.readouterr().out
    for column, factor in (("amount", 2.2), ("amount", 1000), ("revenue", 1000), ("balance", 0.001), ("balance", 2.2)):
        write(tails(1).assign(**{column: tails(1)[column] * factor}), "tails.csv")
        assert run(ENFORCED) == 1, (column, factor)
    write(some("error", 99, 10)(tails(1)), "tails.csv")
    assert run(ENFORCED) == 1


ODD: dict[str, pd.DataFrame] = {
    "one row": pd.DataFrame({"a": [1], "b": ["x"]}),
    "a column without a value": pd.DataFrame({"a": [1, 2], "b": [None, None]}),
    "ends of integers": pd.DataFrame({"a": [2**53 + 1, -(2**63)], "b": [0, 0]}),
    "infinity": pd.DataFrame({"a": [1.0, float("inf"), float("-inf"), float("nan")]}),
    "tiny and huge": pd.DataFrame({"a": [1e-300, 2e-300], "b": [1e300, -1e300], "c": [1e308, 1.0]}),
    "quotes and patterns": pd.DataFrame({'/a".*/': [1, 2], "b: {": ["it's", '"'], "ü": ["\\", "#"]}),
    "lines": pd.DataFrame({"a": ["one\ntwo", "three"] * 20}),
    "words of YAML": pd.DataFrame({"on": ["yes", "no", "null", "~"] * 10}),
    "before 1970": pd.DataFrame({"a": ["1066-10-14", "1969-12-31"], "b": ["0001-01-01", "9999-12-31"]}),
    "mixed numbers": pd.DataFrame({"a": ["1", "N/A", "3", "?"]}),
    "an empty text": pd.DataFrame({"a": ["", "b", "c"]}),
    "negative": pd.DataFrame({"a": [-5, -3, -1] * 20}),
    "one missing of many": pd.DataFrame({"a": [None, *map(float, range(400))]}),
    "mostly missing": pd.DataFrame({"a": [1.5, *[None] * 399]}),
    "lists": pd.DataFrame({"a": [[1], [2]], "b": [1, 2]}),
    "times": pd.DataFrame({"a": pd.to_datetime(["2024-02-29T10:00:00Z", "2024-03-01T00:00:00Z"])}),
}


@pytest.mark.parametrize("name", ODD)
def test_the_policy_passes_on_an_odd_table(here: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    ODD[name].to_parquet("odd.parquet", index=False)
    assert run(["init", "--from-table", "odd.parquet"]) == 0, capsys.readouterr().err
    code = run(ENFORCED)
    assert code == 0, Path("policies").joinpath(f"{here.name}.yaml").read_text() + capsys.readouterr().out


def test_the_rules_say_what_the_columns_are(here: Path) -> None:
    write(people(), "people.csv")
    assert run(["init", "--from-table", "people.csv", "--name", "people"]) == 0
    columns, usual, rows = yaml.safe_load(Path("policies/people.yaml").read_text())["rules"]
    assert columns["only_columns"] is True
    found = columns["columns"]
    assert found["person_id"]["unique"] is True
    assert found["region"] == {"max_nulls": 0, "exactly": ["east", "north", "south", "west"]}
    assert found["age"]["type"] == "integer"
    assert found["age"]["between"] == [0, 810]
    assert found["share"]["between"] == [0, 1]
    assert usual["columns"]["age"] == {"between": [9, 99], "max_fault_share": 0.03}
    least, most = usual["columns"]["share"]["between"]
    assert least == 0
    assert people()["share"].max() < most <= 1
    assert usual["columns"]["plan"]["one_of"] == ["Pro", "basic", "plus"]
    assert found["plan"]["contains_all"] == ["basic", "plus"]
    assert found["joined"]["type"] == "date"
    assert found["email"]["format"] == "email"
    assert "type" not in found["zip"]
    assert found["zip"]["length"] == [5, 5]
    assert 0.1 < found["score"]["max_null_share"] < 0.2
    assert rows["count"] == {"at_least": ROWS // 2}


def test_it_says_what_to_do_next_and_overwrites_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(people(), "people.csv")
    assert run(["init", "--from-table", "people.csv", "--name", "people"]) == 0
    said = capsys.readouterr().out
    for part in (
        "Wrote candidate.yaml, policies/people.yaml and .github/workflows/mlgate.yml",
        "`mlgate check`",
        "must not be public",
    ):
        assert part in said
    assert run(["init", "--from-table", "people.csv", "--name", "people"]) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_it_says_where_blanks_hide_numbers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("people.csv").write_text("age, height\n31, 172\n42, 169\n")
    assert run(["init", "--from-table", "people.csv"]) == 0
    assert "Every text of ` height` has blanks around it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nothing.csv", "no such file"),
        ("empty.csv", "is empty"),
        ("header.csv", "no rows"),
        ("twice.csv", "no column that a rule can name: `a`"),
        ("table.txt", "a format mlgate does not read"),
        ("../outside.csv", "outside the working folder"),
    ],
)
def test_what_is_not_a_table_is_refused(here: Path, capsys: pytest.CaptureFixture[str], file: str, said: str) -> None:
    Path("empty.csv").write_text("")
    Path("header.csv").write_text("a,b\n")
    Path("twice.csv").write_text("a,a\n1,2\n")
    Path("table.txt").write_text("a,b\n1,2\n")
    assert run(["init", "--from-table", file]) == 2
    assert said in capsys.readouterr().err
    assert not Path("candidate.yaml").exists()
