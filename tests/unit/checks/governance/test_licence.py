"""`governance.licence`: expressions of SPDX, and each change of one licence fails the thing that is about it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import mlgate
from mlgate.checks.governance.licence_terms import is_no_licence, plain_licence, refused_licences
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome

ALLOW = (
    "MIT",
    "Apache-2.0",
    "CC-BY-4.0",
    "LGPL-2.1-only",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "LicenseRef-Acme",
)


@pytest.mark.parametrize(
    "text",
    [
        "MIT", "mit", " MIT ", "apache-2.0", "Apache License 2.0", "Apache-2.0+", "MIT OR GPL-3.0-only",
        "GPL-3.0-only or MIT", "MIT AND CC-BY-4.0", "(MIT)", "((MIT OR GPL-3.0-only) AND Apache-2.0)",
        "MIT AND (Apache-2.0 OR GPL-3.0-only)", "LGPL-2.1-or-later", "LGPL-2.1", "lgpl-2.1+",
        "GPL-2.0-only WITH Classpath-exception-2.0", "licenseref-acme", "https://creativecommons.org/licenses/by/4.0/",
        "http://www.creativecommons.org/licenses/by/4.0/legalcode", "https://spdx.org/licenses/MIT.html",
        "https://opensource.org/licenses/MIT", "https://opensource.org/license/apache-2-0", "CC BY 4.0",
        "https://www.apache.org/licenses/LICENSE-2.0.txt", "MIT OR other",
    ],
)  # fmt: skip
def test_what_is_allowed(text: str) -> None:
    assert refused_licences(text, ALLOW) == ()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("GPL-3.0-only", ("GPL-3.0-only",)),
        ("MIT AND GPL-3.0-only", ("GPL-3.0-only",)),
        ("(MIT OR X) AND Y", ("Y",)),
        ("GPL-3.0-only OR AGPL-3.0-only", ("GPL-3.0-only", "AGPL-3.0-only")),
        ("GPL-2.0-only", ("GPL-2.0-only",)),
        ("GPL-2.0-only WITH Other-exception", ("GPL-2.0-only WITH Other-exception",)),
        ("GPL-2.0-or-later", ("GPL-2.0-or-later",)),
        ("CC-BY-NC-4.0", ("CC-BY-NC-4.0",)),
        ("CC-BY-3.0", ("CC-BY-3.0",)),
        ("MITT", ("MITT",)),
        ("MIT AND other", ("other",)),
    ],
)
def test_what_is_refused(text: str, refused: tuple[str, ...]) -> None:
    assert refused_licences(text, ALLOW) == refused


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "unknown", "other", "NOASSERTION", "NONE", "TBD", "[More Information Needed]", "MIT OR", "OR MIT",
        "(MIT", "MIT)", "MIT MIT", "MIT/X", "MIT, X", "MIT and", "AND", "()", "MIT; DROP", "see LICENSE",
        "https://evil.example/creativecommons.org/licenses/by/4.0/", "https://spdx.org.evil.example/licenses/MIT",
        "https://creativecommons.org/licenses/by/4.0/us/", "(" * 500 + "MIT" + ")" * 500, "MIT OR " * 2000 + "MIT",
        "\u039c\u0399\u03a4", "by-4.0",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused_as_a_whole(text: str) -> None:
    assert refused_licences(text, ALLOW) == (text,)


def test_names_and_addresses_mean_ids() -> None:
    assert plain_licence("GPL-3.0") == plain_licence("https://www.gnu.org/licenses/gpl-3.0.html") == "gpl-3.0-only"
    assert plain_licence("https://opendatacommons.org/licenses/odbl/1-0/") == "odbl-1.0"
    assert plain_licence("https://creativecommons.org/publicdomain/zero/1.0/") == plain_licence("CC0")
    assert is_no_licence("Proprietary")
    assert is_no_licence("[More Information Needed]")
    assert not is_no_licence("MIT")


FILES = {"raw.csv": "r\n", "train.csv": "t\n", "test.csv": "e\n", "model.bin": "m\n"}
BASE = "https://huggingface.co/acme/base"


def entry(name: str, role: str) -> dict[str, str]:
    return {"path": name, "sha256": hashlib.sha256(FILES[name].encode()).hexdigest(), "role": role}


def lineage() -> dict[str, Any]:
    return {
        "mlgate": 1,
        "runs": [
            {"name": "split", "inputs": [entry("raw.csv", "data")], "outputs": [entry("train.csv", "data:train")]},
            {
                "name": "train",
                "inputs": [entry("train.csv", "data:train"), {"path": BASE, "role": "base_model"}],
                "outputs": [entry("model.bin", "model")],
            },
            {"name": "score", "inputs": [entry("model.bin", "model"), entry("test.csv", "data:evaluation")]},
        ],
        "licences": [
            {"path": "raw.csv", "licence": "CC-BY-4.0"},
            {"path": "test.csv", "licence": "LicenseRef-Acme"},
            {"path": BASE, "licence": "Apache-2.0 OR GPL-3.0-only"},
        ],
    }


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)


def judged(document: object, keys: str = "", name: str = "lineage.yaml", **more: Any) -> Outcome:
    Path(name).write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    rule = f"{{id: licence, check: governance.licence, allow: {json.dumps(ALLOW)}{keys and ', '}{keys}}}"
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {rule}\n")
    given = {"model": "model.bin", "lineage": [{"path": name}], "roots": ".", **more}
    return mlgate.check(policy="gate.yaml", **{key: of for key, of in given.items() if of is not None}).outcomes[0]


def failing(outcome: Outcome) -> dict[str, str]:
    """The message of each thing that may not be used."""
    return {found.where[0][1]: found.message for found in outcome.findings if found.status.value != "PASS"}


def test_what_may_be_used_passes() -> None:
    outcome = judged(lineage())
    assert outcome.status.value == "PASS", outcome.message
    said = {found.where[0][1]: found.message for found in outcome.findings}
    assert said == {
        "raw.csv": "raw.csv may be used: CC-BY-4.0 of raw.csv",
        "train.csv": "train.csv may be used: CC-BY-4.0 of raw.csv",
        "test.csv": "test.csv may be used: LicenseRef-Acme of test.csv",
        BASE: f"{BASE} may be used: Apache-2.0 OR GPL-3.0-only of {BASE}",
    }


CHANGES = {
    "a licence that is not allowed": (
        "licence: LicenseRef-Acme", "licence: CC-BY-NC-4.0", {"test.csv"},
        "has the licence CC-BY-NC-4.0 (lineage.yaml: score, lineage.yaml: licences), and `allow` does not have it",
    ),
    "one of two that hold": ("licence: LicenseRef-Acme", "licence: MIT AND X-1", {"test.csv"}, "does not have X-1"),
    "data that others were made from": (
        "licence: CC-BY-4.0", "licence: unknown", {"raw.csv", "train.csv"},
        "`unknown` is not a licence of raw.csv, which train.csv was made from",
    ),
    "a base model": ("Apache-2.0 OR GPL-3.0-only", "GPL-3.0-only", {BASE}, "does not have it"),
    "no licence": (
        "- licence: LicenseRef-Acme\n  path: test.csv\n", "", {"test.csv"},
        "no source states the licence of test.csv; state it in `licences` of lineage.yaml, or in its description",
    ),
    "a licence of another file": ("path: test.csv\n- ", "path: tests.csv\n- ", {"test.csv"}, "no source states"),
    "two licences": ("licences:", "licences:\n- {licence: X-1, path: test.csv}", {"test.csv"}, "the licence X-1"),
    "an own licence": (
        "licences:", "licences:\n- {licence: X-1, path: train.csv}", {"train.csv"}, "train.csv has the licence X-1",
    ),
    "other data than those that are licensed": (
        entry("test.csv", "")["sha256"], "0" * 64, {"test.csv"}, "is not the one whose licence is stated",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_fails_the_things_that_it_is_about(what: str) -> None:
    old, new, things, said = CHANGES[what]
    text = yaml.safe_dump(lineage())
    assert old in text, text
    found = failing(judged(text.replace(old, new)))
    assert found.keys() == things
    assert any(said in message for message in found.values()), found


def test_of_data_made_from_several_every_licence_counts() -> None:
    document = lineage()
    document["runs"][0]["inputs"].append({"path": "s3://bucket/more.csv"})
    assert failing(judged(document)).keys() == {"train.csv", "s3://bucket/more.csv"}


def test_a_licence_of_data_that_nobody_used_does_not_count() -> None:
    document = lineage()
    document["licences"].append({"path": "other.csv", "licence": "X-1"})
    assert failing(judged(document)) == {}


def test_a_long_history_is_judged_in_one_pass() -> None:
    document: dict[str, Any] = {"mlgate": 1, "licences": [{"path": "s3://d0", "licence": "MIT"}]}
    document["runs"] = [
        {"name": f"r{at}", "inputs": [{"path": f"s3://d{at}"}], "outputs": [{"path": f"s3://d{at + 1}"}]}
        for at in range(300)
    ]
    train = {"path": "s3://d300", "role": "data:train"}
    document["runs"].append({"name": "train", "inputs": [train], "outputs": [entry("model.bin", "model")]})
    outcome = judged(document)
    assert (outcome.status.value, len(outcome.findings)) == ("PASS", 301)
    assert "s3://d300 may be used: MIT of s3://d0" in {found.message for found in outcome.findings}
    document["licences"] = [{"path": "s3://d0", "licence": "X-1"}]
    assert len(failing(judged(document))) == 301


def test_data_made_from_themselves_have_no_licence() -> None:
    document = lineage()
    document["runs"][0]["inputs"] = [entry("train.csv", "data:train")]
    assert failing(judged(document)) == {
        "train.csv": "train.csv was made from itself, so its licence is not known; correct the record"
    }


def test_a_required_role_that_no_source_names_is_an_error() -> None:
    document = lineage()
    del document["runs"][1]
    outcome = judged(document)
    assert outcome.status.value == "ERROR"
    said = "no source says what the data:train of model.bin is, so its licence is not known; record it"
    assert failing(outcome)["data:train"].endswith(said)
    assert judged({"mlgate": 1, "licences": [{"path": "x", "licence": "MIT"}]}).status.value == "ERROR"


def test_the_licence_of_the_model_comes_from_its_card() -> None:
    roles = "roles: [model], required: [model]"
    Path("CARD.md").write_text("---\nlicense: mit\n---\n# A card\n")
    assert failing(judged(lineage(), roles, card="CARD.md")) == {}
    assert failing(judged(lineage(), roles, card="CARD.md", lineage=None)) == {}
    assert failing(judged(lineage(), roles)).keys() == {"model.bin"}
    Path("CARD.md").write_text("---\nlicense: other\nlicense_name: licenseref-acme\n---\n")
    assert failing(judged(lineage(), roles, card="CARD.md")) == {}
    Path("CARD.md").write_text("---\nlicense: [mit, openrail]\n---\n")
    assert "`allow` does not have it" in failing(judged(lineage(), roles, card="CARD.md"))["model.bin"]
    Path("CARD.md").write_text('{"model_details": {"licenses": [{"identifier": "MIT"}]}}')
    assert failing(judged(lineage(), roles, card="CARD.md")) == {}


def croissant(**changes: Any) -> str:
    file = {
        "@type": "cr:FileObject",
        "@id": "train",
        "contentUrl": "train.csv",
        "sha256": entry("train.csv", "")["sha256"],
    }
    found = {
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "@type": "sc:Dataset",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "distribution": [file],
    }
    return json.dumps({**found, **changes})


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "PASS"),
        (["MIT", "CC-BY-4.0"], "PASS"),
        (["MIT", "X-1"], "FAIL"),
        ({"@type": "CreativeWork", "url": "https://spdx.org/licenses/MIT"}, "PASS"),
        ({"@type": "CreativeWork"}, "FAIL"),
        ("", "FAIL"),
        (7, "FAIL"),
        ([], "FAIL"),
        ([[]], "FAIL"),
        (None, "FAIL"),
    ],
)
def test_croissant_states_the_licence_of_a_data_set(stated: object, status: str) -> None:
    tables = {"train": {"path": Path("train.csv")}}
    outcome = judged(croissant(license=stated), name="croissant.json", tables=tables)
    assert outcome.status.value == status, outcome.message


def bom(**changes: Any) -> str:
    data = {"type": "data", "bom-ref": "train", "name": "train", "licenses": [{"license": {"id": "CC-BY-4.0"}}]}
    base = {"type": "machine-learning-model", "name": "base", "licenses": [{"expression": "MIT OR X-1"}]}
    model = {
        "type": "machine-learning-model",
        "name": "m",
        "hashes": [{"alg": "SHA-256", "content": entry("model.bin", "")["sha256"]}],
        "modelCard": {"modelParameters": {"datasets": [{"ref": "train"}]}},
        "pedigree": {"ancestors": [{**base, **changes}]},
    }
    return json.dumps({"bomFormat": "CycloneDX", "metadata": {"component": model}, "components": [data]})


@pytest.mark.parametrize(
    ("licences", "status"),
    [
        ([{"expression": "MIT OR X-1"}], "PASS"),
        ([{"license": {"name": "MIT License"}}], "PASS"),
        ([{"license": {"id": "MIT"}}, {"license": {"id": "X-1"}}], "FAIL"),
        ([{"license": {"name": "A licence of ours"}}], "FAIL"),
        ([{"license": {}}, 7, {"expression": []}], "FAIL"),
        ([], "FAIL"),
        ("MIT", "FAIL"),
    ],
)
def test_cyclonedx_states_the_licences_of_data_and_ancestors(licences: object, status: str) -> None:
    outcome = judged(bom(licenses=licences), name="bom.json")
    assert outcome.status.value == status, outcome.message
    assert failing(outcome).keys() == ({"base"} if status == "FAIL" else set())


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("allow: [unknown]", "names `unknown`, which is not a licence"),
        ("allow: [MIT OR X]", "is an expression of several; list each licence"),
        ("allow: []", "must be a list with"),
        ("roles: [train]", "names `train`, which is not a role"),
        ("required: [model]", "names `model`, whose licence is not asked for; add it to `roles`"),
        ("required: []", "at least one entry"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(keys: str, said: str) -> None:
    rule = f"{{id: licence, check: governance.licence, {'' if keys.startswith('allow') else 'allow: [MIT], '}{keys}}}"
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {rule}\n")
    with pytest.raises(InputError, match=re.escape(said)):
        mlgate.check(policy="gate.yaml", model="model.bin")
