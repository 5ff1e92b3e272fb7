"""Examples of the rows at fault, for findings that did not pass: fetched after judging, where they may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.policy.demanded import Rule
from mlgate.values.estimate import Answer, Claim, Estimate, Published
from mlgate.values.shown_values import EVERY_VALUE
from mlgate.values.verdict import Examples, Finding, Outcome, Status

MOST_FINDINGS = 20
"""The most findings of a rule that get examples, each by a scan of its own."""
Offenders = tuple[ExampleRows | None, ...]
"""For each finding of a rule, the question for its rows at fault."""


@dataclass(frozen=True)
class Shown:
    """A finding that gets examples, and the questions for what the policy and what a terminal may show."""

    at: int
    by_policy: ExampleRows | None
    in_terminal: ExampleRows | None

    @property
    def needs(self) -> Iterator[ExampleRows]:
        """The questions to ask."""
        return filter(None, (self.by_policy, self.in_terminal))


def offenders_of(answers: Iterable[Answer]) -> Offenders:
    """The questions of a check's answers. Raises TypeError for one that does not ask for examples."""
    found: list[ExampleRows | None] = []
    for answer in answers:
        need = answer.offenders if isinstance(answer, (Estimate, Claim)) else None
        if need is not None and not isinstance(need, ExampleRows):
            raise TypeError(f"`offenders` of an answer is not ExampleRows, but {need!r}")
        if not isinstance(answer, Published):
            found.append(need)
    return tuple(found)


def with_examples(
    rules: Sequence[tuple[Rule, Outcome, Offenders]], measure: Callable[[Iterable[Need]], Facts], *, in_terminal: bool
) -> list[Outcome]:
    """The outcomes with examples of what did not pass. `in_terminal` adds those that only a terminal shows.

    An example that cannot be fetched is left out: it decides nothing.
    """
    sought = [tuple(_sought(*rule, in_terminal)) for rule in rules]
    needs = dict.fromkeys(need for each in sought for shown in each for need in shown.needs)
    facts = measure(needs) if needs else Facts()
    return [_with(outcome, shown, facts) for (_, outcome, _), shown in zip(rules, sought)]


def _sought(rule: Rule, outcome: Outcome, offenders: Offenders, in_terminal: bool) -> Iterator[Shown]:
    failing = [at for at, finding in enumerate(outcome.findings[: len(offenders)]) if _at_fault(finding)]
    for at in failing[:MOST_FINDINGS]:
        need = offenders[at]
        if need is not None:
            yield Shown(at, need.showing(rule.show_values), need.showing(EVERY_VALUE) if in_terminal else None)


def _at_fault(finding: Finding) -> bool:
    return finding.status.blocks or finding.status is Status.WAIVED


def _with(outcome: Outcome, shown: Iterable[Shown], facts: Facts) -> Outcome:
    findings = list(outcome.findings)
    for each in shown:
        findings[each.at] = replace(
            findings[each.at],
            examples=_found(facts, each.by_policy),
            in_terminal=_found(facts, each.in_terminal),
        )
    return replace(outcome, findings=tuple(findings))


def _found(facts: Facts, need: ExampleRows | None) -> Examples | None:
    found = facts.answers.get(need) if need is not None else None
    return found if isinstance(found, Examples) and found.rows else None
