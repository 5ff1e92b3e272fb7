"""A waiver names one rule and one slice, is weaker than the rule, and ends; else it is refused."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies

RULES = """\
mlgate: 1
policy: p
owner: o
rules:
  - {id: r, check: performance.metric, metric: recall, at_least: 0.7, by: [sex, [sex, race]]}
  - {id: m, check: performance.metric, metric: mae, at_most: 3}
  - {id: b, check: performance.metric, metric: roc_auc, between: [0.5, 0.9]}
  - {id: t, check: lineage.complete, table: x}
waivers:
"""
END = "for: c, owner: o, reason: why, granted: 2026-01-01, expires: 2026-02-01"

GOOD = [
    "- {rule: r, where: {sex: F}, not_below: 0.6, END}",
    "- {rule: r, where: {race: A, sex: F}, not_below: 0.6, END}",
    "- {rule: r, not_below: 0.6, END}",
    "- {rule: m, not_above: 3.5, END}",
    "- {rule: b, not_below: 0.4, END}",
    "- {rule: b, not_above: 0.95, END}",
    "- {rule: r, where: {sex: F}, not_below: 0.6, END}\n  - {rule: r, where: {sex: M}, not_below: 0.6, END}",
]


@pytest.mark.parametrize("waivers", GOOD)
def test_the_twins_pass(one: Callable[[str], Policy], waivers: str) -> None:
    assert one(RULES + "  " + waivers.replace("END", END) + "\n").waivers


def test_where_has_the_order_of_the_rules_by(one: Callable[[str], Policy]) -> None:
    (waiver,) = one(RULES + "  " + GOOD[1].replace("END", END) + "\n").waivers
    assert waiver.where == (("sex", "F"), ("race", "A"))
    assert waiver.not_below == Fraction(3, 5)


BAD = [
    ('- ▸{rule: zzz, not_below: 0.6, END}',
     ['waiver for the unknown rule `zzz`; name a rule of this policy']),
    ('- ▸{rule: rr, not_below: 0.6, END}',
     ['waiver for the unknown rule `rr`, did you mean `r`?']),
    ('- ▸{rule: m, not_above: 3.0, END}',
     ["waiver for rule `m`: not_above 3.0 is not weaker than the rule's 3; raise it"]),
    ('- ▸{rule: expects, not_below: 0.6, END}',
     ['what the policy fixes in `expects` cannot be waived; change it there']),
    ('- {rule: ▸"*", not_below: 0.6, END}',
     ['`waivers.rule` must be a name of letters, digits, `.`, `_` and `-`, starting with a letter or digit, not the quoted "*"']),
    ('- ▸{rule: r, not_below: 0.6, for: c, owner: o, reason: why, granted: 2026-01-01}',
     ['missing key `expires` in `waivers`; it must be a date YYYY-MM-DD']),
    ('- ▸{rule: r, not_below: 0.6, for: c, reason: why, granted: 2026-01-01, expires: 2026-02-01}',
     ['missing key `owner` in `waivers`; it must be a text']),
    ('- ▸{rule: r, not_below: 0.6, for: c, owner: o, granted: 2026-01-01, expires: 2026-02-01}',
     ['missing key `reason` in `waivers`; it must be a text']),
    ('- ▸{rule: r, not_below: 0.6, for: c, owner: o, reason: why, granted: 2026-02-01, expires: 2026-02-01}',
     ['waiver for rule `r` expires on 2026-02-01, which is not after `granted` (2026-02-01); write a later day']),
    ('- ▸{rule: r, END}',
     ['waiver for rule `r`: write not_below, the bound while the waiver is in force']),
    ('- ▸{rule: r, not_below: 0.6, not_above: 0.7, END}',
     ['waiver for rule `r`: write not_below, the bound while the waiver is in force']),
    ('- ▸{rule: b, END}',
     ['waiver for rule `b`: write one of not_below and not_above, the bound while the waiver is in force']),
    ('- ▸{rule: r, not_above: 0.6, END}',
     ['waiver for rule `r`: the rule demands ≥ 0.7, so not_above does not apply; write not_below']),
    ('- ▸{rule: m, not_below: 0.6, END}',
     ['waiver for rule `m`: the rule demands ≤ 3, so not_below does not apply; write not_above']),
    ('- ▸{rule: r, not_below: 0.70, END}',
     ["waiver for rule `r`: not_below 0.70 is not weaker than the rule's 0.7; lower it"]),
    ('- ▸{rule: m, not_above: 2, END}',
     ["waiver for rule `m`: not_above 2 is not weaker than the rule's 3; raise it"]),
    ('- ▸{rule: r, not_below: 0, END}',
     ['waiver for rule `r`: recall is between 0 and 1, not 0']),
    ('- {rule: r, not_below: ▸.nan, END}',
     ['`waivers.not_below` must be a number, not `.nan`; a finite number is required']),
    ('- ▸{rule: t, not_below: 0.6, END}',
     ["waiver for rule `t`: the rule has no bound that a waiver could weaken; write `enforce_from: DATE` in the rule, which only warns before that day, or `severity: warn`"]),
    ('- ▸{rule: r, where: {race: A}, not_below: 0.6, END}',
     ['waiver for rule `r`: the rule has no slices by [race]; name a value for each of [sex] or [sex, race]']),
    ('- ▸{rule: m, where: {sex: F}, not_above: 4, END}',
     ['waiver for rule `m`: the rule has no slices by [sex]; the rule has no `by`; remove `where`']),
    ('- ▸{rule: r, where: {sex: "*"}, not_below: 0.6, END}',
     ['waiver for rule `r`: `sex: *` looks like a wildcard, and a waiver names exactly one slice; write one value']),
    ('- {rule: r, where: ▸{}, not_below: 0.6, END}',
     ['`waivers.where` must have an entry or more']),
]  # fmt: skip


@pytest.mark.parametrize(("waivers", "messages"), BAD)
def test_a_waiver_is_refused(refuses: Callable[[str, list[str]], None], waivers: str, messages: list[str]) -> None:
    refuses(RULES + "  " + waivers.replace("END", END) + "\n", messages)


def test_one_slice_is_waived_once(wrong: Callable[[str], list[str]]) -> None:
    line = GOOD[0].replace("END", END)
    assert wrong(f"{RULES}  {line}\n  {line}\n") == [
        "p.yaml:11:5: rule `r` is waived twice in sex=F: at line 10 and again at line 11; keep one"
    ]


def test_a_waiver_of_a_rule_with_problems_is_not_called_unknown(wrong: Callable[[str], list[str]]) -> None:
    text = RULES.replace("0.7", "x") + "  " + GOOD[0].replace("END", END) + "\n"
    assert wrong(text) == ["p.yaml:5:66: `at_least` of rule `r` must be a number, not `x`"]


def test_four_fifths_can_be_waived_within_a_bound(tmp_path):
    (tmp_path / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o\n"
        "rules:\n  - {id: ff, check: fairness.four_fifths, by: sex, at_least: 0.8, proof: estimate}\n"
        "waivers:\n  - {rule: ff, for: c, not_below: 0.7, owner: o, reason: r, granted: 2026-01-01, expires: 2026-03-31}\n"
    )
    (policy,) = load_policies([tmp_path / "policy.yaml"], workspace=tmp_path)
    assert policy.waivers[0].not_below == Fraction(7, 10)
