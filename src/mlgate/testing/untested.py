"""What tests leave untested: rules that none has seen block, and policies that apply to none of their candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.policy.named_tests import is_named_as_tests, policy_key
from mlgate.reading import locate
from mlgate.testing.read_tests import PolicySuite
from mlgate.values.errors import Location
from mlgate.values.policy_tests import Unseen


def untested_rules(
    suites: Iterable[PolicySuite], others: Iterable[Policy], seen: Collection[Location]
) -> tuple[Unseen, ...]:
    """The rules that no test has seen block, of the tested policies and of others that were found.

    Rules count where they are written: those of a pack, or of a file that a policy extends, are tested with that one.
    """
    policies = [*(policy for suite in suites for policy in suite.policies), *others]
    files = {policy.file for policy in policies}
    rules = {rule.at: rule.name for policy in policies for rule in policy.rules if rule.at.file in files}
    return tuple(Unseen(rules[at], at) for at in sorted(rules) if at not in seen)


def unmatched_policies(suites: Iterable[PolicySuite], applied: Collection[tuple[str, str]]) -> tuple[Unseen, ...]:
    """The tested policies that apply to no candidate of a test."""
    policies = {(policy.name, policy.file): policy for suite in suites for policy in suite.policies}
    return tuple(
        Unseen(name, policy.selects_at or Location(file))
        for (name, file), policy in sorted(policies.items())
        if (name, file) not in applied
    )


def policies_found(paths: Sequence[Path], suites: Iterable[PolicySuite], workspace: Path) -> tuple[Policy, ...]:
    """The policies in folders that were searched for tests, but for those that have tests.

    Raises InputError where one of them is wrong.
    """
    tested = {policy.file for suite in suites for policy in suite.policies}
    found = [path for path in _searched(paths) if _is_policy(path, workspace)]
    # One by one, because policies of different folders may have the same name.
    return tuple(
        policy
        for path in found
        if locate.shown(path, workspace) not in tested
        for policy in load_policies([path], workspace=workspace)
    )


def _searched(paths: Sequence[Path]) -> Iterator[Path]:
    """The YAML files of the folders among some paths."""
    wanted = locate.named("*.yaml", "*.yml")
    for folder in (path for path in paths if path.is_dir()):
        found = locate.search([folder], wanted, cwd=Path.cwd(), what="policy").files
        yield from (path for path in found if not is_named_as_tests(path.name))


def _is_policy(path: Path, workspace: Path) -> bool:
    """Whether a file is a policy, by its keys; one that cannot be read may be, if it has the key."""
    name = locate.shown(path, workspace)
    return policy_key(locate.read(path, name), name) is not None
