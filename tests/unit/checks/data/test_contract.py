"""data.contract: what a model expects is read from its file without loading it; what is not judged blocks."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlgate.checks.data.contract_question import ContractColumns, read_contract
from mlgate.cli.main import run
from mlgate.evidence.codec import decode_facts, encode_facts
from mlgate.evidence.questions.need import Facts
from mlgate.values.errors import EvidenceError

HERE = Path(__file__).parent / "contracts"
ROWS = {"age": [31, 42], "income": [1.5, 2.5], "region": ["north", "south"], "member": [True, False]}


class Workspace:
    """A workspace with a table, a contract and one rule."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def judged(self, contract: str | Path, rows: Any, keys: str = "") -> dict[str, Any]:
        """The outcome of the rule, for a contract as text or as a file."""
        if isinstance(contract, Path):
            shutil.copy(contract, "contract")
        else:
            Path("contract").write_text(contract)
        pq.write_table(rows if isinstance(rows, pa.Table) else pa.table(rows), "t.parquet")
        Path("candidate.yaml").write_text(
            "mlgate: 1\ncandidate: c\ncontract: {path: contract}\ntables: {t: {path: t.parquet}}\n"
        )
        Path("policies").mkdir(exist_ok=True)
        rule = f"{{id: r, check: data.contract, table: t{keys and ', '}{keys}}}"
        Path("policies/p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {rule}\n")
        run(["check", "--report", "json=v.json"])
        (outcome,) = json.loads(Path("v.json").read_text())["verdicts"][0]["outcomes"]
        assert not outcome.get("traceback")
        return dict(outcome)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path)


def schema(properties: dict[str, Any], *required: str, **more: Any) -> str:
    return json.dumps({"type": "object", "properties": properties, "required": required, **more})


def mlmodel(*columns: dict[str, Any]) -> str:
    inputs = json.dumps(list(columns)).replace("'", "''")
    head = "flavors:\n  sklearn: {code: null}\nmlflow_version: 3.1.0\n"
    return f"{head}signature:\n  inputs: '{inputs}'\n  params: null\n"


def odcs(properties: str, more: str = "") -> str:
    return (
        "apiVersion: v3.0.2\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n"
        f"  - name: people\n    properties:\n{properties}{more}"
    )


def fields(contract: str | Path, part: str = "") -> dict[str, dict[str, Any]]:
    """What is read of each column: the keys that are given."""
    raw = contract.read_bytes() if isinstance(contract, Path) else contract.encode()
    found = read_contract(io.BytesIO(raw), "contract", part)
    return {name: {key: getattr(keys, key) for key in keys.given()} for name, keys in found.columns}


# -- what is read


def test_the_inputs_of_an_onnx_model_are_read_without_its_constants() -> None:
    found = fields(HERE / "columns.onnx")
    assert [(name, keys["type"]) for name, keys in found.items()] == [
        ("age", "integer"), ("income", "number"), ("region", "text"), ("member", "boolean"),
    ]  # fmt: skip
    assert [str(limit) for limit in found["age"]["between"]] == [str(-(2**63)), str(2**63 - 1)]


@pytest.mark.parametrize("name", ["plain.skops", "pipe.skops", "passthrough.skops"])
def test_the_names_of_features_are_read_from_a_skops_file(name: str) -> None:
    assert fields(HERE / name) == {"age": {}, "income": {}}


def test_an_mlflow_signature_is_read() -> None:
    columns = (
        {"type": "integer", "name": "age", "required": True},
        {"type": "double", "name": "it's", "required": False},
        {"type": "datetime", "name": "at"},
    )
    found = fields(mlmodel(*columns))
    assert found["age"]["type"] == "integer"
    assert [str(limit) for limit in found["age"]["between"]] == ["-2147483648", "2147483647"]
    assert found["it's"] == {"type": "number", "required": False}
    assert found["at"] == {"type": "timestamp"}


def test_a_file_that_mlflow_wrote_is_read() -> None:
    found = fields(HERE / "MLmodel")
    assert {name: keys.get("type") for name, keys in found.items()} == {
        "age": "integer", "income": "number", "name": "text", "at": "timestamp", "m": "boolean", "o": "text",
    }  # fmt: skip
    assert [name for name, keys in found.items() if "required" in keys] == ["income", "o"]
    with pytest.raises(EvidenceError, match="without a name"):
        fields(HERE / "MLmodel", "outputs")


def test_a_data_contract_is_read() -> None:
    found = fields(
        odcs(
            "      - {name: id, physicalName: person_id, logicalType: integer, primaryKey: true}\n"
            "      - name: age\n        logicalType: integer\n        required: true\n"
            "        logicalTypeOptions: {minimum: 0, maximum: 130, exclusiveMaximum: true}\n"
            "      - name: sex\n        logicalType: string\n        quality:\n"
            "          - {type: library, metric: invalidValues, arguments: {validValues: [F, M]}, mustBe: 0}\n"
            "          - {type: text, description: as the passport says}\n"
            "      - name: born\n        logicalType: date\n"
            "        logicalTypeOptions: {format: yyyy-MM-dd, exclusiveMaximum: '2020-01-01'}\n"
        )
    )
    assert {key: str(value) for key, value in found["born"].items()} == {"type": "date", "below": "2020-01-01"}
    assert found["person_id"] == {"type": "integer", "max_nulls": 0, "unique": True}
    assert {key: str(value) for key, value in found["age"].items()} == {
        "type": "integer", "max_nulls": "0", "at_least": "0", "below": "130",
    }  # fmt: skip
    assert found["sex"] == {"type": "text", "one_of": ("F", "M")}


def test_a_data_contract_says_whether_times_have_a_zone() -> None:
    options = "logicalTypeOptions: {timezone: true, defaultTimezone: Etc/UTC}"
    found = fields(odcs(f"      - {{name: at, logicalType: timestamp, {options}}}\n"))
    assert found["at"] == {"type": "timestamp with zone"}


def test_a_schema_as_pydantic_writes_it_is_read() -> None:
    found = fields(
        json.dumps(
            {
                "$defs": {"Sex": {"enum": ["F", "M"], "title": "Sex", "type": "string"}},
                "type": "object",
                "title": "Person",
                "properties": {
                    "sex": {"$ref": "#/$defs/Sex"},
                    "age": {"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "null"}], "default": None},
                },
                "required": ["sex"],
            }
        )
    )
    assert found["sex"] == {"type": "text", "one_of": ("F", "M"), "max_nulls": 0}
    assert {key: str(value) for key, value in found["age"].items()} == {
        "type": "integer", "above": "0", "required": "False",
    }  # fmt: skip


def test_tensors_of_an_mlflow_signature_with_one_value_per_row_are_columns() -> None:
    def tensor(name: str, dtype: str, *shape: int) -> dict[str, Any]:
        return {"name": name, "type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}

    found = fields(
        mlmodel(tensor("age", "uint8", -1), tensor("income", "float32", -1, 1), tensor("at", "datetime64[ns]", -1))
    )
    assert {name: keys["type"] for name, keys in found.items()} == {
        "age": "integer", "income": "number", "at": "timestamp",
    }  # fmt: skip
    assert [str(limit) for limit in found["age"]["between"]] == ["0", "255"]


def test_a_schema_as_openapi_writes_it_is_read() -> None:
    found = fields(
        json.dumps(
            {
                "properties": {
                    "age": {"type": "integer", "format": "int32", "nullable": True},
                    "income": {"type": "number", "format": "double"},
                },
                "required": ["age"],
            }
        )
    )
    assert [str(limit) for limit in found["age"]["between"]] == ["-2147483648", "2147483647"]
    assert "max_nulls" not in found["age"]
    assert found["income"] == {"type": "number", "required": False}


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (HERE / "m.joblib", "runs the code in it"),
        (HERE / "tensor.onnx", "takes 4 values per row, which have no names"),
        ("a,b\n1,2\n", "is none of"),
        ("{}", "is none of"),
        (mlmodel(), "has no column"),
        (schema({}), "has no column"),
        ("flavors: {sklearn: {}}\n", "has no signature"),
        (mlmodel({"type": "double"}), "without a name"),
        (mlmodel({"type": "long", "name": "a"}, {"type": "long", "name": "a"}), "occurs twice"),
        (odcs("      - {name: a}\n").replace("v3.0.2", "v2.2.2"), "version `v2.2.2`"),
        (odcs("      - {name: a}\n", "  - name: other\n    properties: [{name: b}]\n"), "people, other"),
        (schema({"a": {"$ref": "https://example.com/a.json"}}), "which is not in the file"),
        (schema({"a": {"$ref": "#/properties/a"}}), "refers to itself"),
        (schema({"a": {"type": "string", "pattern": "(?=a)b"}}), "cannot be judged"),
        ('{"type": "object", "type": "object"}', "twice in one object"),
        (
            schema({"a": {"$ref": "#/$defs/a", "maximum": 9}}, **{"$defs": {"a": {"type": "integer", "maximum": 5}}}),
            "says `maximum` beside it",
        ),
    ],
)
def test_what_gives_no_columns_is_an_error(work: Workspace, contract: str | Path, said: str) -> None:
    outcome = work.judged(contract, ROWS)
    assert outcome["status"] == "ERROR"
    assert said in outcome["message"]


@pytest.mark.parametrize("name", ["columns.onnx", "tensor.onnx", "plain.skops"])
def test_a_model_that_was_cut_off_is_never_read(name: str) -> None:
    whole = (HERE / name).read_bytes()
    for length in {*range(0, len(whole), max(1, len(whole) // 150)), len(whole) - 1}:
        with pytest.raises(EvidenceError):
            read_contract(io.BytesIO(whole[:length]), "cut")


def test_an_archive_that_is_no_model_is_not_read(work: Workspace) -> None:
    with zipfile.ZipFile("other.zip", "w") as archive:
        archive.writestr("schema.json", json.dumps({"content": {"content": {"feature_names_in_": {}}}}))
    assert "no names of features" in work.judged(Path("other.zip"), ROWS)["message"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_broken_archive_is_an_error_of_the_evidence(method: int) -> None:
    with zipfile.ZipFile(archive := io.BytesIO(), "w", method) as opened:
        opened.writestr("schema.json", json.dumps({str(at): at for at in range(99)}))
    raw = bytearray(archive.getvalue())
    raw[60:90] = bytes(range(200, 230))
    with pytest.raises(EvidenceError):
        read_contract(io.BytesIO(bytes(raw)), "contract")


# -- what is judged

ONE = {"type": "integer", "minimum": 0, "maximum": 120}
SCHEMAS: list[tuple[Any, list[Any]]] = [
    (ONE, [[0, 120], [-1], [121], [1, None], [1.5], ["1"]]),
    ({"type": "number", "exclusiveMinimum": 0}, [[0.5, 1], [0.0], [-0.1], ["x"]]),
    ({"type": ["string", "null"], "enum": ["F", "M", None]}, [["F", None], ["F", "f"], ["X"]]),
    ({"type": "string", "enum": ["F", "M"]}, [["F", "M"], ["F", None], ["m"]]),
    ({"type": "string", "minLength": 2, "maxLength": 3}, [["ab", "abc"], ["a"], ["abcd"], ["äöü"]]),
    ({"type": "string", "pattern": "^a[0-9]"}, [["a1", "a2x"], ["ba1"], ["a"]]),
    ({"type": "string", "pattern": "[0-9]"}, [["a1b"], ["ab"], ["1"]]),
    ({"type": "string", "format": "date"}, [["2024-02-29"], ["2024-02-30"], ["29.02.2024"]]),
    ({"type": "boolean"}, [[True, False], [1], ["yes"]]),
    ({"type": "integer", "const": 1}, [[1, 1], [2]]),
    ({"type": "boolean", "enum": [True, False]}, [[True, False], [1], ["true"]]),
    ({"enum": [False, None, True]}, [[True, None], ["true"]]),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, [[1, None], [1.5], ["1a"]]),
    ({"allOf": [{"type": ["integer", "null"]}, {"minimum": 0}, {"maximum": 5}]}, [[0, 5], [-1], [6], [None, 1]]),
    ({"allOf": [{"type": ["integer", "null"]}, {"type": "integer"}]}, [[0, 5], [None, 1]]),
    ({"type": "string", "pattern": "^[\\u0041-\\u0043]\\u002e"}, [["A."], ["Ab"], ["D."]]),
    ({"type": "integer", "enum": [9007199254740993]}, [[9007199254740993], [9007199254740992]]),
]


@pytest.mark.parametrize(
    ("demand", "values"), [(demand, values) for demand, several in SCHEMAS for values in several], ids=str
)
def test_the_verdict_is_that_of_the_library_jsonschema(work: Workspace, demand: Any, values: list[Any]) -> None:
    document = {"type": "object", "properties": {"a": demand}, "required": ["a"]}
    reader = jsonschema.Draft202012Validator(document, format_checker=jsonschema.FormatChecker())
    valid = all(reader.is_valid({"a": value}) for value in values)
    outcome = work.judged(json.dumps(document), {"a": values})
    assert (outcome["status"] == "PASS") is valid, outcome


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"age": [31.5, 42.0]}, "`age`"),
        ({"age": None}, "no column `age`"),
        ({"region": [1, 2]}, "`region`"),
        ({"member": ["yes", "no"]}, "`member`"),
        ({"income": ["much", "little"]}, "`income`"),
    ],
)
def test_a_table_that_the_model_does_not_expect_fails(work: Workspace, change: dict[str, Any], said: str) -> None:
    assert work.judged(HERE / "columns.onnx", ROWS)["status"] == "PASS"
    rows = {name: values for name, values in {**ROWS, **change}.items() if values is not None}
    outcome = work.judged(HERE / "columns.onnx", rows)
    assert outcome["status"] == "FAIL"
    assert said in outcome["message"]


def test_texts_are_numbers_only_in_a_file_without_types(work: Workspace) -> None:
    contract = mlmodel({"type": "long", "name": "age"}, {"type": "boolean", "name": "member"})
    rows = {"age": ["31"], "member": ["true"]}
    outcome = work.judged(contract, rows)
    assert outcome["status"] == "FAIL"
    assert "holds its values as text" in outcome["message"]
    Path("t.csv").write_text("age,member\n31,true\n")
    Path("candidate.yaml").write_text(Path("candidate.yaml").read_text().replace("t.parquet", "t.csv"))
    assert run(["check"]) == 0


def test_the_order_is_that_of_the_contract(work: Workspace) -> None:
    swapped = {"income": [1.0], "id": [1], "age": [3]}
    assert work.judged(HERE / "plain.skops", swapped)["status"] == "PASS"
    outcome = work.judged(HERE / "plain.skops", swapped, "order: true")
    assert outcome["status"] == "FAIL"
    assert "`income` stands before `age`" in outcome["message"]
    assert (
        work.judged(HERE / "plain.skops", {"age": [3], "id": [1], "income": [1.0]}, "order: true")["status"] == "PASS"
    )


@pytest.mark.parametrize(
    ("closed", "keys", "status"),
    [
        (None, "", "PASS"),
        (None, "extra_columns: refuse", "FAIL"),
        (False, "", "FAIL"),
        (False, "extra_columns: allow", "PASS"),
        (True, "extra_columns: refuse", "FAIL"),
    ],
)
def test_other_columns_are_as_the_contract_says_unless_the_rule_says_it(
    work: Workspace, closed: bool | None, keys: str, status: str
) -> None:
    more = {} if closed is None else {"additionalProperties": closed}
    outcome = work.judged(schema({"age": {"type": "integer"}}, "age", **more), {"age": [1], "id": ["a"]}, keys)
    assert outcome["status"] == status
    assert status == "PASS" or "`id` is not in the contract" in outcome["message"]


@pytest.mark.parametrize(
    "contract",
    [
        schema({"age": {"type": "integer", "multipleOf": 5}}, "age"),
        schema({"age": {"type": "integer", "not": {"const": 3}}}, "age"),
        schema({"age": {"type": "integer"}}, "age", minProperties=2),
        schema({"age": False}, "age"),
        mlmodel({"type": "binary", "name": "age"}),
        mlmodel({"type": "tensor", "name": "age", "tensor-spec": {"dtype": "float32", "shape": [-1, 28]}}),
        mlmodel({"type": "tensor", "name": "age", "tensor-spec": {"dtype": "object", "shape": [-1]}}),
        schema({"age": {"allOf": [{"type": "integer"}, {"type": "number"}]}}, "age"),
        odcs("      - {name: age, quality: [{type: sql, query: select 1, mustBe: 1}]}\n"),
        odcs("      - {name: age}\n", "    quality: [{type: library, metric: rowCount, mustBeGreaterThan: 9}]\n"),
        odcs("      - {name: age, logicalType: array}\n"),
        odcs("      - {name: age, required: 'true'}\n"),
        odcs("      - {name: age, logicalTypeOptions: {format: hostname}}\n"),
        schema({"age": {"type": "integer", "minimum": "0"}}, "age"),
        schema({"age": {"type": [["integer"], "null"]}}, "age"),
        schema({"age": {"type": "integer", "format": {"a": 1}}}, "age"),
        odcs("      - {name: age, logicalTypeOptions: {format: [i32]}}\n"),
        schema({"age": {"type": "integer"}}, "age", additionalProperties="false"),
        schema({"age": {"type": "integer"}}, "age", patternProperties={"x": {}}),
        odcs("      - {name: age, primaryKey: true}\n      - {name: b, primaryKey: true}\n"),
    ],
)
def test_a_demand_that_no_rule_judges_is_an_error_unless_allowed(work: Workspace, contract: str) -> None:
    rows = {"age": [5, 10], "b": [1, 2]}
    outcome = work.judged(contract, rows)
    assert outcome["status"] == "ERROR"
    assert "no rule judges" in outcome["message"]
    assert work.judged(contract, rows, "unjudged: allow")["status"] == "PASS"


def test_a_column_that_must_be_absent_may_be_absent(work: Workspace) -> None:
    contract = schema({"age": {"type": "integer"}, "name": False}, "age")
    assert work.judged(contract, {"age": [5]}, "unjudged: allow")["status"] == "PASS"


def test_a_part_of_the_contract_is_named(work: Workspace) -> None:
    two = odcs("      - {name: age, logicalType: integer}\n", "  - name: other\n    properties: [{name: nothing}]\n")
    assert work.judged(two, ROWS, "part: people")["status"] == "PASS"
    assert work.judged(two, ROWS, "part: other")["status"] == "ERROR"
    assert "it has `people`, `other`" in work.judged(two, ROWS, "part: third")["message"]
    assert "remove `part`" in work.judged(HERE / "plain.skops", ROWS, "part: third")["message"]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_table_in_which_nothing_is_evaluated_is_an_error(work: Workspace, values: list[Any]) -> None:
    rows = pa.table({"age": pa.array(values, pa.int64())})
    assert work.judged(mlmodel({"type": "long", "name": "age"}), rows)["status"] == "ERROR"


def test_a_contract_whose_columns_are_all_optional_and_absent_is_an_error(work: Workspace) -> None:
    outcome = work.judged(schema({"age": {"type": "integer"}}), {"other": [1]})
    assert outcome["status"] == "ERROR"
    assert "nothing was evaluated" in outcome["message"]


def test_values_that_count_as_missing_are_left_out(work: Workspace) -> None:
    contract = schema({"age": {"type": ["integer", "null"], "minimum": 0}}, "age")
    assert work.judged(contract, {"age": [1, -999]})["status"] == "FAIL"
    assert work.judged(contract, {"age": [1, -999]}, "missing: [-999]")["status"] == "PASS"


def test_a_name_between_slashes_is_a_name_and_not_a_pattern(work: Workspace) -> None:
    contract = schema({"/a.*/": {"type": "integer"}}, "/a.*/")
    assert work.judged(contract, {"/a.*/": [1], "abc": ["x"]})["status"] == "PASS"
    assert work.judged(contract, {"abc": [1]})["status"] == "ERROR"


def test_the_columns_of_a_contract_are_stored_without_loss(work: Workspace) -> None:
    contract = odcs("      - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 0.1, maximum: 2e3}}\n")
    need = ContractColumns("contract")
    found = Facts({need: read_contract(io.BytesIO(contract.encode()), "contract")})
    assert decode_facts(json.loads(json.dumps(encode_facts(found, [ContractColumns]))), [ContractColumns]) == found


def test_a_candidate_without_a_contract_is_an_error(work: Workspace) -> None:
    work.judged(HERE / "plain.skops", ROWS)
    Path("candidate.yaml").write_text("mlgate: 1\ncandidate: c\ntables: {t: {path: t.parquet}}\n")
    assert run(["check", "--report", "json=v.json"]) == 1
    assert "names no contract" in Path("v.json").read_text()


def test_a_policy_fixes_the_contract_and_the_verdict_has_its_digest(work: Workspace) -> None:
    work.judged(HERE / "plain.skops", ROWS)
    verdict = json.loads(Path("v.json").read_text())["verdicts"][0]
    assert any("contract" in str(each) for each in verdict["inputs"])
    policy = Path("policies/p.yaml")
    policy.write_text(policy.read_text() + "expects: {contract: {path: /contract}}\n")
    assert run(["check"]) == 0
    policy.write_text(policy.read_text().replace("/contract}", "/own/contract}"))
    assert run(["check"]) == 1
