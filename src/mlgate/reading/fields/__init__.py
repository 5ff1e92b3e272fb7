"""The values of keys in policy and candidate files: declared once, read strictly, published as JSON Schema."""

from mlgate.reading.fields.containers import By, ColumnSets, Either, ListOf, MapOf, OneOrMany
from mlgate.reading.fields.file_beside import ENDINGS, FileBeside, TextBeside, texts_beside
from mlgate.reading.fields.format_version import FORMAT_VERSION, FormatVersion
from mlgate.reading.fields.problem_report import MISSING, FilesBeside, Missing, ProblemReport
from mlgate.reading.fields.raw import Raw
from mlgate.reading.fields.records import (
    Param,
    Record,
    keys,
    leaves,
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
from mlgate.reading.fields.scalars import Choice, Date, Flag, Identifier, Integer, Number, Spec, Text, number

__all__ = [
    "ENDINGS",
    "FORMAT_VERSION",
    "MISSING",
    "By",
    "Choice",
    "ColumnSets",
    "Date",
    "Either",
    "FileBeside",
    "FilesBeside",
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
    "ProblemReport",
    "Raw",
    "Record",
    "Spec",
    "Text",
    "TextBeside",
    "keys",
    "leaves",
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
    "texts_beside",
]
