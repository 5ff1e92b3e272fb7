"""A hand-built run that covers every status, and the comparison with golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st

from mlgate.values.errors import Location, Problem
from mlgate.values.pictures import Bars, Graph, GraphNode, Histogram, Line, LineChart
from mlgate.values.provenance import Input
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Verdict, Verdicts, WaiverNote
from mlgate.values.words import Words

GOLDEN = Path(__file__).parents[2] / "golden" / "reports"
POLICY = "policies/credit.yaml"


def outcome(rule: str, check: str, status: Status, message: str, line: int, **more: object) -> Outcome:
    return Outcome("credit", rule, check, status, message, Location(POLICY, line, 5), **more)  # type: ignore[arg-type]


def recall_rule() -> Outcome:
    young, old, other = ("age_band", "<25"), ("age_band", "25-40"), ("age_band", "60+")
    said = "recall 0.521 (95 % upper bound 0.561) < 0.6 for sex=F, age_band=<25, 412 rows"
    findings = (
        Finding((("sex", "F"), young), Status.FAIL, said, 0.521, "99/190", 0.478, 0.561, 412, 190),
        Finding(
            (("sex", "F"), old),
            Status.INCONCLUSIVE,
            "recall 0.642 (95 % lower bound 0.581) does not show 0.6 for sex=F, age_band=25-40, 903 rows",
            0.6421,
            "120/187",
            0.581,
            0.7002,
            903,
            187,
            settle="about 640 more rows with label 1 in sex=F, age_band=25-40 would settle it, if the observed value "
            "is the true one",
            lacking="rows",
        ),
        Finding(
            (("sex", "M"), young),
            Status.WAIVED,
            "recall 0.574 is waived",
            0.574,
            None,
            0.552,
            0.611,
            500,
            230,
        ),
        Finding((("sex", "M"), old), Status.PASS, "recall 0.701 >= 0.6", 0.7012, None, 0.651, 0.748, 1204, 400),
        Finding((("sex", "F"), other), Status.PASS, "recall 0.68 >= 0.6", 0.68, None, 0.62, 0.74, 1100, 380),
        Finding((("sex", "X"), other), Status.SKIPPED, "12 rows, under min_n 30", rows=12),
    )
    return outcome(
        "recall-for-everyone",
        "performance.metric",
        Status.FAIL,
        f"1 of 5 slices FAIL; worst: {said}; 12 rows left out, not judged",
        31,
        demand="recall >= 0.6 in every slice of sex x age_band",
        at_least=0.6,
        metric="recall",
        description="No group of applicants may be left behind.",
        owner="model-risk@example.com",
        help="A metric of the candidate, in total or in every slice.",
        findings=findings,
        seconds=0.25,
    )


def passing_rules() -> tuple[Outcome, ...]:
    auc = Finding((), Status.PASS, "roc_auc 0.8123 (95 % lower bound 0.7951) >= 0.75, 7,214 rows", 0.81234, None)
    auc = replace(auc, lower=0.7951, upper=0.829, rows=7214, n=7214)
    ratio = Finding((("sex", "F"),), Status.PASS, "selection_rate ratio 0.8 >= 0.8", 0.8, "48/60", 0.71, 0.88, 60, 60)
    cards = tuple(Finding((("fact", name),), Status.PASS, f"{name} is stated") for name in ("owner", "intended use"))
    return (
        outcome(
            "discriminates",
            "performance.metric",
            Status.PASS,
            auc.message,
            12,
            demand="roc_auc >= 0.75",
            at_least=0.75,
            metric="roc_auc",
            findings=(auc,),
            seconds=0.1,
        ),
        outcome(
            "four-fifths",
            "fairness.ratio",
            Status.PASS,
            ratio.message,
            40,
            demand="selection_rate ratio >= 0.8",
            at_least=0.8,
            metric="selection_rate ratio",
            proof="estimate",
            findings=(ratio,),
        ),
        outcome("card", "governance.card", Status.PASS, "the card states all that is asked", 60, findings=cards),
    )


def other_rules() -> tuple[Outcome, ...]:
    drift = Finding(
        (("column", "income"),),
        Status.INCONCLUSIVE,
        "jensen_shannon 0.081 (95 % upper bound 0.137) does not show at most 0.1 for income, 200 rows",
        0.081,
        lower=0.02,
        upper=0.137,
        rows=200,
        settle="about 450 more rows in evaluation would settle it, if the observed value is the true one",
        note="approximate below 5 expected rows per bin",
        lacking="rows",
    )
    calibrated = Finding((), Status.FAIL, "calibration error 0.061 > 0.05, 7,214 rows", 0.061, None, 0.052, 0.071, 7214)
    trace = 'Traceback (most recent call last):\n  File "mean.py", line 3\nZeroDivisionError: division by zero\n'
    partial = Finding((("sex", "F"),), Status.PASS, "mae 0.3 <= 0.5", 0.3, lower=0.28, upper=0.32, rows=90)
    return (
        outcome(
            "same-world",
            "data.drift",
            Status.INCONCLUSIVE,
            drift.message,
            50,
            demand="jensen_shannon <= 0.1 for every column",
            at_most=0.1,
            metric="jensen_shannon",
            findings=(drift,),
            words=Words("column", improve="the data"),
        ),
        outcome(
            "calibrated",
            "performance.calibration",
            Status.FAIL,
            calibrated.message,
            55,
            demand="calibration error <= 0.05",
            at_most=0.05,
            metric="calibration error",
            severity="warn",
            enforce_from="2027-01-01",
            findings=(calibrated,),
        ),
        outcome(
            "traceable",
            "lineage.complete",
            Status.ERROR,
            "train.parquet: the recorded sha256 differs from the file's; record the run again",
            70,
            demand="code, data:train, environment",
            owner="model-risk@example.com",
        ),
        outcome(
            "typical-error",
            "performance.metric",
            Status.ERROR,
            "the check crashed: ZeroDivisionError: division by zero",
            75,
            metric="mae",
            at_most=0.5,
            demand="mae <= 0.5",
            findings=(partial,),
            machine=True,
            traceback=trace,
        ),
        outcome("latency", "operations.latency", Status.WAIVED, "p95 210 ms is waived until 2027-02-01", 80),
        outcome(
            "ranking-only",
            "performance.metric",
            Status.SKIPPED,
            "for ranking candidates; this one is binary",
            85,
        ),
    )


WAIVERS = (
    WaiverNote(
        "credit:recall-for-everyone",
        (("sex", "M"), ("age_band", "<25")),
        "model-risk@example.com",
        "Too few applicants until the spring campaign; ticket RISK-311.",
        "2026-11-20",
        "2027-02-01",
        "not below 0.55",
        True,
        "recall 0.574 (95 % lower bound 0.552) >= 0.55",
        Location(POLICY, 90, 3),
    ),
    WaiverNote(
        "calibrated",
        (),
        "model-risk@example.com",
        "Recalibration is on its way.",
        "2026-05-01",
        "2026-10-01",
        "not above 0.08",
        False,
        "it expired on 2026-10-01",
        Location(POLICY, 97, 3),
    ),
)


def blocked_verdict() -> Verdict:
    return Verdict(
        "credit-default",
        "2026.11.2",
        "candidate.yaml",
        "2026-11-24",
        (recall_rule(), *passing_rules(), *other_rules()),
        (Input("policy", POLICY, "ab" * 32), Input("model", "model.onnx", "cd" * 32)),
        WAIVERS,
        ("1.2 % of the rows (88 of 7,214) belong to no declared group of race: nothing is guaranteed about them.",),
        "0.1.0",
        owner="risk-ml@example.com",
        tags=("credit",),
        task="binary",
        risk="high",
        predictions="self-reported",
    )


def allowed_verdict() -> Verdict:
    return Verdict(
        "churn",
        "7",
        "churn/candidate.yaml",
        "2026-11-24",
        passing_rules(),
        (Input("policy", POLICY, "ab" * 32),),
        tool="0.1.0",
        predictions="recorded",
        preregistered=True,
    )


@pytest.fixture
def blocked() -> Verdict:
    """One candidate with every status."""
    return blocked_verdict()


@pytest.fixture
def allowed() -> Verdict:
    """One candidate with nothing but passes."""
    return allowed_verdict()


@pytest.fixture
def several() -> Verdicts:
    """A blocked, an allowed, an unasked and a machine-struck candidate, and two refusals."""
    skipped = replace(other_rules()[-1])
    machine = replace(other_rules()[3], findings=(), traceback=None, message="model.onnx: Input/output error")
    refusals = (
        Refusal(
            "broken/candidate.yaml",
            2,
            (Problem(Location("broken/candidate.yaml", 4, 3), "unknown key `modell`"),),
        ),
        Refusal("far/candidate.yaml", 3, (Problem(None, "far/eval.parquet: No space left on device"),), "far"),
    )
    verdicts = (
        blocked_verdict(),
        allowed_verdict(),
        Verdict("unasked", "1", "unasked.yaml", "2026-11-24", (skipped,)),
        Verdict("unlucky", "3", "unlucky.yaml", "2026-11-24", (passing_rules()[0], machine)),
    )
    return Verdicts(verdicts, refusals)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a whole text with tests/golden/reports/NAME; MLGATE_UPDATE_GOLDEN=1 rewrites the file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("MLGATE_UPDATE_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert text == path.read_bytes().decode("utf-8"), f"{name} differs; MLGATE_UPDATE_GOLDEN=1 rewrites it"

    return compare


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
NAMES = st.text("ab.-_ é<&\x00\u202e", min_size=1, max_size=6)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.none() | st.integers(0, 10**12)
MAYBE = st.none() | TEXT
PLACES = st.builds(Location, TEXT, st.integers(1, 9999), st.integers(1, 200))
WHERES = st.lists(st.tuples(NAMES, TEXT), max_size=2).map(tuple)
STATUSES = st.sampled_from(Status)
FINDINGS = st.builds(
    Finding, WHERES, STATUSES, TEXT, NUMBERS, MAYBE, NUMBERS, NUMBERS, COUNTS, COUNTS, MAYBE, MAYBE
)  # fmt: skip


FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
BARS = st.builds(Bars, TEXT, st.lists(FINITE, max_size=2).map(tuple))
LINES = st.builds(Line, TEXT, st.lists(st.tuples(FINITE, FINITE), max_size=2).map(tuple))
PICTURE = (
    st.builds(Histogram, TEXT, TEXT, TEXTS, st.lists(BARS, max_size=2).map(tuple))
    | st.builds(LineChart, TEXT, TEXT, TEXT, st.lists(LINES, max_size=2).map(tuple))
    | st.builds(
        Graph, TEXT, st.lists(st.builds(GraphNode, TEXT, TEXT, TEXT), max_size=2).map(tuple), st.just((("a", "b"),))
    )
)
PICTURES = st.lists(PICTURE, max_size=2).map(tuple)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """Any outcome that `decide` may give: never better than its findings."""
    findings = tuple(draw(st.lists(FINDINGS, max_size=3)))
    counted = [finding.status for finding in findings if finding.status.counts]
    least = max((status.rank for status in counted), default=-1)
    status = draw(st.sampled_from([status for status in Status if status.rank >= least]))
    return Outcome(
        *(draw(NAMES), draw(NAMES), "a.b", status, draw(TEXT), draw(PLACES)),
        *(draw(TEXT), draw(TEXT), draw(TEXT), draw(TEXT), draw(NUMBERS), draw(NUMBERS), draw(TEXT)),
        draw(st.sampled_from(["shown", "unrefuted", "estimate"])),
        severity=draw(st.sampled_from(["block", "warn"])),
        enforce_from=draw(MAYBE),
        findings=findings,
        pictures=draw(PICTURES),
        machine=draw(st.booleans()),
        traceback=draw(MAYBE),
        seconds=draw(st.floats(0, 99)),
    )


WAIVER_NOTES = st.builds(
    WaiverNote, NAMES, WHERES, TEXT, TEXT, TEXT, TEXT, TEXT, st.booleans(), TEXT, PLACES
)  # fmt: skip
VERDICTS = st.builds(
    Verdict,
    *(NAMES, TEXT, NAMES, st.just("2026-11-24"), st.lists(outcomes(), max_size=3).map(tuple)),
    st.lists(st.builds(Input, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    st.lists(WAIVER_NOTES, max_size=2).map(tuple),
    TEXTS,
    *(TEXT, TEXT, TEXTS, TEXT, TEXT),
)
PROBLEMS = st.builds(Problem, st.none() | PLACES, TEXT)
REFUSALS = st.builds(
    Refusal, TEXT, st.sampled_from([1, 2, 3]), st.lists(PROBLEMS, max_size=2).map(tuple), TEXT
)  # fmt: skip


@pytest.fixture(scope="session")
def any_verdicts() -> st.SearchStrategy[Verdicts]:
    """Any run whatever."""
    return st.builds(Verdicts, st.lists(VERDICTS, max_size=3).map(tuple), st.lists(REFUSALS, max_size=2).map(tuple))
