"""Writes decimals of 38 digits."""

import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

KIND = pa.decimal128(38, 2)
LAST = "123456789012345678901234567890.1"
values = (
    pa.array([Decimal(1), Decimal(LAST + "3")], KIND)
    if sys.argv[1] == "bad"
    else pa.array([Decimal(1), Decimal(LAST + "2")], KIND)
)
pq.write_table(pa.table({"x": values}), "people.parquet")
