"""What a policy extends: inherited first, under its own file, line and defaults; conflicts and cycles are told."""

# ruff: noqa: ISC004 - a row is easier to compare whole.

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.policy import origins
from mlgate.values.errors import Location
from mlgate.values.provenance import Input

HEAD = "mlgate: 1\npolicy: NAME\nowner: o\n"
RULE = "rules: [{id: NAME, check: performance.metric, metric: recall, at_least: 0.7}]\n"


def policy(name: str, *lines: str, rule: bool = True) -> str:
    return (HEAD + "".join(f"{line}\n" for line in lines) + (RULE if rule else "")).replace("NAME", name)


def test_inherited_rules_come_first_with_their_own_place_and_defaults(folder: Any) -> None:
    folder.write(a=policy("a", "extends: lib/b.yaml", "confidence: 0.9"), lib__b=policy("b", "proof: estimate"))
    (composed,) = folder.load("a.yaml")
    first, second = composed.rules
    assert (first.name, first.at, first.proof, str(first.confidence)) == (
        "a:b", Location("lib/b.yaml", 5, 9), "estimate", "19/20",
    )  # fmt: skip
    assert (second.name, second.at.file, second.proof, str(second.confidence)) == (
        "a:a",
        "a.yaml",
        "shown",
        "9/10",
    )
    assert [entry.path for entry in composed.inputs] == ["lib/b.yaml", "a.yaml"]
    assert isinstance(composed.inputs[0], Input)


def test_for_and_waivers_are_not_inherited(folder: Any) -> None:
    waiver = (
        "waivers: [{rule: b, for: c, not_below: 0.6, owner: o, reason: r, granted: 2026-01-01, expires: 2026-01-02}]"
    )
    folder.write(a=policy("a", "extends: b.yaml"), b=policy("b", "for: {tags: x}", waiver))
    (composed,) = folder.load("a.yaml")
    assert composed.applies_to.tags == ()
    assert composed.waivers == ()


def test_a_file_that_is_reached_twice_is_inherited_once(folder: Any) -> None:
    folder.write(
        a=policy("a", "extends: [b.yaml, c.yaml]"),
        b=policy("b", "extends: d.yaml"),
        c=policy("c", "extends: ./d.yaml"),
        d=policy("d"),
    )
    assert [rule.id for rule in folder.load("a.yaml")[0].rules] == ["d", "b", "c", "a"]


def test_extending_alone_is_enough_to_ask_something(folder: Any) -> None:
    folder.write(a=policy("a", "extends: b.yaml", rule=False), b=policy("b"))
    assert [rule.name for rule in folder.load("a.yaml")[0].rules] == ["a:b"]


def test_extending_what_has_no_rules_is_not(folder: Any) -> None:
    folder.write(a=policy("a", "extends: b.yaml", rule=False), b=policy("b", rule=False))
    assert folder.problems("a.yaml") == [
        "a.yaml:1:1: the policy has no rules, so it would demand nothing; add `rules` or `extends`"
    ]


def test_parts_are_merged(folder: Any) -> None:
    shared = ("derive: {band: {column: age, edges: [25]}}", "expects: {positive: 1, task: binary}")
    folder.write(
        a=policy("a", "extends: b.yaml", "groups: {sex: {values: [F, M]}}", "expects: {positive: 1}"),
        b=policy("b", *shared),
    )
    (composed,) = folder.load("a.yaml")
    assert (list(composed.derive), list(composed.groups)) == (["band"], ["sex"])
    assert [entry.key for entry in composed.expects] == ["positive", "task"]
    assert composed.expects_at == Location("a.yaml", 6, 1)


CONFLICTS = [
    ("derive: {g: {column: age, edges: [30]}}", "derive: {g: {column: age, edges: [25]}}",
     "a.yaml:5:10: `derive.g` differs from its definition at b.yaml:4; make them equal or rename one"),
    ("groups: {sex: {values: [F]}}", "groups: {sex: {values: [F, M]}}",
     "a.yaml:5:10: `groups.sex` differs from its definition at b.yaml:4; make them equal or rename one"),
    ("expects: {classes: [a, b]}", "expects: {classes: [b, a]}",
     "a.yaml:5:11: `expects.classes` is `[a, b]`, but `[b, a]` at b.yaml:4; make them equal"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "inherited", "message"), CONFLICTS, ids=["derive", "groups", "expects"])
def test_a_conflict_is_an_error(folder: Any, own: str, inherited: str, message: str) -> None:
    folder.write(a=policy("a", "extends: b.yaml", own), b=policy("b", inherited))
    assert folder.problems("a.yaml") == [message]


def test_a_cycle_is_an_error(folder: Any) -> None:
    folder.write(a=policy("a", "extends: b.yaml"), b=policy("b", "extends: [a.yaml]"))
    remedy = "remove one of them"
    assert folder.problems("a.yaml") == [f"b.yaml:4:11: `extends` forms a circle: a.yaml -> b.yaml -> a.yaml; {remedy}"]


def test_files_that_extend_one_another_without_end_are_refused(folder: Any) -> None:
    files = {f"f{at}": policy(f"f{at}", f"extends: f{at + 1}.yaml") for at in range(1500)}
    folder.write(**files, f1500=policy("f1500"))
    assert folder.problems("f0.yaml") == [
        "f29.yaml:4:1: `extends` leads through more than 30 files, one after the other; extend fewer"
    ]


def test_problems_of_an_inherited_file_are_told_once(folder: Any) -> None:
    folder.write(a=policy("a", "extends: c.yaml"), b=policy("b", "extends: c.yaml"), c=policy("c").replace("0.7", "x"))
    assert folder.problems() == ["c.yaml:4:70: `at_least` of rule `c` must be a number, not `x`"]


REFUSED = [
    ("git+https://example.com/p@v1#sha256=0", "`git+https://example.com/p@v1#sha256=0` is an address; "
     "write a policy of another repository as {git: URL, path: FILE, digest: COMMIT}"),
    ("https://example.com/p.yaml", "`https://example.com/p.yaml` is an address; "
     "write a policy of another repository as {git: URL, path: FILE, digest: COMMIT}"),
    ("b\\0.yaml", "the escaped character U+0000 is not allowed in a text; remove it"),
    ("missing.yaml", "the file `missing.yaml` does not exist beside this one; correct the path"),
    ("../outside.yaml", "`../outside.yaml` is outside the workspace; extend a file inside it"),
    ("/etc/passwd", "`/etc/passwd` is outside the workspace; extend a file inside it"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "message"), REFUSED)
def test_an_entry_that_cannot_be_extended(folder: Any, entry: str, message: str) -> None:
    (folder.path.parent / "outside.yaml").write_text(policy("outside"))
    folder.write(a=policy("a", f'extends: ["{entry}"]'))
    assert folder.problems("a.yaml") == [f"a.yaml:4:11: {message}"]


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    shipped = tmp_path / "shipped" / "baseline@1.yaml"
    shipped.parent.mkdir()
    shipped.write_text(policy("baseline"))
    found = {"baseline@1": shipped}
    monkeypatch.setattr(origins, "packs", lambda: found)
    return found


def test_a_pack_is_shown_by_its_name(folder: Any, packs: dict[str, Path]) -> None:
    folder.write(a=policy("a", "extends: [mlgate/baseline@1]"))
    (composed,) = folder.load("a.yaml")
    assert [(rule.name, str(rule.at)) for rule in composed.rules] == [
        ("a:baseline", "mlgate/baseline@1.yaml:4:9"),
        ("a:a", "a.yaml:5:9"),
    ]


def test_an_unknown_pack_names_the_nearest(folder: Any, packs: dict[str, Path]) -> None:
    folder.write(a=policy("a", "extends: [mlgate/basline]"))
    assert folder.problems("a.yaml") == ["a.yaml:4:11: unknown pack `mlgate/basline`, did you mean `baseline`?"]
    folder.write(a=policy("a", "extends: [mlgate/nothing@1]"))
    (said,) = folder.problems("a.yaml")
    assert said == "a.yaml:4:11: unknown pack `mlgate/nothing@1`; choose one of mlgate/baseline@1"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("mlgate/baseline", "the pack names no version: `mlgate/baseline`; write `mlgate/baseline@10`"),
        ("mlgate/baseline@3", "the pack has no such version: `mlgate/baseline@3`; write `mlgate/baseline@10`"),
        (
            "mlgate/baseline@1.yaml",
            "the pack has no such version: `mlgate/baseline@1.yaml`; write `mlgate/baseline@10`",
        ),
        ("mlgate/baseline@", "the pack has no such version: `mlgate/baseline@`; write `mlgate/baseline@10`"),
    ],
)
def test_a_pack_needs_a_version_and_the_message_names_the_newest(
    folder: Any, packs: dict[str, Path], entry: str, said: str
) -> None:
    packs["baseline@2"] = packs["baseline@10"] = packs["baseline@1"]
    folder.write(a=policy("a", f'extends: ["{entry}"]'))
    assert folder.problems("a.yaml") == [f"a.yaml:4:11: {said}"]


def test_a_pack_extends_packs_only(folder: Any, packs: dict[str, Path]) -> None:
    packs["baseline@1"].write_text(policy("baseline", "extends: other.yaml"))
    folder.write(a=policy("a", "extends: [mlgate/baseline@1]"))
    assert folder.problems("a.yaml") == [
        "mlgate/baseline@1.yaml:4:1: a pack can extend only packs, not the file `other.yaml`; name a pack"
    ]
