"""Install mlgate for the action, into an environment of its own: what is pinned by hash, and nothing of the workspace.

Run as `python -I install.py FOLDER` in an empty working folder. The variables WHEELS, REQUIREMENTS and BASE are the
action's inputs and the commit that a pull request would merge into.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ACTION = Path(__file__).resolve().parent.parent
CONSTRAINTS = ACTION / "constraints.txt"
OURS = ("PYTHON", "PIP_", "GIT_", "VIRTUAL_ENV", "CONDA_")
"""Variables that say where Python, pip and git look for code and settings."""
KEPT = (
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TRUSTED_HOST",
)
"""Those that only say where packages are downloaded from: a package with another hash is refused wherever it lies."""


class NotInstalled(Exception):  # noqa: N818 - what it says is why
    """Why mlgate could not be installed."""


def main() -> int:
    """Install, or say why not."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the interpreter is the workflow's choice
        print("::error title=mlgate::needs Python 3.11 or newer; use actions/setup-python first, or the input python")
        return 1
    try:
        install(Path(sys.argv[1]), Path(os.environ["GITHUB_WORKSPACE"]).resolve())
    except NotInstalled as why:
        print(f"::error title=mlgate::{why}")
        return 1
    return 0


def install(folder: Path, workspace: Path) -> None:
    """Make the environment, and install the pinned packages and mlgate itself into it."""
    environment = cleaned(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    pinned = ["--requirement", str(CONSTRAINTS)]
    if os.environ.get("REQUIREMENTS"):
        plugins = folder.with_name("plugins.txt")
        plugins.write_bytes(at_base(os.environ["REQUIREMENTS"], os.environ.get("BASE", ""), workspace))
        pinned += ["--requirement", str(plugins)]
    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotInstalled(f"no virtual environment can be made ({error}); on Debian install python3-venv") from error
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    quiet = [*pip, "install", "--quiet"]
    run([*quiet, "--require-hashes", "--only-binary", ":all:", *source(workspace), *pinned], "the pinned packages")
    run([*quiet, "--no-deps", "--no-index", "--no-build-isolation", str(ACTION)], "mlgate itself")
    run([*pip, "check"], "a set of packages that fit together")


def cleaned(variables: os._Environ[str]) -> dict[str, str]:
    """The environment without what leads Python, pip or git to other code."""
    return {name: value for name, value in variables.items() if name in KEPT or not name.upper().startswith(OURS)}


def source(workspace: Path) -> list[str]:
    """Where packages come from: the folder of `wheels:`, and then nothing else, or the index."""
    wheels = os.environ.get("WHEELS")
    if not wheels:
        return []
    folder = workspace / wheels
    if not folder.is_dir():
        raise NotInstalled(f"`wheels`: there is no folder {wheels}; fill it by `pip download -r constraints.txt`")
    return ["--no-index", "--find-links", str(folder)]


def at_base(name: str, base: str, workspace: Path) -> bytes:
    """The requirements file as the commit has it that a pull request would merge into; what lies in the folder is
    the pull request's. Where nothing is to be merged, it is the commit that is checked out."""
    file = Path(os.path.normpath(workspace / name))
    top = next((folder for folder in file.parents if (folder / ".git").exists()), None)
    if top is None or not file.is_relative_to(workspace):
        raise NotInstalled(f"`requirements`: {name} is not in a checkout of a repository")
    if file.parent.resolve() != file.parent:
        raise NotInstalled(f"`requirements`: the folder of {name} is a link; name the file itself")
    # The folder of the repository is named, so that git does not take a folder that only looks like one.
    git = ["git", f"--git-dir={top / '.git'}", "cat-file"]
    commit, inside = base or "HEAD", file.relative_to(top).as_posix()
    if subprocess.run([*git, "-e", f"{commit}^{{commit}}"], capture_output=True, check=False).returncode:
        raise NotInstalled(f"`requirements`: commit {commit} is not in this checkout; give it `fetch-depth: 0`")
    found = subprocess.run([*git, "blob", f"{commit}:{inside}"], capture_output=True, check=False)
    if found.returncode:
        raise NotInstalled(f"`requirements`: commit {commit} has no file {inside}")
    return found.stdout


def run(command: list[str], what: str) -> None:
    """Run pip."""
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:
        raise NotInstalled(f"cannot install {what}; what pip says stands above")


if __name__ == "__main__":
    sys.exit(main())
