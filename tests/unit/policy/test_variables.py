"""Variables of a policy: typed, bounded, set by the policy that extends, and put where rules name them."""

# ruff: noqa: ISC004 - a row is easier to compare whole.

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlgate.policy.composed_text import composed_text
from mlgate.policy.demanded import Policy
from mlgate.policy.judged_once import judged_once
from mlgate.policy.loosening import compared
from mlgate.reference.schemas import policy_schema

HEAD = "mlgate: 1\npolicy: NAME\nowner: o\n"
BASE = """\
variables:
  sex: {type: column, default: sex, description: Where the sex of a person is.}
  least: {type: share, default: 0.8, at_least: 0.7}
rules:
  - id: r
    check: performance.metric
    metric: recall
    by: ["${sex}", age]
    at_least: ${least}
"""
ONE_RULE = "rules: [{id: r, check: performance.metric, metric: recall, at_least: 0.7, by: 'BY'}]\n"


def policy(name: str, text: str) -> str:
    return HEAD.replace("NAME", name) + text


def composed(folder: Any, **files: str) -> Policy:
    folder.write(**{name: policy(name, text) for name, text in files.items()})
    found: tuple[Policy, ...] = folder.load("a.yaml")
    return found[0]


def said(folder: Any, **files: str) -> list[str]:
    folder.write(**{name: policy(name, text) for name, text in files.items()})
    found: list[str] = folder.problems("a.yaml")
    return found


def test_a_rule_has_the_default_where_nothing_is_set(folder: Any) -> None:
    (rule,) = composed(folder, a=BASE).rules
    assert (rule.check.by, rule.demand.at_least_text) == ((("sex",), ("age",)), "0.8")  # type: ignore[attr-defined]
    assert rule.reason == ""


def test_a_policy_that_extends_sets_it_and_the_rule_says_so(folder: Any) -> None:
    found = composed(folder, a="extends: b.yaml\nset: {sex: gender, least: 0.9}\n", b=BASE)
    (rule,) = found.rules
    assert (rule.check.by, rule.demand.at_least_text) == ((("gender",), ("age",)), "0.9")  # type: ignore[attr-defined]
    assert str(rule.at) == "b.yaml:8:5"
    assert rule.reason == "Set: `sex` is `gender` at a.yaml:5, `least` is `0.9` at a.yaml:5."
    assert [str(variable) for variable in found.variables] == [
        "`sex` is `gender` at a.yaml:5", "`least` is `0.9` at a.yaml:5",
    ]  # fmt: skip
    assert [variable.allowed for variable in found.variables] == ["", "at least 0.7"]


def test_a_value_passes_through_files_in_between(folder: Any) -> None:
    found = composed(folder, a="extends: b.yaml\nset: {least: 0.75}\n", b="extends: c.yaml\n", c=BASE)
    assert found.rules[0].demand.at_least_text == "0.75"


def test_a_file_in_between_can_pass_on_a_variable_of_its_own(folder: Any) -> None:
    between = "extends: c.yaml\nvariables: {who: {type: column, default: x}}\nset: {sex: '${who}'}\n"
    found = composed(folder, a="extends: b.yaml\nset: {who: gender}\n", b=between, c=BASE)
    assert found.rules[0].check.by == (("gender",), ("age",))  # type: ignore[attr-defined]


def test_a_list_a_key_a_group_and_an_expectation_can_be_variables(folder: Any) -> None:
    text = """\
variables:
  columns: {type: columns, default: [sex, race]}
  age: {type: column, default: age}
  label: {type: column, default: y}
  edge: {type: number, default: 25}
derive: {band: {column: '${age}', edges: ['${edge}']}}
groups: {'${age}': {values: [A, B]}}
expects: {predictions: {label: '${label}'}}
rules: [{id: r, check: performance.metric, metric: recall, at_least: 0.7, by: '${columns}'}]
"""
    found = composed(folder, a=text)
    assert found.rules[0].check.by == (("sex",), ("race",))  # type: ignore[attr-defined]
    assert (found.derive["band"].column, [*found.groups], found.expects[0].value) == ("age", ["age"], "y")
    assert found.derive["band"].labels == ("<25", ">=25")


def test_one_value_serves_all_files_that_are_extended(folder: Any) -> None:
    other = BASE.replace("id: r", "id: s")
    found = composed(folder, a="extends: [b.yaml, c.yaml]\nset: {least: 0.9}\n", b=BASE, c=other)
    assert [rule.demand.at_least_text for rule in found.rules] == ["0.9", "0.9"]


def test_a_default_may_name_another_variable(folder: Any) -> None:
    more = BASE.replace("at_least: 0.7}", "at_least: 0.7}\n  other: {type: share, default: '${least}'}")
    text = more.replace("at_least: ${least}", "at_least: ${other}")
    assert composed(folder, a="extends: b.yaml\nset: {least: 0.85}\n", b=text).rules[0].demand.at_least_text == "0.85"


WRONG_VALUES = [
    ("{least: 0.6}", "14", "`set.least` is `0.6`, but the variable at b.yaml:6 allows only at least 0.7; "
     "write a value within"),
    ("{least: 80 %}", "14", "`set.least` must be a number from 0 to 1 for the variable at b.yaml:6, not `80 %`"),
    ("{least: 1.01}", "14", "`set.least` must be a number from 0 to 1 for the variable at b.yaml:6, not `1.01`"),
    ("{least: '0.9'}", "14", "`set.least` must be a number from 0 to 1 for the variable at b.yaml:6, "
     'not the quoted "0.9"'),
    ("{least: nan}", "14", "`set.least` must be a number from 0 to 1 for the variable at b.yaml:6, not `nan`"),
    ("{least: [0.9]}", "14", "`set.least` must be a number from 0 to 1 for the variable at b.yaml:6, not a list"),
    ("{sex: [a, b]}", "12", "`set.sex` must be one text for the variable at b.yaml:5, not a list"),
    ("{sex: {a: b}}", "12", "`set.sex` must be one text for the variable at b.yaml:5, not a mapping"),
    ("{sex: ~}", "12", "`set.sex` must be one text for the variable at b.yaml:5, not `~`"),
    ("{sexx: a}", "7", "`set.sexx` sets no variable of what this policy extends, did you mean `sex`?"),
    ("{height: a}", "7", "`set.height` sets no variable of what this policy extends; choose one of sex, least"),
    ("{sex: '${sex}'}", "12", "`${sex}` names no variable of this file; declare it in `variables`, or correct the "
     "name"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "column", "message"), WRONG_VALUES)
def test_a_wrong_value_is_told_where_it_is_set(folder: Any, values: str, column: str, message: str) -> None:
    found = said(folder, a=f"extends: b.yaml\nset: {values}\n", b=BASE)
    assert found[-1] == f"a.yaml:5:{column}: {message}"
    assert len(found) == 1


def test_a_value_may_be_set_once_only(folder: Any) -> None:
    assert said(folder, a="extends: b.yaml\nset: {sex: x}\n", b="extends: c.yaml\nset: {sex: y}\n", c=BASE) == [
        "a.yaml:5:7: `set.sex` sets no variable of what this policy extends, because `sex` is `y` at b.yaml:5 already; "
        "remove one of the two"
    ]


def test_a_file_that_is_extended_twice_has_one_value(folder: Any) -> None:
    parts = {"b": "extends: d.yaml\nset: {sex: x}\n", "d": BASE}
    whole = "extends: [b.yaml, c.yaml]\n"
    assert composed(folder, a=whole, c="extends: d.yaml\nset: {sex: x}\n", **parts).rules
    message = "c.yaml:4:1: `d.yaml` is extended twice: `sex` is `x` at b.yaml:5, and `sex` is `y` at c.yaml:5"
    assert said(folder, a=whole, c="extends: d.yaml\nset: {sex: y}\n", **parts) == [f"{message}; set one value"]
    message = "c.yaml:4:1: `d.yaml` is extended twice: `sex` is `x` at b.yaml:5, and `sex` is `sex` at d.yaml:5"
    assert said(folder, a=whole, c="extends: d.yaml\n", **parts) == [f"{message}; set one value"]


def test_two_values_are_seen_below_a_file_that_both_ways_share(folder: Any) -> None:
    found = said(
        folder,
        a="extends: [b.yaml, c.yaml]\n",
        b="extends: d.yaml\n",
        c="extends: d.yaml\nset: {sex: y}\n",
        d="extends: e.yaml\n",
        e=BASE,
    )
    assert found == [
        "d.yaml:4:1: `e.yaml` is extended twice: `sex` is `sex` at e.yaml:5, and `sex` is `y` at c.yaml:5; "
        "set one value"
    ]


WRONG_DECLARATIONS = [
    ("{type: txt}", "4:23", "`variables.x.type` must be one of text, column, number, integer, share, date, boolean, "
     "texts, columns, numbers, not `txt`, did you mean `text`?"),
    ("{type: text}", "4:13", "the variable `x` has no value in this policy alone; add a `default`, or leave the "
     "policy to those that extend it and set the variable"),
    ("{type: text, default: a, at_least: b}", "4:51", "`variables.x` has `at_least`, but the type text has no order; "
     "choose another type from number, integer, share, date, numbers"),
    ("{type: number, default: 2, at_least: 3, at_most: 1}", "4:43",
     "`variables.x` allows no value, because `at_least` is above `at_most`"),
    ("{type: number, default: 2, at_least: low}", "4:53", "`variables.x.at_least` must be a number, not `low`"),
    ("{type: integer, default: 2, at_least: 3}", "4:41", "`variables.x.default` is `2`, but the variable at p.yaml:4 "
     "allows only at least 3; write a value within"),
    ("{type: text, default: shwn, one_of: [shown, estimate]}", "4:38", "`variables.x.default` is `shwn`, but the "
     "variable at p.yaml:4 allows only one of shown, estimate, did you mean `shown`?"),
    ("{type: date, default: 2026-02-30}", "4:38", "`variables.x.default` must be a date YYYY-MM-DD for the variable at "
     "p.yaml:4, not `2026-02-30`"),
    ("{type: columns, default: sex}", "4:41", "`variables.x.default` must be a list of columns for the variable at "
     "p.yaml:4, not `sex`"),
    ("{type: columns, default: []}", "4:41", "`variables.x.default` must be a list of columns for the variable at "
     "p.yaml:4, not a list"),
    ("{type: boolean, default: yes}", "4:41", "`variables.x.default` must be true or false for the variable at "
     "p.yaml:4, not `yes`"),
    ("{type: text, default: '${x}'}", "4:38", "the defaults of variables form a circle: x -> x; give one of them a "
     "value"),
    ("{type: text, default: '${y}'}", "4:38", "`${y}` names no variable of this file; correct the name"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "place", "message"), WRONG_DECLARATIONS)
def test_a_wrong_declaration_is_the_only_problem(wrong: Any, declared: str, place: str, message: str) -> None:
    text = policy("p", f"variables: {{x: {declared}}}\n{ONE_RULE.replace('BY', '${x}')}")
    assert wrong(text) == [f"p.yaml:{place}: {message}"]


def test_a_circle_of_two_is_told_once(wrong: Any) -> None:
    declared = "variables:\n  x: {type: text, default: '${y}'}\n  y: {type: text, default: '${x}'}\n"
    assert wrong(policy("p", declared + ONE_RULE.replace("BY", "${x}"))) == [
        "p.yaml:6:28: the defaults of variables form a circle: x -> y -> x; give one of them a value"
    ]


def test_defaults_cannot_rest_on_each_other_without_end(wrong: Any) -> None:
    chain = "".join(f"  x{number}: {{type: text, default: '${{x{number + 1}}}'}}\n" for number in range(2000))
    text = policy("p", f"variables:\n{chain}  x2000: {{type: text, default: a}}\n{ONE_RULE.replace('BY', '${x0}')}")
    assert wrong(text) == ["p.yaml:5:3: `variables` has 2,001 entries, and at most 100 are allowed"]


X = "variables: {x: {type: column, default: a}, many: {type: columns, default: [a, b]}}\n"
USED = "derive: {'${x}': {column: c, edges: [1]}}\ngroups: {g: {values: '${many}'}}\n"
WRONG_USES = [
    ("for: {tags: '${x}'}", "`${x}` cannot stand in `for`, only in rules, derive, groups, expects and set; "
     "write the value"),
    ("rules: [{check: '${x}', id: r}]", "`check` of a rule cannot be a variable; write it out"),
    ("rules: [{id: '${x}', check: lineage.complete, table: t}]",
     "`id` of a rule cannot be a variable; write it out"),
    ("rules: [{check: lineage.complete, table: t, description: 'of ${x}'}]",
     "`${x}` is only a part of this text, and a variable is a whole value; give a variable the whole text"),
    ("rules: [{check: lineage.complete, table: '${y}'}]",
     "`${y}` names no variable of this file; declare it in `variables`, or correct the name"),
    ("rules: [{check: lineage.complete, table: '${ x }'}]", "`${ x }` is not how a variable is named; write \"${x}\", "
     "of letters, digits, `.`, `_` and `-`"),
    ("rules: [{check: lineage.complete, table: '${mny}'}]",
     "`${mny}` names no variable of this file, did you mean `many`?"),
    ("rules: [{check: performance.metric, metric: recall, at_least: 0.5, by: ['${many}', c]}]",
     "`${many}` is a list and cannot be an entry of another; write it as the whole value of the key"),
    ("rules: [{check: performance.metric, metric: '${x}', at_least: 0.5}]",
     "`metric` of rule `performance.metric-a` must be one of recall, roc_auc, mae, not `a` "
     "(`x` is `a` at p.yaml:4)"),
    ("expects: {a: 1, '${x}': 2}\nrules: [{check: lineage.complete, table: t}]",
     "key `a` is repeated, once as the value of a variable; keep one"),
    ("expects: {'${many}': 2}\nrules: [{check: lineage.complete, table: t}]",
     "`${many}` is a list and cannot be a key; name a variable that is one text"),
]  # fmt: skip


@pytest.mark.parametrize(("use", "message"), WRONG_USES)
def test_a_wrong_use_is_told_where_it_is(wrong: Any, use: str, message: str) -> None:
    assert any(found.endswith(f": {message}") for found in wrong(policy("p", X + USED + use + "\n")))


def test_a_variable_that_nothing_names_is_an_error(wrong: Any) -> None:
    assert wrong(policy("p", X + ONE_RULE.replace("BY", "${x}"))) == [
        'p.yaml:4:44: the variable `many` is used nowhere; write "${many}" where it belongs, or remove it'
    ]


def test_a_plain_name_between_braces_gets_a_remedy(wrong: Any) -> None:
    (found,) = wrong(policy("p", "rules: [{check: lineage.complete, table: ${x}}]\n"))
    assert found.endswith('; between brackets or braces write a variable in quotes: "${name}"')


def test_set_without_anything_to_extend_is_an_error(wrong: Any) -> None:
    assert wrong(policy("p", "set: {x: 1}\n" + ONE_RULE.replace("BY", "sex"))) == [
        "p.yaml:4:7: `set.x` sets no variable of what this policy extends; choose one of none"
    ]


def test_a_file_that_lacks_a_value_alone_is_right_where_it_is_set(folder: Any) -> None:
    base = BASE.replace("default: sex, ", "")
    assert said(folder, a=base) == [
        "a.yaml:5:3: the variable `sex` has no value in this policy alone; add a `default`, or leave the policy to "
        "those that extend it and set the variable"
    ]
    assert composed(folder, a="extends: b.yaml\nset: {sex: x}\n", b=base).rules


@pytest.mark.parametrize(("before", "after", "direction"), [("0.9", "0.8", "looser"), ("0.8", "0.9", "tighter")])
def test_diff_sees_what_a_value_loosens(folder: Any, before: str, after: str, direction: str) -> None:
    old, new = (composed(folder, a=f"extends: b.yaml\nset: {{least: {value}}}\n", b=BASE) for value in (before, after))
    (change,) = compared([old], [new])
    assert (change.what, change.key, change.direction) == ("r", "at_least", direction)


def test_diff_sees_a_default_that_loosens(folder: Any) -> None:
    old, new = (composed(folder, a="extends: b.yaml\n", b=BASE.replace("0.8", value)) for value in ("0.8", "0.75"))
    (change,) = compared([old], [new])
    assert (change.what, change.key, change.direction, change.was, change.now) == (
        "r", "at_least", "looser", "0.8", "0.75",
    )  # fmt: skip


def test_diff_cannot_compare_another_column(folder: Any) -> None:
    old, new = (composed(folder, a=f"extends: b.yaml\nset: {{sex: {name}}}\n", b=BASE) for name in ("sex", "gender"))
    assert [change.direction for change in compared([old], [new])] == ["not comparable"]


def test_the_schema_takes_a_name_for_every_value_but_id_and_check() -> None:
    def accepted(text: dict[str, Any]) -> bool:
        whole = {"mlgate": 1, "policy": "p", "owner": "o", "rules": [], **text}
        return not list(Draft202012Validator(policy_schema()).iter_errors(whole))

    rule = {
        "id": "r",
        "check": "performance.metric",
        "metric": "${m}",
        "at_least": "${b}",
        "by": "${c}",
        "min_n": "${n}",
    }
    assert accepted({"rules": [rule], "variables": {"m": {"type": "text", "default": "recall"}}})
    assert not accepted({"rules": [{**rule, "at_least": "0.8"}]})
    assert not accepted({"rules": [{**rule, "check": "${x}"}]})
    assert not accepted({"rules": [rule], "for": {"risk": "${x}"}})
    assert accepted({"rules": [rule], "derive": {"band": {"column": "a", "edges": "${edges}"}}})


def test_a_changed_rule_keeps_the_values_of_what_it_does_not_change(folder: Any) -> None:
    own = "extends: b.yaml\nset: {sex: gender, least: 0.8}\nrules: [{id: r, at_least: 0.9}]\n"
    (rule,) = composed(folder, a=own, b=BASE).rules
    assert (rule.check.by, rule.demand.at_least_text) == ((("gender",), ("age",)), "0.9")  # type: ignore[attr-defined]
    assert rule.reason == "Set: `sex` is `gender` at a.yaml:5."


def test_a_lock_cannot_hang_on_a_variable(wrong: Any) -> None:
    text = "variables: {x: {type: boolean, default: false}}\n" + ONE_RULE.replace("BY", "sex").replace(
        "}]", ", locked: '${x}'}]"
    )
    assert "p.yaml:5:94: `locked` of a rule cannot be a variable; write it out" in wrong(policy("p", text))


LOCKED = [
    ("extends: c.yaml\nlocked: true\n", True),
    ("extends: c.yaml\nrules: [{id: r, locked: true}]\n", True),
    ("extends: c.yaml\nlocked: true\nvariables: {bar: {type: share, default: 0.8, at_least: 0.7}}\n"
     "set: {least: '${bar}'}\n", False),
    ("extends: c.yaml\n", False),
]  # fmt: skip


@pytest.mark.parametrize(("between", "closed"), LOCKED)
def test_a_lock_closes_the_variables_of_what_its_file_extends(folder: Any, between: str, closed: bool) -> None:
    name = "bar" if "bar" in between else "least"
    files = {"a": f"extends: b.yaml\nset: {{{name}: 0.75}}\n", "b": between, "c": BASE}
    if closed:
        (found,) = said(folder, **files)
        assert found.startswith("a.yaml:5:7: `set.least` changes what the rule `r` judges, which is locked at b.yaml:5")
    else:
        assert composed(folder, **files).rules[0].demand.at_least_text == "0.75"


def test_a_lock_closes_the_variables_of_bands(folder: Any) -> None:
    bands = "derive: {band: {column: age, edges: ['${edge}']}}\nvariables: {edge: {type: number, default: 40}}\n"
    rule = ONE_RULE.replace("BY", "band")
    files = {"a": "extends: b.yaml\nset: {edge: 99}\n", "b": "extends: c.yaml\nlocked: true\n", "c": bands + rule}
    (found,) = said(folder, **files)
    assert found == "a.yaml:5:7: `set.edge` changes what the rule `r` judges, which is locked at b.yaml:5; remove it"


def test_a_locked_file_leaves_its_own_variables_open(folder: Any) -> None:
    found = composed(folder, a="extends: b.yaml\nset: {least: 0.75}\n", b="locked: true\n" + BASE)
    assert found.rules[0].demand.at_least_text == "0.75"


def test_the_composed_text_has_the_values_and_where_they_are_from(folder: Any) -> None:
    found = composed(folder, a="extends: b.yaml\nset: {sex: gender}\n", b=BASE)
    text = composed_text(found)
    assert "  # b.yaml:8\n  # `sex` is `gender` at a.yaml:5, `least` is `0.8` at b.yaml:6\n" in text
    folder.write(again=text)
    (again,) = folder.load("again.yaml")
    assert (again.rules[0].check, again.rules[0].demand) == (found.rules[0].check, found.rules[0].demand)


def test_a_value_of_several_lines_stays_in_its_comment(folder: Any) -> None:
    value = 'set: {sex: "gender\\nrules: []"}'
    found = composed(folder, a=f"extends: b.yaml\n{value}\n", b=BASE)
    text = composed_text(found)
    assert "`sex` is `gender rules: []` at a.yaml:5" in text
    folder.write(again=text)
    assert folder.load("again.yaml")[0].rules[0].check == found.rules[0].check


def test_a_rule_with_another_value_is_judged_beside_that_of_the_extended_policy(folder: Any) -> None:
    files = {"b": BASE, "a": "extends: b.yaml\nset: {least: 0.9}\n", "c": "extends: b.yaml\n"}
    folder.write(**{name: policy(name, text) for name, text in files.items()})
    found = {each.name: [rule.demand.at_least_text for rule in each.rules] for each in judged_once(folder.load())}
    assert found == {"a": ["0.9"], "b": ["0.8"], "c": []}


@pytest.mark.parametrize("declared", [True, False])
def test_files_that_set_values_in_countless_ways_come_to_an_end(folder: Any, declared: bool) -> None:
    layers = 12
    for at in range(layers):
        for side in "ab":
            text = f"extends: [a{at + 1}.yaml, b{at + 1}.yaml]\nset: {{v{at}: {side}}}\n"
            folder.write(**{f"{side}{at}": policy(f"{side}{at}", text)})
    names = "".join(f"  v{at}: {{type: column, default: x}}\n" for at in range(layers))
    by = ", ".join(f"'${{v{at}}}'" for at in range(layers))
    for side in "ab":
        rule = ONE_RULE.replace("id: r", f"id: {side}").replace("'BY'", f"[{by}]" if declared else "x")
        folder.write(**{f"{side}{layers}": policy(f"{side}{layers}", f"variables:\n{names}" * declared + rule)})
    message = "is extended twice" if declared else "leads to the same files in more than 1000 ways"
    assert any(message in found for found in folder.problems("a0.yaml"))


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (", at_least: 0.7", "", "looser"),
        ("", ", at_least: 0.7", "tighter"),
        (", at_least: 0.7", ", at_least: 0.6", "not comparable"),
    ],
)
def test_diff_sees_what_may_be_set(folder: Any, before: str, after: str, direction: str) -> None:
    old, new = (composed(folder, a=BASE.replace(", at_least: 0.7", limit)) for limit in (before, after))
    (change,) = compared([old], [new])
    assert (change.what, change.key, change.direction) == ("variables", "least", direction)


def test_a_long_value_is_cut_in_a_message(folder: Any) -> None:
    limited = BASE.replace("{type: column, default: sex,", "{type: text, default: sex, one_of: [sex],")
    (found,) = said(folder, a=f"extends: b.yaml\nset: {{sex: {'y' * 100_000}}}\n", b=limited)
    assert found.startswith(f"a.yaml:5:12: `set.sex` is `{'y' * 57}...`, but the variable at b.yaml:5 allows only")
