"""A plugin that crashes anywhere is one message that names it, exit code 3, and never a pass."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import pytest

import mlgate
from mlgate.checks.base import Check
from mlgate.cli.explain import Topic
from mlgate.cli.main import run
from mlgate.metrics.metric import Kind
from mlgate.values.errors import MlgateError
from mlgate.values.plugins import installed

CHECK = '''
import sys
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Check
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.need import Need
from mlgate.reading.fields import Text, param
from mlgate.values.estimate import Claim, Estimate, Published
from mlgate.values.pictures import Line, LineChart
from mlgate.values.words import Words


@dataclass(frozen=True)
class Asks(Need):
    """A question that cannot be answered."""

    name = "acme-asks"

    def answer(self, tables):
        """No fact."""
        raise KeyError("boom")


@dataclass(frozen=True, kw_only=True)
class Acme(Check):
    """Acme demands it."""

    id: ClassVar[str] = "acme.check"
    bounded: ClassVar[bool] = False
    colour: str = param(Text(), default="red", doc="The colour.")

    @property
    def measured(self):
        """What is measured."""
        return "the colour"

    def needs(self, subject, alphas):
        """Nothing."""
        return ()

    def answers(self, subject, facts, alphas):
        """It is met."""
        yield Claim((), True, "it is met")

'''

METRIC = """
from dataclasses import dataclass, replace

from mlgate.metrics.registry import metrics

RECALL = metrics()["recall"][0]


class Broken(type(RECALL.kind)):
    pass


METRIC = replace(RECALL, name="acme", kind=Broken(**vars(RECALL.kind)))

"""

POLICY = "mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {id: r, check: acme.check, min_n: 1}\n"
METRIC_POLICY = "mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {check: performance.metric, metric: acme, at_least: 0.1}\n"
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
predictions: {path: p.csv, label: y, prediction: q}
"""

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a plugin with an entry point, and a workspace in which it is not asked yet."""

    def one(point: str, text: str) -> None:
        info = tmp_path / "site" / "acme-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(point)
        (info.parent / "acme.py").write_text(text)
        clear()

    def clear() -> None:
        installed.cache_clear()
        sys.modules.pop("acme", None)

    work = tmp_path / "work"
    work.mkdir()
    (work / "policy.yaml").write_text(POLICY)
    (work / "candidate.yaml").write_text(CANDIDATE)
    (work / "p.csv").write_text("y,q\n" + "1,1\n0,0\n" * 50)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.chdir(work)
    yield one
    clear()


def install_check(install: Install, more: str) -> None:
    install("[mlgate.checks]\nacme.check = acme:Acme\n", CHECK + indent(more, "    "))


CRASH = "raise RuntimeError('boom')"
EXIT = "sys.exit(0)"
COMMANDS = {
    "check": ["check", "--policy", "policy.yaml"],
    "json": ["check", "--policy", "policy.yaml", "--format", "json"],
    "lint": ["lint", "policy.yaml"],
    "lint with data": ["lint", "policy.yaml", "--candidate", "candidate.yaml"],
    "plan": ["plan", "--policy", "policy.yaml"],
    "assume": ["plan", "--policy", "policy.yaml", "--assume", "r=0.9"],
    "explain": ["explain", "acme.check"],
    "measure": ["measure", "--policy", "policy.yaml"],
}
LOADING = ("check", "lint", "plan", "assume", "measure")
HOOKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "__post_init__": ("def __post_init__(self):\n    {}", LOADING),
    "measured": ("@property\ndef measured(self):\n    {}", LOADING),
    "help": ("@classmethod\ndef help(cls):\n    {}", LOADING),
    "demand": ("def demand(self, given):\n    {}", LOADING),
    "problems": ("def problems(self, demand):\n    {}", LOADING),
    "words": ("def words(self, subject):\n    {}", ("check", "json", "plan")),
    "needs": ("def needs(self, subject, alphas):\n    {}", ("check", "json", "plan")),
    "later": ("def later(self, subject, facts, alphas):\n    {}", ("check", "json", "plan")),
    "answers": ("def answers(self, subject, facts, alphas):\n    {}\n    yield", ("check", "json", "plan")),
    "leaves_out": ("def leaves_out(self, min_n):\n    {}", ("lint",)),
    "source": ("@property\ndef source(self):\n    {}", ("lint",)),
    "further_tables": ("@property\ndef further_tables(self):\n    {}", ("lint",)),
    "entries_read": ("@property\ndef entries_read(self):\n    {}", ("lint",)),
    "reads": ("def reads(self, task):\n    {}", ("lint",)),
    "judges_skill": ("@property\ndef judges_skill(self):\n    {}", ("lint",)),
    "beside": ("@property\ndef beside(self):\n    {}", ("lint",)),
    "estimates": ("@property\ndef estimates(self):\n    {}", ("lint",)),
    "advice": ("def advice(self, proof):\n    {}\n    yield", ("lint",)),
    "advice_with_data": ("def advice_with_data(self, planned):\n    {}", ("lint with data",)),
    "assumed": ("def assumed(self, assumption):\n    {}", ("assume",)),
    "assumed_as": ("@property\ndef assumed_as(self):\n    {}", ("assume",)),
}
"""Every hook of a check, how a plugin writes it, and the commands that run it."""


def test_every_hook_of_a_check_is_tried() -> None:
    hooks = {name for name, found in vars(Check).items() if inspect.isfunction(found) or isinstance(found, property)}
    hooks |= {name for name, found in vars(Check).items() if isinstance(found, classmethod)}
    # `limits` is about estimates and `searched` about slices, and the plugin's check claims.
    # `of_stored` and `as_stored` are about a table that another rule names `against`.
    others = {"waiver_problems", "named_by", "demand_of", "limits", "searched", "of_stored", "as_stored"}
    assert hooks == {*HOOKS, *others} - {"__post_init__"}


def one_message(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """What a command says that ends by the fault of a plugin."""
    assert run(arguments) == 3
    out, err = capsys.readouterr()
    if "json" in arguments and out:
        (verdict,) = json.loads(out)["verdicts"]
        assert [outcome["status"] for outcome in verdict["outcomes"]] == ["ERROR"]
        assert verdict["retryable"]
        return str(verdict["outcomes"][0]["message"])
    said = " ".join((out + err).split())
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("crash", [CRASH, EXIT])
@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_crashes_is_the_plugins_fault(
    install: Install, capsys: pytest.CaptureFixture[str], name: str, crash: str
) -> None:
    text, commands = HOOKS[name]
    install_check(install, text.format(crash))
    for command in commands:
        said = one_message(capsys, COMMANDS[command])
        assert "crashed in the plugin acme-checks (acme.py, line " in said, command
        assert ("RuntimeError: boom" if crash == CRASH else "SystemExit: 0") in said
        assert "tell its author, or do without it" in said


@pytest.mark.parametrize(
    "head", ["def waiver_problems(self, demand)", "def demand_of(self, where, given)", "@property\ndef named_by(self)"]
)
@pytest.mark.parametrize("crash", [CRASH, EXIT])
def test_a_hook_about_a_waiver_that_crashes_is_the_plugins_fault(
    install: Install, capsys: pytest.CaptureFixture[str], crash: str, head: str
) -> None:
    more = f"bounded: ClassVar[bool] = True\n{head}:\n    {crash}"
    install_check(install, more)
    rules = POLICY.replace("min_n: 1", "at_least: 0.5")
    waiver = "{rule: r, for: c, not_below: 0.4, owner: o, reason: x, granted: 2026-01-01, expires: 2026-02-01}"
    Path("policy.yaml").write_text(f"{rules}waivers:\n  - {waiver}\n")
    said = one_message(capsys, ["lint", "policy.yaml"])
    assert "waiver for rule `r`" in said
    assert "crashed in the plugin acme-checks (acme.py, line " in said


def hook(head: str, *body: str) -> str:
    """A method, as the plugin writes it."""
    return f"def {head}:\n" + indent("\n".join(body), "    ") + "\n"


NEEDS, ANSWERS = "needs(self, subject, alphas)", "answers(self, subject, facts, alphas)"
NAN = "yield Published(LineChart('t', 'x', 'y', (Line('l', ((0.0, float('nan')),)),)))"
DEMANDS = hook("demand(self, given)", "from dataclasses import replace", "return replace(given, at_least=1)")
OVERFLOWS = "yield Estimate((), 1.0, 9, 9, partial(mul, 10**400))"
AT = "policy.yaml:5:5: "
JUNK: dict[str, tuple[str, str, str]] = {
    "measured is not a text": ("@property\n" + hook("measured(self)", "return 3"), "lint", f"{AT}rule `r`"),
    "help is not a text": ("@classmethod\n" + hook("help(cls)", "pass"), "lint", f"{AT}rule `r`"),
    "words are a text": (hook("words(self, subject)", "return 'column'"), "check", "`words` of the check is not"),
    "needs are texts": (hook(NEEDS, "return ['x']"), "check", "what is not a Need: 'x'"),
    "needs are nothing": (hook(NEEDS, "pass"), "check", "NoneType"),
    "problems are texts": (hook("problems(self, demand)", "return ['colour']"), "lint", f"{AT}rule `r`"),
    "answers are texts": (hook(ANSWERS, "yield 'met'"), "check", "AttributeError"),
    "a claim is a text": (hook(ANSWERS, "yield Claim((), 'false', 'x')"), "check", "neither true nor"),
    "a message is not a text": (hook(ANSWERS, "yield Claim((), False, 3)"), "json", "TypeError"),
    "a place is not a text": (hook(ANSWERS, "yield Claim((('n', 3),), True, 'x')"), "json", "3 is not text"),
    "rows at fault are a text": (
        hook(ANSWERS, "yield Claim((), False, 'x', 'rows')"),
        "check",
        "`offenders` of an answer is not ExampleRows",
    ),
    "a picture cannot be written": (hook(ANSWERS, "yield Claim((), True, 'x')", NAN), "json", "nan"),
    "a bound crashes": (
        hook(ANSWERS, "yield Estimate((), 1.0, 9, 9, lambda alpha: 1 / 0)") + DEMANDS,
        "check",
        "division",
    ),
    "its code overflows": (hook(ANSWERS, "yield Claim((), 10**400 * 0.5 > 1, 'x')"), "check", "OverflowError"),
    "a bound overflows outside its code": (
        hook(ANSWERS, "from functools import partial", "from operator import mul", OVERFLOWS) + DEMANDS,
        "check",
        "OverflowError",
    ),
    "nothing is demanded of a value": (
        hook(ANSWERS, "yield Estimate((), 1.0, 9, 9, lambda alpha: 1.0)"),
        "check",
        "the check gives the colour and demands nothing of it",
    ),
    "what it reads is a number": (hook("reads(self, task)", "return 3"), "lint", f"{AT}what rule `r` reads"),
    "advice is nothing": (hook("advice(self, proof)", "pass"), "lint", f"{AT}advice about rule `r`"),
    "a plan is nothing": (hook("assumed(self, assumption)", "pass"), "assume", "neither a plan nor a text"),
    "a question crashes": (
        hook(NEEDS, "return [Asks()]") + hook(ANSWERS, "yield Claim((), bool(facts[Asks()]), 'x')"),
        "check",
        "KeyError: 'boom'",
    ),
    "a guard crashes": (hook(NEEDS, "return [Guard((), lambda: 1 / 0)]"), "check", "division"),
}


@pytest.mark.parametrize("what", JUNK)
def test_an_answer_of_the_wrong_type_is_the_plugins_fault(
    install: Install, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    text, command, said = JUNK[what]
    install_check(install, text)
    found = one_message(capsys, COMMANDS[command])
    assert said in found
    assert "in the plugin acme-checks" in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    bounded: ClassVar[bool] = False\n", "", "Acme does not say by `bounded`"),
        ("@dataclass(frozen=True, kw_only=True)\n", "", "Acme is not a dataclass"),
        ("    def needs(", "    def asks(", "Acme does not define `needs`"),
        ("    bounded:", "    candidate_keys = 3\n    bounded:", "`candidate_keys` that are not a dataclass"),
        ("    bounded:", "    own_needs = (3,)\n    bounded:", "`own_needs` that are not types of Need"),
        ("import sys\n", "import sys; sys.exit(0)\n", "cannot be loaded: SystemExit: 0"),
    ],
)
def test_a_check_that_does_not_say_what_it_is_is_not_used(
    install: Install, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert old in CHECK
    install("[mlgate.checks]\nacme.check = acme:Acme\n", CHECK.replace(old, new))
    for command in ("check", "lint", "explain"):
        found = one_message(capsys, COMMANDS[command])
        assert "the check plugin `acme.check` of acme-checks (acme:Acme)" in found
        assert said in found


def test_the_python_api_raises_one_error(install: Install) -> None:
    install_check(install, HOOKS["help"][0].format(CRASH))
    with pytest.raises(MlgateError, match="rule `r` crashed in the plugin acme-checks"):
        mlgate.check(policy="policy.yaml", candidate="candidate.yaml")


@pytest.mark.parametrize(
    "member", [name for name in vars(Kind) if not name.startswith("_") and name != "compared_in_units"]
)
def test_a_metric_whose_kind_crashes_is_the_plugins_fault(
    install: Install, capsys: pytest.CaptureFixture[str], member: str
) -> None:
    shape = f"def {member}(self, *asked):\n    {CRASH}"
    if isinstance(vars(Kind)[member], property):
        shape = f"@property\ndef {member}(self):\n    {CRASH}"
    text = METRIC.replace("    pass\n", indent(shape, "    ") + "\n")
    install("[mlgate.metrics]\nacme = acme:METRIC\n", text)
    Path("policy.yaml").write_text(METRIC_POLICY)
    Path("p.csv").write_text("w,y,q\n" + "1,1,1\n1,0,0\n" * 50)
    more = "unit: {column: w}\n" if "unit" in member else ""
    weight = ", weight: w" if member == "weighted" else ""
    Path("candidate.yaml").write_text(CANDIDATE.replace(", label", f"{weight}, label") + more)
    arguments = ["explain", "acme"] if member in ("method", "compared") else COMMANDS["check"]
    said = one_message(capsys, arguments)
    # Older Pythons look at the properties of a kind while they ask whether it is one.
    loading = "the metric plugin `acme` of acme-checks (acme:METRIC) cannot be used: RuntimeError: boom"
    assert loading in said or ("crashed in the plugin acme-checks (acme.py, line " in said and "boom" in said)


def test_a_metric_of_a_plugin_is_explained_and_suggested(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("[mlgate.metrics]\nacme_recall = acme:METRIC\n", METRIC.replace('"acme"', '"acme_recall"'))
    assert run(["explain", "acme_recall"]) == 0
    assert capsys.readouterr().out.startswith("# acme_recall\n")
    Path("policy.yaml").write_text(METRIC_POLICY.replace("acme", "acme_recal"))
    assert run(["lint", "policy.yaml"]) == 2
    assert "did you mean `acme_recall`?" in capsys.readouterr().err


PLUGINS = {
    "checks": ("acme.check = acme:Acme", CHECK, "acme.check", "## Checks: acme", "# acme.check\n\nAcme demands it."),
    "metrics": ("acme = acme:METRIC", METRIC, "acme", "## Metrics: plugins", "# acme\n"),
    "reports": ("acme = acme:REPORT", "REPORT", "acme", "## Reports", "# acme\n\nA report: about."),
}


@pytest.mark.parametrize("family", PLUGINS)
def test_plugins_are_listed_completed_and_explained_like_built_in_ones(
    family: str, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    point, text, name, section, page = PLUGINS[family]
    install(f"[mlgate.{family}]\n{point}\n", REPORT.format("return 'text'") if text == "REPORT" else text)
    assert run(["explain"]) == 0
    listed = capsys.readouterr().out
    assert f"- `{name}`: from the plugin acme-checks" in listed.partition(section)[2].partition("\n## ")[0]
    assert "acme" not in sys.modules, "listing a plugin loads it"
    assert name in [item.value for item in Topic().shell_complete(None, None, "acme")]  # type: ignore[arg-type]
    assert run(["explain", name]) == 0
    assert capsys.readouterr().out.startswith(page)


REPORT = """
from mlgate.reports.interface import Report


def render(verdicts):
    {}


REPORT = Report("acme", "about", render)
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (CRASH, "the report `acme` crashed in the plugin acme-checks (acme.py, line 6): RuntimeError: boom"),
        ("return b'text'", "the report `acme` crashed in the plugin acme-checks: TypeError: it is not a text"),
        ("raise SystemExit(0)", "the report `acme` crashed in the plugin acme-checks (acme.py, line 6): SystemExit: 0"),
    ],
)
@pytest.mark.parametrize(("bound", "code"), [("0.1", 3), ("1", 1)], ids=["allowed", "blocked"])
def test_a_report_that_crashes_hides_no_block_and_leaves_nothing_that_allows(
    install: Install, capsys: pytest.CaptureFixture[str], body: str, said: str, bound: str, code: int
) -> None:
    install("[mlgate.reports]\nacme = acme:REPORT\n", REPORT.format(body))
    Path("policy.yaml").write_text(METRIC_POLICY.replace("acme", "recall").replace("0.1", bound))
    assert run([*COMMANDS["check"], "--report", "acme=a.txt", "--report", "json=v.json"]) == code
    out, err = capsys.readouterr()
    assert said in err
    assert "Traceback" not in out + err
    assert not Path("a.txt").exists()
    if code == 3:  # a report of this run would say that it is allowed
        assert not Path("v.json").exists()
        return
    assert json.loads(Path("v.json").read_text())["exit_code"] == 1
    assert run(["report", "v.json", "--report", "acme=a.txt"]) == 3
    assert said in capsys.readouterr().err
