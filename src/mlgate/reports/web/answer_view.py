"""A candidate as the page shows it: the answer, the rules in their groups, and what the verdict rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mlgate.reports.anchors import answer_anchor
from mlgate.reports.summary import (
    answer_sentence,
    by_cause,
    only_warns,
    owned_policies,
    shown_about,
    tally,
    title_of,
    worst_first,
)
from mlgate.reports.web.rule_view import RuleView
from mlgate.values.verdict import Outcome, Status, Verdict, Verdicts

_GROUPS: Mapping[str, Callable[[Outcome], bool]] = {
    "Blocks the merge": lambda of: of.blocking,
    "Warns": lambda of: of.status.blocks and not of.blocking,
    "Waived": lambda of: of.status is Status.WAIVED,
    "Listed, nothing demanded": lambda of: of.status is Status.LISTED,
    "Passed": lambda of: of.status is Status.PASS,
    "Does not apply": lambda of: of.status is Status.SKIPPED,
}


@dataclass(frozen=True)
class RuleGroup:
    """Rules with one heading."""

    title: str
    rules: list[RuleView]
    open: bool = False
    """Whether the group is shown before anybody asks for it."""


@dataclass(frozen=True)
class AnswerView:
    """The verdict on one candidate."""

    verdict: Verdict
    verdicts: Verdicts

    @property
    def anchor(self) -> str:
        """The name that links use; empty where the page is about one candidate."""
        return answer_anchor(self.verdict, self.verdicts)

    @property
    def title(self) -> str:
        """The candidate's name and version."""
        return title_of(self.verdict, self.verdicts)

    @property
    def why(self) -> str:
        """The answer in a sentence."""
        return answer_sentence(self.verdict)

    @property
    def would_block(self) -> str:
        """How many rules would block and only warn; empty if none."""
        return str(only_warns(self.verdict.outcomes) or "")

    @property
    def tally(self) -> list[tuple[str, str]]:
        """How many rules have each status, worst first: (class, "2 failed")."""
        return [(status.value.lower(), said) for status, said in tally(self.verdict.outcomes)]

    @cached_property
    def groups(self) -> list[RuleGroup]:
        """The rules: what blocks first and open, and what passed folded."""
        every = [RuleView(self.verdict, first, tuple(others), self.anchor) for first, *others in self._by_cause]
        folded = ("Passed", "Does not apply")
        found = [
            RuleGroup(title, [each for each in every if of_kind(each.outcome)], title not in folded)
            for title, of_kind in _GROUPS.items()
        ]
        return [group for group in found if group.rules]

    @property
    def blocking(self) -> list[RuleView]:
        """The rules that block, for the links from one to the next."""
        return next((group.rules for group in self.groups if group.title == "Blocks the merge"), [])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the verdict is about, and by what it was given."""
        verdict = self.verdict
        rows = [
            ("candidate", f"{verdict.candidate} {verdict.version}".strip()),
            ("file", verdict.path),
            ("owner", verdict.owner),
            ("task", verdict.task),
            ("risk", verdict.risk),
            ("tags", ", ".join(verdict.tags)),
            ("evidence", "; ".join(shown_about(verdict))),
            ("policies", ", ".join(map(self._owned, owned_policies(verdict)))),
            ("held to", self._base),
            ("as of", verdict.as_of),
            ("mlgate", verdict.tool),
            ("methods", self._methods),
        ]
        return [(name, said) for name, said in rows if said]

    @property
    def unchecked(self) -> list[str]:
        """What this verdict says nothing about, as far as it knows."""
        outcomes = self.verdict.outcomes
        left = [(of, f) for of in outcomes for f in of.findings if f.status is Status.SKIPPED and of.status.counts]
        return [f"{of.rule}: {finding.message}" for of, finding in left[:50]] + [
            f"and {len(left) - 50} more" for _ in range(len(left) > 50)
        ]

    @property
    def _base(self) -> str:
        """What the policies, and who the candidate is, were read at."""
        called = self.verdicts.called
        ref = f"{called.policy_ref} ({called.policy_commit})" if called and called.policy_ref else ""
        return ", ".join(filter(None, (self.verdict.under, ref)))

    @property
    def _methods(self) -> str:
        found = self.verdict.versions
        if found is None:
            return ""
        libraries = f"numpy {found.numpy}, scipy {found.scipy}, Python {found.python}"
        return "; ".join(filter(None, (f"version {found.methods}", found.engine, libraries, *found.others)))

    @property
    def _by_cause(self) -> list[list[Outcome]]:
        return by_cause(worst_first(self.verdict.outcomes))

    def _owned(self, policy: str) -> str:
        owner = next((of.owner for of in self.verdict.outcomes if of.policy == policy and of.owner), "")
        return f"{policy} (owner {owner})" if owner else policy
