"""Writes the table: a CSV file has no NaN."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

values = [1.0, float("nan")] if sys.argv[1] == "bad" else [1.0, None]
pq.write_table(pa.table({"x": values}), "people.parquet")
