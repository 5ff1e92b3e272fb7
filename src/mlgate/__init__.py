"""mlgate: a gate for machine-learning models that passes only what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlgate.values.errors import BlockedError, EvidenceError, InputError, MachineError, MlgateError
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, Verdicts
from mlgate.version import __version__

if TYPE_CHECKING:
    from mlgate.api import check, load_policy, plan

__all__ = [
    "BlockedError",
    "EvidenceError",
    "Finding",
    "InputError",
    "MachineError",
    "MlgateError",
    "Outcome",
    "Status",
    "Verdict",
    "Verdicts",
    "__version__",
    "check",
    "load_policy",
    "plan",
]


def __getattr__(name: str) -> Any:
    """`check`, `load_policy` and `plan`, loaded on first use, so that importing a part of mlgate stays fast."""
    if name in ("check", "load_policy", "plan"):
        from mlgate import api

        return getattr(api, name)
    raise AttributeError(f"module 'mlgate' has no attribute {name!r}")
