"""Plans as pages for people and as JSON. Each states first that it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlgate.reports.page import STYLES, Look, Page, cells, fitted
from mlgate.values import plain
from mlgate.values.json_text import to_text
from mlgate.values.numbers import factor, number, whole_percent
from mlgate.values.plan import ChanceBy, FindingPlan, Plan, Plans, RulePlan
from mlgate.values.verdict import Status, where_text
from mlgate.values.words import counted

MOST_SLICES = 12
LEAST_LABEL = 16
HEADS = ("observed", "rows", "rows needed", "FAIL if truth", "passes")
CLAIM_HEADS = ("passes",)
"""Where no rule estimates anything from rows."""
ASSUMED_HEADS = ("assumed", "rows needed", "of all rows")
KINDS = {
    ChanceBy.WIDTH: "passes: computed from the width of its interval",
    ChanceBy.CERTAIN: "more rows like these give the same result",
}


def render_plans(plans: Iterable[Plan], look: Look, *, verbose: bool = False) -> str:
    """All plans on one page. `verbose` shows all slices of a rule, else those that are least likely to pass."""
    page = Page(look)
    for plan in plans:
        page.blank()
        _add_plan(page, plan, verbose)
    return page.render()


def render_json(plans: Iterable[Plan]) -> str:
    """All plans with all their numbers, as JSON."""
    return to_text(plain.write(Plans, Plans(tuple(plans))))


def _add_plan(page: Page, plan: Plan, verbose: bool) -> None:
    look, percent = page.look, f"{100 * plan.power:g} %"
    title = f"{plan.candidate} {plan.version}".strip() or "for assumed values"
    page.line(
        ("PLAN", "bold"), "  ", look.say(title), (f"{look.dot}it decides nothing: the gate is `mlgate check`", "dim")
    )
    if plan.often:
        said = f"the whole gate passes in {plan.often}, if the observed values are the true ones"
        if _claims_alone(plan):
            said = f"the whole gate {'passes' if plan.chance else 'does not pass'} with what is presented"
        page.line("  ", (look.say(said), "bold"))
    drawn = f"{counted(plan.draws, 'draw')} of the counts, seed {plan.seed}" if plan.draws else ""
    terms = [f"power {percent}", drawn, plan.path, f"as of {plan.as_of}" if plan.as_of else "", f"mlgate {plan.tool}"]
    page.line("  ", (look.say(look.dot.join(filter(None, terms))), "dim"))
    page.blank()
    _add_table(page, plan, verbose)
    page.blank()
    for said in _undeserved(plan):
        page.paragraph(look.say(said), indent=2)
    for note in (*plan.notes, *_legend(plan, percent)):
        page.paragraph((look.say(note), "dim"), indent=2)


def _undeserved(plan: Plan) -> Iterator[str]:
    """The chances that models just short of the demand pass by luck, by looks; at most so, and for which models."""
    for one in plan.undeserved:
        names = ", ".join(one.rules)
        if not one.chances:
            yield f"undeserved pass: nothing bounds its chance for {names}, because only proof `shown` does."
            continue
        each = [f"{whole_percent(chance)} after {times} look{'s' * (times > 1)}" for times, chance in one.chances]
        stated = f" with `looks: {one.looks}`" if one.looks > 1 else ""
        yield (
            f"undeserved pass: a model just short of the demand passes {names}{stated} by luck in at most "
            f"{', '.join(each[:-1])} and {each[-1]} at the same rows, if each look is at another, independent model."
        )
    if any(one.chances for one in plan.undeserved):
        yield (
            "Similar models pass less often; models that are chosen by their results on these rows pass more often, "
            "and only fresh rows help. For the others, `looks:` in the rule keeps all looks together at its confidence."
        )


def _legend(plan: Plan, percent: str) -> Iterator[str]:
    planned = plan.candidate != ""
    if _claims_alone(plan):
        return
    yield (
        f"rows needed: how many rows must count{' in the slice' if planned else ''} to show the demand in {percent} of "
        f"runs, if the {'observed' if planned else 'assumed'} value is the true one."
    )
    if any(_enough(finding) for rule in plan.rules for finding in rule.findings):
        yield "enough (2×): every group has twice the rows that it needs."
    if planned:
        yield (
            f"FAIL if truth: with these rows, a model this bad fails in {percent} of runs; between this value and the "
            "bound it is usually INCONCLUSIVE. `never`: no possible value fails that often."
        )
        yield "passes: in how many runs, each with as many fresh rows, it passes if the observed value is the true one."
    else:
        yield "of all rows: how many rows of any kind contain so many that count, if --assume gives their share."


def _add_table(page: Page, plan: Plan, verbose: bool) -> None:
    look = page.look
    heads = _heads(plan)
    shown = {rule.name: _shown(rule, verbose) for rule in plan.rules}
    cellular = {name: [_cells(finding, look, heads) for finding in found] for name, found in shown.items()}
    rows = [row for table in cellular.values() for row in table]
    widths = [max([cells(head), *(cells(row[at]) for row in rows)]) for at, head in enumerate(heads)]
    label = max(look.width - 2 - sum(widths) - 2 * len(widths), LEAST_LABEL)
    page.line("  ", (_row(" " * label, heads, (label, *widths), look), "dim"))
    several = len({rule.policy for rule in plan.rules}) > 1
    for rule in plan.rules:
        _add_rule(page, rule, rule.name if several else rule.rule, label + sum(widths) + 2 * len(widths))
        for finding, row in zip(shown[rule.name], cellular[rule.name]):
            name = look.say(_name(rule, finding))
            style = STYLES[finding.status] if finding.status else ""
            page.line("    ", (_row(name, row, (label - 2, *widths), look), style))
        _add_rest(page, rule, shown[rule.name])


def _heads(plan: Plan) -> tuple[str, ...]:
    if not plan.candidate:
        return ASSUMED_HEADS
    return CLAIM_HEADS if _claims_alone(plan) else HEADS


def _shown(rule: RulePlan, verbose: bool) -> Sequence[FindingPlan]:
    found = sorted(rule.findings, key=lambda finding: 1.0 if finding.chance is None else finding.chance)
    return found if verbose else found[:MOST_SLICES]


def _add_rule(page: Page, rule: RulePlan, name: str, width: int) -> None:
    look = page.look
    chance = whole_percent(rule.chance) if rule.chance is not None else ""
    counted = {finding.counted for finding in rule.findings} - {"rows"}
    said = [rule.demand, *(f"{kind} count" for kind in sorted(counted)), _aside(rule)]
    said += ["" if rule.proof == "shown" else f"proof: {rule.proof}"]
    title, terms = look.say(name), look.say(look.dot.join(filter(None, said)))
    room, beside = width - 8, f"  {terms}"
    if cells(title + beside) > room:  # what is demanded is never cut, so it gets a line of its own
        title, beside = fitted(title, room, look), ""
    filling = " " * (room - cells(title + beside))
    page.line("  ", (title, "bold"), (beside, "dim"), filling, (fitted(chance, 8, look, right=True), "bold"))
    if not beside and terms:
        page.paragraph((terms, "dim"), indent=4)


def _aside(rule: RulePlan) -> str:
    """How a rule differs from one that decides by its demand."""
    if rule.status is Status.WAIVED:
        return "waived: passes by its waiver"
    return "" if rule.blocks else "skipped" if rule.status is Status.SKIPPED else "never blocks"


def _add_rest(page: Page, rule: RulePlan, shown: Sequence[FindingPlan]) -> None:
    look, rest = page.look, len(rule.findings) - len(shown)
    if rest:
        least = min(finding.chance or 0.0 for finding in rule.findings if finding not in shown)
        often = "all runs" if least == 1 else f"{whole_percent(least)} of runs or more"
        page.line("    ", (f"{rest} more, each passing in {often}", "dim"))
    whys: dict[str, list[str]] = {}
    for finding in shown:
        why = finding.impossible or finding.why
        if why and why != rule.said and finding.status is not Status.WAIVED:
            whys.setdefault(why, []).append(_name(rule, finding))
    for why, wheres in whys.items():
        about = "; ".join(wheres[:3]) + (f" and {len(wheres) - 3} more" if len(wheres) > 3 else "")
        page.paragraph(look.say(f"{about}: {why}"), indent=4, lead=look.arrow)
    claimed = rule.findings and not _estimated([rule]) and rule.status is not Status.ERROR
    for said in (rule.said, "" if claimed else KINDS.get(rule.chance_by, "")):
        if said:
            page.paragraph((look.say(said), "dim"), indent=4)


def _name(rule: RulePlan, finding: FindingPlan) -> str:
    return where_text(finding.where) or ("any slice" if rule.chance_by is ChanceBy.NOT else "all rows")


def _cells(finding: FindingPlan, look: Look, heads: tuple[str, ...]) -> tuple[str, ...]:
    if heads is ASSUMED_HEADS:
        return number(finding.value), look.signs(_needed(finding)), _count(finding.needed_of_all)
    chance = "-" if finding.chance is None else whole_percent(finding.chance)
    if heads is CLAIM_HEADS:
        return (chance,)
    return number(finding.value), _count(finding.n), look.signs(_needed(finding)), look.signs(_refuted(finding)), chance


def _needed(finding: FindingPlan) -> str:
    if finding.times is not None and _enough(finding):
        return f"enough ({factor(1 / finding.times)}×)"
    if finding.times is not None:
        return f"{factor(finding.times)} times"
    return _count(finding.needed) + (" each" if finding.each and finding.needed is not None else "")


def _enough(finding: FindingPlan) -> bool:
    """Whether the groups of a comparison already have the rows that they need."""
    return finding.times is not None and 0 < finding.times <= 1


def _claims_alone(plan: Plan) -> bool:
    """Whether all that the rules judge of a candidate are claims, which depend on no number of rows."""
    return plan.candidate != "" and bool(plan.rules) and not _estimated(plan.rules)


def _estimated(rules: Sequence[RulePlan]) -> bool:
    """Whether some of these rules judge values, which depend on the rows."""
    return any(finding.value is not None for rule in rules for finding in rule.findings)


def _refuted(finding: FindingPlan) -> str:
    ends = (("≤", finding.refuted_at_most), ("≥", finding.refuted_at_least))
    said = " or ".join(f"{sign} {value:.3g}" for sign, value in ends if value is not None)
    return said or ("-" if finding.value is None or finding.n is None else "never")


def _row(label: str, row: Sequence[str], widths: Sequence[int], look: Look) -> str:
    right = [fitted(cell, width, look, right=True) for cell, width in zip(row, widths[1:])]
    return "  ".join([fitted(label, widths[0], look), *right])


def _count(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"
