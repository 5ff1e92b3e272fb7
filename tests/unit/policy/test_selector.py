"""A selector matches when every key that it gives fits; what a candidate decides by its own words is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Policy, Selector
from mlgate.policy.left_open import left_by_own_words
from mlgate.policy.load import load_policies
from mlgate.policy.selector import matches, not_applying, tasks_of

CANDIDATE = Candidate(name="credit-default", task="binary", tags=("credit", "eu"), risk="high")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), True),
        (Selector(tags=("credit",)), True),
        (Selector(tags=("fraud", "eu")), True),
        (Selector(tags=("Credit",)), False),
        (Selector(name=("credit-*",)), True),
        (Selector(name=("Credit-*",)), False),
        (Selector(name=("fraud", "credit-default")), True),
        (Selector(task=("binary", "regression")), True),
        (Selector(task=("regression",)), False),
        (Selector(risk=("high", "critical")), True),
        (Selector(risk=("low",)), False),
        (Selector(tags=("credit",), risk=("low",)), False),
        (Selector(but_not=Selector(risk=("low",))), True),
        (Selector(but_not=Selector(risk=("high",))), False),
        (Selector(but_not=Selector(name=("credit-*",), risk=("low",))), True),
        (Selector(tags=("credit",), but_not=Selector(name=("*-default",))), False),
        (Selector(any=(Selector(risk=("low",)), Selector(tags=("eu",)))), True),
        (Selector(any=(Selector(risk=("low",)), Selector(tags=("us",)))), False),
        (Selector(tags=("us",), any=(Selector(risk=("high",)),)), False),
        (Selector(any=(Selector(tags=("eu",), but_not=Selector(risk=("high",))), Selector(risk=("low",)))), False),
    ],
)
def test_matches(selector: Selector, expected: bool) -> None:
    assert matches(selector, CANDIDATE) is expected


def test_what_a_candidate_does_not_say_is_never_left_out() -> None:
    assert matches(Selector(but_not=Selector(risk=("low",))), Candidate(name="c"))
    assert matches(Selector(but_not=Selector(tags=("toy",))), Candidate(name="c"))


def test_tasks_that_a_selector_leaves() -> None:
    every = tasks_of(Selector())
    assert tasks_of(Selector(but_not=Selector(task=("text",)))) == every - {"text"}
    assert tasks_of(Selector(but_not=Selector(task=("text",), risk=("low",)))) == every
    assert tasks_of(Selector(any=(Selector(task=("text",)), Selector(task=("binary",), risk=("low",))))) == {
        "text",
        "binary",
    }
    assert tasks_of(Selector(any=(Selector(task=("text",)), Selector(risk=("low",))))) == every


def policy(called: str, /, **keys: Any) -> Policy:
    return Policy(called, "o", f"{called}.yaml", (), applies_to=Selector(**keys))


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"risk": ("low", "medium")}, "for risk low or medium; the candidate says high"),
        ({"tags": ("fraud",)}, "for tags fraud; the candidate says credit, eu"),
        ({"task": ("text",), "risk": ("high",)}, "for task text; the candidate says binary"),
        ({"name": ("income-*",)}, "for name income-*; the candidate says credit-default"),
        ({"but_not": Selector(name=("credit-*",), risk=("high",))}, "not for name credit-* and risk high"),
        (
            {"any": (Selector(risk=("low",)), Selector(but_not=Selector(tags=("eu",))))},
            "for risk low; the candidate says high or not for tags eu",
        ),
    ],
)
def test_a_policy_that_does_not_apply_is_named_with_the_reason(keys: dict[str, Any], why: str) -> None:
    given = [policy("strict", **keys), policy("everyone"), policy("credit", tags=("credit",))]
    assert not_applying(given, CANDIDATE) == (f"1 policy does not apply: strict ({why})",)


def test_many_policies_that_do_not_apply_are_one_line() -> None:
    (said,) = not_applying([policy(f"p{at}", risk=("low",)) for at in range(20)], CANDIDATE)
    assert said.startswith("20 policies do not apply: p0 (for risk low; the candidate says high), p1 ")
    assert said.endswith(" and 17 more")
    (said,) = not_applying([policy(f"p{at}", risk=("low",)) for at in range(3)], CANDIDATE)
    assert said.endswith(", p2 (for risk low; the candidate says high)")
    assert not_applying([policy("everyone")], CANDIDATE) == ()
    assert not_applying([policy("strict", risk=("high",))], Candidate(name="c")) == (
        "1 policy does not apply: strict (for risk high; the candidate says none)",
    )


RULE = "{id: r, check: performance.metric, metric: accuracy, at_least: 0.7}"
WHEN = "{id: s, check: performance.metric, metric: recall, at_least: 0.7, when: {risk: high, task: binary}}"
WAIVER = (
    "waivers: [{rule: r, for: {tags: eu}, not_below: 0.6, owner: o, reason: r, granted: 2026-01-01, "
    "expires: 2026-03-01}]\n"
)
FOR = "for: {not: {name: toy-*}, any: [{risk: high}, {tags: eu, not: {risk: low}}]}\n"
STRICT = f"for: {{risk: high}}\nrules: [{RULE}]\n"
CHANGED = "which the candidate's own file says, so that a pull request can change it. Fix"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((f"rules: [{RULE}]\n",), []),
        (
            (STRICT,),
            [
                f"p0.yaml:4:1: `for:` of the policy selects by `risk`, {CHANGED} `risk` by `expects:` of a policy with",
            ],
        ),
        ((STRICT + "expects: {risk: high}\n",), ["p0.yaml:4:1: `for:` of the policy selects by `risk`, "]),
        ((STRICT, f"expects: {{risk: high}}\nrules: [{RULE}]\n"), []),
        (
            (f"rules: [{RULE}, {WHEN}]\n",),
            [
                f"p0.yaml:4:78: `when:` of rule `s` selects by `risk` and `task`, {CHANGED} `risk` and `task` by `exp",
            ],
        ),
        (
            (f"expects: {{risk: high}}\nrules: [{RULE}, {WHEN}]\n",),
            ["p0.yaml:5:78: `when:` of rule `s` selects by `task`, "],
        ),
        ((f"expects: {{risk: high, positive: a}}\nrules: [{RULE}, {WHEN}]\n",), []),
        ((f"expects: {{risk: high, task: binary}}\nrules: [{RULE}, {WHEN}]\n",), []),
        (
            (f"{FOR}rules: [{RULE}]\n",),
            [f"p0.yaml:4:1: `for:` of the policy selects by `risk` and `tags` and `name`, {CHANGED}"],
        ),
        (
            (f"rules: [{RULE}]\n{WAIVER}",),
            ["p0.yaml:5:11: `for:` of the waiver of `r` selects by `tags`, "],
        ),
    ],
)
def test_what_the_candidates_own_file_decides_is_advised(
    tmp_path: Path, texts: tuple[str, ...], said: list[str]
) -> None:
    for at, text in enumerate(texts):
        (tmp_path / f"p{at}.yaml").write_text(f"mlgate: 1\npolicy: p{at}\nowner: o\n{text}")
    policies = load_policies([tmp_path], workspace=tmp_path)
    found = [f"{each.at}: {each.message}" for policy in policies for each in left_by_own_words(policy, policies)]
    assert len(found) == len(said)
    assert all(each.startswith(start) for each, start in zip(found, said, strict=True)), found
