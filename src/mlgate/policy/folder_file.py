"""Files that say something about all policies of a folder, such as its owner: each is found from the policy's place."""

from __future__ import annotations

import os
from pathlib import Path

from mlgate.reading.edge import is_repository


def nearest(name: str, policy: Path, workspace: Path) -> Path | None:
    """The file of a name in the policy's folder or the next one above that has it, within the workspace.

    A folder within the workspace that is a repository of its own ends the search: a checkout of another commit is not
    completed by the files around it. A broken link is a mistake in this file, not a reason to look further up.
    """
    folder, top = policy.resolve().parent, workspace.resolve()
    above = (folder, *folder.parents)
    tops = [place for place, each in enumerate(above) if each == top or is_repository(each)]
    inside = above[: tops[0] + 1] if top in above else (folder,)
    return next((each / name for each in inside if os.path.lexists(each / name)), None)
