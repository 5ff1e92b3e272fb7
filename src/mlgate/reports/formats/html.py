"""The report for a browser: one page without scripts and without anything from elsewhere, to look at and to print."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from mlgate.reports.interface import Report
from mlgate.values.verdict import Verdicts

if TYPE_CHECKING:
    from jinja2 import Environment


def render(verdicts: Verdicts) -> str:
    """The page: the answer first, then what blocks, then the rest, folded."""
    from markupsafe import Markup

    from mlgate.reports.summary import title_of
    from mlgate.reports.waiver_lines import about, state, terms
    from mlgate.reports.web.answer_view import AnswerView

    style = (files("mlgate.reports.web") / "page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return _environment().get_template("page.html").render(
        verdicts=verdicts,
        answers=[AnswerView(verdict, verdicts) for verdict in verdicts.verdicts],
        style=Markup(style),
        style_digest=f"sha256-{digest}",
        about=about, state=state, terms=terms, title_of=title_of,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from mlgate.reports.web.escaped import shown, with_code

    found = Environment(
        loader=PackageLoader("mlgate.reports", "web"),
        autoescape=True,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.filters["code"] = with_code
    return found


REPORT = Report(
    "html",
    "a page for a browser, with drawn intervals; needs nothing else to be read",
    render,
    "<!doctype html>\n<!-- mlgate",
)
