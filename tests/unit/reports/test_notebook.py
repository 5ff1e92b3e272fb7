"""The notebook snippet: small, self-contained, and safe with names from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from mlgate.reports.notebook import html
from mlgate.values.verdict import Verdict


class Tags(HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
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
            "code",
            "ul",
            "li",
        }


def test_text_from_elsewhere_is_escaped(blocked: Verdict) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    outcome = replace(blocked.outcomes[0], rule=nasty, policy=nasty, message=nasty, findings=())
    verdict = replace(blocked, candidate=nasty, version=nasty, as_of=nasty, notes=(nasty,), outcomes=(outcome,))
    assert "script" not in tags(html(verdict))
    assert "<script" not in html(verdict)


def test_a_verdict_without_rules_says_so(blocked: Verdict) -> None:
    text = html(replace(blocked, outcomes=()))
    assert "BLOCKED" in text
    assert "nothing was asked" in text
