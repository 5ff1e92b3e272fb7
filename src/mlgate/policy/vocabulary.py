"""The words that candidates may use for themselves: names, tags, tasks and risk tiers, where a policy lists them.

A tag that nobody knows is selected by no policy, so a slip of the pen would open the gate without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Policy, Vocabulary
from mlgate.policy.draft import Draft
from mlgate.policy.selector import said_of, words_of
from mlgate.reading.fields import ProblemReport, params
from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.words import did_you_mean, one_line

_GLOB = frozenset("*?[")
MOST_NAMED = 12
_KEYS = {"name": "candidate"}
"""What a candidate file calls a key, if it calls it otherwise."""


def vocabulary_of(chain: Sequence[Draft], report: ProblemReport) -> Vocabulary | None:
    """The vocabulary of a policy with those of the files that it extends, of which it may only leave words out."""
    words: dict[str, tuple[str, ...]] = {}
    places: dict[str, Location] = {}
    for draft in chain:
        for entry in params(type(draft.keys.vocabulary)) if draft.keys.vocabulary else ():
            own = getattr(draft.keys.vocabulary, entry.attribute)
            at = draft.node.place_of("vocabulary", entry.key)
            if more := [word for word in own if entry.key in words and word not in words[entry.key]]:
                first = f"{places[entry.key].file}:{places[entry.key].line}"
                said = f"`vocabulary.{entry.key}` adds `{one_line(more[0])}` to the words of the extended policy"
                report.add(at, f"{said} at {first}; remove it here, or add it there")
            if own:
                words[entry.key], places[entry.key] = own, at
    return Vocabulary(words, places) if words else None


def refuse_strange_words(candidate: Candidate, policies: Iterable[Policy]) -> None:
    """Raise InputError for each word of a candidate that a vocabulary of some policies lacks, whatever their `for:`."""
    if problems := strange_words(candidate, policies):
        raise InputError(problems)


def strange_words(candidate: Candidate, policies: Iterable[Policy]) -> tuple[Problem, ...]:
    """What is wrong with the words of a candidate, by the vocabularies of some policies."""
    return tuple(problem for known in _vocabularies(policies) for problem in _strange(candidate, known))


def _vocabularies(policies: Iterable[Policy]) -> list[Vocabulary]:
    return [policy.vocabulary for policy in policies if policy.vocabulary]


def _strange(candidate: Candidate, known: Vocabulary) -> Iterator[Problem]:
    said = said_of(candidate)
    for key, words in known.words.items():
        called = _KEYS.get(key, key)
        written = candidate.written.get(called)
        at = written.at if written else Location(candidate.file) if candidate.file else None
        if not said[key] and (key != "task" or candidate.predictions):
            said_none = f"the candidate has no `{called}`, and {_place(known, key)} lists what it may be"
            yield Problem(at, f"{said_none}; {_choose(words)}")
        for word in said[key]:
            if not _known(key, word, words):
                hint = did_you_mean(word, words) or f"; {_choose(words)}"
                yield Problem(
                    at,
                    f"`{called}` has `{one_line(word)}`, which is not in the vocabulary at {_place(known, key)}{hint}",
                )


def _choose(words: Sequence[str]) -> str:
    more = f" and {len(words) - MOST_NAMED:,} more" if len(words) > MOST_NAMED else ""
    return f"write {words[0]}" if len(words) == 1 else f"choose from {', '.join(words[:MOST_NAMED])}{more}"


def _known(key: str, word: str, words: Iterable[str]) -> bool:
    return any(fnmatchcase(word, each) for each in words) if key == "name" else word in words


def refuse_strange_selectors(policies: Sequence[Policy], report: ProblemReport) -> None:
    """Report tags and names by which a policy, a rule or a waiver selects, and which no candidate may have.

    Any policy's vocabulary holds for the candidates of all.
    """
    known = _vocabularies(policies)
    for policy in policies if known else ():
        places = [("`for` of the policy", policy.applies_to, policy.selects_at or Location(policy.file))]
        places += [(f"`when` of rule `{rule.id}`", rule.when, rule.at) for rule in policy.rules]
        places += [(f"`for` of the waiver of `{each.rule}`", each.applies_to, each.at) for each in policy.waivers]
        for what, selector, at in places:
            for key, word in dict.fromkeys(words_of(selector)):
                report.problems.extend(_unheard(what, key, word, at, known))


def _unheard(what: str, key: str, word: str, at: Location, known: Iterable[Vocabulary]) -> Iterator[Problem]:
    """What is wrong with one word of a selector. Tasks and risk tiers are read as such, and patterns mean many."""
    if key in ("tags", "name") and not (key == "name" and _GLOB & {*word}):
        for vocabulary in known:
            words = vocabulary.words.get(key, ())
            if words and not _known(key, word, words):
                hint = did_you_mean(word, words) or f"; {_choose(words)}"
                said = f"{what} selects by {key} `{one_line(word)}`, which is not in the vocabulary"
                yield Problem(at, f"{said} at {_place(vocabulary, key)}{hint}")


def _place(known: Vocabulary, key: str) -> str:
    return f"{known.places[key].file}:{known.places[key].line}"
