"""Every metric entry, through the real evidence, against an independent oracle on random and degenerate samples."""

import math
from functools import cache

import pytest
from metric_oracles_multilabel import FRAMES as MULTILABEL_FRAMES
from metric_oracles_numbers import ORACLES
from metric_oracles_text import FRAMES as TEXT_FRAMES
from metric_samples import FRAMES, Frame, estimates, samples
from scenarios import entry_name, scenarios_of

from mlgate.metrics.options import Options
from mlgate.metrics.registry import metrics

ENTRIES = {entry_name(metric): metric for entries in metrics().values() for metric in entries}
WEIGHTED = [name for name, metric in ENTRIES.items() if metric.kind.weighted]
COUNTED = [name for name in ENTRIES if not name.startswith("binary/")]


@cache
def frames(name: str) -> tuple[Frame, ...]:
    return {**FRAMES, **MULTILABEL_FRAMES, **TEXT_FRAMES}[name]()


def test_every_entry_has_an_oracle_a_scenario_and_a_doc():
    assert set(ENTRIES) == set(ORACLES)
    assert [name for name, metric in ENTRIES.items() if not scenarios_of(metric)] == []
    assert [name for name, metric in ENTRIES.items() if not metric.doc.strip()] == []
    assert len(ENTRIES) == sum(map(len, metrics().values()))


def asked(name: str, frame: Frame):
    """The options an entry is asked with that fit a frame."""
    for options in ORACLES[name].options:
        decided = options.threshold is None or "score" in frame.roles or frame.scores
        if (options.class_ is None or options.class_ in frame.classes) and decided:
            yield options


def compare(name: str, frame: Frame, options: Options) -> int:
    """Compare all groups; how many of them had a value."""
    found = estimates(ENTRIES[name], frame, options)
    values, tolerance = 0, ORACLES[name].tolerance
    for group, sample in samples(frame, options).items():
        expected, (estimate, rounding) = ORACLES[name](sample), found[group]
        assert (estimate is None) == (expected is None), (group, expected, estimate)
        if estimate is None:
            continue
        value = estimate.value
        nearest = max(1e-15, rounding, 1e-3 * tolerance)
        assert math.isclose(value, expected, rel_tol=tolerance, abs_tol=nearest), (group, value, expected)
        assert estimate.exact is None or float(estimate.exact) == value
        assert estimate.n <= estimate.rows
        values += 1
    return values


@pytest.mark.parametrize("name", ENTRIES)
def test_agrees_with_its_oracle(name):
    seen = [compare(name, frame, options) for frame in frames(ORACLES[name].frames) for options in asked(name, frame)]
    assert sum(seen) >= 20


@pytest.mark.parametrize("name", WEIGHTED)
def test_agrees_with_its_oracle_under_sampling_weights(name):
    seen = 0
    for frame in frames(ORACLES[name].frames)[:1]:
        weighted = frame.with_role("weight")
        seen += sum(compare(name, weighted, options) for options in asked(name, frame))
    assert seen >= 8


@pytest.mark.parametrize("name", COUNTED)
def test_frequencies_are_repeated_rows(name):
    frame = frames(ORACLES[name].frames)[0].with_role("count")
    for options in asked(name, frame):
        counted = estimates(ENTRIES[name], frame, options)
        repeated = estimates(ENTRIES[name], frame.repeated(), options)
        assert {group: seen(estimate) for group, (estimate, _) in counted.items()} == {
            group: seen(estimate) for group, (estimate, _) in repeated.items()
        }


def seen(estimate):
    """What must be equal, bounds included where they need no simulation."""
    if estimate is None:
        return None
    return estimate.value, estimate.exact, estimate.n, estimate.rows, estimate.counts
