"""Writes the table: a CSV file has no NaN."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

value = float("nan") if sys.argv[1] == "bad" else 0.0
pq.write_table(pa.table({"a": [value, 1.0]}), "orders.parquet")
