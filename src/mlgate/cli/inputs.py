"""The files that a run reads, so that no report overwrites one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mlgate.candidate.read import find_candidates
from mlgate.evidence.files import members
from mlgate.gate import bind
from mlgate.policy.demanded import Policy
from mlgate.policy.load import find_policies, load_policies
from mlgate.reading import locate
from mlgate.reading.edge import workspace
from mlgate.values.errors import MlgateError
from mlgate.values.reach import Reach
from mlgate.values.servers import Servers


def files_read(
    candidates: Sequence[str], policies: Sequence[str], others: Iterable[str] = (), servers: Servers = ()
) -> tuple[Path, ...]:
    """The files that a run reads, as far as they can be found. Their mistakes are reported later, on reading."""
    here, top = Path.cwd(), workspace(Path.cwd())
    found = [Path(path) for path in others]
    paths = [Path(path) for path in policies or ("policies",)]
    with contextlib.suppress(MlgateError):
        found += find_policies(paths)
    loaded: Sequence[Policy] = ()
    with contextlib.suppress(MlgateError):
        loaded = load_policies(paths, workspace=top)
        found += [top / entry.path for policy in loaded for entry in policy.inputs]
    with contextlib.suppress(MlgateError):
        for path in find_candidates(candidates or ("candidate.yaml",), here):
            found += [path, *_presented(path, loaded, top, servers)]
    return tuple(Path(locate.shown(path, here)) for path in found)


def _presented(path: Path, policies: Sequence[Policy], top: Path, servers: Servers) -> Iterator[Path]:
    """The model and the tables of a candidate, file by file."""
    with contextlib.suppress(MlgateError):
        for need in bind.digests(bind.load(path, policies, top, (), servers), top):
            yield top / need.path
            with contextlib.suppress(MlgateError):
                yield from members(top / need.path, need.path, Reach.of(top))
