"""Values and JSON by type hints: all that a dataclass may hold comes back, and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlgate.values import plain
from mlgate.values.json_text import parse, to_text
from mlgate.values.plain import ContradictionError, Count, MalformedError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Circle:
    """A round thing."""

    kind: ClassVar[str] = "circle"
    STATED: ClassVar[tuple[str, ...]] = ("kind",)
    radius: float


@dataclass(frozen=True)
class Square:
    """A thing with four sides."""

    kind: ClassVar[str] = "square"
    STATED: ClassVar[tuple[str, ...]] = ("kind", "area")
    side: int

    @property
    def area(self) -> int:
        """What it covers."""
        return self.side**2


@dataclass(frozen=True)
class Drawing:
    """Everything that a value may hold.

    A second paragraph is for those who read the source.
    """

    name: str
    """What people
    call it."""
    share: Fraction
    rows: Count | None
    colour: Colour | None
    size: Literal["small", "large"]
    shapes: tuple[Circle | Square, ...]
    scale: tuple[float, bool]
    notes: Mapping[str, tuple[str | None, ...]]
    seconds: float = field(default=0.0, compare=False)


GOOD = Drawing("a", Fraction(-1, 3), 3, Colour.RED, "small", (Circle(0.5), Square(2)), (1.5, True), {"n": ("x", None)})
WRITTEN = {
    "name": "a",
    "share": "-1/3",
    "rows": 3,
    "colour": "red",
    "size": "small",
    "shapes": [{"kind": "circle", "radius": 0.5}, {"kind": "square", "area": 4, "side": 2}],
    "scale": [1.5, True],
    "notes": {"n": ["x", None]},
}
floats = st.floats(allow_nan=False, allow_infinity=False)
drawings = st.builds(
    Drawing, st.text(), st.fractions(), st.none() | st.integers(0), st.none() | st.sampled_from(Colour),
    st.sampled_from(["small", "large"]),
    st.lists(st.builds(Circle, floats) | st.builds(Square, st.integers())).map(tuple),
    st.tuples(floats, st.booleans()), st.dictionaries(st.text(), st.lists(st.none() | st.text()).map(tuple)),
)  # fmt: skip


def test_a_value_is_written_key_by_key() -> None:
    assert plain.write(Drawing, GOOD) == WRITTEN


@given(drawings)
def test_what_was_written_comes_back(drawing: Drawing) -> None:
    written = json.loads(json.dumps(plain.write(Drawing, drawing)))
    assert plain.read(Drawing, written) == drawing
    Draft202012Validator(plain.schema(Drawing)).validate(written)


@given(floats, st.integers(1, 17))
def test_digits_round_the_floats_alone(value: float, digits: int) -> None:
    assert plain.write(Circle, Circle(value), digits)["radius"] == float(f"{value:.{digits}g}")
    assert plain.write(Circle, Circle(value))["radius"] == value


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (["name"], 3, "name: 3 is not text"),
        (["share"], "2/6", 'share: "2/6" is not a fraction in lowest terms'),
        (["share"], "1/0", 'share: "1/0" is not a fraction in lowest terms'),
        (["share"], 0.5, "share: 0.5 is not a fraction in lowest terms"),
        (["rows"], -1, "rows: -1 is not a whole number of 0 or more"),
        (["rows"], True, "rows: true is not a whole number of 0 or more"),
        (["colour"], "green", 'colour: "green" is not one of red, blue'),
        (["size"], None, "size: null is not one of small, large"),
        (["shapes"], {}, "shapes: {} is not a list"),
        (["shapes", 1, "side"], 2.5, "shapes[1].side: 2.5 is not a whole number"),
        (["shapes", 1, "kind"], "ring", 'shapes[1].kind: "ring" is not one of circle, square'),
        (["shapes", 0], 7, "shapes[0]: 7 is not an object"),
        (["shapes", 0, "radius"], "wide", 'shapes[0].radius: "wide" is not a number'),
        (["scale"], [1.5], "scale: [1.5] is not a list of 2"),
        (["scale", 1], 1, "scale[1]: 1 is not true or false"),
        (["notes", "n", 0], 1, "notes.n[0]: 1 is not text"),
        (["more"], 1, "unknown key 'more'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(keys: list[Any], value: Any, said: str) -> None:
    document: Any = json.loads(json.dumps(WRITTEN))
    target = document
    for key in keys[:-1]:
        target = target[key]
    target[keys[-1]] = value
    with pytest.raises(MalformedError) as caught:
        plain.read(Drawing, document)
    assert str(caught.value) == said


@pytest.mark.parametrize("key", list(WRITTEN))
def test_every_key_must_be_there(key: str) -> None:
    with pytest.raises(MalformedError, match=f"missing key '{key}'"):
        plain.read(Drawing, {name: value for name, value in WRITTEN.items() if name != key})


def test_what_a_value_states_of_itself_must_be_true() -> None:
    with pytest.raises(ContradictionError) as caught:
        plain.read(Square, {"kind": "square", "area": 5, "side": 2})
    assert str(caught.value) == "area: it says 5, but by the other values it is 4"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_neither_written_nor_read(value: float) -> None:
    with pytest.raises(ValueError, match="cannot hold the number"):
        plain.write(Circle, Circle(value))
    with pytest.raises(MalformedError):
        plain.read(Circle, {"kind": "circle", "radius": value})


def test_a_type_without_a_shape_is_an_error() -> None:
    with pytest.raises(TypeError, match="JSON cannot hold"):
        plain.write(complex, 1j)


def test_the_schema_has_the_docstrings() -> None:
    schema = plain.schema(Drawing)
    assert schema["description"] == "Everything that a value may hold."
    assert schema["properties"]["name"] == {"type": "string", "description": "What people call it."}
    assert schema["properties"]["rows"] == {"type": ["integer", "null"], "minimum": 0}
    assert schema["$defs"]["square"]["properties"]["area"] == {"type": "integer", "description": "What it covers."}
    assert schema["$defs"]["square"]["properties"]["kind"] == {"const": "square"}
    assert "seconds" not in schema["properties"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 2}', "'a' is repeated"),
        ("[NaN]", "NaN is not a number"),
        ("[1e999]", "1e999 is too large a number"),
        ("9" * 301, "too large a number"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_json_text_is_read_strictly(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_json_text_is_one_form() -> None:
    assert to_text({"b": "é", "a": [1.0]}) == '{\n  "b": "é",\n  "a": [\n    1.0\n  ]\n}\n'
