"""What all reports for people share: the order of rules, the counts per status, and the finding that decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mlgate.values.verdict import INPUTS, Finding, Outcome, Refusal, Status, Verdict, Verdicts
from mlgate.values.words import counted

WORST_FIRST = (
    Status.ERROR,
    Status.FAIL,
    Status.INCONCLUSIVE,
    Status.WAIVED,
    Status.PASS,
    Status.LISTED,
    Status.SKIPPED,
)
_WORDS = {
    Status.ERROR: "in error",
    Status.FAIL: "failed",
    Status.INCONCLUSIVE: "inconclusive",
    Status.WAIVED: "waived",
    Status.PASS: "passed",
    Status.SKIPPED: "skipped",
    Status.LISTED: "listed",
}


def shown_about(verdict: Verdict) -> list[str]:
    """Where the predictions come from, and whether the policies stood before them."""
    after = ", after the policies" if verdict.preregistered else ""
    return [f"predictions: {verdict.predictions}{after}"] if verdict.predictions else []


def worst_first(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Blocking outcomes first, then by status from the worst, then in the order of the policies."""
    return sorted(outcomes, key=lambda outcome: (not outcome.blocking, -outcome.status.rank))


def deciding(outcome: Outcome) -> Finding | None:
    """The finding that gives the outcome its status; among several, the one farthest from the demand."""
    alike = [finding for finding in outcome.findings if finding.status is outcome.status]
    if not alike:
        return None
    return min(alike, key=lambda finding: _distance(outcome, finding))


MOST_SHOWN = 20
"""The most findings of a rule that a page shows one by one, unless all are asked for."""


def foremost(outcome: Outcome, findings: Iterable[Finding], most: int = MOST_SHOWN) -> list[Finding]:
    """The findings to show one by one, the worst first. If there are too many, those farthest from the demand."""
    found = sorted(findings, key=lambda finding: -finding.status.rank)
    if len(found) <= most:
        return found
    return sorted(found, key=lambda finding: (-finding.status.rank, _distance(outcome, finding)))[:most]


def untold(outcome: Outcome, told: Iterable[Finding]) -> str:
    """`3 more INCONCLUSIVE, 187 more pass`: the judged findings that are not shown; empty if there are none."""
    known = set(map(id, told))
    left = Counter(finding.status for finding in outcome.findings if id(finding) not in known)
    judged = [(left[status], status) for status in WORST_FIRST if status.counts and left[status]]
    return ", ".join(f"{count:,} more {_more(count, status)}" for count, status in judged)


def _more(count: int, status: Status) -> str:
    word: str = status.value
    return word if status is not Status.PASS else "passes" if count == 1 else "pass"


def _distance(outcome: Outcome, finding: Finding) -> float:
    if finding.value is None or finding.own:  # values of several demands cannot be compared
        return 0.0
    above = finding.value - outcome.at_least if outcome.at_least is not None else float("inf")
    below = outcome.at_most - finding.value if outcome.at_most is not None else float("inf")
    return min(above, below)


def said_by_findings(outcome: Outcome, findings: Iterable[Finding]) -> bool:
    """Whether the outcome's message contains the message of one of these findings. A crash's message does not."""
    return any(finding.message and finding.message in outcome.message for finding in findings)


def by_cause(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """The outcomes in their order, except that ERRORs of one cause, such as a missing file, are together."""
    groups: list[list[Outcome]] = []
    for outcome in outcomes:
        errors = groups if _plain_error(outcome) else ()
        alike = next((group for group in errors if _same_cause(group[0], outcome)), None)
        if alike is None:
            groups.append([outcome])
        else:
            alike.append(outcome)
    return groups


def _same_cause(first: Outcome, other: Outcome) -> bool:
    terms = (other.machine, other.severity, other.enforce_from)
    if not _plain_error(first) or (first.machine, first.severity, first.enforce_from) != terms:
        return False
    # An unanswered rule names first what it measures, and an unread file its role.
    said, same = first.message.removeprefix(first.metric), other.message.removeprefix(other.metric)
    return said == same or same.endswith(f": {said}")


def _plain_error(outcome: Outcome) -> bool:
    plain = not outcome.tables and not outcome.traceback and sum(f.status.counts for f in outcome.findings) < 2
    return outcome.status is Status.ERROR and plain


def same_for(others: Iterable[Outcome], names: Mapping[str, str], most: int = 8) -> str:
    """`same for 2 more rules: a, b`, with the names to show; empty if no other rule has the same cause."""
    same = [names.get(other.name, other.name) for other in of_rules(others)]
    if not same:
        return ""
    rest = f" and {len(same) - most} more" if len(same) > most else ""
    return f"same for {counted(len(same), 'more rule')}: {', '.join(same[:most])}{rest}"


def of_rules(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of rules that people wrote: the gate's own, for files that it could not read, is of none."""
    return [outcome for outcome in outcomes if outcome.check != INPUTS]


def tally(outcomes: Sequence[Outcome]) -> list[tuple[Status, str]]:
    """The statuses that occur, worst first, with their counts of rules in words: (status, "2 failed").

    At the end, whether the gate could not read files of the candidate.
    """
    counts = Counter(outcome.status for outcome in of_rules(outcomes))
    said = [(status, f"{counts[status]:,} {_WORDS[status]}") for status in WORST_FIRST if counts[status]]
    return said + [(Status.ERROR, "inputs not read")] * (len(of_rules(outcomes)) < len(outcomes))


def would_block(warning: Sequence[Outcome]) -> str:
    """`2 would block: recall and 1 more`, of the outcomes that only warn."""
    names = [outcome.rule for outcome in worst_first(warning)]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{len(names)} would block: {names[0]}{more}"


def not_asked(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The rules that do not apply, where there are several."""
    found = [outcome for outcome in outcomes if outcome.status is Status.SKIPPED]
    return found if len(found) > 1 else []


def in_one_line(outcomes: Sequence[Outcome], names: Mapping[str, str], most: int = 8) -> str:
    """`12 rules do not apply: a, b`, with the names to show."""
    told = [names.get(outcome.name, outcome.name) for outcome in outcomes]
    rest = f" and {len(told) - most} more" if len(told) > most else ""
    return f"{counted(len(told), 'rule')} do not apply: {', '.join(told[:most])}{rest}"


def only_warns(outcomes: Iterable[Outcome]) -> int:
    """The number of outcomes that would block, but whose rule only warns."""
    return sum(outcome.status.blocks and not outcome.blocking for outcome in outcomes)


def name_of(answer: Verdict | Refusal, verdicts: Verdicts) -> str:
    """The candidate's name, with its file where another candidate of the run has the same name, and what it is judged
    under, if not only by what is here.
    """
    if not answer.candidate:
        return answer.path or "the run"
    every: list[Verdict | Refusal] = [*verdicts.verdicts, *verdicts.refusals]
    files = {other.path for other in every if other.candidate == answer.candidate}
    under = f" under {answer.under}" if isinstance(answer, Verdict) and answer.under else ""
    same = len(files) > 1 or sum(_same(other, answer) for other in every) > 1
    return f"{answer.candidate} ({answer.path}){under}" if same else f"{answer.candidate}{under}"


def _same(one: Verdict | Refusal, other: Verdict | Refusal) -> bool:
    return one.candidate == other.candidate and getattr(one, "under", "") == getattr(other, "under", "")


def title_of(answer: Verdict | Refusal, verdicts: Verdicts) -> str:
    """The candidate's name and version, with its file where another candidate of the run has the same name."""
    version = answer.version if isinstance(answer, Verdict) else ""
    named = name_of(answer, verdicts)
    return f"{answer.candidate} {version}{named.removeprefix(answer.candidate)}" if version else named


def policies(verdict: Verdict) -> list[str]:
    """The names of the verdict's policies, in their order."""
    return list(dict.fromkeys(outcome.policy for outcome in verdict.outcomes))


def owned_policies(verdict: Verdict) -> list[str]:
    """The names of the policies that people wrote: the gate's own rule is of none."""
    return list(dict.fromkeys(outcome.policy for outcome in of_rules(verdict.outcomes)))


def why_blocked(verdict: Verdict) -> str:
    """Why the candidate is blocked, for the exit codes 2 and 3; empty for the others."""
    if verdict.exit_code == 2 and any(outcome.status is Status.LISTED for outcome in verdict.outcomes):
        return "nothing was demanded, because the rules only list values; add a rule with a bound"
    if verdict.exit_code == 2:
        return "nothing was asked: no rule applies to this candidate"
    if verdict.exit_code == 3:
        return "the gate could not run here; check the machine, then retry"
    return ""


def answer_sentence(verdict: Verdict) -> str:
    """The answer in a sentence: `2 of 9 rules block the merge.`"""
    if reason := why_blocked(verdict):
        return f"{reason[:1].upper()}{reason[1:]}."
    asked = [each for each in verdict.outcomes if each.status.counts]
    blocking = sum(each.blocking for each in verdict.outcomes)
    if blocking:
        return f"{blocking} of {counted(len(asked), 'rule')} {'blocks' if blocking == 1 else 'block'} the merge."
    warned = only_warns(asked)
    waived = sum(each.status is Status.WAIVED for each in asked)
    but = [f"{counted(warned, 'rule')} only warned"] * bool(warned) + [f"{waived} waived"] * bool(waived)
    met = f"{len(asked) - warned - waived} of {counted(len(asked), 'rule')} passed"
    return f"{', '.join([met, *but])}; nothing blocks the merge."


def blocked_count(verdicts: Verdicts) -> str:
    """`2 of 5 candidates` if two are blocked, `all 5 candidates` if none is, judged so often if more than once."""
    every: list[Verdict | Refusal] = [*verdicts.verdicts, *verdicts.refusals]
    if not every:
        return "no policy applies to any candidate" if verdicts.unjudged else "no candidate was presented"
    candidates = {answer.path or answer.candidate for answer in every}
    blocked = {answer.path or answer.candidate for answer in every if not answer.allowed}
    counts = counted(len(candidates), "candidate")
    said = f"{len(blocked)} of {counts}" if blocked else f"all {counts}"
    several = any(isinstance(answer, Verdict) and answer.under for answer in every)
    return f"{said}, judged {len(every)} times" if several else said


def left_out(outcome: Outcome, told: Iterable[Finding] = ()) -> str:
    """`1 slice left out (12 rows)`: what is not judged and not named elsewhere; empty if there is nothing."""
    known = set(map(id, told))
    skipped = [f for f in outcome.findings if f.status is Status.SKIPPED and f.rows is not None and id(f) not in known]
    if not skipped:
        return ""
    rows = sum(finding.rows or 0 for finding in skipped)
    parts, consisting_of = counted(len(skipped), outcome.words.part), counted(rows, outcome.words.of)
    return f"{parts} left out ({consisting_of}), not judged"
