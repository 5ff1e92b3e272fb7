"""The whole look at a repository: its workflows, who owns what decides, its policies, and the clone itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mlgate.doctor.checkout import Checkout
from mlgate.doctor.ci_system import CiSystem, SystemReading, ci_systems
from mlgate.doctor.gate_options import DEFAULT
from mlgate.git.code_owners import PLACES
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import left_by_own_words, left_open
from mlgate.policy.load import load_policies
from mlgate.values.diagnosis import Diagnosis
from mlgate.values.errors import InputError, MlgateError

_SEVERAL = 6
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
    owned = not readings or any(system.has_owners for system, _ in readings)
    if owned:
        _look_at_owners(checkout, list(dict.fromkeys(whole.files)), policies, whole)
    _look_at_policies(checkout, policies, whole)
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


def _look_at_owners(
    checkout: Checkout, workflows: Sequence[str], policies: Sequence[str], reading: SystemReading
) -> None:
    """Who must agree to a change of what decides: policies, workflows, the scripts they run, and CODEOWNERS itself."""
    try:
        file = next((each for each in PLACES if checkout.raw(each) is not None), "")
    except InputError as error:
        reading.add_unreadable(error)
        return
    decisive = [*_policy_files(checkout, policies), *workflows]
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


def _look_at_policies(checkout: Checkout, policies: Sequence[str], reading: SystemReading) -> None:
    """What policies leave to the candidate's own file, which the change brings along."""
    paths = [checkout.top / each for each in policies if (checkout.top / each).exists()]
    if not paths:
        if reading.gates:
            said = f"there are no policies in {', '.join(policies)}, so that the gate has nothing to ask"
            reading.add("no-policy", ("", 1), said, "write one; `mlgate init` does")
        return
    try:
        loaded = load_policies(paths, workspace=checkout.top)
    except InputError as error:
        reading.add_unreadable(error)
        return
    except MlgateError as error:
        reading.notes.append(f"the policies could not be read: {error}")
        return
    for policy in loaded:
        _look_at_identity(policy, loaded, reading)


def _look_at_identity(policy: Policy, among: Sequence[Policy], reading: SystemReading) -> None:
    if opened := [".".join(keys) for keys in left_open(policy)]:
        named = ", ".join(opened[:_SEVERAL]) + (f" and {len(opened) - _SEVERAL} more" if opened[_SEVERAL:] else "")
        said = f"the candidate's own file may choose {named}, and with it what this policy judges"
        at = (policy.expects_at.file, policy.expects_at.line) if policy.expects_at else (policy.file, 1)
        reading.add("identity", at, said, f"`mlgate lint {policy.file}` prints the `expects:` that fixes them")
    for problem in left_by_own_words(policy, among):
        said, _, remedy = problem.message.partition(". ")
        at = (problem.at.file, problem.at.line) if problem.at else (policy.file, 1)
        reading.add("identity", at, said, f"{remedy[:1].lower()}{remedy[1:]}")


def _settings(readings: Sequence[tuple[CiSystem, SystemReading]]) -> Iterator[str]:
    for system, reading in readings:
        if reading.gates or len(readings) == 1:
            job = "`, `".join(reading.jobs) or "mlgate"
            yield from (f"{each.format(job=job)}" for each in system.settings)
    yield UNSEEN
