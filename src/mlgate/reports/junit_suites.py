"""JUnit XML as CI servers read it: suites of cases, each with its place, its result and its text.

It is valid against the junit-10.xsd of Jenkins, except for `file` and `line` of a case, which annotations need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mlgate.reports.safe_text import no_commands, one_line, visible, xml_text

MARK = r'<\?xml version="1\.0" encoding="utf-8"\?>\s*<testsuites name="mlgate" '
"""What every such text begins with."""
_MIDNIGHT = "T00:00:00"


@dataclass
class JunitCase:
    """What was asked, and its result."""

    name: str
    tag: str | None
    """The XML child with the result: failure, error, skipped or system-out; None for a pass."""
    kind: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    seconds: float = 0.0
    waivers: tuple[str, ...] = ()


@dataclass
class JunitSuite:
    """Cases that belong together."""

    name: str
    classname: str
    file: str
    cases: list[JunitCase]
    properties: list[tuple[str, str]] = field(default_factory=list)
    as_of: str = ""

    def total(self, tag: str) -> int:
        """The number of cases with a result."""
        return sum(case.tag == tag for case in self.cases)

    @property
    def seconds(self) -> float:
        """How long they took."""
        return sum(round(case.seconds, 3) for case in self.cases)


def document(suites: list[JunitSuite]) -> str:
    """The suites as XML. Names that occur twice are numbered."""
    suites = _apart(suites)
    root = Element("testsuites", name="mlgate", tests=str(sum(len(suite.cases) for suite in suites)))
    root.set("failures", str(sum(suite.total("failure") for suite in suites)))
    root.set("errors", str(sum(suite.total("error") for suite in suites)))
    root.set("time", _time(sum(suite.seconds for suite in suites)))
    for number, suite in enumerate(suites, start=1):
        _write_suite(root, suite, number)
    ElementTree.indent(root)
    text = no_commands(ElementTree.tostring(root, encoding="unicode"), colon="&#58;", number_sign="&#35;")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def classname(*parts: str) -> str:
    """The name under which a CI server groups cases."""
    return ".".join(["mlgate", *(re.sub(r"[^\w-]", "_", part, flags=re.ASCII) or "_" for part in parts)])


def _write_suite(root: Element, suite: JunitSuite, number: int) -> None:
    element = SubElement(root, "testsuite", name=_attribute(suite.name), tests=str(len(suite.cases)))
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(suite.total(tag)))
    element.set("time", _time(suite.seconds))
    if suite.as_of:
        element.set("timestamp", _attribute(suite.as_of) + _MIDNIGHT)
    element.set("id", str(number))
    if suite.file:
        element.set("file", _attribute(suite.file))
    if suite.properties:
        listed = SubElement(element, "properties")
        for name, value in suite.properties:
            SubElement(listed, "property", name=_attribute(name), value=_attribute(value))
    for case in suite.cases:
        _write_case(element, suite.classname, case)


def _write_case(parent: Element, classname: str, case: JunitCase) -> None:
    element = SubElement(parent, "testcase", name=case.name, classname=classname, time=_time(case.seconds))
    if case.file:
        element.set("file", _attribute(case.file))
        element.set("line", str(case.line))
    if case.tag is None and case.waivers:
        SubElement(element, "system-out").text = xml_text(visible("\n".join(case.waivers)))
    if case.tag is None:
        return
    text = xml_text(visible("\n".join([case.message, *case.details, *case.waivers])))
    if case.tag == "system-out":
        SubElement(element, case.tag).text = f"{'' if case.kind == 'LISTED' else 'warning: '}{case.kind}: {text}"
        return
    result = SubElement(element, case.tag, type=case.kind, message=_attribute(case.message))
    # GitLab shows the text instead of the attribute, so for a skipped case the text is only the reason.
    result.text = xml_text(visible(case.message)) if case.tag == "skipped" else text


def _apart(suites: list[JunitSuite]) -> list[JunitSuite]:
    """Make each (classname, case name) unique by numbering repeated names."""
    seen: dict[str, int] = {}
    for suite in suites:
        suite.classname = _numbered(suite.classname, seen, "{}_{}")
        named: dict[str, int] = {}
        for case in suite.cases:
            case.name = _numbered(_attribute(case.name), named, "{} ({})")
    return suites


def _numbered(name: str, seen: dict[str, int], form: str) -> str:
    seen[name] = seen.get(name, 0) + 1
    if seen[name] == 1:
        return name
    return _numbered(form.format(name, seen[name]), seen, form)


def _attribute(text: str) -> str:
    return xml_text(one_line(text))


def _time(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"
