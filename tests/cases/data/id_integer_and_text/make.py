"""Writes eval.parquet with ids as integers (bad) or as the text of the CSV."""

import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

ids = pa.int64() if sys.argv[1] == "bad" else pa.string()
options = pyarrow.csv.ConvertOptions(column_types={"id": ids, "label": pa.string()})
pq.write_table(pyarrow.csv.read_csv("eval.csv", convert_options=options), "eval.parquet")
