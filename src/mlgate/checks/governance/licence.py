"""governance.licence: the licences of training data and base models allow their use."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.governance.card_question import CardKeys, CardSays, card_of
from mlgate.checks.governance.licence_terms import is_no_licence, is_one_licence, refused_licences
from mlgate.checks.lineage.lineage_check import LineageCheck
from mlgate.checks.lineage.lineage_keys import lineage_of, unknown_roles
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.graph import (
    BASE_MODEL,
    CODE,
    DATA,
    ENVIRONMENT,
    EVALUATION,
    EVALUATION_DATA,
    FEATURES,
    MODEL,
    PARAMETERS,
    RUN,
    TRAINING,
    LineageGraph,
    LineageNode,
)
from mlgate.lineage.lineage_question import LineageOf
from mlgate.reading.cards.stated_licences import licences_of_card
from mlgate.reading.fields import ListOf, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.words import Words

_ROLES = (MODEL, BASE_MODEL, TRAINING, EVALUATION_DATA, DATA, FEATURES)
_NOT_USED = {CODE, ENVIRONMENT, PARAMETERS, EVALUATION, RUN, MODEL}
_MOST, _LONGEST = 1_000, 80
_MADE = "\0"
"""The place in a message for what was made from a thing: no name has a NUL."""
_Origins = Mapping[str, tuple[LineageNode, str]]
"""For each thing the one that decides about it, and why that may not be used."""


@dataclass(frozen=True, kw_only=True)
class GovernanceLicence(LineageCheck):
    """The licences of training data and base models are known, and the policy allows them.

    ## What it does
    Builds the graph of `lineage.complete`, and asks each thing with one of `roles` for its licence. It is a PASS if
    `allow` has the licence, and a FAIL if `allow` does not have it, or no source states one. Of each role in `required`
    there must be a thing.

    | source | where it states a licence |
    |---|---|
    | `lineage.yaml` | `licences: [{path: data/raw.csv, licence: CC-BY-4.0}]`; an address is a `path` too |
    | Croissant | `license` of a file, or of the data set |
    | CycloneDX | `licenses` of the data, the ancestor or the model |
    | a card of the Hugging Face Hub, the candidate's `card` | `license`, which is that of the model itself |

    Data without a licence of their own, which a run has made from other data, have the licences of those. If several
    are stated, all must be allowed.

    `allow` has SPDX ids, in letters of either case: `MIT`, `Apache-2.0`, `CC-BY-4.0`. Of an expression `MIT OR
    GPL-3.0-only` one must be allowed, of `MIT AND CC-BY-4.0` both. `LGPL-2.1-or-later` is allowed where `LGPL-2.1-only`
    is. A licence with an exception (`GPL-2.0-only WITH Classpath-exception-2.0`) must be listed as such. Addresses such
    as `https://creativecommons.org/licenses/by/4.0/` are read as the id. For your own data, state and allow a
    `LicenseRef-` of your own. `other`, `unknown` and `NOASSERTION` are not licences.

    ## Why it matters
    Data that may not be used commercially, or a base model with conditions, bind the model that was made from them.

    ## Example
    ```yaml
    - id: licences-allow-it
      check: governance.licence
      allow: [MIT, Apache-2.0, CC-BY-4.0, CC0-1.0, LicenseRef-Acme]
    ```

    ## Use instead
    mlgate reads what sources state and judges no text of a licence: let a lawyer write the list.
    """

    id: ClassVar[str] = "governance.licence"
    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf, CardSays)

    allow: tuple[str, ...] = param(ListOf(Text(), max=_MOST, unique=True), doc="The licences that may be used.")
    roles: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(TRAINING, EVALUATION_DATA, DATA, BASE_MODEL),
        doc="Whose licence is asked for: `data:train`, `data:evaluation`, `data`, `features`, `base_model`, `model`.",
    )
    required: tuple[str, ...] = param(
        ListOf(Text(), unique=True), default=(TRAINING,), doc="Roles of which there must be a thing."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "licences of what the model was made from"

    def words(self, _subject: Subject) -> Words:
        """A finding is about one thing of the history."""
        return Words("thing", improve="the data, or the record")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """What is not a licence or a role, and a required role whose licence is not asked for."""
        for entry in self.allow:
            if is_no_licence(entry):
                yield "allow", f"names `{entry}`, which is not a licence; remove it"
            elif not is_one_licence(entry):
                yield "allow", f"names `{entry}`, which is an expression of several; list each licence"
        yield from unknown_roles("roles", self.roles, _ROLES)
        yield from unknown_roles("required", self.required, _ROLES)
        if lacking := next((role for role in self.required if role in _ROLES and role not in self.roles), ""):
            yield "required", f"names `{lacking}`, whose licence is not asked for; add it to `roles`"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The history; of the model itself also its card, if the candidate names one."""
        yield lineage_of(subject)
        if self._reads_card(subject):
            yield card_of(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim per thing with a role, and one per required role without any."""
        graph: LineageGraph = facts[lineage_of(subject)]
        if {*self.roles} != {MODEL}:
            graph = self.history(subject, facts)
        graph = self._with_card(graph, subject, facts)
        known = [node for node in _belonging(graph) if any(_plays(node, role, graph) for role in self.roles)]
        for role in self.required:
            if not any(_plays(node, role, graph) for node in known):
                said = f"no source says what the {role} of {graph.by_id[graph.root].name} is"
                yield Unanswered((("role", role),), f"{said}, so its licence is not known; record it")
        refused, allowed = self._judged(graph)
        for node in known:
            yield _claim(node, refused, allowed)

    def _with_card(self, graph: LineageGraph, subject: Subject, facts: Facts) -> LineageGraph:
        """The graph, in which the model has the licence that its card states, too."""
        if not self._reads_card(subject):
            return graph
        card, root = facts[card_of(subject)], graph.by_id[graph.root]
        own = (*root.licences, *licences_of_card(card))
        root = replace(root, licences=own, said_in=(*root.said_in, card.path))
        return replace(graph, nodes=tuple(root if node.id == root.id else node for node in graph.nodes))

    def _reads_card(self, subject: Subject) -> bool:
        return MODEL in self.roles and subject.candidate.of(CardKeys).card is not None

    def _judged(self, graph: LineageGraph) -> tuple[_Origins, _Origins]:
        """For each thing one that it was made from, or itself, which may not be used; and one that may."""
        made_from = {node.id: () if _stands_alone(node) else tuple(_made_from(node, graph)) for node in graph.nodes}
        derived: dict[str, list[str]] = {}
        for made, sources in made_from.items():
            for source in sources:
                derived.setdefault(source.id, []).append(made)
        origins = [node for node in graph.nodes if not made_from[node.id]]
        wrong = {node.id: self._wrong(node) for node in origins}
        return (
            _spread(((node, wrong[node.id]) for node in origins if wrong[node.id]), derived),
            _spread(((node, "") for node in origins if not wrong[node.id]), derived),
        )

    def _wrong(self, node: LineageNode) -> str:
        """Why a thing may not be used; empty if it may. It has a place for what was made from it."""
        made = _MADE
        at = f" ({', '.join(node.said_in)})" if node.said_in else ""
        if not node.licences:
            place = "in `licences` of lineage.yaml, or in its description"
            return f"no source states the licence of {node.name}{made}; state it {place}"
        if node.state == "contradicted":
            return f"{node.name}{made} is not the one whose licence is stated{at}: {node.why}; correct the record"
        for licence in node.licences:
            refused = refused_licences(licence, self.allow)
            if is_no_licence(licence):
                return f"`{licence[:_LONGEST]}` is not a licence of {node.name}{made}{at}; state which it is"
            if refused:
                which = ", ".join(refused)[:_LONGEST] if refused != (licence,) else "it"
                said = f"{node.name}{made} has the licence {licence[:_LONGEST]}{at}, and `allow` does not have {which}"
                return f"{said}; use something else, or let the policy's owner allow it"
        return ""


def _plays(node: LineageNode, role: str, graph: LineageGraph) -> bool:
    """Whether a thing has a role; the model is the root alone, and `data` is data of no known use."""
    return node.id == graph.root if role == MODEL else node.plays(role)


def _belonging(graph: LineageGraph) -> Iterator[LineageNode]:
    """The things of the model's history, and those that are described alone, with a role and by no run."""
    joined = {name for arrow in graph.arrows for name in (arrow.made, arrow.source)}
    for node in graph.nodes:
        if graph.reaches(node) or (node.id not in joined and node.roles != (DATA,)):
            yield node


def _stands_alone(node: LineageNode) -> bool:
    """Whether a thing has a licence of its own, or would have: data have those of the data they were made from."""
    return bool(node.licences) or bool({MODEL, BASE_MODEL} & {*node.roles})


def _spread(origins: Iterable[tuple[LineageNode, str]], derived: Mapping[str, Iterable[str]]) -> _Origins:
    """For each thing the first of some origins that it was made from, in however many steps."""
    found = {node.id: (node, wrong) for node, wrong in origins}
    waiting = deque(found)
    while waiting:
        here = waiting.popleft()
        for made in derived.get(here, ()):
            if made not in found:
                found[made] = found[here]
                waiting.append(made)
    return found


def _claim(node: LineageNode, refused: _Origins, allowed: _Origins) -> Claim:
    """Whether a thing may be used: by its own licences, or those of the data that it was made from."""
    where = (("thing", node.name),)
    if node.id in refused:
        source, wrong = refused[node.id]
        made = "" if source.id == node.id else f", which {node.name} was made from"
        return Claim(where, False, wrong.replace(_MADE, made))
    if node.id not in allowed:
        said = f"{node.name} was made from itself, so its licence is not known; correct the record"
        return Claim(where, False, said)
    source, _ = allowed[node.id]
    return Claim(where, True, f"{node.name} may be used: {' and '.join(source.licences)[:_LONGEST]} of {source.name}")


def _made_from(node: LineageNode, graph: LineageGraph) -> Iterator[LineageNode]:
    """The data and models that a thing was made from."""
    for source in graph.sources_of(node.id):
        if (node.id, source.id) in graph.made:
            below = graph.sources_of(source.id) if RUN in source.roles else [source]
            yield from (each for each in below if not _NOT_USED & {*each.roles})
