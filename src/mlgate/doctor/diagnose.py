"""The whole look at a repository: its workflows, who owns what decides, its policies, and the clone itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mlgate.candidate.read import FILE_NAME as CANDIDATE
from mlgate.candidate.read import find_candidates
from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading, ci_systems
from mlgate.doctor.gate_options import DEFAULT
from mlgate.git.code_owners import PLACES
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import left_by_own_words, left_open
from mlgate.policy.load import load_policies
from mlgate.policy.register import FILE_NAME as REGISTER
from mlgate.policy.register import read_register
from mlgate.reading import locate
from mlgate.values.diagnosis import Diagnosis
from mlgate.values.errors import InputError, MlgateError

_SEVERAL = 6
_REGISTERED = ("task", "positive")
"""Keys of a candidate that the register of models fixes."""
UNSEEN = (
    "Whether a person may remove the step itself: whoever owns the workflow file decides that, so its owner must not "
    "be the model's."
)


def diagnose(top: Path) -> Diagnosis:
    """What would let a change of a repository slip past the gate, as far as the files below `top` say so."""
    checkout = Checkout(top)
    readings = [(system, system.read(checkout, files)) for system, files in _present(checkout)]
    whole = SystemReading()
    for _, reading in readings:
        whole.take(reading)
        whole.gates += reading.gates
    if not whole.gates:
        _no_gate(whole, [system for system, _ in readings])
    policies = list(dict.fromkeys(each for each in whole.policies if each)) or [DEFAULT]
    _look_at_git(checkout, policies, whole)
    loaded = _load(checkout, policies, whole)
    if not readings or any(system.has_owners for system, _ in readings):
        _look_at_owners(checkout, whole, policies, loaded)
    _look_at_identities(checkout, loaded, whole)
    _look_at_candidates(checkout, whole)
    first = [each for each in whole.weaknesses if each.id == "no-gate"]
    others = sorted(each for each in whole.weaknesses if each.id != "no-gate")
    return Diagnosis(
        (*first, *others),
        tuple(f"{file}:{line}" for file, line in dict.fromkeys(whole.gates)),
        tuple(sorted(checkout.files_read)),
        tuple(_settings(readings)),
        tuple(dict.fromkeys(whole.notes)),
    )


def _present(checkout: Checkout) -> Iterator[tuple[CiSystem, tuple[str, ...]]]:
    for system in ci_systems().values():
        if files := system.present(checkout):
            yield system, files


def _no_gate(reading: SystemReading, systems: Sequence[CiSystem]) -> None:
    if systems:
        said = f"no workflow of {', '.join(each.said for each in systems)} is seen to run `mlgate check` or its action"
    else:
        every = ", ".join(each.said for each in ci_systems().values())
        said = f"there is no workflow of {every}, so nothing runs the gate"
    remedy = "`mlgate init` writes a workflow; a gate that a program or another repository starts is not seen here"
    reading.add("no-gate", ("", 1), said, remedy)


def _look_at_git(checkout: Checkout, policies: Sequence[str], reading: SystemReading) -> None:
    repository = checkout.repository
    if repository is None:
        reading.notes.append("git cannot read this folder as a repository, so nothing is known about its commits")
        return
    if not repository.head:
        reading.notes.append("nothing is committed yet")
        return
    if repository.shallow:
        reading.notes.append("this clone is shallow: `git fetch --unshallow` shows whether the base has policies")
    changed = {*repository.changed()}
    for file in _policy_files(checkout, policies):
        if repository.entry(repository.head, file):
            continue
        if file in changed:
            reading.notes.append(f"{file} is not committed yet")
        else:
            said = "git ignores this policy, so that no commit has it and the gate never sees it"
            reading.add("ignored-policy", (file, 1), said, "remove it from .gitignore, and commit it")


def _policy_files(checkout: Checkout, policies: Iterable[str]) -> list[str]:
    found: list[str] = []
    for path in policies:
        if (checkout.top / path).is_dir():
            found += checkout.below(path, ".yaml", ".yml")
        elif (checkout.top / path).is_file():
            found.append(path)
    return list(dict.fromkeys(found))


def _decisive(
    checkout: Checkout, reading: SystemReading, policies: Sequence[str], loaded: Sequence[Policy]
) -> list[str]:
    """The files that decide: policies with what they read, workflows with the scripts they run, and the register."""
    read = [entry.path for policy in loaded for entry in policy.inputs]
    found = [*_policy_files(checkout, policies), *read, *reading.files, *reading.known, REGISTER]
    return [path for path in dict.fromkeys(found) if (checkout.top / path).is_file()]


def _look_at_owners(
    checkout: Checkout, reading: SystemReading, policies: Sequence[str], loaded: Sequence[Policy]
) -> None:
    """Who must agree to a change of what decides, and of CODEOWNERS itself."""
    try:
        file = next((each for each in PLACES if checkout.raw(each) is not None), "")
    except InputError as error:
        reading.add_unreadable(error)
        return
    decisive = _decisive(checkout, reading, policies, loaded)
    if not file:
        if decisive:
            said = "there is no file CODEOWNERS, so anybody who may merge may change the policies and the workflow"
            remedy = f"write one with a line for /{policies[0]}, for the workflow and for itself"
            reading.add("no-owner", ("", 1), said, remedy)
        return
    for path in dict.fromkeys((*decisive, file)):
        found = checkout.owners(path)
        if not found.owners:
            name, _, line = found.said_in.partition(":")
            said = f"{path} has no owner in {file}, so anybody who may merge may change it"
            if line:
                said = f"{path} has no owner, because this line names none"
            reading.add("no-owner", (name, int(line or 1)), said, f"add a line: /{path} @OWNER")


def _load(checkout: Checkout, policies: Sequence[str], reading: SystemReading) -> tuple[Policy, ...]:
    """The policies; none where they cannot be read, which is noted."""
    paths = [checkout.top / each for each in policies if (checkout.top / each).exists()]
    if not paths:
        if reading.gates:
            said = f"there are no policies in {', '.join(policies)}, so that the gate has nothing to ask"
            reading.add("no-policy", ("", 1), said, "write one; `mlgate init` does")
        return ()
    try:
        return load_policies(paths, workspace=checkout.top)
    except InputError as error:
        reading.add_unreadable(error)
    except MlgateError as error:
        said = f"the policies cannot be read here: {error}"
        reading.add("unreadable", ("", 1), said, "what they leave to the candidate is not looked at until they can")
    return ()


def _look_at_identities(checkout: Checkout, loaded: Sequence[Policy], reading: SystemReading) -> None:
    """What policies leave to the candidate's own file, which the change brings along."""
    try:
        register = read_register(checkout.top)
    except InputError as error:
        reading.add_unreadable(error)
        register = None
    for policy in loaded:
        opened = [keys for keys in left_open(policy) if not (register and keys[0] in _REGISTERED)]
        if opened:
            _add_left_open(policy, list(map(".".join, opened)), reading)
        for problem in () if register else left_by_own_words(policy, loaded):
            said, _, remedy = problem.message.partition(". ")
            at = (problem.at.file, problem.at.line) if problem.at else (policy.file, 1)
            reading.add("identity", at, said, f"{remedy[:1].lower()}{remedy[1:]}")


def _add_left_open(policy: Policy, opened: list[str], reading: SystemReading) -> None:
    named = ", ".join(opened[:_SEVERAL]) + (f" and {len(opened) - _SEVERAL} more" if opened[_SEVERAL:] else "")
    said = f"the candidate's own file may choose {named}, and with it what this policy judges"
    at = (policy.expects_at.file, policy.expects_at.line) if policy.expects_at else (policy.file, 1)
    reading.add("identity", at, said, f"`mlgate lint {policy.file}` prints the `expects:` that fixes them")


def _look_at_candidates(checkout: Checkout, reading: SystemReading) -> None:
    """Candidate files that no gate judges."""
    if not reading.candidates or any(
        sign in word for _, words in reading.candidates for word in words for sign in "$`"
    ):
        return
    judged = {
        path for folder, words in reading.candidates for path in _found(checkout.top / folder, words or (CANDIDATE,))
    }
    left = sorted(locate.shown(path, checkout.top) for path in _found(checkout.top, (".",)) if path not in judged)
    if left:
        named = ", ".join(left[:_SEVERAL]) + (f" and {len(left) - _SEVERAL} more" if left[_SEVERAL:] else "")
        said = f"the gate does not judge {named}, so a change of it passes without a rule"
        reading.add("unjudged", (left[0], 1), said, "name its folder in `mlgate check`, or remove the file")


def _found(folder: Path, words: Sequence[str]) -> set[Path]:
    found: set[Path] = set()
    for word in words:
        with contextlib.suppress(InputError):
            found |= {path.resolve() for path in find_candidates([word], folder)}
    return found


def _settings(readings: Sequence[tuple[CiSystem, SystemReading]]) -> Iterator[str]:
    for system, reading in readings:
        if reading.gates or len(readings) == 1:
            job = "`, `".join(reading.jobs) or "mlgate"
            yield from (f"{each.format(job=job)}" for each in system.settings)
    yield UNSEEN
