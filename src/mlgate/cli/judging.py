"""What `mlgate check` judges: the candidates, the policies, and the facts or data, as its options name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlgate.cli.preamble import NOTHING_HELD, HeldTo, Running, load_demanded, search_presented
from mlgate.gate.batch import judge_all
from mlgate.gate.looks import read_earlier
from mlgate.gate.registers import Registers
from mlgate.gate.run import Opening, Settings, opened_tables
from mlgate.gate.unchanged import Touched, changed_since
from mlgate.git.repository import Repository
from mlgate.policy.demanded import Policy
from mlgate.policy.known_failures import KnownFailures, load_known, naming_misspelt, of_no_rule, with_known
from mlgate.policy.register import Register, read_register
from mlgate.reading import locate
from mlgate.reading.edge import workspace
from mlgate.values.errors import InputError, MlgateError, Problem
from mlgate.values.provenance import Invocation
from mlgate.values.verdict import Refusal, Verdicts

if TYPE_CHECKING:
    from mlgate.gate.base_commit import BaseCommit


@dataclass(frozen=True)
class CheckRun:
    """What is to be judged. Without paths, `candidate.yaml` and `policies/` are."""

    running: Running
    candidates: Sequence[str] = ()
    policies: Sequence[str] = ()
    facts: str | None = None
    verify: bool = False
    earlier: Sequence[str] = ()
    """Files and folders of earlier verdicts."""
    show_values: bool = False
    """Whether the terminal shows values of the data."""
    held: HeldTo = NOTHING_HELD

    def verdicts(self) -> Verdicts:
        """The verdicts. A mistake in the policies or the command line is one refusal for all candidates."""
        try:
            demanded = load_demanded(self.policies, self.running.roots)
            known = self._known()
            here = read_register(workspace(Path.cwd()))
            paths, notes, unfound = self._presented()
            if unfound and not (here or self.held.ref):
                raise unfound
            with self.running.settings(len(paths)) as settings:
                earlier = read_earlier([Path(path) for path in self.earlier], settings.workspace)
                settings = replace(settings, earlier=earlier, show_values=self.show_values)
                found = self._judged(paths, demanded, settings, notes, here, known)
                if unfound and not found.refusals:
                    raise unfound
                found = naming_misspelt(found, known) if known else found
                return replace(found, called=self._called(paths, found, settings))
        except InputError as error:
            return Verdicts((), (Refusal("", 2, error.problems),))
        except MlgateError as error:
            return Verdicts((), (Refusal("", error.exit_code, (Problem(None, str(error)),)),))

    def _known(self) -> KnownFailures | None:
        """The known failures of the file that is named, if any is."""
        top = workspace(Path.cwd())
        return load_known(Path(self.held.known), workspace=top, roots=self.running.roots) if self.held.known else None

    def _presented(self) -> tuple[tuple[Path, ...], tuple[str, ...], InputError | None]:
        """The candidate files, notes about the search, and why there are none: a register may know of them."""
        try:
            return *search_presented(self.candidates), None
        except InputError as error:
            return (), (), error

    def _judged(
        self,
        paths: Sequence[Path],
        demanded: Sequence[Policy],
        settings: Settings,
        notes: tuple[str, ...],
        register: Register | None,
        known: KnownFailures | None,
    ) -> Verdicts:
        with self._base(paths, settings) as base:
            registers, wrong = self._registers(register, base, settings)
            gone = registers.gone(
                [Path(path) for path in self.candidates or ("candidate.yaml",)],
                paths,
                base.has if base else lambda _: True,
                settings.as_of,
            )
            touched = self._touched(paths, demanded, settings, registers)
            unjudged = touched.unjudged
            if touched.demanded:
                found = self._judge(touched.demanded, demanded, settings, (), None, registers, known)
                unjudged = touched.informed(found)
            if not touched.judged:  # nothing is asked, so that a mistake of that commit does not block its repair
                return Verdicts((), gone, unjudged=unjudged)
            if wrong:
                raise wrong
            run = replace(settings, beside=touched.beside)
            found = self._judge(touched.judged, demanded, run, notes, base, registers, known)
            return replace(found, refusals=(*gone, *found.refusals), unjudged=(*unjudged, *found.unjudged))

    @contextmanager
    def _base(self, paths: Sequence[Path], settings: Settings) -> Iterator[BaseCommit | None]:
        """The commit that policies are held to, if any."""
        if not self.held.ref:
            yield None
            return
        from mlgate.gate.base_commit import base_commit

        named = [*self._policies, *paths, *([Path(self.held.known)] if self.held.known else [])]
        with base_commit(self.held.ref, settings.workspace, self.held.commit, named) as base:
            yield base

    @property
    def _policies(self) -> list[Path]:
        return [Path(path) for path in self.policies or ("policies",)]

    def _registers(
        self, here: Register | None, base: BaseCommit | None, settings: Settings
    ) -> tuple[Registers, InputError | None]:
        """The registers of models, and what is wrong with that of the commit."""
        if base is None:
            return Registers(here, None, settings.workspace), None
        try:
            return Registers(here, base.register(), settings.workspace, str(base)), None
        except InputError as error:
            return Registers(here, None, settings.workspace, str(base)), error

    def _touched(
        self, paths: Sequence[Path], demanded: Sequence[Policy], settings: Settings, registers: Registers
    ) -> Touched:
        """What the change touches of the candidates; all of it, if that is not asked."""
        held = self.held
        if not held.changed_from or not paths:
            return Touched(tuple(paths))
        # Whether a candidate has lost its policy is seen by the commit that it is held to, or by a register.
        listed = not (held.require_coverage or held.ref or registers)
        demanding = [*self._policies, *([Path(held.known)] if held.known else [])]
        return changed_since(held.changed_from, paths, demanded, settings, registers, demanding, list_uncovered=listed)

    def _judge(
        self,
        paths: Sequence[Path],
        demanded: Sequence[Policy],
        settings: Settings,
        notes: tuple[str, ...],
        base: BaseCommit | None,
        registers: Registers,
        known: KnownFailures | None,
    ) -> Verdicts:
        """The verdicts under the policies here, and under those of the commit that they are held to, if any."""
        # What a change touches must be covered.
        covered = self.held.require_coverage or bool(self.held.changed_from)
        if base:
            from mlgate.gate.held_to_base import judge_held
            from mlgate.gate.known_at_base import known_held

            at_base = base.policies(self._policies, bootstrap=self.held.bootstrap)
            if known:
                demanded, at_base, told = known_held(Path(self.held.known), known, base, demanded, at_base)
                notes = (*notes, *told)
            return judge_held(
                paths, demanded, base, at_base, settings, notes=notes, must_be_covered=covered, registers=registers
            )
        if known:
            notes = (*notes, *of_no_rule(demanded, known))
            demanded = with_known(demanded, known)
        opening: Opening = opened_tables
        if self.facts is not None:
            from mlgate.gate.stored_facts import stored_evidence

            opening = stored_evidence(Path(self.facts), demanded, settings.workspace, verify=self.verify)
        return judge_all(paths, demanded, settings, opening, notes, covered, registers.held)

    def _called(self, paths: Sequence[Path], found: Verdicts, settings: Settings) -> Invocation:
        """What is stored of it, so that it can be performed again: without candidates that were unchanged."""
        top = settings.workspace
        unchanged = {entry.path for entry in found.unjudged if entry.why == "UNCHANGED"}
        presented = (locate.shown(path, top) for path in paths)
        return Invocation(
            settings.as_of.isoformat(),
            tuple(locate.shown(Path(path), top) for path in self.policies or ("policies",)),
            tuple(name for name in presented if name not in unchanged),
            tuple(locate.shown(path, top) for path in settings.roots),
            tuple(f"{name}={address}" for name, address in settings.servers),
            settings.engine,
            locate.shown(Path(self.facts), top) if self.facts else "",
            self.verify,
            tuple(file.name for file in settings.earlier),
            self.held.ref,
            self.held.commit or self._commit(top),
            locate.shown(Path(self.held.known), top) if self.held.known else "",
        )

    def _commit(self, top: Path) -> str:
        """The whole name of the commit that policies are held to: a branch moves on."""
        repository = Repository.at(top) if self.held.ref else None
        return repository.commit_of(self.held.ref) if repository else ""
