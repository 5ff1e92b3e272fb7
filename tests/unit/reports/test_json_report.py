"""The stored form: canonical bytes, a strict reader, a schema that knows every field."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlgate.values.errors import InputError
from mlgate.values.stored import read, schema
from mlgate.values.stored import write as render
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Verdict, Verdicts, WaiverNote

Tamper = Callable[[dict[str, Any]], None]


def test_the_whole_document(several: Verdicts, golden: Callable[[str, str], None]) -> None:
    golden("several.json", render(several))


def test_render_is_valid_by_its_own_schema(several: Verdicts) -> None:
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(json.loads(render(several)))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_was_read_renders_to_the_same_bytes(
    any_verdicts: st.SearchStrategy[Verdicts], data: st.DataObject
) -> None:
    text = render(data.draw(any_verdicts))
    assert render(read(text)) == text


def test_what_was_read_equals_what_was_written(several: Verdicts) -> None:
    found = read(render(several))
    assert set(found.verdicts) == set(several.verdicts)
    assert set(found.refusals) == set(several.refusals)


def test_order_and_measured_times_do_not_change_the_bytes(several: Verdicts) -> None:
    slower = tuple(
        replace(verdict, outcomes=tuple(replace(outcome, seconds=9.0) for outcome in verdict.outcomes))
        for verdict in reversed(several.verdicts)
    )
    assert render(Verdicts(slower, several.refusals[::-1])) == render(several)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.1 + 0.2, "0.3"), (-0.0, "0.0"), (1 / 3, "0.333333333333"), (1e-7, "1e-07"), (1, "1.0")],
)
def test_numbers_have_twelve_significant_digits(allowed: Verdict, value: float, written: str) -> None:
    finding = Finding((), Status.PASS, "", value)
    text = render(Verdicts((replace(allowed, outcomes=(replace(allowed.outcomes[0], findings=(finding,)),)),)))
    assert f'"value": {written},' in text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_nan_or_an_infinity_is_never_written(allowed: Verdict, value: float) -> None:
    for finding in (Finding((), Status.PASS, "", value), Finding((), Status.PASS, "", 1.0, upper=value)):
        outcome = replace(allowed.outcomes[0], findings=(finding,))
        with pytest.raises(ValueError, match="cannot hold the number"):
            render(Verdicts((replace(allowed, outcomes=(outcome,)),)))


def test_a_file_name_that_is_no_utf8_can_be_written_and_read(allowed: Verdict) -> None:
    text = render(Verdicts((replace(allowed, path="eval-\udcff.parquet"),)))
    assert text.encode("utf-8")
    assert render(read(text)) == text


@pytest.mark.parametrize("kind", [Verdict, Outcome, Finding, WaiverNote, Refusal])
def test_the_schema_knows_every_field(kind: type) -> None:
    name = "waiver_note" if kind is WaiverNote else kind.__name__.lower()
    described = set(schema()["$defs"][name]["properties"])
    assert described >= {field.name for field in fields(kind)} - {"seconds", "in_terminal"}  # type: ignore[arg-type]
    assert not described & {"seconds", "in_terminal"}


def test_everything_in_the_schema_is_described() -> None:
    undescribed = [
        f"{name}.{key}"
        for name, definition in schema()["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if not value.get("description") and key != "kind"
    ]
    assert undescribed == []


def _set(*path: str | int, to: object) -> Tamper:
    def tamper(document: dict[str, Any]) -> None:
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return tamper


VERDICT = ("verdicts", 1)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_set("allowed", to=True), "allowed: it says true, but by the other values it is false"),
        (_set("exit_code", to=0), "exit_code: it says 0, but by the other values it is 1"),
        (_set("counts", "FAIL", to=0), "counts: it says"),
        (_set("retryable", to=True), "retryable: it says true"),
        (_set(*VERDICT, "allowed", to=True), "verdicts[1].allowed: it says true"),
        (_set(*VERDICT, "exit_code", to=0), "verdicts[1].exit_code: it says 0"),
        (_set(*VERDICT, "outcomes", 0, "status", to="PASS"), "verdicts[1].counts: it says"),
        (
            _set(*VERDICT, "outcomes", 1, "findings", 0, "status", to="FAIL"),
            "credit-default: credit:discriminates is PASS, but one of its findings is FAIL",
        ),
        (
            _set(*VERDICT, "outcomes", 0, "severity", to="warning"),
            'outcomes[0].severity: "warning" is not one of block, warn',
        ),
        (_set(*VERDICT, "outcomes", 0, "status", to="OK"), 'outcomes[0].status: "OK" is not one of PASS, WAIVED'),
        (_set(*VERDICT, "outcomes", 0, "findings", 0, "rows", to=-1), "findings[0].rows: -1 is not a whole number"),
        (_set(*VERDICT, "outcomes", 0, "seconds", to=1.0), "verdicts[1].outcomes[0]: unknown key 'seconds'"),
        (_set(*VERDICT, "extra", to=1), "verdicts[1]: unknown key 'extra'"),
        (_set("mlgate", to=2), "format 2"),
        (_set("mlgate", to=True), "mlgate: true is not 1"),
        (_set("kind", to="plan"), "not a stored verdict"),
        (_set("refusals", 0, "exit_code", to=0), "refusals[0]: a refusal cannot have exit code 0"),
        (_set("refusals", 0, "allowed", to=True), "refusals[0].allowed: it says true"),
    ],
)
def test_a_changed_verdict_is_refused(several: Verdicts, tamper: Tamper, said: str) -> None:
    document = json.loads(render(several))
    tamper(document)
    with pytest.raises(InputError) as caught:
        read(json.dumps(document), "verdict.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("verdict.json:")


@pytest.mark.parametrize("key", ["verdicts", "counts", "refusals", "mlgate"])
def test_a_missing_key_is_refused(several: Verdicts, key: str) -> None:
    document = json.loads(render(several))
    del document[key]
    with pytest.raises(InputError):
        read(json.dumps(document))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("mlgate: 1\npolicy: credit\n", "not JSON"),
        ("<?xml version='1.0'?><testsuites/>", "XML"),
        ("[]", "not a stored verdict"),
        ("null", "not a stored verdict"),
        ('{"version": "2.1.0", "runs": []}', "mlgate check --report json=PATH"),
        ('{"mlgate": 1, "mlgate": 1}', "is repeated"),
        ('{"mlgate": NaN}', "NaN"),
        ('{"mlgate": 1e999}', "too large"),
        ('{"mlgate": ' + "9" * 5000 + "}", "too large"),
        ("[" * 100_000, "not a stored verdict"),
    ],
)
def test_other_files_are_refused_in_words_that_help(text: str, said: str) -> None:
    with pytest.raises(InputError, match="verdict") as caught:
        read(text)
    assert said in str(caught.value)
