"""Lineage in the front matter of a card of the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.lineage.assembled import NamedSource, Presented, assembled
from mlgate.lineage.graph import COMMIT, LineageGraph
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach

REVISION = "9" * 40
CARD = f"""\
---
license: apache-2.0
base_model: acme/base
datasets: [acme/customers, acme/calls]
model-index:
- name: churn
  results:
  - dataset: {{name: Customers, type: acme/customers, split: test, revision: {REVISION}}}
    metrics:
    - {{type: accuracy, value: 0.91}}
---
# Churn
"""


def graph(folder: Path, text: str = CARD, name: str = "README.md") -> LineageGraph:
    (folder / name).write_text(text)
    (folder / "m.bin").write_text("m")
    presented = Presented("m.bin", (NamedSource(name, "huggingface"),))
    return assembled(presented, Reach.of(folder, [folder]))


def test_a_card_names_what_the_model_was_made_from_and_judged_by(tmp_path: Path) -> None:
    found = graph(tmp_path)
    assert sorted((node.name, *node.roles) for node in found.history) == [
        ("acme/base", "base_model"),
        ("acme/calls", "data:train"),
        ("acme/customers", "data:evaluation"),
        ("acme/customers", "data:train"),
        ("m.bin", "model"),
        ("metrics of README.md", "evaluation"),
    ]
    assert found.by_id[found.root].licences == ("apache-2.0",)


def test_only_a_whole_revision_fixes_data(tmp_path: Path) -> None:
    (data,) = graph(tmp_path).playing("data:evaluation")
    assert [(pin.kind, pin.value) for pin in data.pins] == [(COMMIT, REVISION)]
    assert not any(node.pins for node in graph(tmp_path).playing("data:train"))
    (data,) = graph(tmp_path, CARD.replace(REVISION, "main")).playing("data:evaluation")
    assert (data.pins, data.labels) == ((), ("acme/customers test main",))


def test_data_of_another_revision_are_not_the_training_data(tmp_path: Path) -> None:
    found = graph(tmp_path)
    assert {node.id for node in found.playing("data:train")} & {
        node.id for node in found.playing("data:evaluation")
    } == set()
    found = graph(tmp_path, CARD.replace(f", revision: {REVISION}", ""))
    (same,) = found.playing("data:evaluation")
    assert same.roles == ("data:train", "data:evaluation"), "judged on its training data"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# No front matter\n", "is not a model card of the Hugging Face Hub"),
        ("---\n# only a comment\n---\n", "has no front matter, so it records nothing"),
        ("---\n- a\n---\n", "it must be a mapping"),
        ("---\nlicense: mit\nlicense: mit\n---\n", "is repeated"),
        ("---\nbase_model: &a acme\n---\n", "an anchor"),
        ("---\n{{ card_data }}\n---\n", "has the placeholder"),
    ],
)
def test_a_card_that_says_nothing_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        graph(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "---\nbase_model: {a: b}\n---\n",
        "---\nbase_model:\n---\n",
        "---\ndatasets: [[a]]\n---\n",
        "---\nmodel-index: 7\n---\n",
        "---\nmodel-index: [{results: [{dataset: 7, metrics: {a: 1}}]}]\n---\n",
        "---\nmodel-index: {a: {results: {b: {dataset: {type: x}}}}}\n---\n",
    ],
)
def test_wrong_types_name_nothing_that_fixes(tmp_path: Path, text: str) -> None:
    found = graph(tmp_path, text)
    assert not found.playing("base_model")
    assert all(not node.pins for node in found.playing("data:train") + found.playing("data:evaluation"))
