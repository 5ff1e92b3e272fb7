"""The plan for a candidate's data: the rows of every rule, and the chance that the whole gate passes if the observed
values are the true ones."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from mlgate.candidate.presented import Candidate
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.copies import Copies
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.questions.table_schema import TableSchema
from mlgate.evidence.questions.values_present import ValuesPresent
from mlgate.gate import prospects
from mlgate.gate.ask import Asked, answers_of
from mlgate.gate.decide import allowing, met, too_few
from mlgate.gate.proofs import level, levels
from mlgate.gate.run import Measured, Opening, Settings, conclude, measured, opened_tables
from mlgate.gate.waiver_wording import lapsed
from mlgate.planning.draws import Cubes, cubes_of
from mlgate.planning.findings import findings_of
from mlgate.planning.undeserved import undeserved_passes
from mlgate.policy.demanded import Policy, Waiver
from mlgate.stats.planning import require_power
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.estimate import Answer, Estimate, Published
from mlgate.values.plan import ChanceBy, Plan, RulePlan
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, Where
from mlgate.version import __version__

UNTOUCHED = (Profile, Keys, Copies, Digest, TableSchema, ValuesPresent)
"""Needs whose facts stay the same when counts are drawn again: they say whether columns and ids are usable."""
DRAWS, SEED = 400, 0
MOST_DRAWS = 100_000
"""The most draws: they give the chance to within a third of a percent."""


def _drawable(needs: Iterable[Need]) -> list[Counts]:
    """The counts that can be drawn again: those of independent rows."""
    return [need for need in needs if isinstance(need, Counts) and not need.unit]


@dataclass(frozen=True)
class Drawing:
    """How often and from which seed counts are drawn again, and the power that rows should have."""

    power: float = prospects.POWER
    draws: int = DRAWS
    seed: int = SEED

    def __post_init__(self) -> None:
        try:
            require_power(self.power)
        except ValueError as wrong:
            raise InputError(f"{wrong}; it is the chance that rows show what is true, usually 0.8 or 0.9") from wrong
        if not 1 <= self.draws <= MOST_DRAWS:
            raise InputError(f"draws must be from 1 to {MOST_DRAWS:,}, not {self.draws:,}; {DRAWS} are usual")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"seed must be from 0 to 2**32 - 1, not {self.seed}")


@dataclass(frozen=True)
class Weighed:
    """One judged rule with its answers, and its waivers that are in force."""

    asked: Asked
    outcome: Outcome
    answers: tuple[Answer, ...]
    honoured: tuple[Waiver, ...]

    @property
    def judged(self) -> list[tuple[Finding, Answer]]:
        """The findings that count, each with its answer. What is found of all answers together comes after these."""
        answers = [answer for answer in self.answers if not isinstance(answer, Published)]
        return [pair for pair in zip(self.outcome.findings, answers) if pair[0].status.counts]

    @property
    def estimated(self) -> bool:
        """Whether it judges estimates, which luck can move."""
        if not self.asked.rule.sampled:
            return False
        return any(isinstance(answer, Estimate) for _, answer in self.judged)

    @property
    def undeserving(self) -> bool:
        """Whether luck could let it pass: it judges estimates, answers with these rows, and has no waiver in force."""
        return self.estimated and self.outcome.status is not Status.ERROR and not self.honoured

    @property
    def chance_by(self) -> ChanceBy:
        """How the rule's chance to pass can be computed."""
        if not self.outcome.status.counts:
            return ChanceBy.NOT
        if self.outcome.status is Status.ERROR or not self.estimated:
            return ChanceBy.CERTAIN
        cubes = _drawable(self.asked.needs)
        drawn = cubes and not any(need.weight for need in cubes) and not self._staged
        others = [need for need in self.asked.needs if need not in cubes and not isinstance(need, UNTOUCHED)]
        return ChanceBy.DRAWN if drawn and not others else ChanceBy.WIDTH

    @property
    def _staged(self) -> bool:
        """Whether some of its questions depend on earlier answers, which other rows would change."""
        rule = self.asked.rule
        return set(self.asked.needs) != set(asked_by(rule.check.needs(self.asked.subject, levels(rule))))


def plan_candidate(
    candidate: Candidate,
    policies: Iterable[Policy],
    settings: Settings,
    drawing: Drawing = Drawing(),
    *,
    plannable: bool = True,
    opening: Opening = opened_tables,
) -> Plan:
    """The plan for one candidate. Raises InputError if no rule applies to it, EvidenceError if its files cannot be read
    or, where it is to be `plannable`, no rule can be answered, and MachineError if something could not run."""
    with measured(candidate, policies, settings, opening) as found:
        verdict = conclude(found)
        _require_asked(verdict, found)
        if plannable:
            _require_plannable(verdict)
        weighed = _weighed(found, verdict)
        redrawn = [each for each in weighed if each.chance_by is ChanceBy.DRAWN]
        cubes = cubes_of(
            _drawable(need for each in redrawn for need in each.asked.needs),
            found.facts,
            lambda needs: found.evidence.measure(needs, settings.progress),
        )
    draws = Draws.taken(redrawn, cubes, found.facts, settings, drawing) if redrawn else Draws({}, {}, 1.0)
    rules = tuple(_rule_plan(each, draws, drawing) for each in weighed)
    # Rules that are drawn pass or fail with the same rows; all others are taken as independent of them.
    others = [rule.chance for rule in rules if rule.blocks and rule.chance_by is not ChanceBy.DRAWN]
    return Plan(
        candidate=candidate.name,
        version=candidate.version,
        path=candidate.file,
        rules=rules,
        power=drawing.power,
        chance=draws.together * prod(chance for chance in others if chance is not None),
        draws=drawing.draws if redrawn else 0,
        seed=drawing.seed,
        as_of=settings.as_of.isoformat(),
        notes=(*cubes.notes, *_notes(rules)),
        tool=__version__,
        undeserved=undeserved_passes(each.asked.rule for each in weighed if each.undeserving),
    )


def _require_asked(verdict: Verdict, found: Measured) -> None:
    """Raise an error unless at least one rule was asked of files that could be read."""
    if found.inputs.refused:
        raise (MachineError if found.inputs.machine else EvidenceError)("; ".join(found.inputs.refused))
    asked = [outcome for outcome in verdict.outcomes if outcome.status.counts]
    if not asked:
        raise InputError(f"no rule demands anything of `{verdict.candidate}`: every rule is skipped or only lists")
    for outcome in asked:
        if outcome.machine:
            raise MachineError(f"{outcome.name}: {outcome.message}")


def _require_plannable(verdict: Verdict) -> None:
    """Raise an error unless at least one rule can be planned."""
    asked = [outcome for outcome in verdict.outcomes if outcome.status.counts]
    if all(outcome.status is Status.ERROR for outcome in asked):
        said = "\n".join(f"{outcome.name}: {outcome.message}" for outcome in asked)
        raise EvidenceError(f"no rule of candidate `{verdict.candidate}` can be planned:\n{said}")


def _weighed(found: Measured, verdict: Verdict) -> list[Weighed]:
    return [_weigh(asked, outcome, found) for asked, outcome in zip(found.asked, verdict.outcomes, strict=True)]


def _weigh(asked: Asked, outcome: Outcome, found: Measured) -> Weighed:
    answers = () if asked.skipped is not None else tuple(answers_of(asked, found.facts)[0])
    honoured = tuple(waiver for waiver in asked.waivers if lapsed(waiver, found.settings.as_of) is None)
    return Weighed(asked, outcome, answers, honoured)


@dataclass(frozen=True)
class Draws:
    """How often rules and their findings passed in the draws, as shares."""

    rules: dict[str, float]
    findings: dict[tuple[str, Where], float]
    together: float
    """How often all blocking rules passed together."""

    @staticmethod
    def taken(rules: Sequence[Weighed], cubes: Cubes, facts: Facts, settings: Settings, drawing: Drawing) -> Draws:
        """Draw repeatedly, and judge every rule each time."""
        import numpy as np

        random, say = np.random.RandomState(drawing.seed), settings.progress or _silent
        tallies = {each.asked.rule.name: PassCount() for each in rules}
        together = 0
        for number in range(1, drawing.draws + 1):
            say(f"draw {number} of {drawing.draws}")
            drawn = Facts(ChainMap(dict(cubes.draw(random)), dict(facts.answers)))  # type: ignore[arg-type]
            passed = [(tallies[each.asked.rule.name].judge(each, drawn), each) for each in rules]
            together += all(passes for passes, each in passed if each.outcome.severity == "block")
        return Draws(
            {name: tally.passed / drawing.draws for name, tally in tallies.items()},
            {(name, where): chance for name, tally in tallies.items() for where, chance in tally.chances()},
            together / drawing.draws,
        )


class PassCount:
    """Counts how often one rule passed, and each of its findings."""

    def __init__(self) -> None:
        self.passed = 0
        self.found: dict[Where, list[int]] = {}

    def judge(self, weighed: Weighed, facts: Facts) -> bool:
        """Whether the rule passes with the given facts."""
        answers, failure = answers_of(weighed.asked, facts)
        found = met(weighed.asked.rule, answers, weighed.honoured)
        for where, passes in found:
            tally = self.found.setdefault(where, [0, 0])
            tally[0] += passes
            tally[1] += 1
        passes = failure is None and bool(found) and all(passes for _, passes in found)
        self.passed += passes
        return passes

    def chances(self) -> Iterable[tuple[Where, float]]:
        """Each finding's share of passes among the draws in which it occurred."""
        return ((where, passes / seen) for where, (passes, seen) in self.found.items())


def _silent(message: str) -> None:
    """Say nothing."""


def _rule_plan(weighed: Weighed, draws: Draws, drawing: Drawing) -> RulePlan:
    rule, outcome, chance_by = weighed.asked.rule, weighed.outcome, weighed.chance_by
    counts = outcome.status.counts
    chances = {where: chance for (name, where), chance in draws.findings.items() if name == rule.name}
    if chance_by is ChanceBy.WIDTH:
        chances = {answer.where: _by_width(weighed, answer) for _, answer in weighed.judged}
    found = findings_of(rule, weighed.judged, chances, drawing.power) if counts else ()
    if chance_by is ChanceBy.DRAWN:
        chance = draws.rules[rule.name]
    elif chance_by is ChanceBy.WIDTH:
        chance = prod(each.chance for each in found if each.chance is not None)
    else:
        chance = float(not outcome.status.blocks)
    unplanned = outcome.status in (Status.ERROR, Status.SKIPPED) or chance_by is ChanceBy.CERTAIN
    return RulePlan(
        policy=rule.policy,
        rule=rule.id,
        check=outcome.check,
        demand=outcome.demand,
        at=outcome.at,
        proof=outcome.proof,
        confidence=outcome.confidence,
        blocks=outcome.severity == "block" and counts,
        status=outcome.status,
        chance=chance if counts else None,
        chance_by=chance_by,
        said=outcome.message if unplanned else "",
        findings=found,
        words=outcome.words,
    )


def _by_width(weighed: Weighed, answer: Answer) -> float:
    """The chance that a finding passes, for a rule whose facts are not counts. The weakest applicable demand counts."""
    rule = weighed.asked.rule.judging(answer)
    if not isinstance(answer, Estimate) or too_few(rule, answer):
        return float(all(passes for _, passes in met(rule, [answer], weighed.honoured)))
    demands = allowing(rule, answer.where, weighed.honoured)
    return max(prospects.chance(rule.proof, demand, answer, level(rule)) for demand in demands)


def _notes(rules: Sequence[RulePlan]) -> Iterable[str]:
    by_width = [rule.rule for rule in rules if rule.chance_by is ChanceBy.WIDTH]
    if by_width:
        yield (
            f"the chance of {', '.join(by_width)} is a normal approximation from the width of the interval, and is "
            "treated as independent of the other rules"
        )
