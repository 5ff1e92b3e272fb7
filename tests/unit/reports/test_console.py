"""The console report: whole pages as golden files, and what no input may do to a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mlgate.reports.formats.console import render, render_console
from mlgate.reports.page import Look
from mlgate.values.errors import Location, Problem
from mlgate.values.verdict import INPUTS, Finding, Outcome, Refusal, Status, Verdict, Verdicts

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_blocked_candidate(blocked: Verdict, golden: Golden, width: int) -> None:
    golden(f"blocked-{width}.txt", render_console(Verdicts((blocked,)), Look(width=width)))


def test_a_blocked_candidate_in_colour(blocked: Verdict, golden: Golden) -> None:
    golden("blocked-colour.txt", render_console(Verdicts((blocked,)), Look(color=True)))


def test_a_blocked_candidate_in_a_log(blocked: Verdict, golden: Golden) -> None:
    golden("blocked-plain.txt", render(Verdicts((blocked,))))


def test_a_blocked_candidate_verbose(blocked: Verdict, golden: Golden) -> None:
    golden("blocked-verbose.txt", render_console(Verdicts((blocked,)), verbose=True))


def test_an_allowed_candidate(allowed: Verdict, golden: Golden) -> None:
    golden("allowed.txt", render_console(Verdicts((allowed,))))


def test_several_candidates(several: Verdicts, golden: Golden) -> None:
    golden("several.txt", render_console(several))


def test_quiet_is_one_line_a_candidate(several: Verdicts, golden: Golden) -> None:
    text = render_console(several, quiet=True)
    golden("several-quiet.txt", text)
    assert len(text.splitlines()) == 6


def test_only_blocked_candidates_are_detailed_unless_verbose(several: Verdicts) -> None:
    assert render_console(several).count("churn 7") == 1
    assert render_console(several, verbose=True).count("churn 7") == 2


def test_plain_output_is_ascii_without_escapes(several: Verdicts) -> None:
    text = render(several)
    assert text.isascii()
    assert "\x1b" not in text


def test_colour_changes_nothing_but_the_colour(several: Verdicts) -> None:
    plain = render_console(several).splitlines()
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", render_console(several, Look(color=True))).splitlines()
    badges = ("BLOCKED", "ALLOWED")
    assert [line for line in plain if not any(badge in line for badge in badges)] == [
        line.rstrip() for line in coloured if not any(badge in line for badge in badges)
    ]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_no_input_steers_the_terminal_or_breaks_the_width(
    any_verdicts: st.SearchStrategy[Verdicts], data: st.DataObject
) -> None:
    verdicts = data.draw(any_verdicts)
    for unicode in (True, False):
        text = render_console(verdicts, Look(width=80, unicode=unicode), verbose=True)
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")]
        assert max(map(cell_len, text.split("\n"))) <= 80
        assert ("ALLOWED" if verdicts.allowed else "BLOCKED") in text


LONG = "the-recall-of-every-group-of-applicants-in-every-region-of-the-country"


def _named(blocked: Verdict, rule: str, value: str) -> Verdicts:
    first, *rest = blocked.outcomes
    findings = tuple(replace(f, where=(("region", value),)) if f.where else f for f in first.findings)
    return Verdicts(
        (replace(blocked, candidate=value, outcomes=(replace(first, rule=rule, findings=findings), *rest)),)
    )


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("unicode", [True, False])
def test_a_terminal_cuts_long_names_in_the_middle_and_no_number(blocked: Verdict, width: int, unicode: bool) -> None:
    text = render_console(_named(blocked, LONG, LONG), Look(width=width, unicode=unicode, cut=True))
    dots = "…" if unicode else "..."
    assert re.search(rf"the-recall-[a-z-]*{re.escape(dots)}[a-z-]*-country\s", text)
    least = "≥" if unicode else ">="
    assert f"selection_rate ratio 0.8 {least} 0.8, observed, no confidence" in " ".join(text.split())
    assert "recall 0.521 < 0.6 (upper bound 0.561)" in " ".join(text.split())
    for end in ("0.4780", "0.5610", "0.5810", "0.7002"):
        assert end in text
    assert max(map(cell_len, text.splitlines())) <= width


def test_a_file_or_a_pipe_wraps_and_cuts_nothing(blocked: Verdict) -> None:
    verdicts = _named(blocked, LONG, LONG)
    for text in (render(verdicts), render_console(verdicts, Look(unicode=False), quiet=True)):
        assert LONG in text
        assert f"{LONG[:20]}..." not in text
    shown = " ".join(render(verdicts).split())
    assert "recall 0.521 < 0.6 (upper bound 0.561)" in shown
    assert f"slice region={LONG}" in shown
    assert len(render_console(verdicts, Look(unicode=False), quiet=True).splitlines()) == 1


def test_one_cause_is_told_once(blocked: Verdict) -> None:
    first = next(outcome for outcome in blocked.outcomes if outcome.rule == "traceable")
    said = "predictions.csv does not exist; correct the path"
    failed = [replace(first, rule=f"rule-{n}", message=said) for n in range(12)]
    warns = replace(first, rule="warns", message=said, severity="warn")
    text = " ".join(render_console(Verdicts((replace(blocked, outcomes=(*failed, warns), waivers=()),))).split())
    assert text.count(said) == 2
    assert "same for 11 more rules: rule-1, rule-2, rule-3, rule-4, rule-5, rule-6, rule-7, rule-8 and 3 more" in text


def test_a_cause_in_a_slice_is_told_once_whatever_is_measured(blocked: Verdict) -> None:
    first = next(outcome for outcome in blocked.outcomes if outcome.rule == "traceable")
    failed = []
    for metric in ("recall", "precision"):
        message = f"{metric} for sex=X: 3 rows of an unknown group; declare it in `groups:`"
        found = (Finding((("sex", "X"),), Status.ERROR, message, rows=3),)
        failed.append(replace(first, rule=metric, metric=metric, message=message, findings=found))
    text = render_console(Verdicts((replace(blocked, outcomes=tuple(failed), waivers=()),)))
    assert text.count("3 rows of an unknown group") == 1
    assert "same for 1 more rule: precision" in text


def test_markup_in_names_is_text(blocked: Verdict) -> None:
    outcome = replace(blocked.outcomes[0], rule="[bold]:boom:[/]", findings=(), message="[link=x]y[/link]")
    text = render_console(Verdicts((replace(blocked, outcomes=(outcome,)),)))
    assert "[bold]:boom:[/]" in text
    assert "[link=x]y[/link]" in text


def test_every_failing_slice_has_its_message_remedy_and_place(blocked: Verdict) -> None:
    text = render_console(Verdicts((blocked,)), Look(width=200))
    for outcome in blocked.outcomes:
        if not outcome.status.blocks:
            continue
        assert f"{outcome.at.file}:{outcome.at.line}" in text
        for finding in outcome.findings:
            if finding.status.blocks:
                assert finding.message in text
                assert (finding.settle or "") in text


def test_passing_slices_are_counted_and_shown_only_when_verbose(blocked: Verdict) -> None:
    verdicts = Verdicts((blocked,))
    assert "2 more pass · 1 slice left out (12 rows)" in render_console(verdicts)
    assert "sex=M, age_band=25-40" not in render_console(verdicts)
    assert "sex=M, age_band=25-40" in render_console(verdicts, verbose=True)


def test_a_slice_that_is_left_out_is_said_once_with_its_name(blocked: Verdict) -> None:
    out = Finding((("sex", "X"),), Status.SKIPPED, "fewer rows than min_n (30)", rows=12)
    drawn = replace(out, where=(("sex", "Y"),), value=0.4)
    for findings, once in (((out,), "sex=X, 12 rows: fewer rows than min_n (30)"), ((out, drawn), "1 slice left out")):
        outcome = replace(blocked.outcomes[0], findings=(*blocked.outcomes[0].findings[:1], *findings))
        page = render_console(Verdicts((replace(blocked, outcomes=(outcome,), waivers=(), notes=()),)), verbose=True)
        assert page.count(once) == 1
        assert page.count("sex=X") == 1
        assert page.count("left out") == len(findings) - 1


def test_a_slice_that_passes_stands_in_the_table_and_below_it_only_what_the_table_lacks(blocked: Verdict) -> None:
    good = Finding((("sex", "F"),), Status.PASS, "recall 0.9 >= 0.6 for sex=F", 0.9, rows=50, note="it is approximate")
    outcome = replace(blocked.outcomes[0], status=Status.PASS, findings=(good,), message=good.message)
    page = render_console(Verdicts((replace(blocked, outcomes=(outcome,)),)), verbose=True)
    assert "sex=F: it is approximate" in page
    assert "recall 0.9 >= 0.6 for" not in page


@pytest.mark.parametrize("color", [False, True])
def test_no_line_breaks_between_a_number_and_its_percent_sign(blocked: Verdict, color: bool) -> None:
    said = " ".join(["95 % of 1,000 rows"] * 30)
    outcome = replace(blocked.outcomes[0], findings=(), message=said)
    for width in range(40, 60):
        page = render_console(Verdicts((replace(blocked, outcomes=(outcome,)),)), Look(width=width, color=color))
        assert page.count("95 %") >= 30
        assert re.search(r"95\s*\n\s*%", page) is None


def test_the_gates_own_rule_is_of_no_policy(blocked: Verdict) -> None:
    own = Outcome("mlgate", "inputs", INPUTS, Status.ERROR, "model.onnx: no such file", Location("candidate.yaml"))
    page = render_console(Verdicts((replace(blocked, outcomes=(*blocked.outcomes[:2], own)),)))
    assert "  2 rules: 1 failed · 1 passed · inputs not read\n" in page
    assert "mlgate:inputs" in page
    assert f"  credit:{blocked.outcomes[0].rule}  " not in page, "one policy needs no name"
    other = replace(blocked.outcomes[1], policy="other")
    page = render_console(Verdicts((replace(blocked, outcomes=(blocked.outcomes[0], other, own)),)))
    assert "2 rules of 2 policies: " in page
    every = replace(blocked, outcomes=(*blocked.outcomes, own))
    short = render_console(Verdicts((every,)), quiet=True)
    assert f" of {len(blocked.outcomes)} rules · inputs not read  " in short
    alone = render_console(Verdicts((replace(blocked, outcomes=(own,)),)), quiet=True)
    assert alone.rstrip().endswith("inputs not read  inputs  (risk-ml@example.com)")


def test_only_a_verdict_that_was_stored_is_read_by_what_is_suggested(blocked: Verdict) -> None:
    unstored = render_console(Verdicts((blocked,))).partition("Next\n")[2].splitlines()
    assert unstored[0] == "  mlgate check ... --report json=verdict.json   stores the verdict"
    assert unstored[1].startswith("  mlgate explain verdict.json ")
    stored = render_console(Verdicts((blocked,)), stored="out/v.json").partition("Next\n")[2].splitlines()
    assert stored[0].startswith("  mlgate explain out/v.json ")
    assert "--report" not in stored[1]


def test_a_pass_that_was_not_shown_says_so(allowed: Verdict) -> None:
    assert "observed, no confidence" in render_console(Verdicts((allowed,)))


def test_a_value_just_under_the_bound_does_not_look_equal(blocked: Verdict) -> None:
    finding = Finding((), Status.FAIL, "near", 0.59999999, rows=9)
    outcome = replace(blocked.outcomes[0], findings=(finding,), message="near")
    assert "recall 0.59999999 < 0.6" in render_console(Verdicts((replace(blocked, outcomes=(outcome,)),)))


def test_an_outcome_without_bounds_still_says_what_was_demanded(blocked: Verdict) -> None:
    outcome = replace(blocked.outcomes[0], at_least=None)
    assert "recall 0.521, demanded: recall >= 0.6" in render_console(Verdicts((replace(blocked, outcomes=(outcome,)),)))


def test_no_candidate_at_all_is_blocked() -> None:
    assert "BLOCKED  no candidate was presented · exit code 2" in render_console(Verdicts(()))


def test_a_refused_run_keeps_the_lines_of_its_problem() -> None:
    trace = "the gate crashed on this candidate:\nTraceback\n  File \"x.py\", line 1\nKeyError: 'a'"
    text = render_console(Verdicts((), (Refusal("", 3, (Problem(None, trace),)),)))
    assert "BLOCKED  the run: the gate could not run · exit code 3" in text
    assert "      File \"x.py\", line 1\n    KeyError: 'a'\n" in text


def test_quiet_says_the_first_reason_why_nothing_was_judged() -> None:
    wrong = Refusal(
        "c.yaml", 2, (Problem(None, "c.yaml:3:1: unknown key `tsk`; did you mean `task`?"), Problem(None, "more"))
    )
    text = render_console(Verdicts((), (wrong,)), quiet=True)
    assert "unknown key `tsk`; did you mean `task`?" in text
    assert "more" not in text
