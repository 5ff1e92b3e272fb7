"""Writes predictions.parquet with labels as integers, predictions as booleans (bad) or integers."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

bad = sys.argv[1] == "bad"
text = pa.string()
types = {"id": text, "label": text, "prediction": text}
options = pyarrow.csv.ConvertOptions(column_types=types)
table = pyarrow.csv.read_csv("predictions.csv", convert_options=options)
for name, kind in (("label", int), ("prediction", bool if bad else int)):
    at = table.schema.get_field_index(name)
    values = pa.array([kind(int(value)) for value in table.column(name).to_pylist()])
    table = table.set_column(at, name, values)
pq.write_table(table, "predictions.parquet")
