"""What signatures show: each statement is signed, and signed statements say what they must say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.signed_statements import SignaturesFact
from mlgate.values.estimate import Claim


def signature_claims(fact: SignaturesFact) -> Iterator[Claim]:
    """A claim for each statement about things; one that fails where there is none. Approvals are another rule's."""
    found = [each for each in fact.statements if each.describes]
    for each in found:
        said = f"is signed by {each.key}" if each.key else f"cannot be trusted: {each.why}"
        yield Claim((("signature", each.name),), bool(each.key), f"{each.name} {said}")
    if not found:
        said = f"no statement is among the sources, so nothing is signed ({', '.join(fact.others) or 'none'})"
        yield Claim((("signature", "source"),), False, f"{said}; present signed provenance in `lineage`")


def signed_claim(graph: LineageGraph, role: str, said: Mapping[str, set[str]]) -> Claim:
    """Whether signed statements say every thing with a role; `said` are the roles that they say, by id."""
    where = (("signed", role),)
    found = graph.playing(role)
    if not graph.answering(role):
        return Claim(where, False, f"{role} must be signed, and no source names it; record it in a signed statement")
    unsigned = next((node for node in found if role not in said.get(node.id, ())), None)
    if unsigned is not None and unsigned.state == "contradicted":
        swapped = f"{unsigned.name} is contradicted, so it is not what was signed as {role}"
        return Claim(where, False, f"{swapped}; restore what was signed, or sign this")
    if unsigned is not None:
        where_said = ", ".join(unsigned.said_in) or "the candidate"
        message = f"{unsigned.name} is not in a signed statement as {role} ({where_said})"
        return Claim(where, False, f"{message}; sign a statement that has it with its digest")
    return Claim(where, True, f"{role} is in a signed statement")
