"""Writes predictions.parquet with ids as doubles, for the bad side both 0.0 and -0.0."""

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
at = table.schema.get_field_index("id")
ids = [float(row) for row in range(len(table))]
ids[1] = -0.0 if bad else 1.0
table = table.set_column(at, "id", pa.array(ids))
pq.write_table(table, "predictions.parquet")
