"""Writes the table: a CSV file has no infinity."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

values = [1.0, float("inf")] if sys.argv[1] == "bad" else [1.0, 1e300]
pq.write_table(pa.table({"x": values}), "people.parquet")
