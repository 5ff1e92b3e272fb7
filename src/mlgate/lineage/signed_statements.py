"""The question by which keys a history's statements are signed, and what of a history the signed ones say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.lineage.assembled import Presented, composed, sources_of
from mlgate.lineage.dsse import signer_of
from mlgate.lineage.graph import RUN, LineageGraph, LineageNode, LineageRecord
from mlgate.lineage.lineage_reader import reader_of
from mlgate.reading.fields import TextBeside
from mlgate.values.reach import Reach


@dataclass(frozen=True)
class SignedStatement:
    """One statement, with the key that signed it."""

    name: str
    """Its name in messages."""
    key: str
    """The path of the key's file; empty if none of the keys signed it."""
    why: str
    """What is wrong with its signature; empty if nothing is."""
    record: LineageRecord
    """What it says; empty if none of the keys signed it."""
    describes: bool = True
    """Whether it says anything about things, and not only who approved."""


@dataclass(frozen=True)
class SignaturesFact:
    """What is signed of a history, and the sources in which nothing can be."""

    statements: tuple[SignedStatement, ...]
    others: tuple[str, ...]
    """The paths of sources without statements, such as a lock of DVC."""


@dataclass(frozen=True)
class Signatures(Need):
    """By which of some keys the statements of a candidate's sources are signed."""

    name = "signatures"
    fact = SignaturesFact
    beside = True
    presented: Presented
    keys: tuple[TextBeside, ...]

    @property
    def about(self) -> str:
        """The model."""
        return f"the signatures of the lineage of {self.presented.model}"

    def impossible(self, fact: SignaturesFact) -> str:
        """A statement that is signed by a key that was not asked for, or that is neither signed nor at fault."""
        paths = {key.path for key in self.keys}
        strange = [each for each in fact.statements if each.key not in paths if each.key or not each.why]
        return f"{strange[0].name} is signed by none of the keys" if strange else ""

    def answer(self, tables: OpenTables) -> SignaturesFact:
        """The signatures. Raises EvidenceError where a source cannot be read, and MachineError without the extra."""
        return _verified(self.presented, self.keys, tables.reach)


def _verified(presented: Presented, keys: tuple[TextBeside, ...], reach: Reach) -> SignaturesFact:
    found: list[SignedStatement] = []
    others: list[str] = []
    for source, wanted in sources_of(presented, reach):
        reader = reader_of(source, wanted)
        statements = reader.signable(source)
        others += [] if statements else [source.path]
        for each in statements:
            signer = signer_of(each.envelope, keys)
            said = each.record if signer.key else LineageRecord(())
            found.append(SignedStatement(each.name, signer.key, signer.why, said, bool(each.record.nodes)))
    return SignaturesFact(tuple(found), tuple(others))


def signed_roles(graph: LineageGraph, fact: SignaturesFact, presented: Presented) -> dict[str, set[str]]:
    """For each thing of a history that signed statements reach from the model, by its id, the roles that they say.

    What others say has no part in it: neither a role, nor a digest, nor what was made from what.
    """
    root = graph.by_id[graph.root]
    records = [_about(root, each.record) for each in fact.statements]
    if not any(node.id == root.id for record in records for node in record.nodes):
        return {}
    signed = composed(LineageNode(root.id, root.name, root.roles, root.path), records, presented.tables)
    by_sign: dict[object, set[str]] = {}
    for node in signed.history:
        for sign in _signs(node):
            by_sign.setdefault(sign, set()).update(role for role in node.roles if signed.answers_for(node, role))
    # Whose digest is not the recorded one is not what was signed.
    sound = [node for node in graph.history if node.state != "contradicted"]
    return {node.id: set().union(*(by_sign.get(sign, ()) for sign in _signs(node))) for node in sound}


def _signs(node: LineageNode) -> tuple[object, ...]:
    """By what a thing is the same in two graphs: what fixes it; of a run, its name."""
    return (node.id,) if RUN in node.roles else node.pins


def _about(root: LineageNode, record: LineageRecord) -> LineageRecord:
    """A record in which what has a digest of the model is the model."""
    own = {*root.pins}
    same = {node.id for node in record.nodes if own & {*node.pins}}

    def named(name: str) -> str:
        return root.id if name in same else name

    nodes = tuple(replace(node, id=root.id, path=root.path) if node.id in same else node for node in record.nodes)
    arrows = tuple(replace(each, made=named(each.made), source=named(each.source)) for each in record.arrows)
    return LineageRecord(nodes, arrows)
