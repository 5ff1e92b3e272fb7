"""The chance that a model which is just short of a demand passes it by luck, after several looks at the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mlgate.gate.looks import shares_looks
from mlgate.gate.proofs import level
from mlgate.policy.demanded import Rule
from mlgate.values.plan import UndeservedPass

LOOKS = (1, 5, 20)


def undeserved_passes(rules: Iterable[Rule]) -> tuple[UndeservedPass, ...]:
    """The chances of rules, together for those with equal `confidence` and `looks`.

    They are those of independent models: 1 - (1 - level) ** looks, where the level is that of each look. Models that
    are right on the same rows pass together, so they pass less often. A model that is chosen by its results on these
    rows passes more often.
    """
    groups: dict[tuple[Fraction, int, bool], list[Rule]] = {}
    for rule in rules:
        groups.setdefault((rule.confidence, rule.looks, shares_looks(rule)), []).append(rule)
    return tuple(
        UndeservedPass(
            tuple(rule.id for rule in alike),
            looks,
            tuple((times, 1 - (1 - level(alike[0])) ** times) for times in LOOKS) if bounded else (),
        )
        for (_, looks, bounded), alike in groups.items()
    )
