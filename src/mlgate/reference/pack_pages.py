"""The pages about the packs that ship with mlgate, for `docs/`, `mlgate packs` and `mlgate explain PACK`."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.policy.demanded import Policy, Rule, Selector, Variable
from mlgate.policy.left_open import closing_block
from mlgate.policy.load import load_pack
from mlgate.policy.packs import PREFIX, name_and_version, newest, packs
from mlgate.reference.manual import table
from mlgate.values.words import counted, first_sentence

NO_ADVICE = (
    "A pack is not legal advice. A model that passes it has met its rules, and no pack shows that a law, a standard or "
    "a guidance is complied with."
)


def pack_called(name: str) -> str:
    """The pack that a person means by a name: `four-fifths`, `mlgate/four-fifths` or `four-fifths@1`; else empty.

    Without a version it is the newest.
    """
    found = name.removeprefix(PREFIX)
    return found if found in packs() else newest(found, packs())


def packs_listed() -> Iterator[tuple[str, str]]:
    """Each pack with its version, and what it is for."""
    for name in packs():
        yield f"{PREFIX}{name}", first_sentence(load_pack(name).description)


def packs_table() -> str:
    """A table of all packs: name with version, number of rules, what each is for, and its variables."""
    rows = []
    for name in packs():
        policy = load_pack(name)
        settable = ", ".join(f"`{variable.name}`" for variable in policy.variables)
        shown = (f"`{PREFIX}{name}`", counted(len(policy.rules), "rule"), first_sentence(policy.description), settable)
        rows.append(shown)
    return table(("pack", "rules", "what it is for", "what you may set"), rows)


def packs_page() -> str:
    """All packs, and how one is used."""
    use = "A policy takes over a pack by `extends:` with its version, and `mlgate explain PACK` prints one."
    return f"# Packs\n\n{use} {NO_ADVICE}\n\n{packs_table()}\n"


def pack_page(name: str) -> str:
    """The page of a pack: its variables, rules, sources, what it cannot check, and what it leaves open."""
    return "\n".join(_page(name, load_pack(name))) + "\n"


def _page(name: str, policy: Policy) -> Iterator[str]:
    shown, version = name_and_version(name)
    yield from (f"# {PREFIX}{name}", "", policy.description, "", NO_ADVICE, "")
    yield from (f"Version {version} of `{shown}`, owned by {policy.owner}.", "")
    yield from ("```yaml", f"extends: [{PREFIX}{name}]", "```", "")
    if policy.variables:
        yield from ("## What you may set", "")
        yield from ("A policy that extends the pack may give other values by `set:`, within these limits.", "")
        yield from (table(("variable", "value", "limits", "meaning"), map(_variable, policy.variables)), "")
    yield from ("## Rules", "")
    for rule in policy.rules:
        yield from _rule(rule)
    if policy.expects:
        yield from ("## What it fixes", "")
        yield from (f"- `{entry.key}`: `{entry.value}`" for entry in policy.expects)
        yield ""
    if policy.cannot_check:
        yield from ("## What it cannot check", "", *(f"- {said}" for said in policy.cannot_check), "")
    if block := closing_block(policy).rstrip():
        said = (
            "The candidate may choose these, and they decide what is measured. Fix them in the policy that extends the"
        )
        yield from ("## What your policy must fix", "", f"{said} pack, with your words for those in capitals:", "")
        yield from ("```text", block, "```", "")


def _variable(of: Variable) -> tuple[str, ...]:
    return f"`{of.name}`", f"a {of.type}; by default `{of.value}`", of.allowed, of.description


def _rule(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.id}", "", *([rule.reason, ""] if rule.reason else []))
    asked = [f"`{rule.check.id}`", *_bounds(rule), *_applies(rule.when)]
    warns = ["It only warns"] if rule.severity == "warn" else []
    yield from (f"{', '.join(asked)}. {'. '.join([rule.check.help().rstrip('.'), *warns])}.", "")


def _bounds(rule: Rule) -> Iterator[str]:
    sides = {"at least": rule.demand.at_least_text, "at most": rule.demand.at_most_text}
    bounds = [f"{side} {text}" for side, text in sides.items() if text]
    yield from bounds
    yield from [f"proof: {rule.proof}"] if bounds else []


def _applies(when: Selector) -> Iterator[str]:
    chosen = {"task": when.task, "tags": when.tags, "name": when.name, "risk": when.risk}
    yield from (f"for candidates with {key}: {' or '.join(values)}" for key, values in chosen.items() if values)
