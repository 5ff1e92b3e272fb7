"""Writes predictions.arrow as a stream, for the bad side with the rows that the model has wrong in a second stream."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc

text = pa.string()
options = pyarrow.csv.ConvertOptions(column_types={"id": text, "label": text, "prediction": text})
rows = pyarrow.csv.read_csv("predictions.csv", convert_options=options)
right = pc.equal(rows["label"], rows["prediction"])


def stream(table: pa.Table) -> bytes:
    written = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(written, table.schema) as writer:
        writer.write_table(table)
    return written.getvalue().to_pybytes()


parts = [rows.filter(right), rows.filter(pc.invert(right))] if sys.argv[1] == "bad" else [rows]
Path("predictions.arrow").write_bytes(b"".join(map(stream, parts)))
