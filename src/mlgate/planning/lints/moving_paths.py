"""A path of `expects:` that is relative to the candidate file is another file once the candidate file is moved."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for entry in given.policy.expects:
        if entry.is_path and isinstance(entry.value, str) and not entry.value.startswith("/"):
            yield LintFinding(
                entry.at,
                f"`expects.{entry.key}` is relative to the candidate file, so whoever moves that file can present "
                "another one. To fix the place, write the path from the top of the workspace, with `/` first",
            )


LINT = PolicyLint("moving_paths", "a path of `expects:` that moves with the candidate file", _find)
