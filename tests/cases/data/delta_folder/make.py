"""Writes the folder `predictions` with two Parquet files, for the bad side with a log by which one of them was removed."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

text = pa.string()
types = {"id": text, "label": text, "prediction": text}
table = pyarrow.csv.read_csv("predictions.csv", convert_options=pyarrow.csv.ConvertOptions(column_types=types))
folder = Path("predictions")
folder.mkdir()
pq.write_table(table.slice(0, 10), folder / "part-0.parquet")
pq.write_table(table.slice(10), folder / "part-1.parquet")
if sys.argv[1] == "bad":
    log = folder / "_delta_log"
    log.mkdir()
    (log / "00000000000000000001.json").write_text('{"remove":{"path":"part-0.parquet"}}\n')
