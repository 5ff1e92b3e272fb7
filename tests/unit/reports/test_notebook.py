"""The notebook snippet: small, self-contained, and safe with names from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

from mlgate.api import ShownVerdict
from mlgate.reports.notebook import html, in_short
from mlgate.values.verdict import Status, Table, Verdict


class Tags(HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [tag] if tag != "br" else []
        self.seen.add(tag)
        assert {name for name, _ in attrs} <= {"style", "title", "scope"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(text: str) -> set[str]:
    parser = Tags()
    parser.feed(text)
    assert parser.open == []
    return parser.seen


def test_the_whole_snippet(blocked: Verdict, golden: Callable[[str, str], None]) -> None:
    golden("notebook.html", html(blocked))


def test_every_tag_is_closed_and_none_runs_anything(blocked: Verdict, allowed: Verdict) -> None:
    for verdict in (blocked, allowed):
        assert tags(html(verdict)) <= {
            "div",
            "p",
            "strong",
            "span",
            "table",
            "tbody",
            "tr",
            "th",
            "td",
            "br",
            "ul",
            "li",
        }


def test_text_from_elsewhere_is_escaped(blocked: Verdict) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    outcome = replace(blocked.outcomes[0], rule=nasty, policy=nasty, message=nasty, findings=())
    verdict = replace(blocked, candidate=nasty, version=nasty, as_of=nasty, notes=(nasty,), outcomes=(outcome,))
    assert "script" not in tags(html(verdict))
    assert "<script" not in html(verdict)


def test_it_has_bounds_remedies_owners_and_waivers(blocked: Verdict) -> None:
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", html(blocked))).split())
    assert "recall 0.521 (95 % upper bound 0.561) < 0.6 for sex=F, age_band=<25, 412 rows" in text
    assert "95 % bounds 0.478 to 0.561" in text
    assert "About 640 more rows with label 1 in sex=F, age_band=25-40 would settle it" in text
    assert "owner risk-ml@example.com" in text
    assert "policies/credit.yaml:31 · owner model-risk@example.com" in text
    assert "calibrated it expired on 2026-10-01" in text
    assert "not above 0.08 · owner model-risk@example.com · granted 2026-05-01, expires 2026-10-01" in text


def test_text_is_readable_on_light_and_dark_pages(blocked: Verdict) -> None:
    """A colour of its own has only text with a background of its own; all other text has the page's colour."""
    styles = re.findall(r'style="([^"]*)"', html(blocked))
    assert {colour for style in styles for colour in re.findall(r"(?<![-\w])color:([^;]+)", style)} == {
        "inherit",
        "#fff",
    }
    behind = {
        found for style in styles if "color:#fff" in style for found in re.findall("background:(#[0-9a-f]{6})", style)
    }
    assert len(behind) == 6
    assert all(_contrast(colour) >= 4.5 for colour in behind)
    assert all("background:#" in style for style in styles if "color:#fff" in style)


def _contrast(colour: str) -> float:
    """The contrast of white text on a colour (WCAG 2)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_elsewhere_a_verdict_is_two_lines(blocked: Verdict, allowed: Verdict) -> None:
    counts = "2 in error, 2 failed, 1 inconclusive, 1 waived, 3 passed, 1 skipped"
    assert repr(ShownVerdict(**vars(blocked))).splitlines() == [
        f"<mlgate.Verdict blocked: credit-default 2026.11.2 ({counts})",
        "ERROR credit:traceable: train.parquet: the recorded sha256 differs from the file's; record the run again>",
    ]
    assert in_short(allowed).startswith("allowed: churn 7 (3 passed)\nPASS credit:discriminates: roc_auc 0.8123")
    assert "nothing was asked" in in_short(replace(blocked, outcomes=()))


def test_a_verdict_without_rules_says_so(blocked: Verdict) -> None:
    text = html(replace(blocked, outcomes=()))
    assert "BLOCKED" in text
    assert "nothing was asked" in text


def test_a_rule_that_lists_values_shows_its_table(allowed: Verdict) -> None:
    rows = tuple((f"<b{at}>", "0.5") for at in range(22))
    listing = replace(
        allowed.outcomes[0], status=Status.LISTED, tables=(Table("Weakest of 22 slices", ("slice", "value"), rows),)
    )
    page = html(replace(allowed, outcomes=(listing,)))
    assert "b" not in tags(page)
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "Weakest of 22 slices slice value <b0> 0.5 <b1> 0.5" in text
    assert "<b19> 0.5 and 2 more rows in the `tables` of this outcome" in text
    one = replace(listing, tables=(replace(listing.tables[0], rows=rows[:1]),))
    assert "more row" not in html(replace(allowed, outcomes=(one,)))
