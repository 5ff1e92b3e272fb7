"""Writes the table: a CSV file has no infinity."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

value = float("inf") if sys.argv[1] == "bad" else 1e300
pq.write_table(pa.table({"a": [value, 1.0], "b": [value, 1.0]}), "orders.parquet")
