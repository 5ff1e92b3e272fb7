"""Writes two numbers that have the same double."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

values = [2**53 + 1, 2**53 + 1] if sys.argv[1] == "bad" else [2**53, 2**53 + 1]
pq.write_table(pa.table({"x": values}), "people.parquet")
