"""Values in the workflows of other tools, which may have any shape: what has another one counts as left out."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import Location


def text_at(node: Mapping, key: str) -> str:
    """The text of a key; empty if it has none."""
    found = node.get(key)
    return found.text if isinstance(found, Scalar) and not found.null else ""


def mapping_at(node: Mapping, key: str) -> Mapping:
    """The mapping of a key; an empty one if it has none."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else Mapping((), Location(node.at.file, node.key_at(key).line))


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, or a single value as a list of one; none of nothing."""
    if node is None or (isinstance(node, Scalar) and node.null):
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def flag_of(node: Node | None, wanted: str) -> bool:
    """Whether a value is the word `true` or `false`, in any case."""
    return isinstance(node, Scalar) and node.text.strip().casefold() == wanted


def nodes_below(node: Node) -> Iterator[Node]:
    """A node and all nodes below it, each once, however many aliases name it."""
    waiting, seen = [node], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        if isinstance(found, Mapping):
            waiting += [value for _, value in reversed(found.entries)]
        elif isinstance(found, Sequence):
            waiting += reversed(found.items)
