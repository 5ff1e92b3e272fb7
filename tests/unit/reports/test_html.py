"""The page for a browser: whole, readable without a script, and closed to all that comes from elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.reports.formats.html import REPORT
from mlgate.values.pictures import Bars, Graph, GraphNode, Histogram, Line, LineChart
from mlgate.values.unjudged import Unjudged
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, Verdicts

from .conftest import blocked_verdict, outcomes

VOID = {"meta", "br"}
DRAWN = {"svg", "title", "rect", "path", "circle", "text", "g"}
KNOWN = DRAWN | VOID | {
    "html", "head", "body", "style", "header", "main", "footer", "nav", "section", "article", "h1", "h2", "h3", "h4",
    "p", "span", "strong", "a", "ol", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt",
    "dd", "div", "details", "summary", "pre", "code", "figure", "figcaption",
}  # fmt: skip
PICTURES = (
    Histogram("income", "income", ("low", "high"), (Bars("train", (3, 1)), Bars("evaluation", (1, 3)))),
    LineChart("Reliability", "probability", "rate", (Line("candidate", ((0, 0.1), (1, 0.8))),)),
    Graph("Lineage", (GraphNode("m", "model.onnx"), GraphNode("t", "train.csv", "contradicted")), (("m", "t"),)),
)


class Page(HTMLParser):
    """What a page consists of. Every element must be known, closed, and without anything that runs or is fetched."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in KNOWN, tag
        self.seen.append(tag)
        self._open += [tag] if tag not in VOID else []
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert not {name for name in given if name.startswith("on") or name in ("style", "src", "srcset", "xlink:href")}
        self.ids += [str(given["id"])] if "id" in given else []
        if "href" in given:
            assert tag == "a"
            assert str(given["href"]).startswith("#")
            self.links.append(str(given["href"])[1:])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


def page(*verdicts: Verdict) -> Page:
    return Page(REPORT.render(Verdicts(verdicts)))


def drawn(verdict: Verdict) -> Verdict:
    return replace(verdict, outcomes=tuple(replace(each, pictures=PICTURES) for each in verdict.outcomes))


def test_the_whole_page(blocked: Verdict, golden: Callable[[str, str], None]) -> None:
    golden("blocked.html", REPORT.render(Verdicts((blocked,))))


def test_all_links_lead_to_a_place_on_the_page(blocked: Verdict, several: Verdicts) -> None:
    for text in (REPORT.render(several), REPORT.render(Verdicts((drawn(blocked),)))):
        found = Page(text)
        assert len(set(found.ids)) == len(found.ids)
        assert set(found.links) <= set(found.ids)


def test_the_style_sheet_is_the_only_thing_that_the_page_may_use(blocked: Verdict) -> None:
    text = REPORT.render(Verdicts((blocked,)))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_it_says_the_answer_first_and_then_what_blocks(blocked: Verdict) -> None:
    said = page(blocked).text
    at = 0
    for each in (
        "BLOCKED",
        "4 of 9 rules block the merge.",
        "Blocks the merge",
        "Warns",
        "Waived",
        "Passed",
        "Notes",
        "Files",
    ):
        at = said.index(each, at)


def test_it_says_all_that_a_finding_says(blocked: Verdict) -> None:
    said = page(blocked).text
    for outcome in blocked.outcomes:
        assert outcome.name in said
        assert outcome.check in said
        assert f"{outcome.at.file}:{outcome.at.line}" in said
        for finding in outcome.findings:
            told = finding.status.blocks or finding.status is Status.WAIVED or finding.value is None
            assert finding.message in said or not told
            assert (finding.settle or "") in said
            assert (finding.note or "") in said
    for waiver in blocked.waivers:
        assert waiver.reason in said
        assert waiver.owner in said
        assert waiver.expires in said
        assert waiver.said in said


def test_each_measured_finding_is_drawn_on_the_axis_of_its_rule(blocked: Verdict) -> None:
    text = REPORT.render(Verdicts((blocked,)))
    measured = [f for of in blocked.outcomes for f in of.findings if f.value is not None]
    assert text.count('class="interval ') == len(measured)
    assert text.count('class="dot"') == len(measured)


def test_pictures_are_drawn_and_told_as_tables(blocked: Verdict) -> None:
    text = REPORT.render(Verdicts((drawn(blocked),)))
    assert text.count('role="img"') == 3 * len(blocked.outcomes)
    assert text.count('class="bar s0"') >= 2 * len(blocked.outcomes)
    said = Page(text).text
    for each in ("income as a table", "Reliability as a table", "Lineage as a table", "contradicted"):
        assert each in said


def test_a_hundred_rules_are_a_small_page(blocked: Verdict) -> None:
    many = tuple(replace(of, rule=f"{of.rule}-{at}") for at in range(10) for of in blocked.outcomes)
    assert len(many) == 100
    assert len(REPORT.render(Verdicts((replace(blocked, outcomes=many),))).encode()) < 300_000


def test_many_candidates_have_an_index(several: Verdicts) -> None:
    unjudged = (Unjudged("old/candidate.yaml", "old", "UNCHANGED", "as at origin/main"),)
    said = Page(REPORT.render(replace(several, unjudged=unjudged))).text
    for each in (
        "churn 7",
        "credit-default 2026.11.2",
        "NOT JUDGED",
        "No space left",
        "UNCHANGED",
        "as at origin/main",
    ):
        assert each in said


def test_it_is_marked_as_a_report_of_ours(several: Verdicts) -> None:
    for verdicts in (several, Verdicts((), ()), Verdicts(several.verdicts[:1])):
        assert re.match(REPORT.mark, REPORT.render(verdicts))


HOSTILE = (
    "<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "</style><script>", "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)", "\x1b[31mred", "\u202eevil", "a\x00b", "&lt;b&gt;", "]]>", "<!--", "`code` and `more",
    "::error::x", "-->", "\ud800",
)  # fmt: skip


def test_hostile_text_stays_text(blocked: Verdict) -> None:
    for bad in HOSTILE:
        where = ((bad, bad),)
        finding = Finding(where, Status.FAIL, bad, 0.1, bad, 0.0, 0.2, 5, 5, bad, bad)
        rule = replace(
            blocked.outcomes[0], rule=bad, policy=bad, findings=(finding,), message=bad, description=bad, owner=bad,
            demand=bad, metric=bad, pictures=(Histogram(bad, bad, (bad,), (Bars(bad, (1,)),)),
                                              Graph(bad, (GraphNode(bad, bad, bad),), ((bad, bad),)),
                                              LineChart(bad, bad, bad, (Line(bad, ((0, 0), (1, 1))),))),
        )  # fmt: skip
        found = page(replace(blocked, candidate=bad, path=bad, owner=bad, tags=(bad,), outcomes=(rule,), notes=(bad,)))
        assert set(found.seen) <= KNOWN
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", found.text)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(outcomes(), max_size=3))
def test_any_verdict_is_a_whole_page(found: list[Outcome]) -> None:
    page(replace(blocked_verdict(), outcomes=tuple(found)))
