"""mlgate lint: checks policies without data or, with a candidate, against its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from mlgate.authoring.fixed_policies import remove_unneeded
from mlgate.cli.appearance import look
from mlgate.cli.output import emit, emit_page
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.cli.shared_options import running_options
from mlgate.planning.advice import advice
from mlgate.planning.policy_lint import linted
from mlgate.policy.composed_text import composed_text
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import closing_block, left_by_own_words, left_open
from mlgate.policy.load import find_tests
from mlgate.reading import locate
from mlgate.reading.edge import today, workspace
from mlgate.reports.safe_text import visible
from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.words import counted


@click.command("lint")
@click.argument("policies", nargs=-1, metavar="[POLICY]...", type=click.Path())
@click.option(
    "--candidate", "candidates", multiple=True, metavar="CANDIDATE", type=click.Path(),
    help="Also measure this candidate and name the rules that its data cannot show; may be repeated.",
)  # fmt: skip
@click.option(
    "--show", is_flag=True,
    help="Only print the policy with what it extends as one policy file, each rule with the place that it comes from.",
)  # fmt: skip
@click.option(
    "--fix", is_flag=True,
    help="Remove waivers that have ended or waive nothing, print each, and leave all else as it is.",
)  # fmt: skip
@running_options("as_of", "roots", "servers")
def command(policies: tuple[str, ...], candidates: tuple[str, ...], show: bool, fix: bool, running: Running) -> int:
    """Check policies for mistakes and print each as file:line:column.

    POLICY is a file or a folder. Default: policies/. The exit code is 2 if anything is wrong. Advice is printed too and
    does not change the exit code; so is what a policy leaves to the candidate, with the `expects:` that fixes it.
    With --candidate, advice is also about the candidate's data, as in `mlgate plan`.
    """
    loaded, day = load_demanded(policies, running.roots, "policy"), running.as_of or today()
    if show:
        emit(composed_text(_one(loaded, candidates, fix)))
        return 0
    if fix:
        given, top = [Path(path) for path in policies or ("policies",)], workspace(Path.cwd())
        found = (each for policy in loaded for each in linted(policy, loaded, day))
        unneeded = [each.problem for each in found if each.unneeded]
        _say(map(str, remove_unneeded(unneeded, given, top)))
        loaded = load_demanded(policies, running.roots, "policy")
    _say(line for policy in loaded for line in _about_policy(policy, loaded, day))
    _say(f"{path}: tests of policies, which `mlgate test` runs" for path in _beside(policies))
    if candidates:
        _say(map(_advised, _about_data(candidates, loaded, running)))
    return 0


def _one(policies: Sequence[Policy], candidates: Sequence[str], fix: bool) -> Policy:
    """The only policy. Raises InputError if there are others, or another option asks for more than it."""
    if fix:
        raise InputError("--show only prints, and --fix changes files; leave one of them out")
    if candidates:
        raise InputError("--show prints a policy alone; leave out --candidate")
    if len(policies) > 1:
        files = ", ".join(policy.file for policy in policies[:3])
        raise InputError(f"--show prints one policy, and {len(policies)} are named; choose one, such as {files}")
    return policies[0]


def _say(lines: Iterable[str]) -> None:
    if text := "".join(f"{visible(line)}\n" for line in lines):
        emit_page(look().signs(text))


def _beside(policies: Sequence[str]) -> Iterator[str]:
    top = workspace(Path.cwd())
    yield from (locate.shown(path, top) for path in find_tests([Path(path) for path in policies or ("policies",)]))


def _about_policy(policy: Policy, among: Sequence[Policy], day: date) -> Iterator[str]:
    yield f"{policy.file}: policy {policy.name}, {counted(len(policy.rules), 'rule')}, no problems"
    if policy.owner_at and policy.owner_at.file != policy.file:
        yield f"{policy.file}: owned by {policy.owner}, from {policy.owner_at.file}:{policy.owner_at.line}"
    filed = Counter(waiver.at.file for waiver in policy.waivers if waiver.at.file != policy.file)
    yield from (f"{policy.file}: {counted(number, 'waiver')} from {file}" for file, number in filed.items())
    yield from (f"{policy.file}: not checked: {said}" for said in policy.cannot_check)
    if opened := left_open(policy):
        own = policy.expects_at if policy.expects_at and policy.expects_at.file == policy.file else None
        write = "replace `expects:` by this" if own else "add this"
        chosen = ", ".join(map(".".join, opened))
        said = (
            f"the candidate may choose {chosen}. To fix them, {write}, with your words or `none` for those in capitals:"
        )
        yield _advised(Problem(own or Location(policy.file), said))
        yield closing_block(policy).rstrip()
    yield from map(_advised, (*left_by_own_words(policy, among), *advice(policy, among, day)))


def _advised(found: Problem) -> str:
    return f"{found.at}: advice: {found.message}"


def _about_data(candidates: Sequence[str], policies: Sequence[Policy], running: Running) -> Iterator[Problem]:
    from mlgate.gate import bind
    from mlgate.planning.advice import advice_with_data
    from mlgate.planning.measured import plan_candidate

    for path in find_presented(candidates):
        with running.settings() as settings:
            candidate = bind.load(path, policies, settings.workspace, settings.roots, settings.servers)
            plan = plan_candidate(candidate, policies, settings, plannable=False)
        yield from advice_with_data(plan, policies)
