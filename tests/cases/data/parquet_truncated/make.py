"""Writes predictions.parquet, for the bad side cut off."""

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
file = Path("predictions.parquet")
pq.write_table(table, file)
if bad:
    file.write_bytes(file.read_bytes()[:-30])
