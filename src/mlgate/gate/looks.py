"""Looks at the same evaluation data: what a verdict looks at, and what earlier verdicts have looked at.

Every further model that is judged on the same rows is a further chance to pass by luck. Earlier verdicts add notes to a
verdict, and never change a status.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import ANSWERS, EVALUATION, Predictions
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.row_digest import RowDigest, RowDigestFact
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import MOST_LOOKS, Rule
from mlgate.reading import locate
from mlgate.reading.verdict_file import VerdictFile, verdict_files
from mlgate.values.errors import InputError, MlgateError
from mlgate.values.provenance import Input, JudgedData
from mlgate.values.verdict import Outcome, Status
from mlgate.values.words import counted

MOST_NAMES = 5


@dataclass(frozen=True)
class EarlierFile:
    """A file of earlier verdicts: its name and digest, and what each verdict in it looked at."""

    name: str
    sha256: str
    judged: tuple[JudgedData | None, ...]
    """None for a verdict that cannot be recognised."""

    @property
    def input(self) -> Input:
        """The file as an input of the verdict."""
        return Input("earlier", self.name, self.sha256)


def evaluation_rows(candidate: Candidate) -> RowDigest | None:
    """The digest of the ids and labels of the evaluation rows. None without predictions, for a table of counts, and
    for rows that have neither.
    """
    predictions, evaluation = candidate.predictions, candidate.evaluation
    if predictions is None or predictions.count:
        return None
    if evaluation and (evaluation.label or evaluation.labels):
        labels = [evaluation.label] if evaluation.label else [column for _, column in sorted(evaluation.labels)]
        return RowDigest(EVALUATION, evaluation.key, tuple(labels))
    labels = [predictions.label] if predictions.label else [column for _, column in sorted(predictions.labels)]
    found = RowDigest(PREDICTIONS, predictions.identity, tuple(labels))
    return found if found.ids or found.columns else None


def judged_needs(candidate: Candidate) -> tuple[RowDigest, ...]:
    """The digests by which a verdict on the candidate is recognised later."""
    rows, predictions = evaluation_rows(candidate), candidate.predictions
    if rows is None or predictions is None:
        return ()
    return (rows,) if isinstance(predictions.source, FileSource) else (rows, _frame(predictions))


def _frame(predictions: Predictions) -> RowDigest:
    """The digest of the answers in a frame, which has no file."""
    return RowDigest(PREDICTIONS, predictions.identity, tuple(column for _, column in _answers(predictions)))


def _answers(predictions: Predictions) -> list[tuple[str, str]]:
    """The columns of the model's answers, each with its role."""
    return [(f"{key}.{name}", column) for key, role in ANSWERS.items() for name, column in role.columns(predictions)]


def judged_data(candidate: Candidate, facts: Facts, inputs: Iterable[Input]) -> JudgedData | None:
    """What a verdict with these facts looks at, or None where it is not known."""
    rows, predictions = evaluation_rows(candidate), candidate.predictions
    if rows is None or predictions is None:
        return None
    try:
        evaluation: RowDigestFact = facts[rows]
        own: RowDigestFact | None = None
        if not isinstance(predictions.source, FileSource):
            own = facts[_frame(predictions)]
    except MlgateError:
        return None
    answers = own.sha256 if own else next((each.sha256 for each in inputs if each.role == PREDICTIONS), None)
    if answers is None:
        return None
    read = json.dumps([answers, _answers(predictions)])
    return JudgedData(evaluation.sha256, hashlib.sha256(read.encode()).hexdigest(), evaluation.rows, bool(rows.ids))


def read_earlier(paths: Sequence[Path], workspace: Path) -> tuple[EarlierFile, ...]:
    """The earlier verdicts in files, and in the `*.json` files of folders.

    Raises InputError for a file that is not a stored verdict, and for a verdict that does not record what it judged.
    """
    found, wrong = [], []
    for file in verdict_files(paths, workspace, "--earlier"):
        try:
            found.append(_earlier(file))
        except InputError as error:
            wrong.append(error)
    if wrong:
        raise locate.all_problems(wrong)
    return tuple(found)


def _earlier(file: VerdictFile) -> EarlierFile:
    for verdict in file.verdicts.verdicts:
        if verdict.versions is None:
            raise InputError(
                f"{file.name}: this verdict of mlgate {verdict.tool} does not record which evaluation data it judged, "
                "so nobody can tell if they are the same; judge that model again, or leave the file out"
            )
    judged = [verdict.judged for verdict in file.verdicts.verdicts if verdict.judged or verdict.task]
    return EarlierFile(file.name, file.sha256, tuple(judged))


def look_notes(
    own: JudgedData | None, earlier: Sequence[EarlierFile], judged: Iterable[tuple[Rule, Outcome]]
) -> Iterator[str]:
    """What a reader must know about earlier looks at the same evaluation data. `judged` are the rules that apply."""
    if not earlier:
        return
    if own is None:
        yield (
            "nobody can tell if this evaluation data was judged before: it is a table of counts, or its ids and labels "
            "could not be read"
        )
        return
    unknown = [file.name for file in earlier if None in file.judged]
    if unknown:
        yield f"{_named(unknown)}: nobody can tell if these verdicts are on the same evaluation data, as counts are not"
    looks = {
        (file.name, each.answers)
        for file in earlier
        for each in file.judged
        if each is not None and each.evaluation == own.evaluation
    }
    others = sorted({answers for _, answers in looks} - {own.answers})
    yield _seen(own, looks, len(others), len(earlier))
    if others:
        yield from _too_few_looks(len(others) + 1, judged)


def _seen(own: JudgedData, looks: set[tuple[str, str]], times: int, files: int) -> str:
    again = sorted({name for name, answers in looks if answers == own.answers})
    same = f"; the same predictions were judged before (in {_named(again)}), which is not a further look" * bool(again)
    if not times:
        return f"none of {counted(files, 'earlier file')} has another look at this evaluation data{same}"
    names = sorted({name for name, answers in looks if answers != own.answers})
    known = "" if own.by_id else ", as the labels in their order say"
    return (
        f"this evaluation data was judged {counted(times, 'time')} before with other predictions{known} "
        f"(in {_named(names)}), so this is look {times + 1}{same}"
    )


def _too_few_looks(total: int, judged: Iterable[tuple[Rule, Outcome]]) -> Iterator[str]:
    """A warning per group of rules that state fewer looks than there were."""
    groups: dict[tuple[int, Fraction], list[str]] = {}
    for rule, outcome in judged:
        if rule.looks < total and shares_looks(rule) and _bounded(outcome):
            groups.setdefault((rule.looks, 1 - rule.confidence), []).append(rule.name)
    remedy = "judge on fresh rows" if total > MOST_LOOKS else f"set `looks: {total}`, or judge on fresh rows"
    for (looks, level), names in groups.items():
        chance, alone = (f"{float(100 * share):.3g} %" for share in (min(Fraction(1), total * level / looks), level))
        yield (
            f"with `looks: {looks}`, {_named(names)} would let a model that is just short of the demand pass one of "
            f"{total} looks with a chance of up to {chance}, not {alone}; {remedy}"
        )


def shares_looks(rule: Rule) -> bool:
    """Whether looks share the level at which a rule passes: a pass by another proof has no level."""
    return rule.proof == "shown"


def _bounded(outcome: Outcome) -> bool:
    """Whether luck may let a slice pass: it is judged by bounds, and not waived."""
    judged = (finding for finding in outcome.findings if finding.status.counts and finding.status is not Status.WAIVED)
    return any(finding.lower is not None or finding.upper is not None for finding in judged)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
