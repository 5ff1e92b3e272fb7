"""Writes predictions.parquet in two parts, for the bad side of two types."""

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
Path("parts").mkdir()
pq.write_table(table.slice(0, 10), "parts/a.parquet")
rest = table.slice(10)
if bad:
    at = rest.schema.get_field_index("label")
    rest = rest.set_column(at, "label", pa.array([int(value) for value in rest.column("label").to_pylist()]))
pq.write_table(rest, "parts/b.parquet")
