"""Where a run spills to: a name of its own, so that what it left can be found and removed."""

from __future__ import annotations

import secrets

SCRATCH = f"mlgate-{secrets.token_hex(8)}-"
"""What the names of this run's temporary folders begin with."""
