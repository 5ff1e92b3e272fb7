"""What the keys of both files may hold: declared once, read strictly, published as JSON Schema."""

from mlgate.reading.fields.containers import By, Columns, Either, ListOf, MapOf, OneOrMany
from mlgate.reading.fields.records import (
    Param,
    Record,
    keys,
    param,
    param_schema,
    params,
    place,
    read_keys,
    read_record,
    read_values,
    record_schema,
    refuse_unknown,
)
from mlgate.reading.fields.report import MISSING, Missing, Report
from mlgate.reading.fields.scalars import Choice, Date, Flag, Identifier, Integer, Number, Schema, Spec, Text, number
from mlgate.reading.fields.version import FORMAT_VERSION, FormatVersion

__all__ = [
    "FORMAT_VERSION",
    "MISSING",
    "By",
    "Choice",
    "Columns",
    "Date",
    "Either",
    "Flag",
    "FormatVersion",
    "Identifier",
    "Integer",
    "ListOf",
    "MapOf",
    "Missing",
    "Number",
    "OneOrMany",
    "Param",
    "Record",
    "Report",
    "Schema",
    "Spec",
    "Text",
    "keys",
    "number",
    "param",
    "param_schema",
    "params",
    "place",
    "read_keys",
    "read_record",
    "read_values",
    "record_schema",
    "refuse_unknown",
]
