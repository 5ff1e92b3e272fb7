"""Which command of a script is the gate, and what its options say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlgate.doctor.shell_tokens import unquoted

_MENTIONING = frozenset({"echo", "printf", "grep", "rg", "sed", "awk", "which", "type", "alias", "cat", "test", "["})
"""Commands that name the gate and do not run it."""
_INSTALLING = frozenset({"install", "add", "download", "sync", "uninstall", "show", "freeze"})
_IN_VARIABLE = re.compile(r"\$\{?[A-Za-z_]*mlgate[A-Za-z_]*\}?", re.IGNORECASE)
_NAME = "mlgate"
_JUDGING_NOTHING = frozenset({"--help", "-h", "--reproduce"})
"""Options with which the command does not judge the change."""
_FLAGS = frozenset(
    "--verify --bootstrap --require-coverage --show-values --quiet -q --verbose -v -qv -vq".split()  # noqa: SIM905
)
"""Options of the gate without a value."""


def arguments_of_gate(words: Sequence[str]) -> tuple[str, ...] | None:
    """What follows `mlgate check` in the words of a command; None for a command that is not the gate."""
    plain = [unquoted(word) for word in words]
    if not plain or plain[0] in _MENTIONING:
        return None
    for place, word in enumerate(plain[:-1]):
        if word in _INSTALLING:
            return None
        if _is_program(word) and plain[place + 1] == "check":
            given = tuple(plain[place + 2 :])
            return None if _JUDGING_NOTHING & {each.partition("=")[0] for each in given} else given
    return None


def _is_program(word: str) -> bool:
    name = re.split(r"[/\\]", word)[-1].removesuffix(".exe")
    return name.partition("@")[0].partition("==")[0] == _NAME or bool(_IN_VARIABLE.fullmatch(word))


def values_of(option: str, arguments: Sequence[str]) -> Iterator[str]:
    """The values of an option, as `--option VALUE` and `--option=VALUE`."""
    for place, word in enumerate(arguments):
        if word == option:
            yield arguments[place + 1] if place + 1 < len(arguments) else ""
        elif word.startswith(f"{option}="):
            yield word.partition("=")[2]


def candidates_of(arguments: Sequence[str]) -> tuple[str, ...]:
    """The candidates that the arguments of the gate name."""
    found: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return (*found, *waiting)
        if not word.startswith("-"):
            found.append(word)
        elif word not in _FLAGS and "=" not in word and waiting:
            waiting.pop(0)
    return tuple(found)


def installs_any_version(words: Sequence[str]) -> bool:
    """Whether a command installs mlgate from an index without saying which version."""
    plain = [unquoted(word) for word in words]
    named = [word for word in plain if re.fullmatch(r"mlgate(\[[^\]]*\])?([<>~!].*)?", word)]
    installing = "install" in plain[:4] or plain[:2] in (["uv", "add"], ["poetry", "add"])
    return installing and bool(named) and bool(set(plain) & {"pip", "pip3", "uv", "pipx", "poetry"})


_TOOLS = frozenset(
    [
        "make",
        "dvc",
        "pytest",
        "tox",
        "nox",
        "npm",
        "yarn",
        "pnpm",
        "snakemake",
        "just",
        "invoke",
        "papermill",
        "jupyter",
    ]
)
"""Programs that run what they find in the work tree."""
_PYTHON = re.compile(r"python[0-9.]*(\.exe)?")
_OWN_MODULES = ("pip", "venv", "mlgate", "ensurepip", "virtualenv")


def runs_code_of_the_change(words: Sequence[str]) -> bool:
    """Whether a command runs, builds or installs what lies in the work tree, which a change can write."""
    plain = [unquoted(word) for word in words]
    if not plain or arguments_of_gate(words) is not None:
        return False
    name, rest = re.split(r"[/\\]", plain[0])[-1], plain[1:]
    if plain[0].startswith(("./", "../")) or name in _TOOLS:
        return True
    if name in ("pip", "pip3", "uv", "pipx", "poetry", "pdm", "hatch") or rest[:2] == ["-m", "pip"]:
        return _installs_the_change(name, rest)
    if _PYTHON.fullmatch(name):
        module = next((rest[place + 1 :][:1] for place, word in enumerate(rest) if word == "-m"), None)
        if module:
            return module[0] not in _OWN_MODULES
        return any(word.endswith(".py") for word in rest)
    return name in ("bash", "sh", "source", ".") and bool(rest) and not any(re.fullmatch("-[a-z]*c", w) for w in rest)


def _installs_the_change(name: str, rest: Sequence[str]) -> bool:
    if name in ("uv", "poetry", "pdm", "hatch") and rest[:1] and rest[0] in ("sync", "run", "install", "build"):
        return not (rest[0] == "run" and {"--no-project", "--isolated"} & set(rest))
    if "install" not in rest:
        return False
    hashed = "--require-hashes" in rest
    listed = bool({"-r", "--requirement"} & set(rest)) and not hashed
    return listed or any(word in (".", "-e", "--editable") or word.startswith(("./", ".[")) for word in rest)
