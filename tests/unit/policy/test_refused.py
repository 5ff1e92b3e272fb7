"""Every slip that must never pass, each with the place (before which ▸ stands) and the words of its problem."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.values.errors import InputError

Refuses = Callable[[str, list[str]], None]

KEYS_OF_A_RULE = [
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, ▸tresholds: 1}',
     ['unknown key `tresholds` in rule `r`; choose one of id, check, description, source, at_least, at_most, between, proof, confidence, severity, enforce_from, locked, when, min_n, at_most_left_out, at_most_unknown, looks, show_values, metric, by']),
    ('- {id: r, check: performance.metric, metric: recall, ▸at_lest: 0.7}',
     ['unknown key `at_lest` in rule `r`, did you mean `at_least`?']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.9, ▸at_least: 0.1}',
     ['key `at_least` is repeated, at line 5 and again at line 5; keep one']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸.nan}',
     ['`at_least` of rule `r` must be a number, not `.nan`; a finite number is required']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸-.inf}',
     ['`at_least` of rule `r` must be a number, not `-.inf`; a finite number is required']),
    ('- {id: r, check: performance.metric, metric: recall, at_most: ▸.inf}',
     ['`at_most` of rule `r` must be a number, not `.inf`; a finite number is required']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸"0.9"}',
     ['`at_least` of rule `r` must be a number, not the quoted "0.9"; write 0.9 without quotes']),
    ("- {id: r, check: performance.metric, metric: recall, at_least: ▸'0,95'}",
     ['`at_least` of rule `r` must be a number, not the quoted "0,95"; write 0.95']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸90%}',
     ['`at_least` of rule `r` must be a number, not `90%`; write 0.9']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸０.９}',
     ['`at_least` of rule `r` must be a number, not `０.９`; write 0.9']),
    ('- {id: r, check: performance.metric, metric: recall, ▸at_least: 90}',
     ['`at_least` of rule `r`: recall is between 0 and 1, not 90']),
    ('- {id: r, check: performance.metric, metric: recall, ▸at_least:}',
     ['`at_least` of rule `r` is empty; it must be a number']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: ▸true}',
     ['`at_least` of rule `r` must be a number, not `true`']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, severity: ▸eror}',
     ['`severity` of rule `r` must be one of block, warn, not `eror`']),
    ('- {id: r, check: performance.metric, metric: recall, ▸between: [0.9, 0.1]}',
     ['`between` of rule `r` asks for at least 0.9 and at most 0.1; write the lower number first']),
    ('- {id: r, check: performance.metric, metric: recall, ▸between: [2, 3]}',
     ['`between` of rule `r`: recall is between 0 and 1, not 2']),
    ('- {id: r, check: performance.metric, metric: recall, between: ▸[0.1]}',
     ['`between` of rule `r` must be a list with 2 entries']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.1, ▸at_most: 0.9}',
     ['rule `r` has at_least and at_most; write between: [0.1, 0.9]']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.1, ▸between: [0.1, 0.9]}',
     ['rule `r` has at_least and between; write between: [low, high]']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, confidence: ▸0.5}',
     ['`confidence` of rule `r` must be a number above 0.5 and below 1, not `0.5`']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, proof: ▸shwon}',
     ['`proof` of rule `r` must be one of shown, unrefuted, estimate, not `shwon`, did you mean `shown`?']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, when: ▸{}}',
     ['`when` of rule `r` is empty; add one of the keys tags, name, task, risk, not, any']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, enforce_from: ▸soon}',
     ['`enforce_from` of rule `r` must be a date YYYY-MM-DD, not `soon`']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, min_n: ▸-1}',
     ['`min_n` of rule `r` must be a whole number of at least 0, not `-1`']),
    ('- {id: r, check: performance.metric, metric: recall, at_least: 0.7, by: [sex, ▸sex]}',
     ['`by` of rule `r` names [sex] twice; keep one']),
]  # fmt: skip

RULES = [
    ('- {id: r, check: ▸performance.metrc, at_least: 1}',
     ['unknown check `performance.metrc` in rule `r`, did you mean `performance.metric`?']),
    ('- {id: r, check: ▸fairness.zzz, at_least: 1}',
     ['unknown check `fairness.zzz` in rule `r`; choose one of lineage.complete, performance.metric']),
    ('- {id: r, check: performance.metric, metric: ▸recal, at_least: 1}',
     ['`metric` of rule `r` must be one of recall, roc_auc, mae, not `recal`, did you mean `recall`?']),
    ('- ▸{id: r, check: performance.metric, at_least: 1}',
     ['missing key `metric` in rule `r`; it must be one of recall, roc_auc, mae']),
    ('- {id: r, check: performance.metric, metric: mae, ▸at_least: 1}',
     ['`at_least` of rule `r`: mae is an error metric; write `at_most`']),
    ('- {id: r, check: lineage.complete, table: t, ▸at_least: 1}',
     ['check `lineage.complete` takes no bound; remove `at_least` from rule `r`']),
    ('- {id: r, check: lineage.complete, table: t, ▸at_most_left_out: 0.05}',
     ['check `lineage.complete` takes no `at_most_left_out`, because it leaves no such rows out; remove `at_most_left_out` from rule `r`']),
    ('- {▸id: expects, check: lineage.complete, table: t}',
     ['the rule id `expects` is reserved; choose another']),
    ('- {check: lineage.complete, table: t}\n  - ▸{check: lineage.complete, table: u}',
     ['rule id `lineage.complete` is repeated: at line 5 and again at line 6; give one of them an `id`. Without one, an id is made of check, metric and `by`']),
    ('- {check: lineage.complete, table: t, ▸id: }',
     ['`id` of rule number 1 is empty; it must be a name of letters, digits, `.`, `_` and `-`']),
    ('- ▸{id: r, table: t}',
     ['missing key `check` in rule `r`; it must be a text']),
    ('- {id: r, check: performance.metric, metric: recall, ▸at_leest: 0.7}',
     ['unknown key `at_leest` in rule `r`, did you mean `at_least`?']),
    ('- {id: r, check: performance.metric, metric: recall, ▸betwen: [0.7, 0.8]}',
     ['unknown key `betwen` in rule `r`, did you mean `between`?']),
    ('- ▸{id: r, check: performance.metric, metric: recall, ▸severty: warn}',
     ['rule `r` has no bound; add at_least, at_most or between: [low, high]', 'unknown key `severty` in rule `r`, did you mean `severity`?']),
    ('- {id: r, check: performance.metric, ▸metrc: recall, at_least: 0.7}',
     ['unknown key `metrc` in rule `r`, did you mean `metric`?']),
    ('- ▸recall',
     ['rule number 1 must be a mapping with the keys id, check and more, not `recall`']),
    ('- {id: r, check: lineage.complete, table: t}\n  - {▸id: r, check: lineage.complete, table: u}',
     ['rule id `r` is repeated: at line 5 and again at line 6; give every rule its own id']),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "messages"), KEYS_OF_A_RULE + RULES)
def test_a_rule_that_must_never_pass(refuses: Refuses, head: str, rules: str, messages: list[str]) -> None:
    refuses(f"{head}rules:\n  {rules}\n", messages)


RULE = "rules:\n  - {id: r, check: performance.metric, metric: recall, "
TWINS = [
    "at_least: 0.7",
    "at_most: 0.9",
    "at_least: 1",
    "between: [0.1, 0.9]",
    "between: [0.5, 0.5]",
    "at_least: 0.7, severity: warn",
    "at_least: 0.7, by: [sex, [sex, race]]",
    "at_least: 0.7, when: {task: binary}",
]


@pytest.mark.parametrize("keys", TWINS)
def test_the_twins_pass(one: Callable[[str], Policy], head: str, keys: str) -> None:
    assert len(one(f"{head}{RULE}{keys}}}\n").rules) == 1


FILES = [
    ('▸',
     ['the file is empty']),
    ('▸# nothing\n',
     ['the file is empty']),
    ('▸- a\n',
     ['a policy file must be a mapping with the keys mlgate, policy, owner, description, cannot_check, for, vocabulary, extends, variables, set, confidence, proof, severity, enforce_from, locked, show_values, expects, derive, groups, roots, servers, reported, rules, max_waiver_days, approver, waivers, reasons']),
    ('▸HEAD',
     ['the policy has no rules, so it would demand nothing; add `rules` or `extends`']),
    ('HEAD▸rules: []\n',
     ['the policy has no rules, so it would demand nothing; add `rules` or `extends`']),
    ('HEAD▸ruels: []\n',
     ['unknown key `ruels`, did you mean `rules`?']),
    ('▸HEAD▸zzz: []\n',
     ['the policy has no rules, so it would demand nothing; add `rules` or `extends`', 'unknown key `zzz`; choose one of mlgate, policy, owner, description, cannot_check, for, vocabulary, extends, variables, set, confidence, proof, severity, enforce_from, locked, show_values, expects, derive, groups, roots, servers, reported, rules, max_waiver_days, approver, waivers, reasons']),
    ('mlgate: 1\npolicy: p\n▸ownr: o\nRULE',
     ['unknown key `ownr`, did you mean `owner`?']),
    ('HEADrules: ▸{}\n',
     ['`rules` must be a list, not a mapping']),
    ('HEAD▸rules:\n',
     ['`rules` is empty; it must be a list']),
    ('HEADRULE▸---\n▸',
     ['the file has a second document; put it into its own file', 'the file is empty']),
    ('mlgate: ▸2\nnew: 1\n',
     ['`mlgate` is 2, but this mlgate reads version 1; update mlgate']),
    ('mlgate: ▸1.0\n',
     ["`mlgate` must be the number 1, the version of this file's format, not `1.0`; write mlgate: 1"]),
    ('mlgate: ▸"1"\n',
     ['`mlgate` must be the number 1, the version of this file\'s format, not the quoted "1"; write mlgate: 1']),
    ('▸▸policy: p\nRULE',
     ["missing key `mlgate`; it must be the number 1, the version of this file's format", 'missing key `owner`; add it here, or for all policies of the folder in `owner.yaml`']),
    ('HEADfor: {tags: ▸[]}\nRULE',
     ['`for.tags` must be a list with at least one entry']),
    ('HEADfor: ▸{}\nRULE',
     ['`for` is empty; add one of the keys tags, name, task, risk, not, any']),
    ('HEADfor: {risk: ▸hihg}\nRULE',
     ['`for.risk` must be one of low, medium, high, critical, not `hihg`, did you mean `high`?']),
    ('HEADseverity: ▸eror\nRULE',
     ['`severity` must be one of block, warn, not `eror`']),
    ('HEADexpects: ▸{}\nRULE',
     ['`expects` is empty; add one of the keys name, task, owner, tags, risk, positive, classes, source, model, predictions, unit, champion, champions, evaluation, history, tables, sha256']),
    ('HEADexpects: {evaluation: {▸lable: y}}\nRULE',
     ['unknown key `lable` in `expects.evaluation`, did you mean `label`?']),
    ('HEADexpects: {▸positive: 2, classes: [0, 1]}\nRULE',
     ['`expects.positive` is `2`, which is not in `expects.classes`; write one of 0, 1']),
    ('HEADexpects: {▸positive: 1, task: regression}\nRULE',
     ['`expects.positive` is for binary tasks, not regression; remove it']),
    ('HEADderive: {b: {column: age, ▸edges: [2, 2]}}\nRULE',
     ['`derive.b` has the edge 2 after 2; write the edges in increasing order']),
    ('HEADderive: {b: {column: age, edges: [2, ▸.inf]}}\nRULE',
     ['`derive.b.edges` must be a number, not `.inf`; a finite number is required']),
    ('HEADderive: {b: {column: age, edges: [2], ▸labels: [x]}}\nRULE',
     ['`derive.b` needs 2 labels for 1 edge, not 1']),
    ('HEADderive: {b: {column: age, edges: [2], labels: [x, ▸x]}}\nRULE',
     ['`derive.b.labels` names `x` twice, first at line 4; keep one']),
    ('HEADderive: {b: {▸column: b, edges: [2]}}\nRULE',
     ['`derive.b` cuts `b`, which is itself derived; name a column of the data']),
    ('HEADderive: {b: {column: age, edges: [2]}}\ngroups: {b: {▸values: [old]}}\nRULE',
     ['`groups.b` names `old`, which is not a band; write one of <2, >=2']),
    ('HEADgroups: {sex: {values: [F, ▸F]}}\nRULE',
     ['`groups.sex.values` names `F` twice, first at line 4; keep one']),
    ('HEADgroups: {sex: {values: ▸[]}}\nRULE',
     ['`groups.sex.values` must be a list with at least one entry']),
    ('HEADgroups: {sex: {values: [F], unknown: ▸drop}}\nRULE',
     ['`groups.sex.unknown` must be one of block, own_group, report, not `drop`']),
]  # fmt: skip


@pytest.mark.parametrize(("text", "messages"), FILES)
def test_a_file_that_must_never_pass(refuses: Refuses, head: str, rule: str, text: str, messages: list[str]) -> None:
    refuses(text.replace("HEAD", head).replace("RULE", rule), messages)


@pytest.mark.parametrize("costs", ["{fp: 1}", "{tp: 1, fp: 1, fn: 1, tn: 1}"])
def test_wrong_costs_are_one_mistake(costs: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o\nrules:\n"
        f"  - {{id: r, check: performance.metric, metric: expected_cost, costs: {costs}, at_most: 3}}\n"
    )
    with pytest.raises(InputError) as refused:
        load_policies([tmp_path / "policy.yaml"], workspace=tmp_path)
    assert len(refused.value.problems) == 1
